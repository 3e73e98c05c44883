"""Institutions, how they belong together, and who is at which.

Two institutions are *related* when they are the same, when one stands above the other or both under a third, or when they
(or those above them) are affiliated. The rule lives once, in the SQL function ``related_institutions``, which the
database's own check of pairings uses too.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models.functions import Lower


class InstitutionQuerySet(models.QuerySet):
    def related_to(self, institutions):
        """Those that a pairing must not join with any of ``institutions`` (ids): the same, its parents, its affiliates."""
        return self.filter(pk__in=RelatedInstitutions(list(institutions)))


class RelatedInstitutions(models.Func):
    """The ids related to an array of ids, as a subquery."""

    template = "(SELECT related_institutions(%(expressions)s::bigint[]))"
    output_field = models.BigIntegerField()

    def __init__(self, ids):
        super().__init__(models.Value(ids))


class Institution(models.Model):
    """A hospital, a university, a practice. Compared by identity, never by spelling."""

    name = models.CharField(max_length=300)
    country = models.CharField(max_length=2, default="US", help_text="Two letters, as in US or CA.")
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

    objects = InstitutionQuerySet.as_manager()

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


def related_ids(institutions):
    """The ids of all institutions related to the given ids, as a set."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT related_institutions(%s::bigint[])", [list(institutions)])
        return {row[0] for row in cursor.fetchall()}


def related_map(institutions):
    """{id: the set of ids related to it}, for many at once, in one query."""
    related = {institution: set() for institution in institutions}
    with connection.cursor() as cursor:
        cursor.execute("SELECT i, related_institutions(ARRAY[i]) FROM unnest(%s::bigint[]) i", [list(institutions)])
        for institution, other in cursor.fetchall():
            related[institution].add(other)
    return related
