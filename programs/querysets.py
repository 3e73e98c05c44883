"""Named selections of cycles and windows."""

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce


class WindowQuerySet(models.QuerySet):
    def accepting(self, received_at):
        """Those in which what the server received at that instant is in time (grace counted)."""
        return self.filter(opens_at__lte=received_at, closes_at__gt=received_at - F("grace"))


class CycleQuerySet(models.QuerySet):
    def published(self):
        return self.filter(published_at__isnull=False)

    def accepting(self, kind, received_at):
        """Published cycles whose window of this kind is open at that instant."""
        windows = self.model._meta.get_field("windows").related_model.objects.filter(kind=kind).accepting(received_at)
        return self.published().filter(pk__in=windows.values("cycle"))

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
