"""Institutions, how they belong together, and who is at which.

Which of them a cycle keeps apart is the SQL function ``separation_keys`` of this app's migrations; see ``matching/separation.py``.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Lower
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from mentoring.accounts import countries
from mentoring.constraints import one_of, say

say("institution_not_above_itself", "This institution already stands above the one you chose.")


def region_of_country():
    """The M49 number of the region that the country lies in; NULL for letters that are no country."""
    found = ((Value(number), sorted(within)) for number, (_name, within) in countries.regions().items())
    return Case(*[When(country__in=letters, then=number) for number, letters in found])


class Kind(models.TextChoices):
    """What the Research Organization Registry calls types, and a practice, which it does not know."""

    EDUCATION = "education", "University or school"
    HEALTHCARE = "healthcare", "Hospital or health system"
    PRACTICE = "practice", "Practice"
    FACILITY = "facility", "Research center"
    COMPANY = "company", "Company"
    GOVERNMENT = "government", "Government"
    NONPROFIT = "nonprofit", "Nonprofit"
    FUNDER = "funder", "Funder"
    ARCHIVE = "archive", "Archive"
    OTHER = "other", "Other"


class Degree(models.TextChoices):
    MD = "MD", "MD"
    DO = "DO", "DO"


def search_words():
    """A name as it is searched, kept by the database: the SQL function ``search_words`` of this app's migrations."""
    read = models.Func("name", function="search_words")
    return models.GeneratedField(expression=read, output_field=models.TextField(), db_persist=True)


# Each word as an index finds it; the index of both tables is on just this expression.
VECTOR = models.Func(
    models.Func(models.F("words"), Value(" "), function="string_to_array"), function="array_to_tsvector"
)
# How well: 0 where a name of it is just what was typed, 1 where its own name begins so, 2 where an alias does, 3 for the rest, who
# are looked for only where few begin so. Who stands above others that were found comes before them, the largest family first.
# Of what very many begin with ("un") the first by the alphabet are looked at, which puts what is called just so before all.
FOUND = """
WITH begun AS MATERIALIZED (
    (SELECT id, words, 1 AS how_well FROM accounts_institution
     WHERE starts_with(words, search_words(%(typed)s)) AND search_words(%(typed)s) <> ''
     ORDER BY words USING ~<~ LIMIT %(widest)s)
    UNION ALL
    (SELECT institution_id, words, 2 FROM accounts_alias
     WHERE starts_with(words, search_words(%(typed)s)) AND search_words(%(typed)s) <> ''
     ORDER BY words USING ~<~ LIMIT %(widest)s)
), named AS (
    SELECT id, words, how_well FROM begun
    UNION ALL
    (SELECT id, words, 3 FROM accounts_institution
     WHERE array_to_tsvector(string_to_array(words, ' ')) @@ search_query(%(typed)s) AND (SELECT count(*) FROM begun) < %(most)s
     LIMIT %(widest)s)
    UNION ALL
    (SELECT institution_id, words, 3 FROM accounts_alias
     WHERE array_to_tsvector(string_to_array(words, ' ')) @@ search_query(%(typed)s) AND (SELECT count(*) FROM begun) < %(most)s
     LIMIT %(widest)s)
), found AS MATERIALIZED (
    SELECT here.id, here.name, here.parent_id, best.how_well, here.checked AND NOT here.withdrawn AS is_offered
    FROM (
        SELECT id, min(CASE WHEN words = search_words(%(typed)s) THEN 0 ELSE how_well END) AS how_well FROM named GROUP BY id
    ) best JOIN accounts_institution here USING (id) WHERE how_well <= %(worst)s
)
SELECT found.id, how_well, is_offered FROM found
LEFT JOIN (SELECT parent_id AS id, count(*) AS size FROM found GROUP BY 1) family USING (id)
ORDER BY how_well > 0, coalesce(size, 0) DESC, how_well, length(name), name, id LIMIT %(most)s
"""
# What a misspelled name may mean: the nearest first, and of those the largest family.
NEAR = """
WITH meant AS MATERIALIZED (
    SELECT search_near(%(typed)s) AS query
), named AS (
    (SELECT id, words FROM accounts_institution
     WHERE array_to_tsvector(string_to_array(words, ' ')) @@ (SELECT query FROM meant) LIMIT %(widest)s)
    UNION ALL
    (SELECT institution_id, words FROM accounts_alias
     WHERE array_to_tsvector(string_to_array(words, ' ')) @@ (SELECT query FROM meant) LIMIT %(widest)s)
), found AS MATERIALIZED (
    SELECT here.id, here.name, here.parent_id, best.how_near
    FROM (SELECT id, max(word_similarity(search_words(%(typed)s), words)) AS how_near FROM named GROUP BY id) best
    JOIN accounts_institution here USING (id)
)
SELECT found.id FROM found
LEFT JOIN (SELECT parent_id AS id, count(*) AS size FROM found GROUP BY 1) family USING (id)
ORDER BY how_near DESC, coalesce(size, 0) DESC, length(name), name, id LIMIT %(most)s
"""
MOST_FOUND = 200
WIDEST, WIDEST_NEAR = 3000, 1000
FEW = 5  # where fewer are found, and none is called just so, the name may be misspelled
MOST_WORDS = 8  # beyond that, looking for words near to each takes too long


