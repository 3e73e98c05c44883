"""From rows to who may be paired with whom: the hard rules leave no edge, and reading everybody costs a fixed number of queries."""

import dataclasses

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.models import MentorInterest
from matching import market
from matching.changes import Changes
from matching.criteria import CRITERIA, DEFAULT_WEIGHTS, Scores, Side, because, fit, hours_apart
from matching.market import cycle_market
from matching.models import Pairing
from matching.models.weights import weigh
from matching.ranking import Ranking
from matching.solve import best_of, what_each_gives
from matching.suggest import POLICIES, suggest
from programs.models import Cycle, Question
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
        cycle = Cycle.objects.get(pk=made.pk)
        with CaptureQueriesContext(connection) as captured:
            cycle_market(cycle)
        return len(captured)

    crowd(made, manager, 1)
    for_one = queries()
    crowd(made, manager, 29)

    assert (for_one, queries()) == (16, 16)
    assert len(edges(made)) == 900


# --- What staff ask for ----------------------------------------------------------------------------------------------


def test_pins_bans_and_places_are_the_markets(made, manager):
    (xan, yve), (ada, bea) = crowd(made, manager, 2)
    changes = Changes(
        pins=frozenset({(xan.pk, bea.pk)}), bans=frozenset({(yve.pk, ada.pk)}), more_places={ada.pk: 2, bea.pk: -1}
    )
    assert edges(made, changes=changes) == {(xan.pk, ada.pk)}
    changes = dataclasses.replace(changes, more_places={ada.pk: 2})

    found = cycle_market(made, changes=changes)

    assert edges(made, changes=changes) == {(xan.pk, ada.pk), (xan.pk, bea.pk), (yve.pk, bea.pk)}
    assert list(found.market.capacity) == [3, 1]
    assert found.market.pinned[found.edge(xan.pk, bea.pk)] == found.market.pinned.sum() == 1
    assert suggest(found.market).mentor_of.tolist() == [1, -1]
    assert found.digest != cycle_market(made).digest
    assert found.digest == cycle_market(made, changes=Changes.from_json(changes.as_json())).digest


def test_a_pin_that_no_rule_allows_is_named_and_not_given(made, manager):
    home = factories.institution()
    mentee, mentor = two(made, manager, mentee_at=home, mentor_at=home)
    found = cycle_market(made, changes=Changes(pins=frozenset({(mentee.pk, mentor.pk)})))
    assert found.impossible_pins == [(mentee.pk, mentor.pk)]
    assert found.market.pinned is None


def test_a_mentor_who_is_not_approved_yet_can_be_thought_of_as_one(made, manager):
    mentee = factories.application(made, in_status="accepted", manager=manager)
    mentor = factories.interest(made, in_status="submitted", manager=manager)
    assert edges(made) == set()
    found = cycle_market(made, changes=Changes(mentors={mentor.pk: 2}))
    assert found.edge(mentee.pk, mentor.pk) == 0
    assert list(found.market.capacity) == [2]


def test_a_list_can_be_cut(made, manager):
    mentors = [factories.interest(made, manager=manager) for _ in range(3)]
    mentee = factories.application(made, in_status="accepted", manager=manager)
    mentee.preference_list.submit(
        by=mentee.applicant, received_at=timezone.now(), ranking=Ranking([each.pk for each in mentors])
    )
    assert sorted(cycle_market(made).market.rank) == [1, 2, 3]
    assert sorted(cycle_market(made, changes=Changes(longest_list=2)).market.rank) == [0, 1, 2]


def test_nobody_is_each_others_mentor_at_once(made, manager):
    mentee, mentor = two(made, manager)
    other = factories.cycle("dmp")
    pairing = factories.pairing(
        other,
        mentee=factories.application(other, mentor.mentor, in_status="accepted", manager=manager),
        mentor=factories.interest(other, mentee.applicant, manager=manager),
        manager=manager,
    )
    assert edges(made) == set()
    pairing.discard(by=manager)
    assert edges(made) == {(mentee.pk, mentor.pk)}


# --- Many people -----------------------------------------------------------------------------------------------------


@pytest.fixture
def many(made, manager, monkeypatch):
    """A cycle of 40 and 40 that counts as large, in blocks of three mentees; each has a wish, and one pair is banned."""
    monkeypatch.setattr(market, "EVERY_PAIR", 100)
    monkeypatch.setattr(market, "OTHERS", 4)
    monkeypatch.setattr(market, "BLOCK", 120)
    applications, interests = crowd(made, manager, 40)
    for number, interest in enumerate(interests):
        interest.topics = [["Leadership"], ["Career planning"], []][number % 3]
    MentorInterest.objects.bulk_update(interests, ["topics"])
    return Changes(bans=frozenset({(applications[0].pk, interests[1].pk)}))


def test_of_many_pairs_the_listed_and_the_best_others_are_edges(made, many):
    found = cycle_market(made, changes=many)
    assert not found.is_whole
    assert (np.bincount(found.market.mentee) == 5).all()
    assert found.market.rank.tolist().count(1) == 40
    others = found.market.fit[found.market.rank == 0]
    assert set(others) == {1000}
    assert found.edge(*next(iter(many.bans))) is None


