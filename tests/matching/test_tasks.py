"""What comes by the clock: preferences open, reminders, lapses, and the days on which mentorships begin and end."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from applications.models import Application
from matching.models import Pairing, PreferenceList
from matching.ranking import Ranking
from matching.tasks import (
    begin_and_end_mentorships,
    lapse_overdue_pairings,
    remind_open_pairings,
    remind_open_preferences,
)
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from tests import factories

pytestmark = pytest.mark.django_db
HOUR, MINUTE, NEW_YORK = timedelta(hours=1), timedelta(minutes=1), ZoneInfo("America/New_York")


def each_day(task, first, last):
    """As beat does it, only more rarely: just before and at each midnight in New York; each time twice, as two schedulers would."""
    for day in range(first, last + 1):
        midnight = datetime(2027, 3, day, tzinfo=NEW_YORK)
        for moment in (midnight.astimezone(UTC) - MINUTE, midnight):
            run_at(task, moment)


def run_at(task, moment):
    with time_machine.travel(moment, tick=False):
        task()
        task()


def written(person, *kinds):
    """The mails of these kinds to a person, by when they were written."""
    rows = OutgoingEmail.objects.filter(recipient=person, kind__in=kinds).order_by("queued_at", "kind")
    return [(row.kind, row.queued_at) for row in rows]


# --- Preferences -----------------------------------------------------------------------------------------------------

CLOSES = datetime(2027, 3, 16, 4, tzinfo=UTC)  # the end of March 15 in New York; clocks go forward on the 14th
OPENS = datetime(2027, 3, 1, 5, tzinfo=UTC)


@pytest.fixture
def ranking():
    """A cycle whose preferences open on March 1, with a manager; accepted mentees are made before."""
    with time_machine.travel(datetime(2027, 2, 20, 12, tzinfo=UTC), tick=False):
        made, manager = factories.cycle(), factories.staff()
        made = factories.move_window(made, "preferences", closes_at=CLOSES, opens_at=OPENS)
        yield made, manager


def mentee(made, manager, when):
    """Someone who applied in February and was told of the acceptance then."""
    application = factories.application(made, in_status="submitted")
    with time_machine.travel(when, tick=False):
        factories.tell(application, "accept", manager)
    return Application.objects.get(pk=application.pk)


def test_mentees_are_told_once_that_they_can_rank_mentors_and_reminded_until_they_have(ranking):
    waiting, quick = (mentee(*ranking, OPENS - timedelta(days=5)) for _ in range(2))

    each_day(remind_open_preferences, 1, 2)
    with time_machine.travel(OPENS + 30 * HOUR, tick=False):
        quick.preference_list.submit(
            by=quick.applicant, received_at=timezone.now(), ranking=Ranking(no_preference=True)
        )
    each_day(remind_open_preferences, 7, 17)

    kinds = "PreferencesOpen", "PreferencesReminder"
    assert written(quick.applicant, *kinds) == [("PreferencesOpen", OPENS)]
    assert written(waiting.applicant, *kinds) == [
        ("PreferencesOpen", OPENS),
        ("PreferencesReminder", datetime(2027, 3, 9, 5, tzinfo=UTC)),  # midnight, in standard time still
        ("PreferencesReminder", datetime(2027, 3, 14, 5, tzinfo=UTC)),  # midnight, two hours before clocks change
        ("PreferencesReminder", datetime(2027, 3, 15, 4, tzinfo=UTC)),
    ]


def test_who_is_accepted_in_the_last_days_is_told_but_not_reminded_at_once(ranking):
    late = mentee(*ranking, CLOSES - timedelta(days=1, hours=12))
    run_at(remind_open_preferences, CLOSES - timedelta(days=1, hours=11))

    assert [kind for kind, _at in written(late.applicant, "PreferencesOpen", "PreferencesReminder")] == [
        "PreferencesOpen"
    ]


def test_who_has_withdrawn_is_not_asked_to_rank_mentors(ranking):
    gone = mentee(*ranking, OPENS - timedelta(days=5))
    gone.withdraw(by=gone.applicant)
    run_at(remind_open_preferences, OPENS)
    assert written(gone.applicant, "PreferencesOpen") == []


@pytest.mark.parametrize(("status", "asked"), [("drafted", True), ("proposed", False), ("declined", True)])
def test_who_has_a_proposal_is_not_asked_for_a_list(ranking, status, asked):
    made, manager = ranking
    paired = mentee(made, manager, OPENS - timedelta(days=5))
    factories.pairing(mentee=paired, in_status=status, manager=manager)
    run_at(remind_open_preferences, OPENS)
    assert bool(written(paired.applicant, "PreferencesOpen")) is asked


# --- Answers ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def proposed():
    """A pairing proposed at noon in New York on March 5; answers are due by the end of March 15."""
    with time_machine.travel(datetime(2027, 3, 5, 17, tzinfo=UTC), tick=False):
        pairing = factories.pairing(in_status="proposed")
        assert pairing.respond_by == CLOSES
        yield pairing


def test_who_has_not_answered_is_reminded_five_two_and_one_days_before_the_end(proposed):
    each_day(remind_open_pairings, 6, 12)
    with time_machine.travel(datetime(2027, 3, 12, 19, tzinfo=UTC), tick=False):
        proposed.say_yes(by=proposed.mentor, received_at=timezone.now())
    each_day(remind_open_pairings, 13, 17)

    first, second, third = (datetime(2027, 3, day, hour, tzinfo=UTC) for day, hour in [(11, 5), (14, 5), (15, 4)])
    assert [at for _kind, at in written(proposed.mentor, "PairingReminder")] == [first]
    assert [at for _kind, at in written(proposed.mentee, "PairingReminder")] == [first, second, third]


@pytest.mark.parametrize("status", ["drafted", "final", "declined", "withdrawn", "lapsed"])
def test_nobody_is_reminded_of_a_pairing_that_waits_for_nothing(status):
    pairing = factories.pairing(in_status=status)
    with time_machine.travel(timezone.now() + timedelta(days=9, hours=12), tick=False):
        remind_open_pairings()
    assert written(pairing.mentee, "PairingReminder") == written(pairing.mentor, "PairingReminder") == []


def test_an_answer_that_came_in_time_counts_though_it_is_worked_off_late(proposed):
    with time_machine.travel(CLOSES + timedelta(minutes=4), tick=False):
        lapse_overdue_pairings()
        proposed.say_yes(by=proposed.mentor, received_at=CLOSES - timedelta(microseconds=1))
        with pytest.raises(TransitionRefused, match="The time to answer ended"):
            proposed.say_yes(by=proposed.mentee, received_at=CLOSES)

    assert Pairing.objects.get(pk=proposed.pk).status == "confirmed"


@pytest.mark.parametrize("one_yes", [False, True])
def test_what_is_not_answered_in_time_lapses_and_both_are_free_again(proposed, one_yes):
    if one_yes:
        proposed.say_yes(by=proposed.mentor, received_at=timezone.now())
    lapses = CLOSES + timedelta(minutes=5)
    with time_machine.travel(lapses - timedelta(microseconds=1), tick=False):
        lapse_overdue_pairings()
        assert Pairing.objects.get(pk=proposed.pk).is_open
    with time_machine.travel(lapses, tick=False):
        lapse_overdue_pairings()
        lapse_overdue_pairings()

    lapsed = Pairing.objects.get(pk=proposed.pk)
    silent = str(proposed.mentee) if one_yes else f"{proposed.mentee} and {proposed.mentor}"
    assert (lapsed.status, lapsed.ended_at) == ("lapsed", lapses)
    assert lapsed.end_reason == f"No answer from {silent}."
    assert proposed.interest.places.in_use().get().is_free
    assert not Pairing.objects.live().filter(application=proposed.application).exists()
    (event,) = Event.objects.about(proposed).filter(verb="lapse")
    assert event.actor_name == "The portal"
    staff_mail = OutgoingEmail.objects.get(kind="PairingNeedsStaff")
    assert f"No answer came from {silent} in time." in staff_mail.text


def test_an_answer_is_in_time_up_to_the_last_microsecond_and_too_late_after_it(proposed):
    with pytest.raises(TransitionRefused, match="The time to answer ended at 11:59 PM ET on Monday, March 15, 2027"):
        proposed.say_yes(by=proposed.mentee, received_at=CLOSES)
    proposed.say_yes(by=proposed.mentee, received_at=CLOSES - timedelta(microseconds=1))
    assert proposed.status == "confirmed"


# --- Mentorships -----------------------------------------------------------------------------------------------------


def final_at(moment, **facts):
    with time_machine.travel(moment, tick=False):
        made = factories.cycle(now=moment, **facts)
        return factories.pairing(made, in_status="final")


def status_at(pairing, moment):
    with time_machine.travel(moment, tick=False):
        begin_and_end_mentorships()
        begin_and_end_mentorships()
    return Pairing.objects.get(pk=pairing.pk).status


def test_a_mentorship_runs_from_the_first_day_of_the_term_to_the_end_of_its_last_day():
    pairing = final_at(
        datetime(2027, 1, 20, 12, tzinfo=UTC),
        term_begins=datetime(2027, 3, 1, tzinfo=UTC).date(),
        term_ends=datetime(2028, 2, 29, tzinfo=UTC).date(),
    )
    assert (str(pairing.begins_on), str(pairing.ends_on)) == ("2027-03-01", "2028-02-29")
    first_instant = datetime(2027, 3, 1, 5, tzinfo=UTC)
    last_is_over = datetime(2028, 3, 1, 5, tzinfo=UTC)

    assert status_at(pairing, first_instant - MINUTE) == "final"
    assert status_at(pairing, first_instant) == "active"
    assert status_at(pairing, last_is_over - MINUTE) == "active"
    assert status_at(pairing, last_is_over) == "completed"
    verbs = Event.objects.about(pairing).filter(verb__in=["begin", "complete"]).values_list("verb", flat=True)
    assert sorted(verbs) == ["begin", "complete"]


def test_a_pairing_made_during_the_term_begins_that_day_and_ends_with_the_term():
    pairing = final_at(
        datetime(2027, 6, 2, 3, 30, tzinfo=UTC),  # June 1, late in the evening in New York
        term_begins=datetime(2027, 3, 1, tzinfo=UTC).date(),
        term_ends=datetime(2028, 2, 29, tzinfo=UTC).date(),
    )
    assert (str(pairing.begins_on), str(pairing.ends_on)) == ("2027-06-01", "2028-02-29")


def test_a_task_that_did_not_run_all_year_begins_and_completes_at_once():
    pairing = final_at(datetime(2027, 1, 20, 12, tzinfo=UTC))
    assert status_at(pairing, datetime(2029, 1, 1, tzinfo=UTC)) == "completed"


@pytest.mark.parametrize("status", ["drafted", "proposed", "confirmed", "declined", "withdrawn", "ended_early"])
def test_the_term_changes_nothing_for_a_pairing_that_is_not_final(status):
    pairing = factories.pairing(in_status=status)
    assert status_at(pairing, timezone.now() + timedelta(days=800)) == status


def test_an_accepted_mentee_has_one_list_also_after_being_accepted_again():
    application = factories.application(in_status="accepted")
    application.withdraw(by=application.applicant)
    application.restore(by=application.applicant)
    factories.tell(Application.objects.get(pk=application.pk), "accept", factories.staff())
    assert PreferenceList.objects.filter(application=application).count() == 1