class InstitutionQuerySet(models.QuerySet):
    def offered(self):
        """Those that a person may choose: looked at by staff, and not withdrawn from the registry."""
        return self.filter(checked=True, withdrawn=False)

    def to_check(self):
        """Those that people added, for staff to look at."""
        return self.filter(checked=False)

    def find(self, typed, *, worst=3):
        """Those that have a word beginning with each word typed, in their name or in one alias; the best 200, best first.

        Spelling is forgiven: case, accents, points and hyphens, "univ." and the like. Where few are found, what is spelled
        nearly so follows, and is ``near``. Nothing is found for no words. Asks the database at once.
        """
        asked = {"typed": typed, "worst": worst, "most": MOST_FOUND, "widest": WIDEST}
        near = []
        with connection.cursor() as cursor:
            rows = cursor.execute(FOUND, asked).fetchall()
            found = [pk for pk, *_ in rows]
            # A misspelled name that somebody added, and nobody has looked at, is no find.
            on_the_list = [how_well for _pk, how_well, is_offered in rows if is_offered]
            if worst and len(on_the_list) < FEW and 0 not in on_the_list and len(typed.split()) <= MOST_WORDS:
                cursor.execute(NEAR, {**asked, "widest": WIDEST_NEAR})
                near = [pk for (pk,) in cursor.fetchall() if pk not in found]
        best = [*found, *near]
        place = models.Func(
            Value(best), models.F("pk"), template="array_position(%(expressions)s)", arg_joiner="::bigint[], ",
            output_field=models.IntegerField(),
        )  # fmt: skip
        return self.filter(pk__in=best).annotate(near=GreaterThan(place, len(found))).order_by(place)

    def named(self, typed):
        """Those that are called just this, spelling forgiven."""
        return self.find(typed, worst=0)

    def schools(self, degrees=()):
        """U.S. medical schools on the list; of those, where ``degrees`` are given, the ones that grant one of them."""
        rows = self.filter(is_medical_school=True, checked=True)
        return rows.filter(degrees__overlap=list(degrees)) if degrees else rows

    def names_of_schools(self, degrees):
        """(name, name) of the schools, as options; ``degrees`` that no school on the list could grant are left out."""
        known = [degree for degree in degrees if degree in Degree.values]
        return [(name, name) for name in self.schools(known).values_list("name", flat=True)]


