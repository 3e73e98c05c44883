"""Whoever has something to do finds the way to it on the application's own page; and no page promises what is past."""

from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from applications import receipt
from programs.models import Cycle
from tests import factories

pytestmark = pytest.mark.django_db


def page_of(person, url):
    client = Client()
    client.force_login(person)
    return client.get(url).content.decode()


def button(url, label):
    return f'<a class="btn btn-primary" href="{url}">{label}</a>'


def test_an_offered_place_is_one_press_away():
    offer = factories.offer()
    page = page_of(offer.application.applicant, offer.application.get_absolute_url())
    assert button(offer.get_absolute_url(), "Answer") in page


@pytest.mark.parametrize(("status", "label"), [("proposed", "See and answer"), ("final", "Open your pairing")])
def test_a_pairing_is_one_press_away(status, label):
    pairing = factories.pairing(in_status=status)
    page = page_of(pairing.mentee, pairing.application.get_absolute_url())
    assert button(pairing.get_absolute_url(), label) in page


def test_a_draft_of_staff_is_not_on_the_page():
    pairing = factories.pairing(in_status="drafted")
    page = page_of(pairing.mentee, pairing.application.get_absolute_url())
    assert pairing.get_absolute_url() not in page
    assert button(pairing.application.preference_list.get_absolute_url(), "Rank mentors") in page


def test_a_mentee_reads_each_fact_of_the_mentor_once():
    pairing = factories.pairing(in_status="proposed")
    page = page_of(pairing.mentee, pairing.get_absolute_url())
    assert (page.count("<dt>Career stage</dt>"), page.count("<dt>Time zone</dt>")) == (1, 1)
    assert page.count("<dt>Can help with</dt>") == 1


@pytest.mark.parametrize("status", ["accepted", "declined", "waitlisted", "withdrawn"])
def test_a_receipt_promises_no_answer_once_there_is_one(status):
    application = factories.application(in_status=status)
    page = page_of(application.applicant, reverse("applications:receipt", args=[application.pk]))
    assert "You will hear from us" not in page
    assert "see where your application stands" in page


def test_a_day_that_has_passed_is_not_promised():
    cycle = Cycle(decisions_by=date(2027, 2, 15), time_zone="America/New_York")
    with time_machine.travel("2027-02-16T04:59:00Z", tick=False):
        assert receipt.hear_by(cycle) == "You will hear from us by Monday, February 15, 2027."
    with time_machine.travel("2027-02-16T05:00:00Z", tick=False):
        assert receipt.hear_by(cycle) == "Deciding takes longer than we planned. You will hear from us by email."


def test_a_withdrawn_draft_can_be_taken_up_again():
    application = factories.application()
    application.withdraw(by=application.applicant)
    page = page_of(application.applicant, application.get_absolute_url())
    assert "To go on with it, undo the withdrawal." in page
    assert "it can no longer be changed" not in page
