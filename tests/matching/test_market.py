"""From rows to who may be paired with whom: the hard rules leave no edge, and reading everybody costs a fixed number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.models import MentorInterest
from matching.market import Side, because, cycle_market, fit, hours_apart
from matching.models import Pairing
from tests import factories
from tests.matching.crowd import crowd

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return factories.cycle()


@pytest.fixture
def manager():
    return factories.staff()


def edges(cycle, **choice):
    """The pairs that may be, as ids of application and interest."""
    found = cycle_market(cycle, **choice)
    return {
        (found.mentees[i].id, found.mentors[j].id)
        for i, j in zip(found.market.mentee, found.market.mentor, strict=True)
    }


def two(made, manager, *, mentee_at=None, mentor_at=None, places=1, **facts):
    mentor = factories.interest(made, factories.person(at=mentor_at), places=places, manager=manager)
    mentee = factories.application(made, factories.person(at=mentee_at), in_status="accepted", manager=manager, **facts)
    return mentee, mentor


def test_an_accepted_mentee_and_an_approved_mentor_with_a_place_may_be_paired(made, manager):
    mentee, mentor = two(made, manager)
    assert edges(made) == {(mentee.pk, mentor.pk)}


@pytest.mark.parametrize("relation", ["same", "parent", "child", "sibling", "affiliate"])
def test_nobody_at_related_institutions_may_be_paired(made, manager, relation):
    above = factories.institution()
    one = factories.institution(parent=above)
    other = {
        "same": one, "parent": above, "child": factories.institution(parent=one),
        "sibling": factories.institution(parent=above), "affiliate": factories.institution(),
    }[relation]  # fmt: skip
    if relation == "affiliate":
        one.affiliates.add(other)
    two(made, manager, mentee_at=one, mentor_at=other)
    assert edges(made) == set()


@pytest.mark.parametrize("status", ["submitted", "paused", "declined", "withdrawn", "draft"])
def test_a_mentor_who_does_not_take_part_may_not_be_paired(made, manager, status):
    factories.application(made, in_status="accepted", manager=manager)
    factories.interest(made, in_status=status, manager=manager)
    assert edges(made) == set()


@pytest.mark.parametrize("status", ["draft", "submitted", "waitlisted", "declined", "withdrawn"])
def test_who_is_not_accepted_may_not_be_paired(made, manager, status):
    factories.application(made, in_status=status, manager=manager)
    factories.interest(made, manager=manager)
    assert edges(made) == set()


def test_a_mentor_without_places_may_not_be_paired(made, manager):
    _mentee, mentor = two(made, manager)
    mentor.set_capacity(0, by=manager)
    assert edges(made) == set()


@pytest.mark.parametrize("status", ["declined", "lapsed"])
def test_two_whose_proposal_came_to_nothing_may_not_be_paired_again(made, manager, status):
    factories.pairing(made, in_status=status, manager=manager)
    assert edges(made) == set()


def test_a_proposal_that_staff_withdrew_may_be_made_again(made, manager):
    pairing = factories.pairing(made, in_status="withdrawn", manager=manager)
    assert edges(made) == {(pairing.application_id, pairing.interest_id)}


def test_another_cycle_is_another_market(made, manager):
    mentee, mentor = two(made, manager)
    two(factories.cycle(), manager)
    assert edges(made) == {(mentee.pk, mentor.pk)}


@pytest.mark.parametrize("status", ["drafted", "proposed", "confirmed", "final", "active"])
def test_what_stands_holds_its_mentee_and_one_place(made, manager, status):
    mentor = factories.interest(made, places=2, manager=manager)
    factories.pairing(made, in_status=status, mentor=mentor, manager=manager)
    waiting = factories.application(made, in_status="accepted", manager=manager)

    found = cycle_market(made)

    assert edges(made) == {(waiting.pk, mentor.pk)}
    assert list(found.market.capacity) == [1]


def test_a_suggested_draft_does_not_stand_and_is_known_as_kept(made, manager):
    mentee, mentor = two(made, manager)
    Pairing.draft(mentee, mentor, by=manager, by_hand=False)

    found = cycle_market(made)

    assert edges(made) == {(mentee.pk, mentor.pk)}
    assert list(found.market.kept) == [1]


def test_a_draft_by_hand_stands_except_for_the_mentee_who_is_reconsidered(made, manager):
    mentee, mentor = two(made, manager)
    Pairing.draft(mentee, mentor, by=manager)
    assert edges(made) == set()
    assert edges(made, reconsider=mentee.pk) == {(mentee.pk, mentor.pk)}


def test_reading_the_market_takes_the_same_queries_for_one_and_for_thirty(made, manager):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            cycle_market(made)
        return len(captured)

    crowd(made, manager, 1)
    for_one = queries()
    crowd(made, manager, 29)

    assert (for_one, queries()) == (11, 11)
    assert len(edges(made)) == 900


# --- How well two fit ------------------------------------------------------------------------------------------------


def side(*topics, zone="America/New_York"):
    return Side(1, 1, "Somebody", frozenset(topics), zone)


@pytest.mark.parametrize(
    ("mentee", "mentor", "score", "words"),
    [
        (side("A"), side("A"), 1000, "First choice; both name A; same hours"),
        (side("A", "B"), side("A"), 650, "First choice; both name A; same hours"),
        (side("A", "B"), side("B", "A", "C"), 1000, "First choice; both name A, B; same hours"),
        (side("A"), side("B"), 300, "First choice; no topic in common; same hours"),
        (side(), side("A"), 300, "First choice; no topic in common; same hours"),
        (side("A"), side("A", zone="America/Chicago"), 975, "First choice; both name A; 1 hour apart"),
        (side("A"), side("A", zone="Asia/Tokyo"), 750, "First choice; both name A; 10 hours apart"),
        (side("A", zone="Pacific/Auckland"), side("A", zone="Pacific/Honolulu"), 975,
         "First choice; both name A; 1 hour apart"),
    ],
)  # fmt: skip
def test_fit_and_its_words(mentee, mentor, score, words):
    assert fit(mentee, mentor) == score
    assert because(mentee, mentor, 1) == words


@pytest.mark.parametrize(
    ("rank", "words"),
    [
        (0, "Not on the mentee's list"),
        (1, "First choice"),
        (2, "Second choice"),
        (3, "Third choice"),
        (4, "4th choice"),
    ],
)
def test_the_rank_in_words(rank, words):
    assert because(side("A"), side("A"), rank).split(";")[0] == words


@pytest.mark.parametrize(
    ("one", "other", "hours"),
    [
        ("America/New_York", "America/New_York", 0),
        ("America/New_York", "America/Los_Angeles", 3),
        ("Pacific/Auckland", "Pacific/Honolulu", 1),
        ("Asia/Kolkata", "UTC", 5),
        ("UTC", "Asia/Kolkata", 5),
        ("America/New_York", "Asia/Kolkata", 10),
        ("Asia/Kolkata", "America/New_York", 10),
    ],
)
def test_hours_apart_go_the_shorter_way_and_are_the_same_from_both_sides(one, other, hours):
    assert hours_apart(one, other) == hours


def test_what_is_said_in_confidence_is_not_read(made, manager):
    two(made, manager, rule_answers={**factories.VMP_ANSWERS, "needs": ["women"]})
    with CaptureQueriesContext(connection) as queries:
        cycle_market(made)
    assert not any("rule_answers" in query["sql"] or "verdict" in query["sql"] for query in queries)


# --- Wishes that no rule allows --------------------------------------------------------------------------------------


def test_why_a_wish_is_impossible(made, manager):
    home = factories.institution()
    mentors = {
        "at home": factories.interest(made, factories.person("At Home"), manager=manager),
        "full": factories.interest(made, factories.person("All Full"), manager=manager),
        "gone": factories.interest(made, factories.person("Long Gone"), manager=manager),
        "fine": factories.interest(made, factories.person("Just Fine"), manager=manager),
        "refused": factories.interest(made, factories.person("Did Refuse"), manager=manager),
    }
    mentee = factories.application(made, factories.person(at=home), in_status="accepted", manager=manager)
    most = made.most_choices
    mentee.preference_list.submit(
        by=mentee.applicant, received_at=timezone.now(), interests=[each.pk for each in mentors.values()][:most]
    )
    mentors["at home"].mentor.move_to([home])
    factories.pairing(made, mentor=mentors["full"], manager=manager)
    mentors["gone"].withdraw(by=mentors["gone"].mentor)
    refused = Pairing.draft(mentee, MentorInterest.objects.get(pk=mentors["refused"].pk), by=manager)
    refused.propose(by=manager)
    refused.say_no(by=refused.mentor, received_at=timezone.now())

    found = cycle_market(made)
    (index,) = [i for i, each in enumerate(found.mentees) if each.id == mentee.pk]

    assert found.impossible_wishes(index) == [
        (1, "At Home is at the mentee's own institutions"),
        (2, "All Full has no place left"),
        (3, "this mentor does not take part any more"),
        (5, "Did Refuse was proposed before, and it came to nothing"),
    ]
