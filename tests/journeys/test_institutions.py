"""Choosing an institution from suggestions, by keyboard and by thumb, on a phone; and without a script."""

import pytest
from playwright.sync_api import expect

from mentoring.accounts.models import Institution
from tests import factories
from tests.journeys.people import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada():
    for city in ("Dunmore", "Ferncliff"):
        factories.institution("St. Alder Hospital", city=city)
    return factories.person("Ada", at=factories.institution("Old Place"))


def at(person):
    return [each.label for each in person.institutions.all()]


def test_suggestions_are_chosen_by_keyboard_and_by_thumb(somebody, ada):
    person = somebody(size=PHONE).is_signed_in_as(ada)
    page = person.visit("/account/profile/").page
    box = page.get_by_role("combobox", name="Where you work or study")
    box.fill("st ald")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_count(3)
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id"))
    person.look("suggestions")
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(options).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value("St. Alder Hospital, Dunmore, United States")

    second = page.get_by_role("combobox", name="A second place")
    second.fill("alder hosp")
    page.get_by_role("option", name="Ferncliff").click()
    person.press("Save")
    person.reads("Your profile is saved.")
    assert at(ada) == ["St. Alder Hospital, Dunmore, United States", "St. Alder Hospital, Ferncliff, United States"]

    box.fill("A Place of My Own")
    page.get_by_role("option", name="Not on the list").click()
    page.get_by_label("Its country, if you add it").first.select_option("Canada")
    person.press("Save")
    person.reads("Your profile is saved.")
    added = Institution.objects.get(name="A Place of My Own")
    assert (added.country, added.checked, added.added_by) == ("CA", False, ada)


def test_without_a_script_the_form_asks_when_it_is_sent(somebody, ada):
    person = somebody(size=PHONE, script=False).is_signed_in_as(ada)
    page = person.visit("/account/profile/").page
    page.get_by_label("Where you work or study").fill("st. alder")
    person.press("Save")
    person.reads("Choose which of these it is, or that it is none of them.")
    page.get_by_label("St. Alder Hospital Ferncliff").check()
    person.press("Save")
    person.reads("Your profile is saved.")
    assert at(ada) == ["St. Alder Hospital, Ferncliff, United States"]


def test_what_is_typed_in_the_profile_outlives_a_lost_connection(somebody, ada):
    person = somebody(size=PHONE).is_signed_in_as(ada)
    page = person.visit("/account/profile/").page
    page.get_by_label("Degrees").fill("MD, PhD")
    box = page.get_by_role("combobox", name="Where you work or study")
    box.fill("st ald")
    page.get_by_role("option", name="Dunmore").click()
    chosen = "St. Alder Hospital, Dunmore, United States"
    expect(box).to_have_value(chosen)
    page.get_by_label("Degrees").focus()
    page.context.set_offline(True)
    page.get_by_role("button", name="Save").click()
    page.wait_for_timeout(200)
    page.context.set_offline(False)

    person.visit("/account/profile/")
    expect(page.get_by_text("What you typed here before is back. It is not saved yet.")).to_be_visible()
    expect(page.get_by_label("Degrees")).to_have_value("MD, PhD")
    expect(box).to_have_value(chosen)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    expect(page.get_by_text("What you typed here before is back.")).to_be_hidden()
    ada.refresh_from_db()
    assert (ada.degrees, at(ada)) == ("MD, PhD", [chosen])
    assert Institution.objects.filter(name="St. Alder Hospital").count() == 2
