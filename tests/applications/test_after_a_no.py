"""Those who were declined: kindly, other programs that fit, and a note when the next cycle opens if they want one."""

import html
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.elsewhere import ways_again
from applications.models import Application, Decision, NextCycleNote, Outcome
from applications.models.decisions import decide, still_to_verify, verify
from applications.release import fingerprint, release
from applications.tasks import tell_of_next_cycles
from mentoring.notifications.models import OutgoingEmail
from programs.models import Cycle, Window
from tests import factories

pytestmark = pytest.mark.django_db


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def test_other_programs_are_named_where_no_answer_stands_against_them():
    other = factories.cycle("dmp")
    application = factories.application(factories.cycle("vmp"), in_status="declined")
    client = client_of(application.applicant)
    page = client.get(application.get_absolute_url()).content.decode()
    assert "We could not find a place for everyone." in page
    assert "these programs could fit too" in page
    assert f'href="{other.program.get_absolute_url()}">{other.program.name}</a>' in page

    type(application).objects.filter(pk=application.pk).update(
        rule_answers={**application.rule_answers, "english": "no"}
    )
    assert "these programs could fit too" not in client.get(application.get_absolute_url()).content.decode()


@pytest.mark.parametrize("status", ["submitted", "waitlisted", "accepted"])
def test_nobody_else_reads_it(status):
    factories.cycle("dmp")
    application = factories.application(factories.cycle("vmp"), in_status=status)
    assert (
        "What there is for you"
        not in client_of(application.applicant).get(application.get_absolute_url()).content.decode()
    )


# --- The way to try again ----------------------------------------------------------------------------------------------


def told_at_home(client):
    """What the card and the page of the one application say: next step and date, and where the card's button leads."""
    (card,) = client.get("/home/").context["cards"]
    own = client.get(card.get("also_url", card["url"]))
    shown = ("next_step", "date_text")
    assert [own.context["standing"][each] for each in shown] == [card[each] for each in shown]
    home = client.get("/home/").content.decode()
    for each in (card["next_step"], card["date_text"]):
        assert html.escape(each) in home
    assert f'href="{card["url"]}">{card["label"]}</a>' in home
    return card["next_step"], card["date_text"], card["url"], card["label"]


WELCOME = "You are welcome to apply again in the next cycle, or to another program."
HEAR = ("/programs/vmp/next/", "Hear when the Virtual Mentoring Program opens again")


def test_the_card_after_a_no_leads_on():
    application = factories.application(factories.cycle("vmp"), in_status="declined")
    client, own = client_of(application.applicant), application.get_absolute_url()
    assert told_at_home(client) == (WELCOME, "", *HEAR)
    assert f'href="{own}">Open your application</a>' in client.get("/home/").content.decode()

    client.post("/programs/vmp/next/", {"move": "ask"})
    written = f"{WELCOME} We write to you when applications open."
    assert told_at_home(client) == (written, "", own, "Open your application")


def test_the_card_names_the_next_cycle_once_it_is_published_and_leads_to_it_once_it_is_open():
    now = timezone.now()
    application = factories.application(factories.cycle("vmp"), in_status="declined")
    client, coming = client_of(application.applicant), factories.cycle("vmp")
    Cycle.objects.filter(pk=coming.pk).update(published_at=None)
    assert told_at_home(client) == (WELCOME, "", *HEAR)

    Cycle.objects.filter(pk=coming.pk).update(published_at=now)
    coming = factories.move_window(
        coming, "applications", opens_at=now + timedelta(days=30), closes_at=now + timedelta(days=60)
    )
    opens = f"Applications to the {coming} open at {coming.applications_window.opens_words}"
    assert told_at_home(client) == (WELCOME, opens, *HEAR)

    coming = factories.move_window(
        coming, "applications", opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=60)
    )
    assert told_at_home(client) == (
        f"You are welcome to apply again: applications to the {coming} are open.",
        f"The deadline is {coming.applications_window.closes_words}",
        "/programs/vmp/",
        f"See the {coming}",
    )
    # Who has begun anew goes on from that application's own card.
    factories.application(coming, application.applicant)
    assert [card["label"] for card in client.get("/home/").context["cards"]] == ["Go on with your application", HEAR[1]]


def test_nothing_of_it_is_looked_up_or_shown_before_the_release():
    manager, application = factories.staff(), factories.application(factories.cycle("vmp"), in_status="submitted")
    client = client_of(application.applicant)

    def home():
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/home/").content.decode()
        return HEAR[1] in page, len(queries)

    home()
    before = home()
    for rule in still_to_verify(application):
        verify(application, rule["key"], by=manager)
    decide(application, Outcome.DECLINE, by=manager)
    assert home() == before
    assert not before[0]
    release(application.cycle, by=manager, seen=fingerprint(Decision.objects.ready(application.cycle)))
    assert home() == (True, before[1] + 2)  # the next cycle, and what was asked for


def test_however_many_were_declined_the_way_again_is_looked_up_once():
    person = factories.person()
    counts = []
    for _ in range(3):
        factories.application(factories.cycle("vmp"), person, in_status="declined")
        with CaptureQueriesContext(connection) as queries:
            ways_again(person, list(Application.objects.for_reading().for_applicant(person)))
        counts.append(len(queries))
    assert counts[0] == counts[-1]


def mails():
    return OutgoingEmail.objects.filter(kind="NextCycleOpens").count()


def test_who_asked_is_told_once_when_the_next_cycle_opens_and_one_press_stops_it():
    now, person = timezone.now(), factories.person()
    this = factories.cycle("vmp")
    client = client_of(person)
    client.post("/programs/vmp/next/", {"move": "ask"})
    client.post("/programs/vmp/next/", {"move": "ask"})
    assert NextCycleNote.objects.count() == 1
    tell_of_next_cycles()
    assert mails() == 0  # this cycle was open when they asked

    NextCycleNote.objects.update(asked_at=now - timedelta(days=5))
    Window.objects.filter(cycle=this, kind="applications").update(opens_at=now - timedelta(days=1))
    tell_of_next_cycles()
    tell_of_next_cycles()
    assert mails() == 1
    assert "/programs/vmp/next/" in OutgoingEmail.objects.get(kind="NextCycleOpens").text
    client.post("/programs/vmp/next/", {"move": "stop"})
    assert not NextCycleNote.objects.exists()
