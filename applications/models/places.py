"""The places a mentor has in a cycle."""

from django.db import models

from applications.querysets import PlaceQuerySet


class Place(models.Model):
    """Room for one mentee with one mentor. A pairing takes a place, and no two live pairings take the same."""

    interest = models.ForeignKey("applications.MentorInterest", models.PROTECT, related_name="places")
    number = models.PositiveSmallIntegerField()
    retired = models.BooleanField(default=False)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["interest", "number"]
        constraints = [models.UniqueConstraint(fields=["interest", "number"], name="place_number_unique")]

    def __str__(self):
        return f"place {self.number} with {self.interest.mentor}"

    @property
    def is_free(self):
        return not self.pairings.live().exists()

    def retire(self):
        """Take this place out of use; its past pairings keep it."""
        self.retired = True
        self.save(update_fields=["retired"])
