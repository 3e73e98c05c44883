"""Two staff at one rule or one example: the second is told what the first changed, and nothing is overwritten."""

import pytest
from django.test import Client

from programs.models import Example, Rule
from tests import factories
from tests.programs.admin_forms import shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    made = factories.cycle("vmp")
    type(made).objects.filter(pk=made.pk).update(published_at=None)
    return made


def somebody(name):
    client = Client()
    client.force_login(factories.staff(name=name))
    return client


def opened(client, address):
    return {name: value for name, value in shown(client.get(address).context["adminform"].form).items() if value != ""}


def of_rule(cycle):
    row = cycle.rules.get(key="hours")
    return Rule, row, f"/admin/programs/rule/{row.pk}/change/", {"way_out": "Write."}, {"sentence": "Two hours."}


def of_example(cycle):
    row = cycle.examples.first()
    address = f"/admin/programs/example/{row.pk}/change/"
    return Example, row, address, {"answer_hours": "no", "expected": "may_not"}, {"description": "A nurse in Ohio"}


@pytest.mark.parametrize("page", [of_rule, of_example])
def test_the_second_is_told_and_nothing_is_overwritten(cycle, page):
    model, row, address, first_change, second_change = page(cycle)
    olga, mo = somebody("Olga Other"), somebody("Mo Manager")
    first, second = opened(olga, address), opened(mo, address)
    assert olga.post(address, {**first, **first_change}).status_code == 302
    stored = model.objects.filter(pk=row.pk).values().get()

    for _ in range(2):
        refused = mo.post(address, {**second, **second_change})
        assert refused.status_code == 200
        told = " ".join(refused.context["adminform"].form.non_field_errors())
        assert "Olga Other changed this" in told
        assert ": was " in told
        assert model.objects.filter(pk=row.pk).values().get() == stored

    fresh = opened(mo, address)
    assert mo.post(address, {**fresh, **second_change}).status_code == 302
    merged = model.objects.filter(pk=row.pk).values().get()
    assert {name for name in stored if stored[name] != merged[name]} == set(second_change)


@pytest.mark.parametrize("page", [of_rule, of_example])
def test_a_form_that_does_not_say_what_it_saw_is_refused(cycle, page):
    _model, _row, address, change, _other = page(cycle)
    client = somebody("Mo Manager")
    sent = {**opened(client, address), **change}
    for seen in ("", sent["seen"][:-2] + "xx"):
        refused = client.post(address, {**sent, "seen": seen})
        assert "open this page again" in " ".join(refused.context["adminform"].form.non_field_errors())


def test_countries_are_chosen_from_the_list(cycle):
    rule = Rule.objects.create(
        cycle=cycle, key="where", kind="countries", position=50, parameters={"countries": ["Canada"]}
    )
    client, address = somebody("Mo Manager"), f"/admin/programs/rule/{rule.pk}/change/"
    sent = {**opened(client, address), "must_be": "in", "what": "work"}
    assert sent["countries"] == ["Canada"]
    assert client.post(address, {**sent, "countries": ["Canada", "New Zealand"]}).status_code == 302
    rule.refresh_from_db()
    assert rule.text == "You work or study in Canada or New Zealand."
    refused = client.post(address, {**opened(client, address), "countries": ["Atlantis"]})
    assert "Atlantis" in refused.context["adminform"].form.errors["countries"][0]


def test_the_time_zone_is_offered_as_one_types(cycle):
    text = somebody("Mo Manager").get(f"/admin/programs/cycle/{cycle.pk}/change/").content.decode()
    assert 'list="id_time_zone_list"' in text
    assert '<option value="Pacific/Auckland">' in text
