"""An institution is found whatever way people spell it, and quickly among a hundred thousand."""

import pytest
from django.db import connection

from mentoring.accounts.models import Alias, Institution, institutions
from mentoring.accounts.models.institutions import FOUND
from tests import factories

pytestmark = pytest.mark.django_db

HERE = {
    "The University of Texas MD Anderson Cancer Center": ["M. D. Anderson Hospital", "UTMDACC"],
    "University of Texas Health Science Center": [],
    "Dana-Farber Cancer Institute": ["DFCI", "Sidney Farber Center"],
    "Stanford University": [],
    "St. Jude Children’s Research Hospital": [],
    "Université de Montréal": ["University of Montreal"],
    "Mount Sinai Medical Center": [],
    "O'Neal Comprehensive Cancer Center": [],
}


@pytest.fixture
def listed():
    for name, aliases in HERE.items():
        row = factories.institution(name)
        Alias.objects.bulk_create(Alias(institution=row, name=alias) for alias in aliases)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("MD Anderson", "The University of Texas MD Anderson Cancer Center"),
        ("m.d. anderson", "The University of Texas MD Anderson Cancer Center"),
        ("M D ANDERS", "The University of Texas MD Anderson Cancer Center"),
        ("Dana Farber", "Dana-Farber Cancer Institute"),
        ("dana-farber cancer inst.", "Dana-Farber Cancer Institute"),
        ("dfci", "Dana-Farber Cancer Institute"),
        ("univ. of texas health", "University of Texas Health Science Center"),
        ("sta", "Stanford University"),
        ("saint jude childrens hosp", "St. Jude Children’s Research Hospital"),
        ("st jude", "St. Jude Children’s Research Hospital"),
        ("univ montreal", "Université de Montréal"),
        ("mt sinai", "Mount Sinai Medical Center"),
        ("oneal cancer ctr", "O'Neal Comprehensive Cancer Center"),
    ],
)
def test_it_is_found_whatever_way_it_is_spelled(listed, typed, first):
    assert next(each.name for each in Institution.objects.find(typed)) == first


def test_what_begins_as_typed_comes_first_and_the_rest_follows(listed):
    found = [each.name for each in Institution.objects.find("univ. of texas")]
    assert found == ["University of Texas Health Science Center", "The University of Texas MD Anderson Cancer Center"]


@pytest.mark.parametrize("alias", ["MD Anderson Cancer Center", "MDA"])
def test_who_stands_above_many_comes_before_them_though_their_names_are_shorter(alias):
    center = factories.institution(
        "The University of Texas MD Anderson Cancer Center", parent=factories.institution("UT")
    )
    Alias.objects.create(institution=center, name=alias)
    for number in range(30):
        factories.institution(f"MD Anderson Dept. {number}", parent=center)
    factories.institution("MD Anderson", country="CA")
    found = [each.name for each in Institution.objects.find("md anderson")[:3]]
    assert found == ["MD Anderson", "The University of Texas MD Anderson Cancer Center", "MD Anderson Dept. 0"]


def test_what_has_the_word_further_on_is_looked_for_where_few_begin_so(monkeypatch):
    monkeypatch.setattr(institutions, "MOST_FOUND", 2)
    further_on = factories.institution("Larkmoor Clinic")
    one = factories.institution("Clinic 1")
    assert list(Institution.objects.find("clinic")) == [one, further_on]
    two = factories.institution("Clinic 2")
    assert list(Institution.objects.find("clinic")) == [one, two]


@pytest.mark.parametrize("typed", ["", "  ", "of the", "'", "\\ | & !():*", "nowhere", "texas nowhere", "%", "–"])
def test_nothing_is_found_for_nothing_and_odd_signs_break_nothing(listed, typed):
    assert not Institution.objects.find(typed).exists()


def test_only_what_is_called_just_so_is_named(listed):
    assert [each.name for each in Institution.objects.named("univ. of montreal")] == ["Université de Montréal"]
    assert not Institution.objects.named("univ. of").exists()


def test_unchecked_and_withdrawn_ones_are_not_offered():
    for facts in ({"checked": False}, {"withdrawn": True}):
        factories.institution(**facts)
    offered = factories.institution()
    assert list(Institution.objects.offered()) == [offered]


def test_schools_are_asked_by_their_degrees():
    md = factories.institution(is_medical_school=True, degrees=["MD"])
    both = factories.institution(is_medical_school=True, degrees=["DO", "MD"])
    other = factories.institution(is_medical_school=True)
    factories.institution()
    asked = {degrees: set(Institution.objects.schools(degrees)) for degrees in [(), ("MD",), ("DO",), ("DO", "MD")]}
    assert asked == {(): {md, both, other}, ("MD",): {md, both}, ("DO",): {both}, ("DO", "MD"): {md, both}}


def test_a_search_among_many_goes_by_the_indexes():
    """By the plan, not by the clock: both tables have an index on just what the search compares."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_institution (name, country, is_medical_school, checked, city, kind, degrees, ror_id, "
            "merged_ror_ids, withdrawn, added_at, set_by_staff) SELECT 'Hospital ' || md5(i::text), 'US', false, true, '', "
            "'other', '{}', '', '{}', false, now(), '{}' FROM generate_series(1, 1000) i"
        )
        cursor.execute(
            "INSERT INTO accounts_alias (institution_id, name) SELECT id, 'H ' || md5(name) FROM accounts_institution"
        )
        cursor.execute("ANALYZE accounts_institution; ANALYZE accounts_alias")
        cursor.execute("SET LOCAL enable_seqscan = off")  # so few that reading all would do
        cursor.execute("EXPLAIN " + FOUND, {"typed": "c4ca42", "worst": 3, "most": 10})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    for index in ("institution_begins", "alias_begins", "institution_words", "alias_words"):
        assert index in plan
    assert "Seq Scan" not in plan


def test_a_search_is_two_queries_however_many_there_are(django_assert_num_queries):
    for _ in range(30):
        factories.institution()
    with django_assert_num_queries(2):
        assert len(Institution.objects.find("inst")) == 30
