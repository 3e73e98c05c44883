"""Who wants to hear when a program opens again."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from programs.models import Program


class NextCycleNote(models.Model):
    """One person who asked to be told when a program's next applications open. Gone when they press stop."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    program = models.ForeignKey(Program, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "program"], name="next_cycle_note_once")]

    def __str__(self):
        return f"note to {self.person} when the {self.program} opens"

    def get_absolute_url(self):
        return reverse("applications:next_cycle", args=[self.program.slug])
