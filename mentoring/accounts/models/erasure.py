"""A person's wish that what is held about them be erased, and what became of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mentoring.constraints import one_of, set_in
from mentoring.workflow import TransitionRefused, transition


class Status(models.TextChoices):
    OPEN = "open", "Waits for staff"
    DONE = "done", "Erased"
    REFUSED = "refused", "Not erased"
    TAKEN_BACK = "taken_back", "Taken back"


class ErasureRequest(models.Model):
    """One request. Staff carry it out on a page that says exactly what goes and what stays, or say why not."""

    Status = Status

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="erasure_requests")
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN, editable=False)
    words = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # What the person was told; empty where it was carried out.
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["asked_at"]
        default_permissions = ("view",)
        permissions = [("erase_person", "Can erase what is held about a person who asked for it")]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(status=Status.OPEN),
                name="erasure_request_one_open",
                violation_error_message="You have asked for this already. Staff will answer.",
            ),
            one_of("status", Status, name="erasure_request_status_is_known"),
            set_in(
                "decided_at",
                [Status.DONE, Status.REFUSED, Status.TAKEN_BACK],
                name="erasure_request_decided_has_date",
                otherwise_empty=True,
            ),
        ]

    def __str__(self):
        return f"request of {self.person} to be erased"

    def _decide(self, by):
        self.decided_at, self.decided_by = timezone.now(), by

    @transition(Status.OPEN, to=Status.DONE)
    def carry_out(self, *, by):
        """Mark it done. The portal calls this in the transaction that erases."""
        if by == self.person:
            raise TransitionRefused("Nobody erases themselves: another member of staff has to.")
        self._decide(by)
        self.words = ""

    @transition(Status.OPEN, to=Status.REFUSED)
    def refuse(self, *, by, why):
        """Say why it cannot be done, or not yet."""
        self._decide(by)
        self.answer = why

    @transition(Status.OPEN, to=Status.TAKEN_BACK)
    def take_back(self, *, by):
        """The person has thought better of it."""
        if by != self.person:
            raise TransitionRefused("Only the person who asked can take the request back.")
        self._decide(by)
