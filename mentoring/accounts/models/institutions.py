"""Institutions, how they belong together, and who is at which.

Which of them a cycle keeps apart is the SQL function ``separation_keys`` of this app's migrations; see ``matching/separation.py``.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Value, When
from django.db.models.functions import Lower

from mentoring.accounts import countries
from mentoring.constraints import say

say("institution_not_above_itself", "This institution already stands above the one you chose.")


def region_of_country():
    """The M49 number of the region that the country lies in; NULL for letters that are no country."""
    found = ((Value(number), sorted(within)) for number, (_name, within) in countries.regions().items())
    return Case(*[When(country__in=letters, then=number) for number, letters in found])


class Institution(models.Model):
    """A hospital, a university, a practice. Compared by identity, never by spelling."""

    name = models.CharField(max_length=300)
    country = models.CharField(max_length=2, default="US", choices=countries.choices)
    region = models.GeneratedField(
        expression=region_of_country(), output_field=models.PositiveSmallIntegerField(null=True), db_persist=True
    )
    is_medical_school = models.BooleanField("U.S. medical school with a DO or MD program", default=False)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,  # removing a system must not silently allow pairs inside it
        null=True,
        blank=True,
        related_name="children",
        help_text="The system or university that this institution belongs to.",
    )
    affiliates = models.ManyToManyField("self", blank=True, help_text="Institutions that share people with this one.")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    checked = models.BooleanField(
        "checked by staff",
        default=True,
        help_text="Off for an institution that a person added, until staff have looked.",
    )

    class Meta:
        ordering = [Lower("name")]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                "country",
                name="institution_name_unique_in_country",
                violation_error_message="There is an institution of this name in this country already.",
            ),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")),
                name="institution_not_its_own_parent",
                violation_error_message="An institution cannot be its own parent.",
            ),
            models.CheckConstraint(
                condition=models.Q(region__isnull=False),
                name="institution_country_on_list",
                violation_error_message="Choose a country from the list.",
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        above = self.parent
        while above:
            if above.pk == self.pk:
                raise ValidationError({"parent": "This institution already stands above the one you chose."})
            above = above.parent


class Affiliation(models.Model):
    """A person is at an institution now. People may have several."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="affiliations")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="affiliations")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "institution"],
                name="affiliation_once",
                violation_error_message="This institution is on the list already.",
            )
        ]

    def __str__(self):
        return f"{self.person} at {self.institution}"
