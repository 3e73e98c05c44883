"""Examples: imagined people on whom the rules are tried, and whom staff hear of before a cycle goes out."""

import pytest
from django.test import Client
from django.urls import reverse

from programs import load
from programs.models import Example, Expected
from programs.models.examples import check_examples, examples_agree
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    client = Client()
    client.force_login(factories.staff())
    return client


@pytest.mark.parametrize("slug", ["vmp", "dmp"])
def test_the_shipped_examples_come_to_what_they_should(slug):
    cycle = factories.cycle(slug)
    assert cycle.examples.count() == len(load.read()[slug]["example"])
    assert {example.expected for example in cycle.examples.all()} == set(Expected.values)
    assert check_examples(cycle) == []


def test_a_changed_rule_shows_which_examples_differ_and_why():
    cycle = factories.cycle("vmp")
    cycle.rules.filter(key="no_research").delete()

    (sentence,) = examples_agree(cycle)

    assert sentence == (
        "The example “Full member who looks for a partner in a clinical trial” should come to “May not apply” and comes "
        "to “May apply”: Every condition is met."
    )


def test_an_example_that_leaves_a_deciding_question_open_agrees_with_nothing():
    cycle = factories.cycle("vmp")
    for expected in Expected:
        example = Example(cycle=cycle, description="Nobody in particular", answers={}, expected=expected)
        assert not example.agrees
        assert example.came_to_words == "Not everything is answered"
    refused = Example(cycle=cycle, description="No English", answers={"english": "no"}, expected=Expected.MAY_NOT)
    assert refused.agrees, "One condition that is not met decides, whatever else is open"


def test_the_page_runs_them_and_names_those_that_differ(manager):
    cycle = factories.cycle("vmp")
    address = reverse("admin:programs_example_run", args=[cycle.pk])
    assert "All 4 come to what you expect." in manager.get(address).content.decode()
    cycle.examples.filter(expected="verify").update(expected="may")

    response = manager.get(address)

    assert [example.description for example in response.context["differing"]] == [
        "Fellow who applied for membership last week"
    ]
    assert "1 of 4 examples comes to something else" in response.content.decode()


def test_staff_fill_an_example_by_answering_what_the_self_check_asks(manager):
    cycle = factories.cycle("vmp")
    address = reverse("admin:programs_example_add") + f"?cycle={cycle.pk}"
    asked = {name.removeprefix("answer_") for name in manager.get(address).context["adminform"].form.fields}
    assert {ask.key for ask in cycle.rule_asks} <= asked
    answers = {f"answer_{key}": value for key, value in factories.VMP_ANSWERS.items()}

    response = manager.post(address, {"description": "A fellow", "expected": "may", "position": 9, **answers})

    assert response.url == reverse("admin:programs_example_run", args=[cycle.pk])
    example = cycle.examples.get(description="A fellow")
    assert {key: value for key, value in example.answers.items() if value} == factories.VMP_ANSWERS
    assert example.agrees

    page = reverse("admin:programs_example_change", args=[example.pk])
    seen = manager.get(page).context["adminform"].form["seen"].value()
    changed = {"description": "A fellow", "expected": "may", "position": 9, **answers, "answer_english": "no"}
    manager.post(page, {**changed, "seen": seen})
    example.refresh_from_db()
    assert (example.came_to, example.agrees) == (Expected.MAY_NOT, False)


def test_an_example_belongs_to_a_cycle(manager):
    assert manager.get(reverse("admin:programs_example_add")).url == reverse("admin:programs_cycle_changelist")
