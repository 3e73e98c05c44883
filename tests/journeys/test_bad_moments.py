"""What goes wrong in the browser on the last evening: nothing that was typed is lost, and every page says what happened."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from applications.models import Submission
from programs.readiness import needed
from tests import factories
from tests.journeys.people import PHONE

pytestmark = pytest.mark.django_db(transaction=True)

GOALS = "What would you like to have reached by the end of the year, and where would a mentor make the difference?"
TOPICS = "What would you like help with?"


@pytest.fixture
def draft(site):
    """An application that only needs to be handed in, on the last evening."""
    now = timezone.now()
    cycle = factories.cycle("vmp")
    for kind in needed(cycle):
        cycle = factories.move_window(cycle, kind, closes_at=now + timedelta(hours=1))
    return factories.application(cycle)


@pytest.fixture
def ada(somebody, draft):
    return somebody(size=PHONE).is_signed_in_as(draft.applicant)


def goals_of(draft):
    draft.refresh_from_db()
    return draft.answers["goals"]


def test_the_deadline_passes_while_a_part_is_open(ada, draft):
    ada.visit(f"/applications/{draft.pk}/answers/")
    closed = f"The deadline was {draft.window.closes_words}, so it cannot be handed in."
    with time_machine.travel(draft.window.closes_at + timedelta(seconds=1)):
        ada.fill(GOALS, "Written in the last minute.")
        ada.press("Save and go back")
        ada.reads("What you typed is kept.", closed, "Written in the last minute.")
        ada.reads("What you wrote is kept below. It was not handed in, and it can no longer be changed here.")
        ada.look("closed")
        assert goals_of(draft) == "Written in the last minute."
        ada.visit("/home/")
        ada.reads(f"Your application was not handed in by {draft.window.closes_words}.")


def test_the_deadline_passes_before_the_last_press(ada, draft):
    ada.visit(f"/applications/{draft.pk}/review/")
    with time_machine.travel(draft.window.closes_at + timedelta(seconds=1)):
        ada.hands_in()
        ada.reads(
            "This could not be handed in", f"The deadline was {draft.window.closes_words}, and this reached us at"
        )
        ada.reads("What you wrote is kept and you can read it here.", draft.cycle.program.contact_email)
        ada.look("refused")
    assert not Submission.objects.exists()


def test_in_the_last_minute_it_is_in_time(ada, draft):
    ada.visit(f"/applications/{draft.pk}/review/")
    with time_machine.travel(draft.window.closes_at - timedelta(seconds=20)):
        ada.hands_in()
        ada.reads("We have your application.")


def test_a_double_click_hands_in_once(ada, draft, mailbox):
    ada.visit(f"/applications/{draft.pk}/review/")
    for box in ada.page.locator("input[name^=confirm_]").all():
        box.check()
    ada.page.get_by_role("button", name="Hand in my application").dblclick()
    ada.reads("We received your application at")
    assert Submission.objects.count() == 1
    assert len(mailbox.to(draft.applicant.email)) == 1


def test_a_form_sent_while_signed_out_is_not_lost(ada, draft):
    ada.visit(f"/applications/{draft.pk}/answers/")
    ada.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    ada.fill(GOALS, "Typed at length.\nAnd sent while signed out.")
    ada.press("Save and go back")
    ada.reads("You are signed out", "What you typed is not saved yet.")
    first = ada.page
    with first.expect_popup() as opened:
        first.get_by_role("link", name="Sign in, in a new tab").click()
    ada.page = opened.value
    ada.signs_in(draft.applicant.email, factories.PASSWORD)
    ada.page.close()
    ada.page = first
    ada.press("I have signed in: save it now")
    # Signing in has made a new token.
    ada.reads("Please press the button once more", draft.applicant.email)
    ada.press("Save it now")
    ada.reads("“Your goals” is saved.")
    assert goals_of(draft) == "Typed at length.\nAnd sent while signed out."


def test_the_mentor_says_no_and_the_mentee_reads_nothing_of_it(somebody, mailbox):
    pairing = factories.pairing(in_status="proposed")
    bea = somebody().is_signed_in_as(pairing.mentor)
    bea.visit(mailbox.link(pairing.mentor.email, "A mentee is proposed to you"))
    bea.page.get_by_label("No, please look for someone else").check()
    bea.page.get_by_label("If no: why?").fill("We know each other from a trial.")
    bea.press("Send my answer")
    bea.reads("Thank you for telling us. Staff look for another way; nobody else learns of your answer.")

    ada = somebody(size=PHONE).is_signed_in_as(pairing.mentee)
    for address in (pairing.get_absolute_url(), "/home/"):
        ada.visit(address)
        ada.reads("Staff are looking at this pairing.")
        ada.does_not_read("said no", "declined", "We know each other", str(pairing.mentor))
    assert "said no" not in " ".join(each.as_string() for each in mailbox.to(pairing.mentee.email))
