"""A late submission is never accepted, and one received in time is never refused for being late."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from applications.models import Application
from mentoring.workflow import TransitionRefused, lock
from programs.load import load_all
from programs.models import Cycle, Window
from tests import factories
from tests.mentoring.at_once import start


def at(text):
    return datetime.fromisoformat(text)


def draft_in(slug):
    """A complete draft in one of the two real cycles, written while its window was open."""
    load_all()
    return factories.application(Cycle.objects.get(slug=slug))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "received"),
    [
        ("vmp-2024", "2023-11-15T05:00:00+00:00"),
        ("vmp-2024", "2024-01-22T04:59:59.999999+00:00"),
        ("dmp-2024-25", "2024-02-16T05:00:00+00:00"),
        ("dmp-2024-25", "2024-04-16T03:59:59.999999+00:00"),
    ],
)
@pytest.mark.parametrize("late_by", [timedelta(0), timedelta(minutes=7)])
def test_what_was_received_in_time_is_accepted_however_late_it_is_processed(slug, received, late_by):
    application = draft_in(slug)

    with time_machine.travel(at(received) + late_by, tick=False):
        application.submit(by=application.applicant, received_at=at(received))

    assert application.status == "submitted"
    assert application.submitted_at == application.latest.received_at == at(received)
    assert not application.latest.used_grace


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "received", "sentence"),
    [
        ("vmp-2024", "2023-11-15T04:59:59.999999+00:00", "Applications are not open yet. What you wrote is kept."),
        ("vmp-2024", "2024-01-22T05:00:00+00:00",
         "The deadline was 11:59 PM ET on Sunday, January 21, 2024, and this reached us at "
         "12:00 AM ET on Monday, January 22, 2024. What you wrote is kept"),
        ("dmp-2024-25", "2024-02-16T04:59:59.999999+00:00", "Applications are not open yet. What you wrote is kept."),
        ("dmp-2024-25", "2024-04-16T04:00:00+00:00",
         "The deadline was 11:59 PM ET on Monday, April 15, 2024, and this reached us at "
         "12:00 AM ET on Tuesday, April 16, 2024. What you wrote is kept"),
    ],
)  # fmt: skip
def test_what_was_not_received_in_time_is_refused_and_kept(slug, received, sentence):
    application = draft_in(slug)

    with (
        time_machine.travel(at(received), tick=False),
        pytest.raises(TransitionRefused) as refusal,
    ):
        application.submit(by=application.applicant, received_at=at(received))

    assert str(refusal.value).startswith(sentence)
    kept = Application.objects.get(pk=application.pk)
    assert (kept.status, kept.answers) == ("draft", factories.ANSWERS)
    assert not kept.submissions.exists()


@pytest.mark.django_db
def test_the_grace_is_used_up_to_its_last_microsecond_and_the_submission_says_so():
    application = draft_in("vmp-2024")
    Window.objects.filter(cycle=application.cycle, kind="applications").update(grace=timedelta(minutes=5))

    with pytest.raises(TransitionRefused):
        application.submit(by=application.applicant, received_at=at("2024-01-22T05:05:00+00:00"))
    application.submit(by=application.applicant, received_at=at("2024-01-22T05:04:59.999999+00:00"))

    assert application.latest.used_grace


@pytest.mark.django_db
def test_the_page_decides_by_when_the_request_began_and_not_by_when_it_ends(client, settings):
    settings.REQUEST_START_HEADER = "X-Request-Start"
    application = draft_in("vmp-2024")
    in_time = at("2024-01-22T04:59:59+00:00")

    with time_machine.travel(in_time + timedelta(seconds=40), tick=False):
        client.force_login(application.applicant)
        address = f"/applications/{application.pk}/review/"
        page = client.post(address, factories.CONFIRMED, headers={"X-Request-Start": "t=1705899599.000"})

    assert page.status_code == 302
    assert application.submissions.get().received_at == in_time


@pytest.mark.django_db
@pytest.mark.parametrize("told", ["", "t=soon", "nan", "inf", "99999999999", "t=1705899601.001"])
def test_a_start_in_the_future_or_not_to_be_read_is_not_believed(client, settings, told):
    settings.REQUEST_START_HEADER = "X-Request-Start"
    application = draft_in("vmp-2024")
    late = at("2024-01-22T05:00:00+00:00")

    with time_machine.travel(late, tick=False):
        client.force_login(application.applicant)
        page = client.post(f"/applications/{application.pk}/review/", headers={"X-Request-Start": told})

    assert page.status_code == 409
    assert "The deadline was 11:59 PM ET on Sunday, January 21, 2024" in page.content.decode()


@pytest.mark.django_db
def test_what_is_typed_after_the_deadline_is_kept_and_counts_for_nothing():
    application = draft_in("vmp-2024")
    with time_machine.travel(at("2024-01-20T12:00:00+00:00"), tick=False):
        application.submit(by=application.applicant, received_at=timezone.now())

    with time_machine.travel(at("2024-01-22T06:00:00+00:00"), tick=False):
        application.save_draft(answers={"goals": "Too late."})

    kept = Application.objects.get(pk=application.pk)
    assert kept.answers["goals"] == "Too late."
    assert kept.latest.answers["goals"] == "To find my way."


@pytest.mark.django_db(transaction=True)
def test_a_submission_received_in_time_that_waits_for_a_lock_is_accepted_after_the_close():
    application = factories.application()
    closes = timezone.now() + timedelta(seconds=0.5)
    factories.move_window(application.cycle, "applications", closes_at=closes)
    received = timezone.now()

    def submit():
        Application.objects.get(pk=application.pk).submit(by=application.applicant, received_at=received)
        return timezone.now()

    with transaction.atomic():
        lock(application)
        submitting = start(submit, 0.8)
        assert submitting.is_waiting
    done = submitting()

    assert received < closes < done
    assert Application.objects.get(pk=application.pk).latest.received_at == received
