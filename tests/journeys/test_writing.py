"""Writing an application in a real browser: whatever happens, what was typed is kept, and nothing is overwritten unseen."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests import factories
from tests.journeys.people import PHONE
from tests.journeys.test_bad_moments import GOALS, TOPICS

pytestmark = pytest.mark.django_db(transaction=True)

SAVED = re.compile("^Saved ")
KEPT = "JSON.stringify([...Object.keys(localStorage), ...Object.keys(sessionStorage)].filter(key => key.startsWith('typed:')))"
# Said by the browser of requests that were refused on purpose.
REFUSED = re.compile("ERR_FAILED|ERR_INTERNET_DISCONNECTED|status of 50[23]|^50[23] ")


@pytest.fixture
def draft(site):
    return factories.application()


@pytest.fixture
def ada(somebody, draft):
    ada = somebody(size=PHONE).is_signed_in_as(draft.applicant)
    ada.visit(f"/applications/{draft.pk}/answers/")
    return ada


def goals_of(draft):
    draft.refresh_from_db()
    return draft.answers["goals"]


def box(ada):
    return ada.page.get_by_label(GOALS)


def status(ada):
    return ada.page.locator("[data-autosave-status]")


def overlook_refused(ada):
    ada.troubles[:] = [each for each in ada.troubles if not REFUSED.search(each)]


def saves(ada, draft, text):
    expect(status(ada)).to_have_text(SAVED)
    assert goals_of(draft) == text


def test_it_saves_itself_while_somebody_types_without_a_pause(ada, draft):
    for _ in range(24):
        box(ada).press_sequentially("word ", delay=80)
    # Nearly ten seconds, and never two without a key.
    assert goals_of(draft).count("word") >= 10
    expect(status(ada)).to_have_text(SAVED)
    assert ada.page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    ada.look()


def test_two_tabs_write_in_one_answer_and_the_person_chooses(ada, draft):
    first, second = ada.page, ada.tab()
    second.goto(first.url)
    ada.fill(GOALS, "Typed in the first tab.")
    ada.page.get_by_role("group", name=TOPICS).get_by_label("Leadership", exact=True).check()
    ada.page.keyboard.press("Tab")
    ada.page.wait_for_timeout(3_000)
    saves(ada, draft, "Typed in the first tab.")
    assert "Leadership" in draft.answers["topics"]

    ada.page = second
    ada.fill(GOALS, "Typed in the second tab.")
    ada.page.keyboard.press("Tab")
    expect(status(ada)).to_have_text("One answer was changed somewhere else. Choose which text to keep.")
    choice = ada.page.get_by_role("group", name="Which text do you want to keep?")
    expect(choice).to_contain_text("Typed in the first tab.")
    expect(box(ada)).to_have_value("Typed in the second tab.")
    # Another answer was changed there too; nobody changed it here, so this tab just shows it.
    ada.has_chosen(TOPICS, "Leadership")
    assert goals_of(draft) == "Typed in the first tab."
    ada.look("two texts")
    choice.get_by_role("button", name="Keep what is typed here").click()
    saves(ada, draft, "Typed in the second tab.")

    ada.page = first
    ada.fill(GOALS, "And once more in the first.")
    ada.page.keyboard.press("Tab")
    ada.page.get_by_role("button", name="Keep the other text").click()
    expect(box(ada)).to_have_value("Typed in the second tab.")
    assert goals_of(draft) == "Typed in the second tab."
    second.close()


def test_two_tabs_and_the_button(ada, draft):
    draft.save_draft(answers={"goals": "From the phone."})
    ada.page.route("**/answers/", lambda route: route.abort() if is_script(route) else route.continue_())
    ada.fill(GOALS, "From the desk.")
    ada.page.get_by_role("button", name="Save and go back").click()
    ada.reads("Which text do you want to keep?", "From the phone.")
    overlook_refused(ada)
    ada.page.unroute("**/answers/")
    expect(box(ada)).to_have_value("From the desk.")
    assert goals_of(draft) == "From the phone."


def is_script(route):
    return route.request.headers.get("x-requested-with") == "autosave"


def test_no_network_for_a_while(ada, draft):
    ada.context.set_offline(True)
    ada.fill(GOALS, "Typed in a tunnel.")
    ada.page.keyboard.press("Tab")
    ada.reads("Not saved yet. What you typed is kept on this device; trying again.")
    ada.context.set_offline(False)
    saves(ada, draft, "Typed in a tunnel.")
    assert ada.page.evaluate(KEPT) == "[]"
    overlook_refused(ada)


def test_the_server_restarts(ada, draft):
    ada.page.route("**/answers/", lambda route: route.fulfill(status=502, body="Bad gateway"))
    ada.fill(GOALS, "Typed while it restarted.")
    ada.page.keyboard.press("Tab")
    ada.reads("Not saved yet.")
    ada.page.unroute("**/answers/")
    saves(ada, draft, "Typed while it restarted.")
    overlook_refused(ada)


def test_the_window_closes_without_a_network_and_the_text_is_there_again(ada, draft):
    # A request that outlives its page is out of a test's reach, so there is none.
    ada.page.evaluate("() => { window.fetch = () => Promise.reject(new Error('no network')) }")
    ada.fill(GOALS, "Typed before the battery died.")
    ada.reads("Not saved yet.")
    ada.page.close()
    ada.page = ada.tab()
    ada.visit(f"/applications/{draft.pk}/answers/")
    expect(box(ada)).to_have_value("Typed before the battery died.")
    saves(ada, draft, "Typed before the battery died.")


def test_another_page_of_ours_sends_what_was_left_behind(ada, draft):
    ada.page.route("**/answers/", lambda route: route.abort())
    ada.fill(GOALS, "Typed before the battery died.")
    ada.reads("Not saved yet.")
    overlook_refused(ada)
    # An hour later.
    ada.page.evaluate("""for (const key of Object.keys(localStorage)) if (key.startsWith("typed:"))
        localStorage.setItem(key, JSON.stringify({...JSON.parse(localStorage.getItem(key)), at: Date.now() - 3_600_000}))""")
    page = ada.tab()
    with page.expect_response("**/answers/"):
        page.goto("/home/")
    assert goals_of(draft) == "Typed before the battery died."


def test_going_back_shows_what_was_typed(ada, draft):
    ada.fill(GOALS, "Typed, and gone on at once.")
    ada.page.get_by_role("link", name="Your application").click()
    ada.page.go_back()
    expect(box(ada)).to_have_value("Typed, and gone on at once.")
    ada.fill(GOALS, "Typed, and gone on at once. Then more.")
    ada.page.keyboard.press("Tab")
    saves(ada, draft, "Typed, and gone on at once. Then more.")
    ada.does_not_read("Which text do you want to keep?")


def test_signed_out_while_writing_they_sign_in_and_stand_where_they_stood(ada, draft):
    Session.objects.all().delete()
    ada.fill(GOALS, "Typed while signed out.")
    ada.reads("You are signed out. What you typed is kept on this device.")
    ada.page.get_by_role("link", name="Sign in and go on here").click()
    ada.signs_in(draft.applicant.email, factories.PASSWORD)
    expect(box(ada)).to_have_value("Typed while signed out.")
    expect(box(ada)).to_be_focused()
    saves(ada, draft, "Typed while signed out.")


def test_signed_in_again_in_another_tab_it_goes_on_by_itself(ada, draft):
    cookies = ada.context.cookies()
    ada.context.clear_cookies()
    ada.fill(GOALS, "Typed while signed out.")
    ada.reads("You are signed out.")
    ada.context.add_cookies(cookies)
    saves(ada, draft, "Typed while signed out.")


def test_who_signs_out_leaves_nothing_in_the_browser(ada, draft):
    ada.page.evaluate("localStorage.setItem('typed:999:/applications/1/answers/:goals', '{}')")
    ada.fill(GOALS, "Typed and signed out at once.")
    assert "goals" in ada.page.evaluate(KEPT)
    ada.page.locator("summary", has_text=draft.applicant.name).click()
    ada.page.get_by_role("button", name="Sign out").click()
    ada.page.wait_for_url(f"{ada.site}/")
    assert ada.page.evaluate(KEPT) == "[]"
    assert goals_of(draft) == "Typed and signed out at once."


def test_another_person_at_the_same_browser_finds_nothing(ada, draft, site):
    ada.page.route("**/answers/", lambda route: route.abort())
    ada.fill(GOALS, "Nobody else's business.")
    ada.reads("Not saved yet.")
    overlook_refused(ada)
    ada.is_signed_in_as(factories.person())
    other = ada.tab()
    other.goto("/home/")
    assert other.evaluate(KEPT) == "[]"


def test_what_is_said_in_confidence_is_kept_for_this_window_only(ada, draft):
    ada.visit(f"/applications/{draft.pk}/eligibility/")
    ada.page.route("**/eligibility/", lambda route: route.abort())
    needs = ada.page.locator("input[name=needs]:not(:checked)").first
    needs.check()
    ada.reads("Not saved yet.")
    overlook_refused(ada)
    assert ada.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('typed:')).length") == 0
    assert ada.page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('typed:')).length") == 1


def test_earlier_texts(ada, draft):
    ada.fill(GOALS, "x")
    ada.page.keyboard.press("Tab")
    saves(ada, draft, "x")
    ada.page.reload()
    ada.follow("Earlier texts of your answers")
    ada.press("Bring this text back")
    expect(box(ada)).to_have_value("To find my way.")
