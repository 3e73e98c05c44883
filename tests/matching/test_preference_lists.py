"""A mentee's list of mentors: its two states, and what may stand on it."""

import pytest
from django.utils import timezone

from matching.models import PreferenceList
from mentoring.workflow import TransitionRefused, edges
from tests import factories

pytestmark = pytest.mark.django_db


def a_list(mentors=4):
    """A mentee's open list in a cycle with so many mentors (ids of their interests, by name)."""
    made, manager = factories.cycle(), factories.staff()
    mentors = [factories.interest(made, factories.person(f"Mentor {n}"), manager=manager) for n in range(mentors)]
    application = factories.application(made, in_status="accepted", manager=manager)
    return application.preference_list, [mentor.pk for mentor in mentors]


def hand_in(preference_list, interests, **choice):
    person = preference_list.application.applicant
    preference_list.submit(by=person, received_at=timezone.now(), interests=interests, **choice)


def test_the_table_is_the_one_written_here():
    assert edges(PreferenceList) == {("submit", "open", "submitted"), ("submit", "submitted", "submitted")}


def test_what_was_handed_in_last_counts():
    preference_list, (a, b, c, d) = a_list()

    hand_in(preference_list, [c, a, b])
    hand_in(preference_list, [d, b, a, c])

    assert [interest.pk for interest in preference_list.ranked] == [d, b, a, c]
    assert (preference_list.status, preference_list.times_submitted) == ("submitted", 2)


def test_no_preference_is_an_answer_and_empties_the_list():
    preference_list, mentors = a_list()
    hand_in(preference_list, mentors[:3])

    hand_in(preference_list, mentors[:3], no_preference=True)

    assert (preference_list.no_preference, preference_list.ranked) == (True, [])


@pytest.mark.parametrize(
    ("choose", "sentence"),
    [
        (lambda mentors: mentors[:2], "Please rank 3 to 5 mentors, or say that you have no preference."),
        (lambda mentors: mentors[:6], "Please rank 3 to 5 mentors, or say that you have no preference."),
        (lambda mentors: [], "Please rank 3 to 5 mentors, or say that you have no preference."),
        (lambda mentors: [*mentors[:2], mentors[0]], "The same mentor is on your list twice."),
        (lambda mentors: [*mentors[:2], 0], "A mentor on your list can no longer be chosen."),
    ],
)
def test_a_list_that_the_rules_do_not_allow_is_refused(choose, sentence):
    preference_list, mentors = a_list(6)

    with pytest.raises(TransitionRefused, match=sentence):
        hand_in(preference_list, choose(mentors))

    assert PreferenceList.objects.get(pk=preference_list.pk).status == "open"


def test_only_the_mentee_ranks_mentors():
    preference_list, mentors = a_list()

    with pytest.raises(TransitionRefused, match="Only the mentee can rank mentors"):
        preference_list.submit(by=factories.staff(), received_at=timezone.now(), interests=mentors[:3])


def test_a_mentee_who_has_withdrawn_ranks_nobody():
    preference_list, mentors = a_list()
    preference_list.application.withdraw(by=preference_list.application.applicant)

    with pytest.raises(TransitionRefused, match="Only accepted mentees rank mentors"):
        hand_in(preference_list, mentors[:3])


def test_a_list_is_refused_after_the_window_and_the_one_before_stands():
    preference_list, (a, b, c, d) = a_list()
    hand_in(preference_list, [a, b, c])
    closed = timezone.now()
    factories.move_window(preference_list.cycle, "preferences", closes_at=closed)
    preference_list = PreferenceList.objects.get(pk=preference_list.pk)

    with pytest.raises(TransitionRefused, match=r"Preferences closed at .+ What you handed in before stands\."):
        preference_list.submit(by=preference_list.application.applicant, received_at=closed, interests=[d, c, b])

    assert [interest.pk for interest in preference_list.ranked] == [a, b, c]


def test_the_mentors_to_choose_from_are_those_the_rules_allow():
    made, manager = factories.cycle(), factories.staff()
    home = factories.institution()
    application = factories.application(made, factories.person(at=home), in_status="accepted", manager=manager)
    fine = factories.interest(made, manager=manager)
    factories.interest(made, factories.person(at=home), manager=manager)
    factories.interest(made, in_status="paused", manager=manager)
    factories.interest(made, in_status="submitted")
    factories.interest(manager=manager)  # of another cycle
    factories.pairing(made, in_status="proposed", mentor=factories.interest(made, manager=manager), manager=manager)
    with_a_draft = factories.interest(made, manager=manager)
    factories.pairing(made, mentor=with_a_draft, manager=manager)

    allowed = {interest.pk for interest in application.preference_list.eligible_mentors()}

    assert allowed == {fine.pk, with_a_draft.pk}  # a draft is not told to anyone, so it takes nobody off the list
