"""The life of an application: which moves there are, who may make them, and that no other is possible."""

import pytest
from django.utils import timezone

from applications.models import Application, IncompleteApplication, UnchangedApplication
from mentoring.workflow import TransitionRefused, edges
from tests import factories
from tests.mentoring.moves import reached

pytestmark = pytest.mark.django_db

# The whole table, written out: (transition, from, to).
EDGES = {
    ("submit", "draft", "submitted"),
    ("submit", "submitted", "submitted"),
    ("withdraw", "draft", "withdrawn"),
    ("withdraw", "submitted", "withdrawn"),
    ("withdraw", "accepted", "withdrawn"),
    ("withdraw", "waitlisted", "withdrawn"),
    ("restore", "withdrawn", "draft"),
    ("restore", "withdrawn", "submitted"),
    ("accept", "submitted", "accepted"),
    ("accept", "waitlisted", "accepted"),
    ("waitlist", "submitted", "waitlisted"),
    ("decline", "submitted", "declined"),
    ("decline", "waitlisted", "declined"),
}


def test_the_table_is_the_one_written_here():
    assert edges(Application) == EDGES


@pytest.mark.parametrize(
    ("status", "moves"),
    [
        ("draft", {"submit": "submitted", "withdraw": "withdrawn"}),
        ("submitted", {"submit": "submitted", "withdraw": "withdrawn", "accept": "accepted",
                       "waitlist": "waitlisted", "decline": "declined"}),
        ("accepted", {"withdraw": "withdrawn"}),
        ("waitlisted", {"withdraw": "withdrawn", "accept": "accepted", "decline": "declined"}),
        ("declined", {}),
        ("withdrawn", {"restore": "submitted"}),
    ],
)  # fmt: skip
def test_a_move_is_possible_only_from_where_the_table_says(status, moves):
    application = factories.application(in_status=status)
    # Something new to hand in, so that handing in again is not refused for that.
    Application.objects.filter(pk=application.pk).update(revision=7)
    if application.latest:
        factories.told_to_accept(application, factories.staff())
    person, manager = {"by": application.applicant}, {"by": factories.staff()}
    every = {"submit": {**person, "received_at": timezone.now()}, "withdraw": person, "restore": person,
             "accept": manager, "waitlist": manager, "decline": manager}  # fmt: skip

    assert reached(application, every) == moves


def test_a_withdrawn_draft_comes_back_as_a_draft():
    application = factories.application()
    application.withdraw(by=application.applicant)

    application.restore(by=application.applicant)

    assert application.status == "draft"


def test_a_withdrawal_cannot_be_taken_back_after_the_window_has_closed():
    application = factories.application(in_status="withdrawn")
    factories.move_window(application.cycle, "applications", closes_at=timezone.now())
    application = Application.objects.get(pk=application.pk)

    with pytest.raises(TransitionRefused, match="The window has closed, so a withdrawal can no longer be taken back"):
        application.restore(by=application.applicant)


@pytest.mark.parametrize(("status", "move"), [("draft", "submit"), ("submitted", "withdraw"), ("withdrawn", "restore")])
def test_nobody_moves_the_application_of_somebody_else(status, move):
    application, manager = factories.application(in_status=status), factories.staff()
    details = {"received_at": timezone.now()} if move == "submit" else {}

    with pytest.raises(TransitionRefused, match="Only the person who appl"):
        getattr(application, move)(by=manager, **details)

    assert Application.objects.get(pk=application.pk).status == status


def test_a_second_click_hands_nothing_in_twice():
    application = factories.application(in_status="submitted")

    with pytest.raises(UnchangedApplication):
        application.submit(by=application.applicant, received_at=timezone.now())

    assert [each.number for each in application.submissions.all()] == [1]


def test_a_changed_application_is_handed_in_as_the_next_version_and_the_first_stays_as_it_was():
    application = factories.application(in_status="submitted")
    first = application.latest
    application.save_draft(answers={"goals": "To teach."})
    assert application.has_unsubmitted_changes

    application.submit(by=application.applicant, received_at=timezone.now())

    assert [each.number for each in application.submissions.all()] == [2, 1]
    assert application.latest.answers["goals"] == "To teach."
    first.refresh_from_db()
    assert first.answers["goals"] == "To find my way."
    assert first.digest == first.content_digest() != application.latest.digest


def test_an_incomplete_application_is_refused_with_everything_that_is_missing():
    application = factories.application(
        rule_answers={**factories.VMP_ANSWERS, "english": "no", "hours": ""}, answers={"topics": ["Career planning"]}
    )

    with pytest.raises(IncompleteApplication) as refusal:
        application.submit(by=application.applicant, received_at=timezone.now())

    assert [(section, field) for section, field, _sentence in refusal.value.problems] == [
        ("eligibility", "hours"), ("eligibility", "english"), ("answers", "goals"),
    ]  # fmt: skip
    assert not application.submissions.exists()


@pytest.mark.parametrize("missing", ["name", "career_stage"])
def test_an_application_is_not_handed_in_without_the_facts_about_the_person(missing):
    application = factories.application()
    setattr(application.applicant, missing, "")
    application.applicant.save()

    with pytest.raises(IncompleteApplication) as refusal:
        application.submit(by=application.applicant, received_at=timezone.now())

    assert [section for section, _field, _sentence in refusal.value.problems] == ["you"]
