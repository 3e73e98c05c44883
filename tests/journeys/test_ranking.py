"""A list of mentors that is not handed in: kept as it is built, and added to without leaving the place."""

from time import monotonic, sleep

import pytest
from playwright.sync_api import expect

from matching.models import PreferenceList
from tests import factories
from tests.journeys.people import PHONE, named

pytestmark = pytest.mark.django_db(transaction=True)


def wait_until(holds, seconds=15):
    """Until it holds, or the time is up."""
    until = monotonic() + seconds
    while not holds() and monotonic() < until:
        sleep(0.1)
    assert holds()


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


def test_mentors_are_removed_without_leaving_the_place(noor):
    for name in NAMES[:2]:
        add(noor, name)
    status, page = noor.page.locator("[data-autosave-status]"), noor.page
    expect(status).to_have_text("Added, choice 2 of 5.")
    page.get_by_role("button", name=f"Remove {NAMES[0]}").focus()
    page.keyboard.press("Enter")
    expect(status).to_have_text("Removed. Your list has 1 of 5.")
    expect(page.get_by_role("button", name=f"Remove {NAMES[1]}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(status).to_have_text("Removed. Your list has 0 of 5.")
    expect(page.locator("#chosen")).to_be_focused()


def test_an_order_that_was_moved_is_there_when_one_comes_back(noor):
    for name in NAMES[:2]:
        add(noor, name)
        expect(noor.page.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    noor.page.get_by_role("button", name="Move Ben Brightwell up").click()
    expect(noor.page.locator("[data-autosave-status]")).to_contain_text("The changes are not handed in.")
    noor.page.reload()
    assert noor.page.locator(".ranked-title").all_inner_texts()[0].startswith("Ben Brightwell")
    assert PreferenceList.objects.get().status == "open"


def test_quick_presses_are_all_done_and_the_keyboard_and_numbers_rank(noor):
    for name in NAMES[:4]:
        noor.page.get_by_role("button", name=named(f"Add to my list: {name}")).dispatch_event("click")
    expect(noor.page.locator("[data-ranked-item]")).to_have_count(4)

    place = noor.page.get_by_label("Place of Dara D'Orsay")
    place.fill("1")
    place.press("Tab")
    expect(noor.page.locator("[data-ranked-item]").first).to_have_attribute("data-name", "Dara D'Orsay")
    noor.page.get_by_role("button", name="Move Ben Brightwell up").focus()
    noor.page.keyboard.press("Alt+ArrowUp")
    expect(noor.page.locator("[data-ranked-item]").nth(1)).to_have_attribute("data-name", "Ben Brightwell")
    # Leaving a field that was changed saves at once.
    noor.page.get_by_label("Name, place, topic or specialty").focus()
    kept = [mentor.pk for mentor in PreferenceList.objects.get().eligible_mentors()]
    wait_until(lambda: PreferenceList.objects.get().draft["order"] == [kept[place] for place in (3, 1, 0, 2)])

    noor.page.reload()
    ranked = [each.get_attribute("data-name") for each in noor.page.locator("[data-ranked-item]").all()]
    assert ranked == ["Dara D'Orsay", "Ben Brightwell", "Ana Abernethy", "Cleo Castellan"]


def test_what_is_looked_for_narrows_the_mentors_at_once_and_the_list_stays(noor):
    add(noor, "Ana Abernethy")
    expect(noor.page.locator("[data-ranked-item]")).to_have_count(1)
    noor.page.get_by_label("Name, place, topic or specialty").press_sequentially("cleo")
    expect(noor.page.locator("#found [role=status]")).to_contain_text("1 mentor found for “cleo”.")
    assert "words=cleo" in noor.page.url
    add(noor, "Cleo Castellan")
    expect(noor.page.locator("[data-ranked-item]")).to_have_count(2)
    expect(noor.page.locator("#found [role=status]")).to_contain_text("0 mentors found")


def test_a_list_that_is_handed_in_at_once_has_the_last_addition(noor):
    for name in NAMES[:3]:
        noor.page.get_by_role("button", name=named(f"Add to my list: {name}")).dispatch_event("click")
    noor.press("Hand in my list")
    noor.reads("We have your list.")
    assert [each.mentor.name for each in PreferenceList.objects.get().ranked] == list(NAMES[:3])
