"""A membership applied for together with the application: a state of its own, a queue for staff, and mail when it is due."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applications import tasks
from applications.membership import membership_of
from applications.models import Application
from applications.models.decisions import awaiting_verification, still_to_verify, verify
from mentoring.notifications.models import OutgoingEmail
from programs import deadlines
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def due():
    return deadlines.day_of(timezone.now(), "America/New_York") + timedelta(days=60)


@pytest.fixture
def application(due):
    cycle = factories.cycle()
    rule = cycle.rules.get(key="membership")
    rule.parameters = {**rule.parameters, "in_force_by": due.isoformat()}
    rule.save()
    told = {"membership": "applied", "membership_reference": "A-1", "membership_applied_on": "2026-11-02"}
    return factories.application(cycle, rule_answers={**factories.VMP_ANSWERS, **told}, in_status="submitted")


def mails(kind):
    return list(OutgoingEmail.objects.filter(kind=kind).values_list("subject", flat=True))


def page(person, address):
    client = Client()
    client.force_login(person)
    return client.get(address).content.decode()


def test_it_says_what_was_applied_for_when_and_by_when_it_counts(application, due):
    membership = membership_of(application)
    assert membership.state == "applied"
    told = "You told us that you applied for membership on November 2, 2026 (reference A-1). It must be in force by"
    assert membership.sentence.startswith(f"{told} {deadlines.day_words(due)}.")
    assert told in page(application.applicant, application.get_absolute_url())


def test_who_is_a_member_has_no_such_state():
    assert membership_of(factories.application(in_status="submitted")) is None
    assert membership_of(factories.application()) is None


def test_staff_find_it_in_force(application):
    assert list(awaiting_verification()) == [application]
    verify(application, "membership", by=factories.staff())
    assert membership_of(application).state == "in_force"
    assert "Staff found your membership in force on" in page(application.applicant, application.get_absolute_url())
    assert not awaiting_verification()
    assert still_to_verify(application) == []


def test_staff_do_not_find_it_and_the_person_is_told_and_it_can_be_found_later(application):
    manager = factories.staff()
    client = Client()
    client.force_login(manager)
    address = f"/admin/applications/application/{application.pk}/verify/"
    client.post(address, {"rule": "membership", "found": "no", "note": "No such number."})
    assert membership_of(application).state == "not_in_force"
    assert mails("MembershipNotInForce") == ["We did not find your membership"]
    shown = page(application.applicant, application.get_absolute_url())
    assert "did not find your membership in force" in shown
    assert "No such number." not in shown
    assert "No such number." in page(manager, f"/admin/applications/application/{application.pk}/change/")
    # It still stands against an acceptance, and is no longer new.
    assert [rule["key"] for rule in still_to_verify(application)] == ["membership"]
    assert not awaiting_verification()
    verify(application, "membership", by=manager)
    assert membership_of(application).state == "in_force"


def test_a_changed_reference_is_looked_up_anew(application):
    verify(application, "membership", by=factories.staff(), holds=False)
    application.save_draft(rule_answers={"membership_reference": "A-2"})
    application.submit(by=application.applicant, received_at=timezone.now())
    application = Application.objects.get(pk=application.pk)
    assert membership_of(application).state == "applied"
    assert list(awaiting_verification()) == [application]


def test_mail_when_it_is_due_once_for_each_time_and_not_to_whom_it_was_found(application, due):
    ends = deadlines.closing(due, "America/New_York")
    for days, expected in ((20, 0), (13, 1), (13, 1), (2, 2), (-1, 2)):
        with time_machine.travel(ends - timedelta(days=days)):
            tasks.remind_of_memberships()
        assert len(mails("MembershipDue")) == expected, days
    assert mails("MembershipDue")[0] == f"Your membership must be in force by {deadlines.day_words(due)}"


def test_no_mail_once_it_is_in_force(application, due):
    verify(application, "membership", by=factories.staff())
    with time_machine.travel(deadlines.closing(due, "America/New_York") - timedelta(days=2)):
        tasks.remind_of_memberships()
    assert mails("MembershipDue") == []


def test_the_queue_leads_to_them(application):
    manager = factories.staff()
    shown = page(manager, "/admin/applications/application/?queue=verify")
    assert application.applicant.name in shown
    verify(application, "membership", by=manager)
    assert application.applicant.name not in page(manager, "/admin/applications/application/?queue=verify")
