"""Where the crowd is, in bands: read at night from lists that have rested, so that no single list can be traced."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from programs.models import Cycle


class CrowdReading(models.Model):
    """Which mentors of a cycle were often chosen when it was last read. No counts and no names of who chose are kept."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="crowd_readings")
    read_at = models.DateTimeField(default=timezone.now)
    # Lists handed in until then are in it.
    until = models.DateTimeField()
    often = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        ordering = ["-read_at"]
        default_permissions = ()

    def __str__(self):
        return f"reading {self.pk}"
