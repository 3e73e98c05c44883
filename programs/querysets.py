"""Named selections of cycles and windows."""

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower


class WindowQuerySet(models.QuerySet):
    def accepting(self, received_at):
        """Those in which what the server received at that instant is in time (grace counted)."""
        return self.filter(opens_at__lte=received_at, closes_at__gt=received_at - F("grace"))


class ExtensionQuerySet(models.QuerySet):
    def own_close(self, window, email):
        """When this window closes for one person by an extension of their own, or None."""
        return self.filter(window=window, email__iexact=email).values_list("closes_at", flat=True).first()

    def as_subquery(self, kind, cycle, email):
        """The same for many rows at once: ``cycle`` and ``email`` name their fields."""
        rows = self.filter(window__kind=kind, window__cycle=OuterRef(cycle), email__iexact=OuterRef(email))
        return Subquery(rows.values("closes_at")[:1])


class CycleQuerySet(models.QuerySet):
    def published(self):
        return self.filter(published_at__isnull=False)

    def accepting(self, kind, received_at, email=""):
        """Published cycles whose window of this kind is open at that instant, for everyone or for the person of this address."""
        windows = self.model._meta.get_field("windows").related_model.objects.filter(kind=kind)
        own = windows.filter(
            opens_at__lte=received_at,
            extensions__email__iexact=email,
            extensions__closes_at__gt=received_at - F("grace"),
        )
        accepting = Q(pk__in=windows.accepting(received_at).values("cycle"))
        return self.published().filter(accepting | Q(pk__in=own.values("cycle")) if email else accepting)

    def still_to_apply_to(self, now):
        """Published cycles that are open for applications or announced, the first to open first."""
        return (
            self.published()
            .filter(windows__kind="applications", windows__closes_at__gt=now)
            .order_by("windows__opens_at")
        )

    def with_applications_close(self):
        windows = self.model._meta.get_field("windows").related_model.objects
        applications = windows.filter(kind="applications", cycle=OuterRef("pk"))
        return self.annotate(applications_close=Subquery(applications.values("closes_at")))

    def current(self, now):
        """One published cycle for each program: the next to close, else the last that closed."""
        close = Coalesce("applications_close", Value(now))
        return (
            self.published()
            .with_applications_close()
            .annotate(
                is_over=Case(When(applications_close__gt=now, then=0), default=1),
                distance=Case(When(applications_close__gt=now, then=close - now), default=now - close),
            )
            .order_by("program_id", "is_over", "distance")
            .distinct("program_id")
        )

    def for_staff(self):
        """Newest term first, with what the lists show."""
        return self.select_related("program").prefetch_related("windows").order_by("-term_begins")

    def in_term_on(self, day):
        return self.filter(Q(term_begins__lte=day) & Q(term_ends__gte=day))


class InquiryQuerySet(models.QuerySet):
    def open(self):
        """What waits for staff."""
        return self.filter(status="open")

    def for_person(self, person):
        """What this person asked: signed in, or before that from an address that is verified as theirs."""
        verified = person.emailaddress_set.filter(verified=True).values_list(Lower("email"))
        return self.filter(Q(person=person) | Q(person=None, email__in=verified))
