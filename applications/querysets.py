"""Named selections of applications and mentor interests."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject

from programs.models import Cycle, Extension, Question, Rule

ASKED_BY = {
    "rule_answers": (Rule, ["key", "kind", "parameters", "effect", "any_of"]),
    "answers": (Question, ["key", "kind", "options"]),
}


class ApplicationQuerySet(models.QuerySet):
    def for_applicant(self, person):
        return self.filter(applicant=person)

    def for_reading(self):
        """With everything that a page of one application, or a card of it, shows."""
        own_close = Extension.objects.as_subquery("applications", "cycle", "applicant__email")
        rows = self.select_related("cycle__program", "applicant").prefetch_related("cycle__windows")
        return rows.annotate(with_own_close=own_close)

    def for_saving(self, part):
        """With all that keeping answers takes, in one query: ``with_asked`` has what the cycle asks in this part."""
        model, fields = ASKED_BY[part]
        asked = model.objects.filter(cycle=OuterRef("cycle")).values(
            row=JSONObject(**dict(zip(fields, fields, strict=True)))
        )
        needed = [
            "applicant",
            "status",
            "revision",
            "taken_over",
            "edited_at",
            part,
            "cycle__time_zone",
            "cycle__topics",
        ]
        return self.select_related("cycle").only(*needed).annotate(with_asked=ArraySubquery(asked))

    def drafts(self):
        return self.filter(status="draft")

    def with_open_window(self, now):
        """Those that can still be handed in, for everyone or by an extension of the person's own."""
        own = Extension.objects.as_subquery("applications", "cycle", "applicant__email")
        opened = Q(cycle__windows__kind="applications", cycle__windows__opens_at__lte=now)
        not_closed = Q(cycle__windows__closes_at__gt=now) | Q(with_own_close__gt=now)
        return self.annotate(with_own_close=own).filter(opened & not_closed)

    def handed_in(self):
        """Everything that staff may read: never a draft."""
        return self.exclude(submitted_at=None)

    def awaiting_decision(self):
        """Submitted, and no decision recorded yet on what was handed in last."""
        return self.filter(status="submitted").filter(~Exists(self._decided()))

    def awaiting_release(self):
        """A decision is recorded, on what was handed in last, that nobody outside staff knows of."""
        return self.filter(status__in=["submitted", "waitlisted"]).filter(Exists(self._decided()))

    def _decided(self):
        decisions = self.model._meta.get_field("decisions").related_model.objects
        return decisions.unreleased().on_the_latest().filter(application=OuterRef("pk"))

    def accepted(self):
        return self.filter(status="accepted")


class MentorInterestQuerySet(models.QuerySet):
    def for_mentor(self, person):
        return self.filter(mentor=person)

    def for_reading(self):
        own_close = Extension.objects.as_subquery("mentor_interest", "cycle", "mentor__email")
        rows = self.select_related("cycle__program", "mentor").annotate(with_own_close=own_close)
        return rows.prefetch_related("cycle__windows", "mentor__institutions")

    def awaiting_decision(self):
        return self.filter(status="submitted")

    def taking_part(self):
        """Approved for the cycle, and not paused or gone."""
        return self.filter(status="approved")

    def handed_in(self):
        return self.exclude(submitted_at=None)

    def took_part(self):
        """Mentors of their cycle, whether or not they paused."""
        return self.filter(status__in=["approved", "paused"])

    def to_ask_again(self, cycle):
        """The mentors of the program's cycle before this one who have not answered for this one."""
        before = Cycle.objects.filter(program=cycle.program, term_begins__lt=cycle.term_begins)
        last = before.order_by("-term_begins").values("pk")[:1]
        answered = self.model.objects.filter(cycle=cycle).values("mentor")
        return (
            self.took_part()
            .filter(cycle__in=last, mentor__is_active=True)
            .exclude(mentor__in=answered)
            .order_by("mentor__name", "pk")
        )


class PlaceQuerySet(models.QuerySet):
    def in_use(self):
        """Not retired: a mentor's capacity is how many of these there are."""
        return self.filter(Q(retired=False))
