"""How much each criterion counts in a cycle's suggestions, as staff set it."""

from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q

from matching.criteria import CRITERIA, DEFAULT_WEIGHTS, MOST_WEIGHT
from mentoring.audit.models import record
from programs.models import Cycle


def weight(name):
    """A column for one criterion of ``criteria.CRITERIA``: 0 is off."""
    return models.PositiveSmallIntegerField(
        CRITERIA[name].label,
        default=DEFAULT_WEIGHTS[name],
        validators=[MaxValueValidator(MOST_WEIGHT)],
        help_text=CRITERIA[name].explanation,
    )


class Weights(models.Model):
    """The weights of one cycle, a column for each criterion there is: what has no column cannot be one."""

    cycle = models.OneToOneField(Cycle, models.CASCADE, related_name="weights")
    needs = weight("needs")
    specialty = weight("specialty")
    stage = weight("stage")
    language = weight("language")
    wishes = weight("wishes")
    hours = weight("hours")
    spread = weight("spread")

    class Meta:
        verbose_name = verbose_name_plural = "weights"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(*((f"{name}__lte", MOST_WEIGHT) for name in CRITERIA)),
                name="weights_in_range",
                violation_error_message=f"A weight is between 0 and {MOST_WEIGHT}.",
            )
        ]

    def __str__(self):
        return f"weights of {self.cycle.short_name}"

    def as_dict(self):
        """criterion -> weight"""
        return {name: getattr(self, name) for name in CRITERIA}


def weigh(cycle, weights, *, by):
    """Set the cycle's weights (criterion -> weight), with what changed on record."""
    with transaction.atomic():
        before = weights_of(cycle)
        changed = {name: [before[name], weight] for name, weight in weights.items() if weight != before[name]}
        Weights.objects.update_or_create(cycle=cycle, defaults=weights)
        record("weigh", cycle, by=by, values=changed)


def weights_of(cycle):
    """criterion -> weight, as staff set them for the cycle, or as they are where nobody did."""
    row = Weights.objects.filter(cycle=cycle).first()
    return row.as_dict() if row else dict(DEFAULT_WEIGHTS)
