"""Named selections of pairings and preference lists."""

from datetime import timedelta

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, When
from django.utils import timezone

from programs.models import Extension, PreferencesCome

# A pairing in one of these holds its mentor's place and its mentee.
LIVE = ("drafted", "proposed", "confirmed", "final", "active")
SHARED_LIVE = ("proposed", "confirmed", "final", "active")
# In one of these it is not final yet.
PENDING = ("drafted", "proposed", "confirmed")
# Who may rank mentors, by when the cycle asks for it: the statuses of the application.
RANKING = {
    PreferencesCome.AFTER: ("accepted",),
    PreferencesCome.WITH: ("draft", "submitted", "waitlisted", "accepted"),
}
# How long an answer that came in time may take to be worked off, before its pairing lapses.
ON_ITS_WAY = timedelta(minutes=5)
# Shared with both, and waiting for an answer.
OPEN = ("proposed", "confirmed")


class PairingQuerySet(models.QuerySet):
    def live(self):
        return self.filter(status__in=LIVE)

    def pending(self):
        return self.filter(status__in=PENDING)

    def open(self):
        return self.filter(status__in=OPEN)

    def known_to_mentee(self):
        """Live, and the mentee has been told of it."""
        return self.filter(status__in=SHARED_LIVE, mentee_asked_at__isnull=False)

    def of(self, person):
        return self.filter(Q(mentee=person) | Q(mentor=person))

    def shared_with(self, person):
        """This person's pairings that they have been told of: never a draft, nor one that the other has to answer first."""
        as_mentee = Q(mentee=person, mentee_asked_at__isnull=False)
        return self.filter(as_mentee | Q(mentor=person, mentor_asked_at__isnull=False))

    def drafts_of(self, cycle):
        """The drafts of a cycle by name, with what their pages and mails say."""
        drafts = self.filter(cycle=cycle, status="drafted").for_reading().order_by("mentee__name", "pk")
        return drafts.prefetch_related("cycle__windows", "application__preference_list__preferences")

    def overdue(self, now):
        """Open, and the reply-by date has passed for long enough that no answer given in time can still be on its way."""
        return self.open().filter(respond_by__lte=now - ON_ITS_WAY)

    def due_soon(self, now, days=2):
        """Open, and the reply-by date is near: staff see it before it passes."""
        return self.open().filter(respond_by__gt=now, respond_by__lte=now + timedelta(days=days))

    def needing_another(self):
        """What came to nothing or ended early, where the mentee takes part still and has nobody, not even a draft."""
        other = self.model.objects.live().filter(application=OuterRef("application"))
        ended = self.filter(status__in=["declined", "lapsed", "withdrawn", "ended_early"], proposed_at__isnull=False)
        today = timezone.now().date()
        return ended.filter(application__status="accepted", cycle__term_ends__gte=today).filter(~Exists(other))

    def for_reading(self):
        return self.select_related("cycle__program", "mentee", "mentor", "interest", "application").prefetch_related(
            "mentee__institutions", "mentor__institutions"
        )


def own_close(kind):
    """A mentee's own later close of a window of this kind, for many lists at once."""
    return Extension.objects.as_subquery(kind, "application__cycle", "application__applicant__email")


class PreferenceListQuerySet(models.QuerySet):
    def for_mentee(self, person):
        allowed = Q()
        for come, statuses in RANKING.items():
            allowed |= Q(application__cycle__preferences_come=come, application__status__in=statuses)
        return self.filter(allowed, application__applicant=person)

    def for_staff(self):
        """Of who was accepted. Staff who decide read nobody's ranks before, nor that somebody has begun to apply."""
        return self.exclude(application__released_at=None).filter(application__status__in=["accepted", "withdrawn"])

    def not_handed_in(self):
        return self.filter(status="open", application__status="accepted")

    def without_mentor(self):
        """No live pairing that this mentee knows of: the list may still matter."""
        pairings = self.model._meta.get_field("application").related_model._meta.get_field("pairings").related_model
        return self.filter(~Exists(pairings.objects.known_to_mentee().filter(application=OuterRef("application"))))

    def with_open_window(self, now):
        """Those that can still be handed in, for everyone or by an extension of the mentee's own."""
        own = own_close("preferences")
        windows = "application__cycle__windows"
        opened = Q(**{f"{windows}__kind": "preferences", f"{windows}__opens_at__lte": now})
        not_closed = Q(**{f"{windows}__closes_at__gt": now}) | Q(with_own_close__gt=now)
        return self.annotate(with_own_close=own).filter(opened & not_closed)

    def for_reading(self):
        rows = self.select_related("application__cycle__program", "application__applicant")
        while_applying = When(application__cycle__preferences_come=PreferencesCome.WITH, then=own_close("applications"))
        own = Case(while_applying, default=own_close("preferences"))
        return rows.prefetch_related("application__cycle__windows").annotate(with_own_close=own)


class ConfidenceQuerySet(models.QuerySet):
    def standing(self):
        """Said, and not taken back."""
        return self.filter(taken_back_at=None)

    def of(self, person):
        return self.filter(said_by=person)
