"""Every page that applicants, mentees and mentors use, by the Tab key alone: all is reached, in order, and seen."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.applications.test_mentors_again import AGAIN, last_year
from tests.journeys.people import DESK, NARROW

pytestmark = pytest.mark.django_db(transaction=True)

# Where the Tab key should stop: of a group of radio buttons at one. A date has four places in it.
WATCH = """() => {
    const reachable = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    const stops = [...document.querySelectorAll(reachable)].filter(each => {
        if (each.disabled || each.tabIndex < 0 || !each.checkVisibility()) return false;
        if (each.type !== "radio") return true;
        const same = document.querySelectorAll(`input[type=radio][name="${each.name}"]`);
        return each === ([...same].find(one => one.checked) ?? same[0]);
    });
    const told = each => each.outerHTML.slice(0, 120);
    const reached = [], wrong = [];
    const ring = each => ["", "::after"].some(part => {
        const style = getComputedStyle(each, part || null);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
    const covered = each => {
        const box = each.getClientRects()[0];
        const y = Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1);
        const there = document.elementFromPoint(box.left + box.width / 2, y);
        const own = [each, ...each.labels ?? []];
        return !there || !(there.contains(each) || own.some(part => part.contains(there)));
    };
    const look = () => {
        const each = document.activeElement;
        if (!each || each === document.body || each === reached.at(-1)) return;
        if (!reached.includes(each) && !ring(each)) wrong.push(`no focus to be seen: ${told(each)}`);
        if (!reached.includes(each) && covered(each)) wrong.push(`out of sight: ${told(each)}`);
        reached.push(each);
    };
    document.addEventListener("keydown", event => event.key === "Tab" && look(), true);
    window.told = () => {
        look();
        const places = reached.filter(each => stops.includes(each)).map(each => stops.indexOf(each));
        const jumps = places.filter((place, index) => index && place < places[index - 1] && place);
        return [
            ...wrong,
            ...stops.filter(each => !reached.includes(each)).map(each => `not reached: ${told(each)}`),
            ...jumps.map(place => `back to: ${told(stops[place])}`),
        ];
    };
    return stops.length + 3 * document.querySelectorAll("input[type=date]").length;
}"""


def tabbed(page):
    """Press Tab as often as there are stops. Returns what was wrong."""
    for _ in range(page.evaluate(WATCH)):
        page.keyboard.press("Tab")
    return page.evaluate("told()")


def walk(person, *addresses):
    """Open each of these, and go through it, on a desk and on the narrowest screen."""
    for size in (DESK, NARROW):
        person.page.set_viewport_size(size)
        for address in addresses:
            person.page.goto(address)
            assert person.page.url == person.site + address
            wrong = tabbed(person.page)
            assert not wrong, f"{address} at {size['width']} px: " + "; ".join(wrong)


def test_a_visitor_reaches_everything(somebody):
    factories.cycle("vmp")
    program = "/programs/vmp/"
    walk(somebody(), "/", program, f"{program}eligibility/", f"{program}ask/", "/account/signup/", "/account/login/")


def test_an_applicant_reaches_everything(somebody):
    draft = factories.application()
    ada, own = somebody().is_signed_in_as(draft.applicant), draft.get_absolute_url()
    parts = [f"{own}{part}/" for part in ("eligibility", "answers", "review", "demographics", "withdraw")]
    walk(ada, "/home/", own, *parts, "/account/profile/", "/account/data/")


def test_somebody_offered_a_place_and_a_mentor_asked_again_reach_everything(somebody):
    offer = factories.offer()
    walk(somebody().is_signed_in_as(offer.application.applicant), "/home/", offer.get_absolute_url())
    earlier, _cycle = last_year()
    walk(somebody().is_signed_in_as(earlier.mentor), "/home/", AGAIN, "/programs/vmp/mentor/")


def test_a_mentee_and_a_mentor_reach_everything(somebody):
    pairing = factories.pairing(in_status="proposed")
    own = pairing.get_absolute_url()
    receipt = f"{pairing.application.get_absolute_url()}receipt/"
    ranking = pairing.application.preference_list.get_absolute_url()
    walk(somebody().is_signed_in_as(pairing.mentee), own, receipt, ranking)
    walk(somebody().is_signed_in_as(pairing.mentor), own, pairing.interest.get_absolute_url())


def test_the_way_past_the_header_the_menu_and_a_dialog_that_is_left_again(somebody):
    page = somebody().is_signed_in_as(factories.person()).visit("/account/data/").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    menu = page.locator(".menu summary")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Your profile")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Your profile")).to_be_hidden()
    expect(menu).to_be_focused()

    ask = page.get_by_role("button", name="Ask staff to erase it")
    ask.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Ask for erasure?")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(ask).to_be_focused()
