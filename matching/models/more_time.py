"""More time to answer one proposal."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from matching.models.pairing import Pairing
from programs import deadlines


class MoreTime(models.Model):
    """More time that staff gave for answering one proposal: the date there was, the date there is, and why."""

    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="more_times")
    old_respond_by = models.DateTimeField()
    respond_by = models.DateTimeField()
    why = models.TextField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["given_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(respond_by__gt=F("old_respond_by")),
                name="more_time_is_later",
                violation_error_message="More time ends later than the time there was.",
            ),
        ]

    def __str__(self):
        return f"more time for {self.pairing}"

    @property
    def old_words(self):
        return deadlines.words(deadlines.last_minute(self.old_respond_by), self.pairing.cycle.time_zone)
