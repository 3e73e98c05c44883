"""The header on small screens, and a text that is longer than it may be."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.journeys.people import PHONE

pytestmark = pytest.mark.django_db(transaction=True)
CUT = "each => each.scrollWidth - each.clientWidth"
NAME = "Bartholomew Feather"


def cut(page, selector):
    """How many px of an element are out of sight."""
    return page.locator(selector).evaluate(CUT)


def test_nothing_of_the_header_is_cut_without_an_account(somebody):
    factories.cycle("vmp")
    page = somebody(size={"width": 320, "height": 640}).visit("/").page
    assert cut(page, ".site-nav") == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(("width", "rows"), [(320, 3), (390, 2), (600, 2), (1280, 1)])
def test_the_header_gives_the_name_what_room_there_is(somebody, width, rows):
    ada = somebody(size={"width": width, "height": 800}).is_signed_in_as(factories.person(NAME))
    page = ada.visit("/home/").page
    tops = [page.locator(each).bounding_box() for each in (".brand", ".account", ".site-nav")]
    middles = {round(box["y"] + box["height"] / 2) // 20 for box in tops}
    assert len(middles) == rows
    assert page.locator(".brand").bounding_box()["height"] <= 48  # one line
    assert page.evaluate("document.documentElement.scrollWidth") == width
    if width != 390:
        assert cut(page, ".menu-name") == 0


def test_what_is_too_much_is_counted_and_kept(somebody):
    draft = factories.application()
    ada = somebody(size=PHONE).is_signed_in_as(draft.applicant)
    ada.visit(f"/applications/{draft.pk}/answers/")
    ada.page.locator("#id_goals").fill("x" * 3500)
    ada.reads("500 characters too many")
    ada.press("Save and go back")
    ada.reads("Saved. Before you can hand in, these need another look", "This has 3500 characters; at most 3000 fit.")
    expect(ada.page.locator("#id_goals")).to_have_value("x" * 3500)
