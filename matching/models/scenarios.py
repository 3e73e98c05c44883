"""What staff tried out before they decided: settings and their outcome, beside each other, on record."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from matching.models.suggestions import SuggestionRun
from mentoring.constraints import both_or_neither
from programs.models import Cycle


class Scenario(models.Model):
    """One trial with a name: a suggestion that drafts nothing. One of a cycle's may be chosen; the others stay."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="scenarios")
    name = models.CharField(max_length=80)
    notes = models.TextField(blank=True)
    run = models.OneToOneField(SuggestionRun, models.PROTECT, related_name="scenario")
    # {id of a mentor's offer: how many places it must have for this to come true}
    places = models.JSONField(default=dict)
    chosen_at = models.DateTimeField(null=True, editable=False)
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        ordering = ["run__computed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                "cycle",
                Lower("name"),
                name="scenario_name_unique_in_cycle",
                violation_error_message="There is a scenario of this name already.",
            ),
            models.UniqueConstraint(
                fields=["cycle"],
                condition=Q(chosen_at__isnull=False),
                name="scenario_one_chosen_in_cycle",
                violation_error_message="Somebody has just chosen another scenario. Please look again.",
            ),
            both_or_neither("chosen_at", "chosen_by", name="scenario_choice_is_whole"),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="scenario_has_name",
                violation_error_message="Please give the scenario a name.",
            ),
        ]

    def __str__(self):
        return f"scenario {self.name} for {self.cycle.short_name}"