def test_every_other_pair_is_told_with_the_fit_of_the_two(made, many):
    found = cycle_market(made, changes=many)
    mentees, mentors = np.arange(40)[::-1], np.arange(1, 40)
    fits, unlisted = found.everyone.fits(mentees, mentors), found.everyone.unlisted(mentees, mentors)
    all_unlisted = found.everyone.unlisted(np.arange(40), np.arange(40))
    assert all_unlisted.sum() == 40 * 40 - 40 - 1
    assert (unlisted == all_unlisted[np.ix_(mentees, mentors)]).all()
    assert found.everyone.pairs == 40 * 40 - 1
    for row, i in enumerate(mentees):
        for column, j in enumerate(mentors):
            assert fits[row, column] == fit(found.mentees[i], found.mentors[j], DEFAULT_WEIGHTS)


def test_the_suggestion_can_be_proved_over_all_of_many_pairs(made, many, monkeypatch):
    found = cycle_market(made, changes=many)
    _few, _quick, proved = best_of(found, "best_fit")
    assert not proved
    used, over_all, proved = best_of(found, "best_fit", over_all=True)
    assert proved
    assert over_all.proof.pairs == 40 * 40 - 1 > len(used.market.mentee)
    monkeypatch.setattr(market, "EVERY_PAIR", 2000)
    whole = cycle_market(made, changes=many)
    assert whole.is_whole
    assert suggest(whole.market, "best_fit").mentor_of.tolist() == over_all.mentor_of.tolist()


def test_what_each_policy_would_give(made, many):
    figures = what_each_gives(cycle_market(made, changes=many))
    assert figures.keys() == POLICIES.keys()
    assert {name: each["on_list"] for name, each in figures.items() if name != "stable"} == {
        "on_list_first": 40, "most_first_choices": 40, "fewest_poor": 40, "best_fit": figures["best_fit"]["on_list"],
    }  # fmt: skip
    assert figures["best_fit"]["fit_total"] >= figures["on_list_first"]["fit_total"]


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
    assert fit(mentee, mentor, DEFAULT_WEIGHTS) == score
    assert because(mentee, mentor, 1, DEFAULT_WEIGHTS) == words


def test_everybody_is_scored_at_once_as_two_people_are():
    random = np.random.default_rng(3)

    def some(values, most):
        return frozenset(random.choice(values, random.integers(0, most + 1), replace=False).tolist())

    def somebody(_):
        return Side(
            1, 1, "Somebody", some([f"topic {n}" for n in range(14)], 12), random.choice(["Asia/Tokyo", "UTC"]), 1,
            random.choice(["fellow", "resident", "other", ""]), some(["Breast", "Lung"], 2), some(["en", "es"], 2),
            some(["fellow", "resident"], 2), some(["topic 1", "topic 2", "topic 3"], 3),
        )  # fmt: skip

    mentees, mentors = list(map(somebody, range(60))), list(map(somebody, range(50)))
    for _ in range(10):
        weights = {name: int(random.integers(0, 11)) for name in CRITERIA}
        scores = Scores(mentees, mentors, weights)
        expected = [[fit(mentee, mentor, weights) for mentor in mentors] for mentee in mentees[10:]]
        assert scores.of(np.arange(10, 60), np.arange(50)).tolist() == expected
        assert scores.of_pairs(np.arange(10, 60), np.arange(50)).tolist() == np.diag(expected).tolist()


def test_goals_from_the_cycles_list_count_among_what_a_mentee_asks_for(made):
    Question.objects.create(cycle=made, key="aims", kind="topics", text="What would you like to reach?", position=9)
    factories.interest(made, topics=["Leadership"])
    answers = {**factories.ANSWERS, "topics": ["Teaching"], "aims": ["Leadership"]}
    factories.application(Cycle.objects.get(pk=made.pk), answers=answers, in_status="accepted")
    found = cycle_market(made)
    (mentee,), (mentor,) = found.mentees, found.mentors
    assert mentee.topics == {"Teaching", "Leadership"}
    assert fit(mentee, mentor, {"needs": 1}) == 500
    assert "both name Leadership" in because(mentee, mentor, 1, {"needs": 1})


def test_load_is_spread_over_the_mentors_and_those_they_have_already_count(made, manager):
    weigh(made, dict.fromkeys(CRITERIA, 0) | {"spread": 1}, by=manager)
    busy = factories.interest(made, places=3, manager=manager)
    factories.interest(made, places=3, manager=manager)
    factories.pairing(in_status="final", mentor=busy, manager=manager)
    for _ in range(3):
        factories.application(made, in_status="accepted", manager=manager)
    found = cycle_market(made)
    assert [each.held for each in found.mentors] == [1, 0]
    assert sorted(set(found.market.fit.tolist())) == [500, 1000]
    taken = np.bincount(suggest(found.market).mentor_of, minlength=2).tolist()
    assert taken == [1, 2]  # with the one of before, two each
    assert because(found.mentees[0], found.mentors[0], 0, found.people.weights).endswith("has 1 mentee already")


def test_a_criterion_alone_can_be_perfect_and_all_off_are_no_difference():
    one = Side(1, 1, "One", frozenset({"A"}), "UTC", 1, "resident", frozenset({"Lung"}), frozenset({"en"}))
    other = dataclasses.replace(one, stage="fellow")
    for name in CRITERIA:
        assert fit(one, other, {name: 3}) == 1000
    assert fit(one, other, dict.fromkeys(CRITERIA, 7)) == 1000
    assert fit(one, other, dict.fromkeys(CRITERIA, 0)) == 0
    told = "First choice; both name A; both in Lung; 1 career stage ahead; both speak en; same hours"
    assert because(one, other, 1, dict.fromkeys(CRITERIA, 1)) == told


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
    assert because(side("A"), side("A"), rank, DEFAULT_WEIGHTS).split(";")[0] == words


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
        by=mentee.applicant, received_at=timezone.now(), ranking=Ranking([each.pk for each in mentors.values()][:most])
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