class Institution(models.Model):
    """A hospital, a university, a practice. Compared by identity, never by spelling."""

    name = models.CharField(max_length=300)
    words = search_words()
    country = models.CharField(max_length=2, default="US", choices=countries.choices)
    region = models.GeneratedField(
        expression=region_of_country(), output_field=models.PositiveSmallIntegerField(null=True), db_persist=True
    )
    city = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.OTHER)
    is_medical_school = models.BooleanField("U.S. medical school with a DO or MD program", default=False)
    degrees = ArrayField(
        models.CharField(max_length=2, choices=Degree),
        default=list,
        blank=True,
        verbose_name="degrees of the medical school",
    )
    ror_id = models.CharField(
        "ROR id",
        max_length=9,
        blank=True,
        help_text="Its number in the Research Organization Registry: the nine characters after ror.org/.",
    )
    # Numbers of what was merged into it, so that the registry's next file does not bring it back.
    merged_ror_ids = ArrayField(models.CharField(max_length=9), default=list, blank=True, editable=False)
    withdrawn = models.BooleanField(
        "withdrawn from the registry",
        default=False,
        help_text="Kept for those who are there, and not offered to others.",
    )
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
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    # Fields that staff set by hand, which no file overwrites.
    set_by_staff = ArrayField(models.CharField(max_length=30), default=list, blank=True, editable=False)

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name")]
        indexes = [
            GinIndex(VECTOR, name="institution_words"),
            models.Index(fields=["words"], opclasses=["text_pattern_ops"], name="institution_begins"),
            models.Index(Lower("name"), name="institution_by_name"),
            # Few ever swallow another, and each batch of a load asks which.
            models.Index(fields=["id"], condition=~Q(merged_ror_ids=[]), name="institution_merged"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                "country",
                Lower("city"),
                name="institution_name_unique_in_city",
                condition=Q(ror_id=""),  # in the registry some do share a name, and a number tells them apart
                violation_error_message="There is an institution of this name in this city already.",
            ),
            models.UniqueConstraint(
                fields=["ror_id"],
                name="institution_ror_id_unique",
                condition=~Q(ror_id=""),
                violation_error_message="There is an institution with this ROR id already.",
            ),
            models.CheckConstraint(
                condition=Q(ror_id__regex=r"^(0[a-z0-9]{6}[0-9]{2})?$"),
                name="institution_ror_id_form",
                violation_error_message="A ROR id is the nine characters after ror.org/, such as 02abcde03.",
            ),
            models.CheckConstraint(
                condition=Q(degrees=[]) | Q(is_medical_school=True, degrees__contained_by=Degree.values),
                name="institution_degrees_of_schools",
                violation_error_message="Degrees belong to medical schools only. Say that it is one, too.",
            ),
            one_of("kind", Kind, name="institution_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(parent=models.F("id")),
                name="institution_not_its_own_parent",
                violation_error_message="An institution cannot be its own parent.",
            ),
            models.CheckConstraint(
                condition=Q(region__isnull=False),
                name="institution_country_on_list",
                violation_error_message="Choose a country from the list.",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def where(self):
        """ "Houston, United States", or the country alone." """
        return ", ".join(filter(None, [self.city, self.get_country_display()]))

    @property
    def label(self):
        """What tells it from others of its name."""
        return f"{self.name}, {self.where}"

    def clean(self):
        above = self.parent
        while above:
            if above.pk == self.pk:
                raise ValidationError({"parent": "This institution already stands above the one you chose."})
            above = above.parent


class Alias(models.Model):
    """Another name of an institution: an abbreviation, a former name, a name in another language."""

    institution = models.ForeignKey(Institution, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=300)
    words = search_words()

    class Meta:
        ordering = ["name"]
        indexes = [
            GinIndex(VECTOR, name="alias_words"),
            models.Index(fields=["words"], opclasses=["text_pattern_ops"], name="alias_begins"),
        ]
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(
                "institution",
                Lower("name"),
                name="alias_once",
                violation_error_message="This name is on the list already.",
            )
        ]

    def __str__(self):
        return self.name


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
