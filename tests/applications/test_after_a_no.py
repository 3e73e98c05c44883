"""Those who were declined: kindly, other programs that fit, and a note when the next cycle opens if they want one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from applications.models import NextCycleNote
from applications.tasks import tell_of_next_cycles
from mentoring.notifications.models import OutgoingEmail
from programs.models import Window
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
