"""What if, what would help, stable assignments, and proofs over all pairs: against brute force and against solving anew."""

import dataclasses
import itertools

import numpy as np
import pytest

from benchmarks.suggesting.markets import synthetic
from matching.suggest import (
    MAX_RANK,
    POLICIES,
    SOLVERS,
    Market,
    Moves,
    NotProven,
    check_stable,
    gain_of_places,
    lots,
    suggest,
    suggest_over_all,
    what_if,
    what_would_help,
    wide,
)
from matching.suggest.levels import levels_of
from tests.matching.markets import assignments, spread, tiny, used
from tests.matching.test_suggest import spread_of

PROVED = [name for name in POLICIES if name != "stable"]


def reached(market, policy, keep, suggestion):
    """What a suggestion reaches on each level but the lot."""
    levels, edges = levels_of(market, POLICIES[policy], keep), list(used(suggestion))
    found = {level.name: int(level.gain[edges].sum()) for level in levels if level.name != "lot"}
    return found | {"fit": found["fit"] + spread_of(market, edges)}


def change(market, policy, keep, before, after):
    """Without the levels that stay as they are."""
    old, new = (reached(market, policy, keep, each) for each in (before, after))
    return {name: new[name] - old[name] for name in new if new[name] != old[name]}


def told(changed):
    return {name: value for name, value in changed.items() if value}


def forced(market, policy, keep, before, edge):
    """What it would be with this pair given; None if that cannot be."""
    try:
        return what_if(market, before, [edge], policy, keep=keep).suggestion
    except ValueError:
        return None


# --- Alternatives ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_spread", [False, True], ids=["", "spread"])
@pytest.mark.parametrize("policy", PROVED)
def test_each_alternative_costs_what_solving_anew_with_it_costs(policy, is_spread):
    compared = 0
    for seed in range(250):
        market, keep = tiny(seed), "first" if seed % 2 else "ties"
        market = spread(market, seed) if is_spread else market
        before = suggest(market, policy, keep=keep)
        moves = Moves(market, before)
        settled = set() if market.pinned is None else set(market.mentee[market.pinned == 1].tolist())
        for mentee in range(market.mentees):
            found = {each.edge: told(each.change) for each in moves.alternatives(mentee)}
            others = np.flatnonzero(
                (market.mentee == mentee) & (before.edge_of[mentee] != np.arange(len(market.mentee)))
            )
            anew = (
                {}
                if mentee in settled
                else {edge: forced(market, policy, keep, before, edge) for edge in others.tolist()}
            )
            expected = {edge: change(market, policy, keep, before, each) for edge, each in anew.items() if each}
            assert found == expected, (seed, mentee)
            compared += len(expected)
    assert compared > 200


@pytest.mark.parametrize("policy", PROVED)
def test_alternatives_on_a_market_of_hundreds_cost_what_solving_anew_costs(policy):
    market = synthetic(150, 60)
    before = suggest(market, policy)
    moves = Moves(market, before)
    for mentee in (0, 70, 149):
        alternatives = moves.alternatives(mentee)
        assert len(alternatives) >= 34
        for each in (alternatives[0], alternatives[17], alternatives[-1]):
            after = forced(market, policy, "ties", before, each.edge)
            assert told(each.change) == change(market, policy, "ties", before, after)


def test_what_it_would_do_to_whom():
    market = row([1, 1], (0, 0, 1, 900), (0, 1, 2, 0), (1, 0, 1, 0), (1, 1, 2, 100))
    before = suggest(market)
    assert before.mentor_of.tolist() == [0, 1]
    effect = what_if(market, before, [2])
    assert [(each.mentee, each.before, each.after, each.gains) for each in effect.moved] == [
        (0, 0, 1, False),
        (1, 1, 0, True),
    ]
    assert effect.change == {
        "matched": 0,
        "unmatched": 0,
        "on_list": 0,
        "off_list": 0,
        "unused_places": 0,
        "fit_total": -1000,
    }


def test_a_stable_suggestion_has_no_prices_to_tell_it_from():
    market = synthetic(40, 36)
    with pytest.raises(ValueError, match="no prices"):
        Moves(market, suggest(market, "stable"))


# --- What would help -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", PROVED)
def test_one_more_place_gains_what_solving_anew_with_it_gains(policy):
    for seed in range(250):
        market, keep = tiny(seed), "ties"
        before = suggest(market, policy, keep=keep)
        for mentor, gain in enumerate(gain_of_places(before)):
            capacity = market.capacity + (np.arange(len(market.capacity)) == mentor)
            after = suggest(dataclasses.replace(market, capacity=capacity), policy, keep=keep)
            assert told(gain) == change(market, policy, keep, before, after), (seed, mentor)


