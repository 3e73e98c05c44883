"""Reminders go to open drafts, once at each of their times on the wall clock, and to nobody else."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from applications.models import Application
from applications.tasks import remind_open_drafts
from mentoring.notifications.models import OutgoingEmail
from programs.load import load_all
from programs.models import Cycle, Window
from tests import factories

pytestmark = pytest.mark.django_db
HOUR, NEW_YORK = timedelta(hours=1), ZoneInfo("America/New_York")


def at(text):
    return datetime.fromisoformat(text)


def reminders(application):
    """When each reminder of a draft was written, in New York."""
    rows = OutgoingEmail.objects.filter(kind="DraftReminder", recipient=application.applicant).order_by("queued_at")
    return [row.queued_at.astimezone(NEW_YORK).strftime("%Y-%m-%d %H:%M") for row in rows]


def run_each_day(begin, end):
    """As beat does it, only more rarely: just before and at each midnight in New York; each time twice, as two schedulers would."""
    day = at(begin).replace(tzinfo=NEW_YORK)
    while day <= at(end).replace(tzinfo=NEW_YORK):
        for moment in (day - timedelta(minutes=1), day):
            run_at(moment)
        day += timedelta(days=1)


def run_at(moment):
    with time_machine.travel(moment, tick=False):
        remind_open_drafts()
        remind_open_drafts()


@pytest.fixture
def vmp():
    load_all()
    return Cycle.objects.get(slug="vmp-2024")


def begun(cycle, when, **facts):
    return factories.application(cycle, created_at=at(when), **facts)


def test_a_draft_is_reminded_two_weeks_one_week_two_days_and_one_day_before_the_deadline(vmp):
    draft = begun(vmp, "2023-11-20T12:00:00+00:00")
    submitted = begun(vmp, "2023-11-20T12:00:00+00:00")
    with time_machine.travel(at("2024-01-16T12:00:00+00:00"), tick=False):
        late = begun(vmp, "2024-01-16T12:00:00+00:00")

    run_each_day("2024-01-07", "2024-01-10")
    with time_machine.travel(at("2024-01-10T06:00:00+00:00"), tick=False):
        submitted.submit(by=submitted.applicant, received_at=timezone.now())
    run_each_day("2024-01-14", "2024-01-23")

    # The deadline is 11:59 PM on January 21; a day before its end is the first minute of that day.
    assert reminders(draft) == ["2024-01-08 00:00", "2024-01-15 00:00", "2024-01-20 00:00", "2024-01-21 00:00"]
    assert reminders(submitted) == ["2024-01-08 00:00"]
    assert reminders(late) == ["2024-01-20 00:00", "2024-01-21 00:00"]


def test_a_task_that_did_not_run_for_weeks_makes_up_for_the_last_reminder_only(vmp):
    draft = begun(vmp, "2023-11-20T12:00:00+00:00")
    run_at(at("2024-01-21T14:00:00+00:00"))
    run_at(at("2024-01-21T16:00:00+00:00"))

    assert reminders(draft) == ["2024-01-21 09:00"]
    mail = OutgoingEmail.objects.get(kind="DraftReminder")
    assert mail.expires_at == at("2024-01-22T05:00:00+00:00")
    assert "11:59 PM ET on Sunday, January 21, 2024" in mail.text
    assert "15 hours left" in mail.text


@pytest.mark.parametrize("status", ["submitted", "accepted", "waitlisted", "declined", "withdrawn"])
def test_only_drafts_are_reminded(status):
    application = factories.application(in_status=status)
    Application.objects.update(created_at=timezone.now() - timedelta(days=30))
    window = application.cycle.applications_window
    with time_machine.travel(window.closes_at - HOUR, tick=False):
        remind_open_drafts()
    assert reminders(application) == []


@pytest.mark.parametrize("now", ["2023-11-15T04:59:59+00:00", "2024-01-22T05:00:00+00:00"])
def test_nobody_is_reminded_outside_the_window(vmp, now):
    draft = begun(vmp, "2023-11-01T12:00:00+00:00")
    with time_machine.travel(at(now), tick=False):
        remind_open_drafts()
    assert reminders(draft) == []


def test_a_deadline_that_is_moved_is_reminded_of_anew(vmp):
    draft = begun(vmp, "2023-11-20T12:00:00+00:00")
    run_at(at("2024-01-21T12:00:00+00:00"))
    Window.objects.filter(cycle=vmp, kind="applications").update(closes_at=at("2024-01-24T05:00:00+00:00"))
    run_at(at("2024-01-21T14:00:00+00:00"))
    run_each_day("2024-01-22", "2024-01-25")

    assert reminders(draft) == ["2024-01-21 07:00", "2024-01-21 09:00", "2024-01-22 00:00", "2024-01-23 00:00"]
