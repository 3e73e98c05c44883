"""Mentors of last year, asked again; pauses with dates; and an offer that staff write down for someone who phoned."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applications.models import MentorInterest
from applications.tasks import begin_and_end_pauses
from matching.models import Pairing
from mentoring.accounts.models import User
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from tests import factories

pytestmark = pytest.mark.django_db
AGAIN = "/programs/vmp/mentor/again/"


def last_year(**fields):
    """A mentor of the cycle before, and this year's cycle, which asks for mentors."""
    before = factories.cycle("vmp")
    earlier = factories.interest(
        before,
        places=2,
        topics=["Teaching"],
        specialty="Sarcoma",
        wished_stages=["resident"],
        shown=["topics"],
        **fields,
    )
    factories.move_window(before, "mentor_interest", closes_at=timezone.now())
    return earlier, factories.cycle("vmp")


def this_year(cycle):
    return MentorInterest.objects.get(cycle=cycle)


def test_the_same_again_takes_one_press_and_agreeing_anew(client):
    earlier, cycle = last_year()
    client.force_login(earlier.mentor)
    assert "Yes, again, same as last year" in client.get(AGAIN).content.decode()

    refused = client.post(AGAIN, {"answer": "same"})
    assert (refused.status_code, MentorInterest.objects.filter(cycle=cycle).exists()) == (409, False)

    client.post(AGAIN, {"answer": "same", **factories.AGREED})
    now = this_year(cycle)
    assert (now.status, now.places_offered, now.specialty) == ("submitted", 2, "Sarcoma")
    assert (now.topics, now.wished_stages, now.shown) == (["Teaching"], ["resident"], ["topics"])
    assert client.get(AGAIN).url == "/programs/vmp/mentor/"  # there is nothing left to ask


def test_with_changes_leads_to_the_form_filled_in_and_hands_nothing_in(client):
    earlier, cycle = last_year()
    client.force_login(earlier.mentor)

    page = client.post(AGAIN, {"answer": "changes"}, follow=True).content.decode()

    assert (this_year(cycle).status, this_year(cycle).agreed) == ("draft", False)
    assert "Glad to help." in page


def test_not_this_year_is_an_answer_that_can_be_taken_back(client):
    earlier, cycle = last_year()
    client.force_login(earlier.mentor)

    client.post(AGAIN, {"answer": "no"})

    assert (this_year(cycle).status, this_year(cycle).takes_form) == ("withdrawn", True)
    assert list(MentorInterest.objects.to_ask_again(cycle)) == []


def test_staff_ask_exactly_those_they_saw_and_nobody_twice(client):
    earlier, cycle = last_year()
    factories.interest(earlier.cycle, in_status="draft")
    client.force_login(factories.staff())
    address = f"/admin/applications/mentorinterest/ask-again/{cycle.pk}/"

    assert earlier.mentor.email in client.get(address).content.decode()
    client.post(address, {"seen": []})
    assert not OutgoingEmail.objects.filter(kind="MentorRenewal").exists()
    for _press in range(2):
        client.post(address, {"seen": [earlier.pk]})

    mail = OutgoingEmail.objects.get(kind="MentorRenewal")
    assert (mail.recipient, AGAIN in mail.text, cycle.slug == mail.scope) == (earlier.mentor, True, True)


# --- Pauses ------------------------------------------------------------------------------------------------------------


def days(interest, first, last):
    return [str(interest.today + timedelta(days=each)) for each in (first, last)]


def test_a_planned_pause_begins_and_ends_by_itself(client, time_machine):
    interest = factories.interest(places=2)
    draft = factories.pairing(mentor=interest)
    shared = factories.pairing(mentor=interest, in_status="proposed")
    first, last = days(interest, 2, 4)
    client.force_login(interest.mentor)

    client.post(f"/mentoring/{interest.pk}/change/", {"move": "pause", "first": first, "last": last})
    states = []
    start = timezone.now()
    for day in range(7):
        time_machine.move_to(start + timedelta(days=day))
        begin_and_end_pauses()
        states.append(MentorInterest.objects.get(pk=interest.pk).status)

    assert states == ["approved", "approved", "paused", "paused", "paused", "approved", "approved"]
    assert (Pairing.objects.get(pk=draft.pk).status, Pairing.objects.get(pk=shared.pk).status) == (
        "withdrawn",
        "proposed",
    )
    assert MentorInterest.objects.get(pk=interest.pk).pause_from is None


@pytest.mark.parametrize(("first", "last"), [(3, 2), (-5, -1)])
def test_a_pause_that_ends_before_it_begins_or_has_passed_is_refused(first, last):
    interest = factories.interest()
    between = [interest.today + timedelta(days=each) for each in (first, last)]
    with pytest.raises(TransitionRefused, match="The last day of a pause lies ahead"):
        interest.pause_between(*between, by=interest.mentor)


# --- Somebody phoned ---------------------------------------------------------------------------------------------------------


def test_staff_write_down_what_a_mentor_said_and_only_the_mentor_hands_it_in(client):
    cycle, manager = factories.cycle("vmp"), factories.staff()
    client.force_login(manager)
    said = {"email": "Phoned@example.org", "name": "Phil Phoned", "career_stage": "practicing_oncologist",
            "places_offered": "2", "profile": "Happy to read drafts.", "why": "Phoned today."}  # fmt: skip

    assert client.post(f"/admin/applications/mentorinterest/enter/{cycle.pk}/", said).status_code == 302

    entered = this_year(cycle)
    assert (entered.status, entered.entered_by, entered.agreed) == ("draft", manager, False)
    assert entered.mentor == User.objects.get(email="phoned@example.org")
    assert Event.objects.about(entered).get(verb="enter").reason == "Phoned today."
    mail = OutgoingEmail.objects.get(kind="MentorEntered")
    assert (mail.recipient, entered.get_absolute_url() in mail.text) == (entered.mentor, True)
    with pytest.raises(TransitionRefused, match="Only the person who offers"):
        entered.submit(by=manager, received_at=timezone.now())


def test_staff_say_which_career_stage_a_mentor_has_and_the_portal_does_not_guess(client):
    cycle = factories.cycle("vmp")
    client.force_login(factories.staff())
    said = {"email": "phoned@example.org", "name": "Phil Phoned", "places_offered": "2", "why": "Phoned today."}
    address = f"/admin/applications/mentorinterest/enter/{cycle.pk}/"

    form = client.get(address).content.decode()

    assert '<option value="" selected>Choose…</option>' in form
    assert client.post(address, {**said, "career_stage": ""}).status_code == 422
    assert not User.objects.filter(email="phoned@example.org").exists()


def test_an_offer_that_is_handed_in_is_not_written_over(client):
    interest = factories.interest(in_status="submitted")
    with pytest.raises(TransitionRefused, match="This form is handed in"):
        MentorInterest(cycle=interest.cycle, mentor=interest.mentor).enter(
            {"places_offered": 5}, by=factories.staff(), why="Phoned."
        )


def test_the_queue_of_offers_says_how_long_each_has_waited(client):
    factories.interest(in_status="submitted", mentor=factories.person("Old Offer"))
    manager = factories.staff()
    with time_machine.travel(timezone.now() + timedelta(days=9), tick=False):
        client.force_login(manager)
        text = client.get("/admin/applications/mentorinterest/?status__exact=submitted").content.decode()
    assert '<td class="field-waits">9 days</td>' in text