def test_places_where_they_help_most_are_the_best_of_all_ways_to_place_them():
    for seed in range(120):
        market = tiny(seed)
        group = np.arange(len(market.capacity))
        if not len(group):
            continue
        ((_name, found),) = what_would_help(market, {"all": group}, 2)
        before, best = suggest(market), None
        for places in itertools.combinations_with_replacement(group, 2):
            capacity = market.capacity + np.bincount(places, minlength=len(group))
            after = suggest(dataclasses.replace(market, capacity=capacity))
            value = reached(market, "on_list_first", "ties", after)
            best = max(best or value, value, key=lambda each: list(each.values()))
        now = reached(market, "on_list_first", "ties", before)
        assert (found["matched"], found["on_list"]) == (
            best["matched"] - now["matched"],
            best["on_list"] - now["on_list"],
        )
        assert found["fit_total"] == best["fit"] - now["fit"]


def test_the_group_that_helps_most_comes_first():
    market = row([1, 1], (0, 0, 1, 0), (1, 0, 1, 0), (2, 0, 1, 0), (3, 1, 1, 0))
    groups = {"nobody's": np.array([1]), "wanted": np.array([0]), "empty": np.array([], dtype=np.int64)}
    found = what_would_help(market, groups, 3)
    assert [(name, change["matched"]) for name, change in found] == [("wanted", 2), ("empty", 0), ("nobody's", 0)]


# --- Stable ----------------------------------------------------------------------------------------------------------


def row(capacity, *edges, liking=None) -> Market:
    """Edges as (mentee, mentor, rank, fit)."""
    mentee, mentor, rank, fit = np.array(edges, dtype=np.int64).T.copy()
    lot = lots(mentee, mentor, "")
    return Market(
        int(mentee.max()) + 1, np.array(capacity), mentee, mentor, rank, fit, lot,
        liking=None if liking is None else np.array(liking),
    )  # fmt: skip


def is_stable(market, chosen):
    """By the definition, pair by pair."""
    liking = market.fit if market.liking is None else market.liking

    def wish(edge):
        return (market.rank[edge] or MAX_RANK + 1, -market.fit[edge], market.lot[edge])

    def regard(edge):
        return (-liking[edge], market.lot[edge])

    has = {market.mentee[edge]: edge for edge in chosen}
    held = {
        mentor: [edge for edge in chosen if market.mentor[edge] == mentor] for mentor in range(len(market.capacity))
    }
    for edge in range(len(market.mentee)):
        mentee, mentor = market.mentee[edge], market.mentor[edge]
        wants = mentee not in has or wish(edge) < wish(has[mentee])
        free = len(held[mentor]) < market.capacity[mentor]
        if wants and (free or any(regard(edge) < regard(other) for other in held[mentor])):
            return False
    return True


def without_ties(seed):
    """A small market, or one of three mentees who rank all of three mentors, each with an order of their own."""
    random = np.random.default_rng(seed)
    market = tiny(seed)
    if seed % 3 == 0:
        mentee, mentor = np.divmod(np.arange(9), 3)
        rank = np.concatenate([random.permutation(3) + 1 for _ in range(3)])
        market = Market(3, np.ones(3, dtype=np.int64), mentee, mentor, rank, random.integers(0, 1001, 9), np.arange(9))
    edges = len(market.mentee)
    liking = random.integers(0, 1001, edges) if seed % 4 else None
    return dataclasses.replace(market, kept=None, pinned=None, lot=random.permutation(edges), liking=liking)


def test_stable_is_the_best_of_all_stable_assignments_for_every_mentee():
    more_than_one = 0
    for seed in range(600):
        market = without_ties(seed)
        found = used(suggest(market, "stable"))
        stable = [each for each in assignments(market) if is_stable(market, each)]
        assert found in stable, seed
        more_than_one += len(stable) > 1
        for other in stable:
            for edge in other:
                (mine,) = [each for each in found if market.mentee[each] == market.mentee[edge]]
                rank = [market.rank[each] or MAX_RANK + 1 for each in (mine, edge)]
                assert (rank[0], -market.fit[mine]) <= (rank[1], -market.fit[edge]), seed
    assert more_than_one > 20


def test_of_all_assignments_the_check_lets_pass_those_that_are_stable():
    for seed in range(150):
        market = without_ties(seed)
        edges = market.in_order()
        for chosen in assignments(market):
            if is_stable(market, chosen):
                check_stable(market, edges, market.capacity, np.array(chosen, dtype=np.int64))
            else:
                with pytest.raises(NotProven, match="rather have each other"):
                    check_stable(market, edges, market.capacity, np.array(chosen, dtype=np.int64))


