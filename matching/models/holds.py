"""What staff know better than any computation: pairs that must be, and pairs that must not be."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from applications.models import Application, MentorInterest
from mentoring.constraints import both_or_neither, one_of, say
from programs.models import Cycle

say("pair_not_ruled_out", "Staff have ruled this pair out. Take that back first, on the workbench.")
say("ban_of_no_live_pair", "These two are in a pairing now. End it first.")
say("hold_in_one_cycle", "A mentee and a mentor of different cycles cannot be held together or apart.")


class Kind(models.TextChoices):
    PIN = "pin", "Must be"
    BAN = "ban", "Must not be"


class HoldQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(lifted_at=None)

    def pins(self):
        return self.filter(kind=Kind.PIN)

    def bans(self):
        return self.filter(kind=Kind.BAN)


class Hold(models.Model):
    """One pair that staff pinned or ruled out, why, and who took it back. Rows are never deleted."""

    Kind = Kind

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="holds")
    application = models.ForeignKey(Application, models.PROTECT, related_name="holds")
    interest = models.ForeignKey(MentorInterest, models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=10, choices=Kind)
    # For staff only.
    reason = models.TextField()
    put_at = models.DateTimeField(default=timezone.now, editable=False)
    put_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, editable=False)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-put_at", "-id"]
        constraints = [
            one_of("kind", Kind, name="hold_kind_is_known"),
            both_or_neither("lifted_at", "lifted_by", name="hold_lifted_is_whole"),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="hold_has_reason",
                violation_error_message="Please give a reason. Only staff read it.",
            ),
            models.UniqueConstraint(
                fields=["application", "interest"],
                condition=Q(lifted_at=None),
                name="hold_one_for_a_pair",
                violation_error_message="This pair is pinned or ruled out already.",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(lifted_at=None, kind=Kind.PIN),
                name="hold_one_pin_for_a_mentee",
                violation_error_message="This mentee is pinned to a mentor already. Take that back first.",
            ),
        ]

    def __str__(self):
        told = "with" if self.kind == Kind.PIN else "never with"
        return f"{self.application.applicant} {told} {self.interest.mentor}"
