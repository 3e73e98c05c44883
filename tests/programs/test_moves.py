"""Deadlines that move: who gets more time, who is told, and what is kept."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from applications.models import Application
from applications.tasks import remind_open_drafts
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from programs.models import Cycle, Extension, WindowMove
from programs.models.moves import extend, move
from tests import factories

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def fresh(application):
    return Application.objects.for_reading().get(pk=application.pk)


@pytest.fixture
def closed():
    """A cycle whose applications closed an hour ago, with a draft in it."""
    made = factories.move_window(factories.cycle(), "applications", closes_at=timezone.now() - HOUR)
    return factories.application(made)


def mails(kind):
    return set(OutgoingEmail.objects.filter(kind=kind).values_list("to_address", flat=True))


def test_a_move_gives_everyone_more_time_and_tells_those_with_a_draft():
    draft = factories.application(factories.cycle())
    submitted = factories.application(draft.cycle, in_status="submitted")
    window, manager = draft.cycle.applications_window, factories.staff()
    old, new = window.closes_at, window.closes_at + 24 * HOUR

    made = move(window, new, by=manager, reason="A storm.")

    assert (made.old_closes_at, made.new_closes_at, made.moved_by, made.version) == (old, new, manager, 2)
    assert fresh(draft).window.accepts(new - timedelta(microseconds=1))
    assert not fresh(draft).window.accepts(new)
    assert mails("DeadlineMoved") == {draft.applicant.email}
    assert submitted.applicant.email not in mails("DeadlineMoved")
    assert Event.objects.about(window).get(verb="move").reason == "A storm."


def test_a_submission_names_the_version_of_the_window_it_was_judged_by():
    draft = factories.application(factories.cycle())
    move(draft.cycle.applications_window, timezone.now() + 1000 * HOUR, by=factories.staff(), reason="A storm.")

    draft.submit(by=draft.applicant, received_at=timezone.now())

    assert draft.latest.window_version == 2


def test_a_published_deadline_is_never_moved_earlier(closed):
    window, manager = closed.cycle.applications_window, factories.staff()

    for closes_at in (window.closes_at, window.closes_at - HOUR, timezone.now() - timedelta(minutes=5)):
        with pytest.raises(TransitionRefused):
            move(window, closes_at, by=manager, reason="x")
        with pytest.raises(TransitionRefused):
            extend(window, "a@example.org", closes_at, by=manager, reason="x")

    row = {"window": window, "version": 2, "reason": "x", "moved_by": manager, "old_closes_at": window.closes_at}
    with pytest.raises(IntegrityError, match="window_move_is_later"), transaction.atomic():
        WindowMove.objects.create(**row, new_closes_at=window.closes_at)


def test_an_incident_is_said_on_the_programs_page_until_the_new_close(client, closed):
    window = closed.cycle.applications_window
    began = timezone.now() - 2 * HOUR

    move(window, timezone.now() + 48 * HOUR, by=factories.staff(), reason="Down.", incident=(began, began + HOUR))

    page = client.get("/programs/vmp/").content.decode()
    assert "The portal could not be reached from" in page
    assert "for everyone" in page


def test_one_person_gets_more_time_and_nobody_else(closed):
    other = factories.application(closed.cycle)
    window, now = closed.cycle.applications_window, timezone.now()

    extend(window, closed.applicant.email.upper(), now + HOUR, by=factories.staff(), reason="Ill.")

    mine, theirs = fresh(closed), fresh(other)
    assert mine.may_edit
    assert not theirs.may_edit
    mine.submit(by=mine.applicant, received_at=now)
    assert mine.latest.closes_at == now + HOUR
    with pytest.raises(TransitionRefused, match="The deadline was"):
        theirs.submit(by=theirs.applicant, received_at=now)
    assert mails("DeadlineExtended") == {closed.applicant.email}


def test_someone_without_an_account_is_told_where_to_begin(closed):
    extend(
        closed.cycle.applications_window,
        "new@example.org",
        timezone.now() + HOUR,
        by=factories.staff(),
        reason="Invited.",
    )

    mail = OutgoingEmail.objects.get(kind="DeadlineExtended")
    assert mail.to_address == "new@example.org"
    assert "/programs/vmp/apply/" in mail.text


def test_a_second_extension_replaces_the_first(closed):
    window, manager, now = closed.cycle.applications_window, factories.staff(), timezone.now()

    extend(window, closed.applicant.email, now + HOUR, by=manager, reason="Ill.")
    extend(window, closed.applicant.email, now + 5 * HOUR, by=manager, reason="Still ill.")

    assert Extension.objects.get().closes_at == now + 5 * HOUR
    assert OutgoingEmail.objects.filter(kind="DeadlineExtended").count() == 2


def test_a_move_past_an_extension_counts_for_that_person_too(closed):
    window, manager, now = closed.cycle.applications_window, factories.staff(), timezone.now()
    extend(window, closed.applicant.email, now + HOUR, by=manager, reason="Ill.")

    move(window, now + 10 * HOUR, by=manager, reason="A storm.")

    assert fresh(closed).window.closes_at == now + 10 * HOUR


def test_someone_invited_can_begin_after_the_close(client, closed):
    person = factories.person()
    client.force_login(person)
    assert client.post("/programs/vmp/apply/").status_code == 409

    extend(
        closed.cycle.applications_window, person.email, timezone.now() + HOUR, by=factories.staff(), reason="Invited."
    )

    assert client.post("/programs/vmp/apply/").status_code == 302
    assert Cycle.objects.accepting("applications", timezone.now(), person.email).exists()
    assert not Cycle.objects.accepting("applications", timezone.now()).exists()
    assert Application.objects.filter(applicant=person).exists()


def test_reminders_follow_each_persons_own_deadline(closed):
    other = factories.application(closed.cycle)
    week = timedelta(days=7)
    Application.objects.update(created_at=timezone.now() - 2 * week)
    extend(
        closed.cycle.applications_window,
        closed.applicant.email,
        timezone.now() + week / 2,
        by=factories.staff(),
        reason="Ill.",
    )

    remind_open_drafts()
    remind_open_drafts()

    assert OutgoingEmail.objects.filter(kind="DraftReminder").count() == 1
    assert mails("DraftReminder") == {closed.applicant.email}
    assert other.applicant.email not in mails("DraftReminder")


def test_a_refused_attempt_is_kept_and_shown_to_the_person_and_to_staff(client, closed):
    client.force_login(closed.applicant)
    assert client.post(f"/applications/{closed.pk}/review/").status_code == 409

    assert "Attempts to hand in that did not go through" in client.get(f"/applications/{closed.pk}/").content.decode()
    client.force_login(factories.staff())
    page = client.get(f"/admin/programs/window/{closed.cycle.applications_window.pk}/change/").content.decode()
    assert f"{closed.applicant}, " in page
    assert "The deadline was" in page


def test_staff_look_before_they_move(client):
    draft = factories.application(factories.cycle())
    window = draft.cycle.applications_window
    client.force_login(factories.staff())
    day = (window.closes_at + timedelta(days=3)).date().isoformat()
    typed = {"last_day": day, "last_minute": "23:59", "reason": "A storm."}

    looked = client.post(f"/admin/programs/window/{window.pk}/move/", typed)

    assert draft.applicant.email in looked.content.decode()
    assert not WindowMove.objects.exists()
    client.post(f"/admin/programs/window/{window.pk}/move/", {**typed, "confirmed": "yes"})
    assert WindowMove.objects.get().reason == "A storm."


def test_a_bad_time_is_refused_beside_its_field(client):
    window = factories.cycle().applications_window
    client.force_login(factories.staff())
    typed = {"last_day": "2027-03-14", "last_minute": "02:30", "reason": "x"}

    answer = client.post(f"/admin/programs/window/{window.pk}/move/", typed)

    assert answer.status_code == 422
    assert "02:30 AM does not exist on March 14, 2027" in answer.content.decode()


def test_an_earlier_close_is_refused_beside_its_field(client):
    window = factories.cycle().applications_window
    client.force_login(factories.staff())
    day = (window.closes_at - timedelta(days=3)).date().isoformat()

    answer = client.post(
        f"/admin/programs/window/{window.pk}/move/", {"last_day": day, "last_minute": "23:59", "reason": "x"}
    )

    assert answer.status_code == 422
    assert "Choose a later moment than now holds" in answer.content.decode()


def test_the_feed_moves_when_a_date_moves(client):
    cycle = factories.cycle()
    window = cycle.applications_window
    before = client.get("/programs/vmp/dates.ics").content.decode()

    move(window, window.closes_at + 24 * HOUR, by=factories.staff(), reason="A storm.")

    after = client.get("/programs/vmp/dates.ics").content.decode()
    uid = f"UID:window-{window.pk}-closes@"
    assert before.count(uid) == after.count(uid) == 1
    assert "SEQUENCE:1" not in before
    assert "SEQUENCE:1" in after
    assert f"DTEND:{window.closes_at:%Y%m%dT%H%M%SZ}" in after


# --- The grace -------------------------------------------------------------------------------------------------------


def test_staff_change_the_grace_with_a_reason_on_record(client):
    cycle = factories.cycle()
    window, manager = cycle.applications_window, factories.staff()
    handed_in = factories.application(cycle, in_status="submitted").latest
    client.force_login(manager)
    here = f"/admin/programs/window/{window.pk}"

    client.post(f"{here}/grace/", {"grace-minutes": "10", "grace-reason": "Slow lines."})
    window.refresh_from_db()
    assert (window.grace, window.version) == (timedelta(minutes=10), 1)
    event = Event.objects.about(window).get(verb="set_grace")
    assert (event.actor_id, event.reason) == (manager.pk, "Slow lines.")
    assert (event.details["old"], event.details["new"]) == ("None", "10 minutes")
    handed_in.refresh_from_db()
    assert handed_in.grace == timedelta(0), "What was handed in keeps the grace it was judged by"
    assert window.accepts(window.closes_at + timedelta(minutes=9))

    for wrong in ({"grace-minutes": "16", "grace-reason": "More."}, {"grace-minutes": "5", "grace-reason": ""}):
        assert client.post(f"{here}/grace/", wrong).status_code == 422
    client.post(f"{here}/grace/", {"grace-minutes": "10", "grace-reason": "Again."})
    assert Event.objects.filter(verb="set_grace").count() == 1
    assert "10 minutes" not in Client().get(f"/programs/{cycle.program.slug}/").content.decode()