def test_a_pin_stands_in_a_stable_assignment_too():
    market = row([1, 1], (0, 0, 1, 900), (0, 1, 2, 0), (1, 0, 1, 0), (1, 1, 2, 100))
    assert suggest(market, "stable").mentor_of.tolist() == [0, 1]
    pinned = dataclasses.replace(market, pinned=np.array([0, 1, 0, 0]))
    assert suggest(pinned, "stable").mentor_of.tolist() == [1, 0]


# --- Over all pairs --------------------------------------------------------------------------------------------------


class Crowd:
    """Everyone with everyone, of whom only the listed, kept and pinned pairs are edges to begin with."""

    def __init__(self, seed: int, part: int, mentees: int = 24, mentors: int = 12):
        random = np.random.default_rng(seed)
        self.spread = part
        self.fit = part + random.integers(0, 1001 - part if seed % 2 else 3, (mentees, mentors))
        self.rank = np.zeros((mentees, mentors), dtype=np.int64)
        for each in self.rank:
            each[random.choice(mentors, 3, replace=False)] = [1, 2, 3]
        self.eligible = random.random((mentees, mentors)) < 0.8
        self.kept = (random.random((mentees, mentors)) < 0.05).astype(np.int64)
        self.pinned = np.zeros((mentees, mentors), dtype=np.int64)
        self.pinned[0, 0] = 1
        self.eligible[0, 0] = True
        self.capacity = random.integers(1, 4, mentors)
        self.ids = np.arange(mentees), np.arange(mentors)

    def market(self, chosen: np.ndarray) -> Market:
        mentee, mentor = np.nonzero(chosen & self.eligible)
        at = mentee, mentor
        return Market(
            len(self.rank), self.capacity, mentee, mentor, self.rank[at], self.fit[at], self.lots(*at), self.kept[at],
            self.pinned[at], spread=self.spread,
        )  # fmt: skip

    def named(self):
        return (self.rank + self.kept + self.pinned) > 0

    def lots(self, mentee, mentor):
        return lots(mentee, mentor, "crowd") if len(mentee) else np.zeros(0, dtype=np.int64)

    @property
    def pairs(self):
        return int(self.eligible.sum())

    def fits(self, mentees, mentors):
        return self.fit[np.ix_(mentees, mentors)].astype(np.int32)

    def unlisted(self, mentees, mentors):
        return (self.eligible & ~self.named())[np.ix_(mentees, mentors)]


@pytest.mark.parametrize("policy", PROVED)
@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)
@pytest.mark.parametrize("part", [0, 300], ids=["", "spread"])
@pytest.mark.parametrize("small", [False, True], ids=["", "in small steps and words"])
def test_adding_what_could_matter_gives_the_best_over_all_pairs(policy, solver, part, small, monkeypatch):
    bettered = 0
    if small:
        solver = dataclasses.replace(solver, limit=2**16)
        monkeypatch.setattr(wide, "ADDED", 1)
        monkeypatch.setattr(wide, "BLOCK", 20)
    for seed in range(12):
        crowd = Crowd(seed, part)
        few, all_pairs = crowd.market(crowd.named()), crowd.market(crowd.eligible)
        market, found = suggest_over_all(few, crowd, policy, solver=solver)
        assert (found.mentor_of == suggest(all_pairs, policy, solver=solver).mentor_of).all(), seed
        assert found.proof.pairs == len(all_pairs.mentee) == crowd.eligible.sum()
        assert len(few.mentee) <= len(market.mentee) <= len(all_pairs.mentee)
        bettered += (suggest(few, policy).mentor_of != found.mentor_of).any()
    assert bettered > 3


def test_edges_as_good_as_what_was_chosen_hide_no_pair_that_is_better(monkeypatch):
    """Ursa may have anybody, and nobody better than the next: 5 mentors are as good for her. With Jo she would gain more."""
    monkeypatch.setattr(wide, "ADDED", 5)
    crowd = Crowd(0, 0, mentees=8, mentors=6)
    ursa, jo = 6, 5
    for table in (crowd.rank, crowd.kept, crowd.pinned, crowd.fit):
        table[:] = 0
    crowd.capacity[:] = 1
    crowd.eligible[:] = False
    for held in range(5):
        crowd.eligible[held, held], crowd.fit[held, held] = True, 1000
    crowd.eligible[[5, 7], jo], crowd.fit[5, jo], crowd.fit[7, jo] = True, 900, 800
    crowd.eligible[ursa], crowd.fit[ursa], crowd.fit[ursa, jo] = True, 500, 950
    others = crowd.eligible.copy()
    others[ursa] = False
    _market, found = suggest_over_all(crowd.market(others), crowd, "best_fit")
    assert found.figures["fit_total"] == suggest(crowd.market(crowd.eligible), "best_fit").figures["fit_total"] == 5950
    assert found.mentor_of[ursa] == jo
