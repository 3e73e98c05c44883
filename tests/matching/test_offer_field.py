"""One mentor out of hundreds is found by name or institution, and of two of one name the right one."""

import pytest
from django import forms

from matching.offer_field import OfferField
from tests import factories
from tests.matching.scene import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """Two called Ada Marsh at different places, two called Bea Ruiz at one, and Cleo."""
    scene = Scene()
    larkmoor, vallecaro = factories.institution("Larkmoor Clinic"), factories.institution("Hospital Vallecaro")
    scene.ada, scene.other_ada = scene.mentor("Ada Marsh", at=larkmoor), scene.mentor("Ada Marsh", at=vallecaro)
    scene.bea, scene.other_bea = (scene.mentor("Bea Ruiz", at=larkmoor) for _ in range(2))
    scene.cleo = scene.mentor("Cleo Novak", at=vallecaro)
    return scene


@pytest.fixture
def field(scene):
    field = OfferField(required=False)
    field.choose_from(scene.cycle.mentor_interests.all())
    return field


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Ada Marsh, Larkmoor Clinic", "ada"),
        ("ada vallecaro", "other_ada"),
        ("cleo", "cleo"),
        ("  Cleo Novak, Hospital Vallecaro ", "cleo"),
    ],
)
def test_a_mentor_is_found_by_any_part_that_leaves_one(scene, field, typed, found):
    assert field.clean(typed) == getattr(scene, found)


def test_who_reads_alike_is_told_apart_by_number(scene, field):
    assert field.clean(f"Bea Ruiz, Larkmoor Clinic (offer {scene.other_bea.pk})") == scene.other_bea
    assert field.clean(str(scene.bea.pk)) == scene.bea
    assert field.prepare_value(0) == ""
    assert field.prepare_value(scene.bea.pk) == f"Bea Ruiz, Larkmoor Clinic (offer {scene.bea.pk})"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("ada", "Which of these 2 mentors? Type it as it stands here: Ada Marsh, Larkmoor Clinic; Ada Marsh, Hospital"),
        ("nobody of this name", "No mentor to choose from is called that."),
        ("x" * 2001, "at most 2000"),
    ],
)
def test_what_leaves_none_or_several_is_answered_in_words(field, typed, told):
    with pytest.raises(forms.ValidationError, match=told.replace("?", "[?]")):
        field.clean(typed)


def test_of_two_at_an_institution_with_a_very_long_name_each_can_be_typed_as_it_stands(scene):
    long = factories.institution("Ñ" * 300)
    two = [scene.mentor("Dee Long", at=long) for _ in range(2)]
    field = OfferField(just_so=True)
    field.choose_from(scene.cycle.mentor_interests.all())
    assert [field.clean(field.prepare_value(each.pk)) for each in two] == two


def test_where_much_hangs_on_it_a_part_is_asked_about_first(scene):
    field = OfferField(just_so=True)
    field.choose_from(scene.cycle.mentor_interests.all())
    with pytest.raises(forms.ValidationError, match=r"Do you mean Cleo Novak, Hospital Vallecaro[?] Then type it"):
        field.clean("cleo")
    assert field.clean("Cleo Novak, Hospital Vallecaro") == field.clean(str(scene.cleo.pk)) == scene.cleo


def test_nothing_typed_is_nobody(field):
    assert field.clean(" ") is None


def test_the_workbench_leads_to_a_scenario_with_the_mentor_in_it(scene):
    client, cycle = scene.client(), scene.cycle.pk
    mentor = client.get(scene.address("matching_bench_mentor", cycle, scene.ada.pk)).content.decode()
    address = f"{scene.address('matching_scenarios', cycle)}?interest={scene.ada.pk}"
    assert f'href="{address}#try"' in mentor

    page = client.get(address).content.decode()

    assert 'value="Ada Marsh, Larkmoor Clinic"' in page
    assert page.count('<option value="Ada Marsh, ') == 2
    typed = {"name": "One more", "policy": "on_list_first", "longest_list": "0", "more": "1", "notes": ""}
    asked = client.post(address, {**typed, "interest": "ada"})
    assert "Which of these 2 mentors?" in asked.content.decode()
    assert client.post(address, {**typed, "interest": "ada larkmoor"}).status_code == 302
    assert scene.cycle.scenarios.get().places == {str(scene.ada.pk): 2}
