"""Every state has words: on the person's own page, and on the card of the home page."""

import pytest

from applications.models import Application, MentorInterest
from matching.models import Pairing
from mentoring.portal.cards import cards_for
from tests import factories

pytestmark = pytest.mark.django_db

APPLICATION = {
    "draft": "You have begun an application. It is not handed in yet.",
    "submitted": "We received your application at ",
    "accepted": "You are accepted. You have not handed in a list yet.",
    "waitlisted": "You are on the waitlist.",
    "declined": "We could not offer you a place this time.",
    "withdrawn": "You withdrew your application.",
}
MENTOR = {
    "draft": "Your mentor interest form is not handed in yet.",
    "submitted": "We have your mentor interest form.",
    "approved": "You are a mentor in this cycle.",
    "paused": "You are paused from ",
    "declined": "We could not take you up on your offer in this cycle.",
    "withdrawn": "You withdrew from this cycle.",
}
NOT_SHARED, LOOKING = None, "Staff are looking at this pairing."
# What the mentee and the mentor read; the mentee has answered first.
PAIRING = {
    "drafted": (NOT_SHARED, NOT_SHARED),
    "proposed": ("Staff propose a mentor to you.", "Staff propose a mentee to you."),
    "confirmed": ("You said yes. We wait for the other person's answer.", "Staff propose a mentee to you."),
    "final": ("You and {mentor} are a pair.", "You and {mentee} are a pair."),
    "active": ("You and {mentor} are a pair.", "You and {mentee} are a pair."),
    "completed": ("This mentorship ended on ", "This mentorship ended on "),
    "ended_early": ("This mentorship ended on ", "This mentorship ended on "),
    "declined": (LOOKING, LOOKING),
    "lapsed": (LOOKING, LOOKING),
    "withdrawn": (LOOKING, LOOKING),
}


@pytest.mark.parametrize(("table", "model"), [(APPLICATION, Application), (MENTOR, MentorInterest), (PAIRING, Pairing)])
def test_the_tables_here_name_every_status(table, model):
    assert set(table) == set(model.Status.values)


def read(client, person, path, sentence):
    client.force_login(person)
    home, own = client.get("/home/").content.decode(), client.get(path)
    assert own.status_code == 200
    assert sentence in home
    # Only the card goes on to speak of the list of mentors.
    assert sentence.removesuffix(" You have not handed in a list yet.") in own.content.decode()


@pytest.mark.parametrize("status", Application.Status.values)
def test_the_applicant_reads_where_the_application_stands(client, status):
    application = factories.application(in_status=status)

    read(client, application.applicant, application.get_absolute_url(), APPLICATION[status])


@pytest.mark.parametrize("status", MentorInterest.Status.values)
def test_the_mentor_reads_where_the_offer_stands(client, status):
    interest = factories.interest(in_status=status)

    read(client, interest.mentor, interest.get_absolute_url(), MENTOR[status])


@pytest.mark.parametrize("status", Pairing.Status.values)
def test_both_read_where_the_pairing_stands_and_nobody_else(client, status):
    pairing = factories.pairing(in_status=status)
    path = pairing.get_absolute_url()
    for person, sentence in zip((pairing.mentee, pairing.mentor), PAIRING[status], strict=True):
        titles = [card for card in cards_for(person) if card["url"] == path]
        client.force_login(person)
        page = client.get(path)
        if sentence is NOT_SHARED:
            assert (titles, page.status_code) == ([], 404)
        else:
            told = sentence.format(mentor=pairing.mentor.full_name, mentee=pairing.mentee.full_name)
            assert [card["sentence"].startswith(told) for card in titles] == [True]
            assert told in page.content.decode().replace("&#x27;", "'")
    client.force_login(factories.person())
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("status", ["declined", "lapsed", "withdrawn"])
def test_neither_learns_who_said_no_or_why(client, status):
    pairing = factories.pairing(in_status=status)
    for person in (pairing.mentee, pairing.mentor):
        client.force_login(person)
        pages = client.get("/home/").content + client.get(pairing.get_absolute_url()).content
        assert b"said no" not in pages
        assert b"No time." not in pages
        assert b"A mistake." not in pages
        assert b"No answer from" not in pages
