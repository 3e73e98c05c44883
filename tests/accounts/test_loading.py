"""The registry's file is followed again and again: what changed follows, what staff set stays, nothing is lost."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mentoring import accounts
from mentoring.accounts import registry
from mentoring.accounts.loading import Loading
from mentoring.accounts.models import Institution
from tests import factories

pytestmark = pytest.mark.django_db
DATA = Path(accounts.__file__).parent / "data"


def record(number, name, *, aliases=(), country="US", city="Ferncliff", kind="healthcare", status="active", **joined):
    """As the registry writes it; ``joined`` is {type of relation: numbers}."""
    return {
        "id": f"https://ror.org/{ror(number)}", "status": status, "types": ["funder", kind], "established": None,
        "names": [*({"value": alias, "types": ["alias"], "lang": None} for alias in aliases),
                  {"value": name, "types": ["ror_display", "label"], "lang": "en"}],
        "locations": [{"geonames_id": 1, "geonames_details": {"name": city, "country_code": country}}],
        "relationships": [{"type": kind, "label": "", "id": f"https://ror.org/{ror(other)}"}
                          for kind, others in joined.items() for other in others],
        "links": [], "domains": [], "external_ids": [], "admin": {},
    }  # fmt: skip


def ror(number):
    return f"0aaaaaa{number:02}"


def load(*records):
    """Load a file of these records; what was done, and what was refused."""
    loading = Loading().run(registry.records(io.StringIO(json.dumps(records, indent=1))))
    return {what: count for what, count in loading.done.items() if count}, loading.refused


def of(number):
    return Institution.objects.get(ror_id=ror(number))


def everything():
    """All that there is, in words."""
    return [
        (row.name, row.city, row.country, row.kind, row.withdrawn, row.parent and row.parent.name,
         sorted(each.name for each in row.aliases.all()), sorted(each.name for each in row.affiliates.all()))
        for row in Institution.objects.order_by("ror_id", "name")
    ]  # fmt: skip


FAMILY = [
    record(1, "Larkmoor System", child=[2]),
    record(2, "Larkmoor Hospital", aliases=["LH", "Larkmoor Hosp."], parent=[1, 3], related=[4]),
    record(3, "Larkmoor University", kind="education"),
    record(4, "Ferncliff", country="FR", related=[2]),
]


def test_what_is_new_is_added_with_names_places_and_relations_and_a_second_time_changes_nothing():
    done, refused = load(*FAMILY)
    assert (done["added"], refused) == (4, [])
    first = everything()
    assert first == [
        ("Larkmoor System", "Ferncliff", "US", "healthcare", False, None, [], []),
        ("Larkmoor Hospital", "Ferncliff", "US", "healthcare", False, "Larkmoor System", ["LH", "Larkmoor Hosp."],
         ["Ferncliff", "Larkmoor University"]),
        ("Larkmoor University", "Ferncliff", "US", "education", False, None, [], ["Larkmoor Hospital"]),
        ("Ferncliff", "Ferncliff", "FR", "healthcare", False, None, [], ["Larkmoor Hospital"]),
    ]  # fmt: skip
    assert load(*FAMILY) == ({}, [])
    assert load(*reversed(FAMILY)) == ({}, [])
    assert everything() == first


def test_what_comes_in_is_otherwise_as_any_new_institution_is():
    load(*FAMILY[:1])
    loaded, new = of(1), Institution(name="New")
    said = {"id", "name", "words", "country", "region", "city", "kind", "ror_id", "added_at"}
    names = {field.attname for field in Institution._meta.concrete_fields} - said
    assert {name: getattr(loaded, name) for name in names} == {name: getattr(new, name) for name in names}


def test_letters_that_python_and_the_database_lower_differently_change_nothing_a_second_time():
    file = [record(1, "İzmir Hospital", aliases=["İstanbul Clinic", "ΣΟΦΟΣ", "Straße"], country="TR")]
    load(*file)
    assert load(*file) == ({}, [])


def test_changes_follow_and_an_old_name_stays_as_an_alias():
    load(*FAMILY)
    load(
        record(1, "Larkmoor Health"),
        record(2, "Larkmoor Hospital", city="Dunmore"),
        *FAMILY[2:3],
        record(4, "Ferncliff"),
    )
    assert everything() == [
        ("Larkmoor Health", "Ferncliff", "US", "healthcare", False, None, ["Larkmoor System"], []),
        ("Larkmoor Hospital", "Dunmore", "US", "healthcare", False, None, ["LH", "Larkmoor Hosp."], []),
        ("Larkmoor University", "Ferncliff", "US", "education", False, None, [], []),
        ("Ferncliff", "Ferncliff", "US", "healthcare", False, None, [], []),
    ]


def test_what_the_registry_withdraws_is_kept_and_marked_and_nothing_withdrawn_comes_in():
    load(*FAMILY[:1])
    load(record(1, "Larkmoor System", status="withdrawn"), record(9, "Never Was", status="inactive"))
    assert [(row.name, row.withdrawn) for row in Institution.objects.all()] == [("Larkmoor System", True)]
    load(*FAMILY[:1])
    assert not of(1).withdrawn


def test_what_staff_set_is_never_overwritten(client):
    load(*FAMILY)
    client.force_login(factories.staff())
    row = of(2)
    typed = {
        "name": "Larkmoor General", "kind": "practice", "city": "Ferncliff", "country": "US", "checked": "on", "ror_id": ror(2),
        "parent": "", "affiliates": [of(3).pk], "aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0,
    }  # fmt: skip
    assert client.post(f"/admin/accounts/institution/{row.pk}/change/", typed).status_code == 302
    before = everything()

    done, _refused = load(*FAMILY)

    assert done == {"further names": 1}
    now = everything()
    assert (of(2).name, of(2).kind, of(2).parent) == ("Larkmoor General", "practice", None)
    assert [each.name for each in of(2).aliases.all()] == ["LH", "Larkmoor Hosp.", "Larkmoor Hospital"]
    assert [row[:6] + row[7:] for row in now] == [row[:6] + row[7:] for row in before]


def test_an_institution_typed_by_hand_gets_its_number_if_it_is_surely_the_same():
    same, elsewhere = factories.institution("larkmoor hospital"), factories.institution("Ferncliff", country="DE")
    done, _ = load(*FAMILY)
    assert (done["found here already, now with their number"], done["added"]) == (1, 3)
    assert of(2) == same
    elsewhere.refresh_from_db()
    assert elsewhere.ror_id == ""


def test_relations_in_a_ring_are_followed_as_far_as_can_be():
    load(record(1, "One", parent=[2]), record(2, "Two", parent=[3]), record(3, "Three", parent=[1]))
    assert (of(1).parent, of(2).parent, of(3).parent) == (of(2), of(3), None)
    assert of(1) in of(3).affiliates.all()


def test_what_an_open_pairing_stands_against_waits_and_is_named():
    load(*(record(number, f"House {number}") for number in range(1, 5)))
    pairing = factories.pairing(in_status="proposed")
    pairing.mentee.move_to([of(1)])
    pairing.mentor.move_to([of(2)])
    file = [record(1, "House 1", parent=[3]), record(2, "House 2", parent=[3]), record(3, "House 3"),
            record(4, "House 4", parent=[3])]  # fmt: skip

    _done, refused = load(*file)

    assert len(refused) == 1
    assert of(4).parent == of(3)
    assert [of(1).parent, of(2).parent].count(of(3)) == 1
    pairing.withdraw(by=factories.staff(), why="The registry knows better.")
    assert load(*file)[1] == []
    assert (of(1).parent, of(2).parent) == (of(3), of(3))


def test_a_file_is_read_bit_by_bit_and_a_zip_too(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "CHUNK", 100)
    path = tmp_path / "dump.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("v1.9-ror-data.json", "[]")
        archive.writestr("v1.9-ror-data_schema_v2.json", json.dumps(FAMILY, indent=2))
    call_command("load_institutions", path, stdout=(said := io.StringIO()))
    assert said.getvalue().startswith("4 added")
    call_command("load_institutions", path, stdout=(said := io.StringIO()))
    assert said.getvalue() == "Everything is as the file says.\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{}", "not the registry's list"),
        ("[{", "ends in the middle"),
        (
            '[{"id": "https://ror.org/0aaaaaa01", "name": "Of schema v1"}]',
            "Record 1 is not of the registry's schema v2",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path, text, sentence):
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(CommandError, match=sentence):
        call_command("load_institutions", path)


# --- Medical schools --------------------------------------------------------------------------------------------------


def load_schools(tmp_path, text):
    path = tmp_path / "schools.csv"
    path.write_text(text, encoding="utf-8")
    call_command("load_schools", path, stdout=(said := io.StringIO()))
    return said.getvalue().splitlines()


def test_schools_are_found_by_number_name_or_alias_and_keep_their_degrees(tmp_path):
    load(record(1, "Larkmoor School of Medicine", kind="education", aliases=["LSOM"]))
    typed = factories.institution("Quillhaven College")
    lines = [
        "name,degree,ror_id,aliases",
        f"Larkmoor,MD,{ror(1)},",
        "quillhaven coll.,DO,,QCOM|Q",
        "Quillhaven Coll.,MD,,",
    ]
    file = "\n".join([*lines, "New School,MD,,"])

    assert load_schools(tmp_path, file) == ["2 changed", "1 added"]
    assert load_schools(tmp_path, file) == ["3 already there"]
    assert of(1).degrees == ["MD"]
    typed.refresh_from_db()
    assert (typed.degrees, typed.is_medical_school) == (["DO", "MD"], True)
    assert {each.name for each in typed.aliases.all()} >= {"QCOM", "Q"}
    assert load_schools(tmp_path, f"name,degree,ror_id\nLarkmoor,DO,{ror(1)}\n")[1:] == [
        f"{name} is on the list of medical schools, and not in the file. Nothing was changed."
        for name in ("New School", "Quillhaven College")
    ]
    assert of(1).degrees == ["DO"]


def test_a_school_is_found_by_the_number_of_one_that_was_merged_into_it(tmp_path):
    factories.institution("Larkmoor", ror_id=ror(1), merged_ror_ids=[ror(2), ror(3)])
    assert load_schools(tmp_path, f"name,degree,ror_id\nElsewhere,MD,{ror(3)}\n") == ["1 changed"]


def test_a_line_that_is_not_clear_is_told(tmp_path):
    for city in ("Dunmore", "Ferncliff"):
        factories.institution("Twin College", city=city)
    assert load_schools(tmp_path, "name,degree\nTwin College,MD\n") == [
        "Twin College: there are several of this name. Add its ROR id to the file."
    ]
    for text, sentence in [
        ("name\nX\n", "no degree"),
        ("name,degree\nX,PhD\n", "Line 2 needs"),
        ("name,degree\n,MD\n", "Line 2"),
    ]:
        with pytest.raises(CommandError, match=sentence):
            load_schools(tmp_path, text)


def test_the_samples_that_ship_are_made_up_and_load():
    call_command("load_institutions", DATA / "sample_institutions.json", stdout=io.StringIO())
    call_command("load_schools", DATA / "sample_schools.csv", stdout=(said := io.StringIO()))
    assert said.getvalue() == "4 changed\n"
    assert all(row.ror_id.startswith("0demo") for row in Institution.objects.all())
