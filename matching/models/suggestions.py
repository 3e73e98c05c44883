"""A computed suggestion for a whole cycle, kept as it was."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from applications.models import Application, MentorInterest
from programs.models import Cycle


class SuggestionRun(models.Model):
    """One answer to "who should be paired with whom": its settings, what it was computed from, and its figures."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="suggestion_runs")
    policy = models.CharField(max_length=40)
    computed_at = models.DateTimeField(default=timezone.now)
    computed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # SHA-256 of everything that went in, so that a stale run says so and a repeated one can be compared.
    digest = models.CharField(max_length=64)
    figures = models.JSONField(default=dict)

    class Meta:
        ordering = ["-computed_at", "-id"]

    def __str__(self):
        return f"suggestion {self.pk} for {self.cycle.short_name}"


class SuggestedPair(models.Model):
    """One mentee's line of a run: the mentor suggested, or none, and why."""

    run = models.ForeignKey(SuggestionRun, models.CASCADE, related_name="pairs")
    application = models.ForeignKey(Application, models.CASCADE, related_name="+")
    interest = models.ForeignKey(MentorInterest, models.CASCADE, null=True, related_name="+")
    rank = models.PositiveSmallIntegerField(
        default=0, help_text="1 for a first choice; 0 for a mentor not on the list."
    )
    fit = models.PositiveSmallIntegerField(default=0)
    because = models.CharField(max_length=400)
    why_not = models.JSONField(default=list)

    class Meta:
        ordering = ["application__applicant__name", "id"]
        constraints = [models.UniqueConstraint(fields=["run", "application"], name="suggested_pair_once_in_a_run")]

    def __str__(self):
        return f"{self.application.applicant} with {self.interest.mentor if self.interest else 'nobody'}"
