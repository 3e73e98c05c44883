"""An institution is found whatever way people spell it, and quickly among a hundred thousand."""

import pytest
from django.db import connection

from mentoring.accounts.models import Alias, Institution, institutions
from mentoring.accounts.models.institutions import FOUND, NEAR
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


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Dana Faber", "Dana-Farber Cancer Institute"),
        ("MD Andersen", "The University of Texas MD Anderson Cancer Center"),
        ("stanfrod", "Stanford University"),
        ("univeristy of texas helth", "University of Texas Health Science Center"),
        ("mont sinai", "Mount Sinai Medical Center"),
        ("Universite de Montral", "Université de Montréal"),
        ("sidny farber", "Dana-Farber Cancer Institute"),
    ],
)
def test_a_misspelled_name_is_found_and_said_to_be_near(listed, typed, first):
    found = list(Institution.objects.find(typed))
    assert (found[0].name, found[0].near) == (first, True)


def test_near_spellings_follow_what_is_spelled_just_so(listed):
    factories.institution("Standford Clinic")
    found = [(each.name, each.near) for each in Institution.objects.find("standford")]
    assert found == [("Standford Clinic", False), ("Stanford University", True)]


def test_nothing_near_is_looked_for_where_one_is_called_just_so_or_enough_are_found(listed, monkeypatch):
    for name in ("DFCJ", "Standford Clinic"):
        factories.institution(name)
    assert [each.name for each in Institution.objects.find("dfci")] == ["Dana-Farber Cancer Institute"]
    assert len(Institution.objects.find("standfor")) == 2
    monkeypatch.setattr(institutions, "FEW", 1)
    assert [each.name for each in Institution.objects.find("standfor")] == ["Standford Clinic"]


def test_where_one_word_is_misspelled_for_certain_the_others_are_taken_as_they_stand(listed):
    factories.institution("Taxas University")
    assert "Taxas University" not in [each.name for each in Institution.objects.find("univeristy texas")]
    assert "Taxas University" in [each.name for each in Institution.objects.find("univeristy taxas")]


def test_a_name_that_changes_is_found_by_its_new_words_however_near(listed):
    row = Institution.objects.get(name="Stanford University")
    row.name = "Larkmoor University"
    row.save()
    assert [each.name for each in Institution.objects.find("lakmoor")] == ["Larkmoor University"]
    row.aliases.create(name="Quillhaven")
    assert [each.name for each in Institution.objects.find("quilhaven")] == ["Larkmoor University"]


def test_a_misspelled_name_that_somebody_added_hides_from_nobody_what_is_near(listed):
    for name in ("Dana Faber", "Dana Faber 2", "Dana Faber 3", "Dana Faber 4", "Dana Faber 5"):
        factories.institution(name, checked=False)
    for typed in ("Dana Faber", "faber"):
        assert [(each.name, each.near) for each in Institution.objects.offered().find(typed)] == [
            ("Dana-Farber Cancer Institute", True)
        ]


def known_words(*words):
    with connection.cursor() as cursor:
        cursor.execute("SELECT word FROM accounts_word WHERE word = ANY(%s)", [list(words)])
        return {word for (word,) in cursor.fetchall()}


def test_words_are_known_as_long_as_a_name_that_staff_looked_at_has_them(listed):
    row, other = factories.institution("Hopsital Vallecaro", checked=False), factories.institution("Vallecaro Clinic")
    assert known_words("hopsital", "vallecaro") == {"vallecaro"}
    Institution.objects.filter(pk=row.pk).update(checked=True)
    assert known_words("hopsital") == {"hopsital"}
    Institution.objects.filter(pk=row.pk).update(name="Hospital Vallecaro")
    assert known_words("hopsital", "hospital", "vallecaro") == {"hospital", "vallecaro"}
    assert [each.name for each in Institution.objects.find("hopsital valecaro")] == ["Hospital Vallecaro"]
    Institution.objects.filter(pk=other.pk).delete()
    assert known_words("vallecaro") == {"vallecaro"}
    alias = row.aliases.create(name="Quillhaven House")
    assert known_words("quillhaven") == {"quillhaven"}
    alias.delete()
    Institution.objects.filter(pk=row.pk).delete()
    assert known_words("vallecaro", "quillhaven", "house") == set()


def test_of_very_many_that_begin_so_the_first_are_looked_at_and_the_one_called_just_so_is_among_them(monkeypatch):
    monkeypatch.setattr(institutions, "WIDEST", 3)
    for name in ("Clinic D", "Clinic C", "Clinic B", "Clinic A", "Clinic"):
        factories.institution(name)
    with connection.cursor() as cursor:  # whose order would be the alphabet by chance
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
    found = [each.name for each in Institution.objects.find("clinic")]
    assert found[:3] == ["Clinic", "Clinic A", "Clinic B"]


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
        asked = {"typed": "c4ca42", "worst": 3, "most": 10, "widest": 100}
        plan = ""
        for question in (FOUND, NEAR):
            cursor.execute("EXPLAIN " + question, asked)
            plan += "\n".join(line for (line,) in cursor.fetchall())
    for index in ("institution_begins", "alias_begins", "institution_words", "alias_words"):
        assert index in plan
    assert "Seq Scan" not in plan


def test_a_search_is_two_queries_however_many_there_are(django_assert_num_queries):
    for _ in range(30):
        factories.institution()
    with django_assert_num_queries(2):
        assert len(Institution.objects.find("inst")) == 30
