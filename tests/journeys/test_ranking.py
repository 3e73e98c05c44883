"""A list of mentors that is not handed in: kept as it is built, and added to without leaving the place."""

import pytest
from playwright.sync_api import expect

from matching.models import PreferenceList
from tests import factories
from tests.journeys.people import PHONE, named

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("Ana Abernethy", "Ben Brightwell", "Cleo Castellan", "Dara D'Orsay", "Eli Eastman", "Fay Fairfax")


@pytest.fixture
def noor(somebody):
    """A mentee on a phone, at her list, with six mentors to choose from."""
    manager, cycle = factories.staff(), factories.cycle("vmp")
    application = factories.application(cycle, in_status="accepted", manager=manager)
    for name in NAMES:
        factories.interest(cycle, factories.person(name), manager=manager)
    noor = somebody(size=PHONE).is_signed_in_as(application.applicant)
    noor.visit(application.preference_list.get_absolute_url())
    return noor


def add(noor, name):
    noor.page.get_by_role("button", name=named(f"Add to my list: {name}")).click()


def test_mentors_are_added_without_leaving_the_place(noor):
    status = noor.page.locator("[data-autosave-status]")
    add(noor, "Ben Brightwell")
    expect(status).to_have_text("Added, choice 1 of 5.")
    following = noor.page.get_by_role("button", name=named("Add to my list: Cleo Castellan"))
    expect(following).to_be_focused()
    expect(following).to_be_in_viewport()
    before = following.bounding_box()["y"]

    noor.page.keyboard.press("Enter")
    expect(status).to_have_text("Added, choice 2 of 5.")
    following = noor.page.get_by_role("button", name=named("Add to my list: Dara D'Orsay"))
    expect(following).to_be_focused()
    assert abs(following.bounding_box()["y"] - before) < 5
    for name, place in (("Dara D'Orsay", 3), ("Eli Eastman", 4), ("Ana Abernethy", 5)):
        add(noor, name)
        expect(status).to_have_text(f"Added, choice {place} of 5.")
    expect(noor.page.locator("#full")).to_be_focused()
    noor.reads("Your list is saved. You have not handed it in yet.")


def test_an_order_that_was_moved_is_there_when_one_comes_back(noor):
    for name in NAMES[:2]:
        add(noor, name)
        expect(noor.page.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    noor.page.get_by_role("button", name="Move Ben Brightwell up").click()
    expect(noor.page.locator("[data-autosave-status]")).to_contain_text("The changes are not handed in.")
    noor.page.reload()
    assert noor.page.locator(".ranked-title").all_inner_texts()[0].startswith("Ben Brightwell")
    assert PreferenceList.objects.get().status == "open"
