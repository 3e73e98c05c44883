"""The suggestion against brute force, its proof against every wrong proposal, and what it promises to callers."""

import dataclasses
import importlib.util
import itertools
import sys

import numpy as np
import pytest

from benchmarks.suggesting.markets import synthetic
from matching.suggest import (
    FASTEST,
    POLICIES,
    SOLVERS,
    Market,
    NotProven,
    Reasons,
    Solver,
    Stage,
    certify,
    lots,
    suggest,
)
from tests.matching.markets import assignments, spread, tiny, used

# A limit of 1 makes every level a stage of its own.
EVERY_SOLVER = [
    *SOLVERS,
    *(Solver(f"{solver.name}, a stage for each level", 1, solver.propose) for solver in SOLVERS),
]


@pytest.fixture(params=EVERY_SOLVER, ids=lambda solver: solver.name)
def solver(request) -> Solver:
    return request.param


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def market_of(
    mentees: int, capacity: list[int], *edges: tuple[int, int, int, int], seed: str = "", kept: list[int] | None = None
) -> Market:
    """Edges as (mentee, mentor, rank, fit)."""
    mentee, mentor, rank, fit = (ints(*column) for column in zip(*edges, strict=True)) if edges else [ints()] * 4
    lot = lots(mentee, mentor, seed)
    return Market(mentees, ints(*capacity), mentee, mentor, rank, fit, lot, None if kept is None else ints(*kept))


def worth(market: Market, policy: str, edges: tuple[int, ...], keep: str = "ties") -> tuple:
    """The assignment's levels in the words of the policy, larger is better; what staff pinned before all else."""
    pinned = 0 if market.pinned is None else int(market.pinned[list(edges)].sum())
    kept = 0 if market.kept is None else int(market.kept[list(edges)].sum())
    ranks = market.rank[list(edges)].tolist()
    matched = (len(edges), kept if keep == "first" else 0)
    at = [ranks.count(rank) for rank in range(1, market.rank.max(initial=0) + 1)]
    fit = int(market.fit[list(edges)].sum()) + spread_of(market, edges)
    lot = (kept if keep == "ties" else 0, -int(market.lot[list(edges)].sum()))
    off_list = ranks.count(0)
    return (pinned,) + {
        "on_list_first": (*matched, -off_list, *at, fit, *lot),
        "most_first_choices": (*at, *matched, fit, *lot),
        "fewest_poor": (*matched, -off_list, *(-count for count in reversed(at)), fit, *lot),
        "best_fit": (*matched, fit, *lot),
    }[policy]


def spread_of(market: Market, edges: tuple[int, ...]) -> int:
    """What the fits lack because some are not their mentor's next: the n-th has an n-th of spread, those held counted."""
    held = [0] * len(market.capacity) if market.held is None else market.held.tolist()
    taken = np.bincount(market.mentor[list(edges)], minlength=len(held)).tolist()
    return sum(
        market.spread // n - market.spread // (has + 1)
        for has, more in zip(held, taken, strict=True)
        for n in range(has + 1, has + more + 1)
    )


PROVED = [name for name in POLICIES if name != "stable"]


@pytest.mark.parametrize("policy", PROVED)
def test_is_the_best_of_all_assignments(policy, solver):
    start = 160 * EVERY_SOLVER.index(solver)
    for seed in range(start, start + 160):
        market = tiny(seed)
        keep = "first" if seed % 2 else "ties"
        values = {edges: worth(market, policy, edges, keep) for edges in assignments(market)}
        suggestion = suggest(market, policy, solver=solver, keep=keep)
        best = max(values.values())
        assert values[used(suggestion)] == best, seed
        assert suggestion.proof.unique == (list(values.values()).count(best) == 1), seed


@pytest.mark.parametrize("policy", PROVED)
def test_where_load_is_spread_it_is_the_best_of_all_assignments_too(policy, solver):
    differ = 0
    start = 160 * EVERY_SOLVER.index(solver)
    for seed in range(start, start + 160):
        market, keep = spread(tiny(seed), seed), "first" if seed % 2 else "ties"
        values = {edges: worth(market, policy, edges, keep) for edges in assignments(market)}
        suggestion = suggest(market, policy, solver=solver, keep=keep)
        assert values[used(suggestion)] == max(values.values()), seed
        assert suggestion.proof.unique == (list(values.values()).count(max(values.values())) == 1), seed
        assert suggestion.proof.pairs == len(market.mentee)
        together = dataclasses.replace(market, spread=0, held=None)
        differ += values[used(suggest(together, policy, keep=keep))] != max(values.values())
    assert differ  # without it, another would be the best


def test_mentors_without_a_mentee_come_before_those_who_have_one():
    market = market_of(2, [2, 1], (0, 0, 0, 800), (1, 0, 0, 800), (0, 1, 0, 720), (1, 1, 0, 700))
    assert suggest(market).mentor_of.tolist() == [0, 0]
    spread_out = dataclasses.replace(market, spread=300)
    assert suggest(spread_out).mentor_of.tolist() == [1, 0]
    # The other has nine already, which their fits tell too.
    nine = dataclasses.replace(spread_out, held=ints(0, 9), fit=ints(800, 800, 450, 430))
    assert suggest(nine).mentor_of.tolist() == [0, 0]


@pytest.mark.parametrize("policy", POLICIES)
def test_solvers_agree_on_a_market_of_hundreds(policy):
    market = synthetic(300, 250)
    answers = [suggest(market, policy, solver=solver) for solver in EVERY_SOLVER]
    assert all(answer.proof.unique for answer in answers)
    for answer in answers[1:]:
        assert (answer.edge_of == answers[0].edge_of).all()
        assert answer.figures == answers[0].figures


@pytest.mark.parametrize("policy", POLICIES)
def test_order_of_people_and_edges_does_not_matter(policy, solver):
    def pairs(mentee_ids, mentor_ids, edges):
        index = {each: k for k, each in enumerate(mentee_ids)}, {each: k for k, each in enumerate(mentor_ids)}
        mentees, mentors, rank, fit = zip(*edges, strict=True)
        market = Market(
            len(mentee_ids),
            ints(*(1 + each % 2 for each in mentor_ids)),
            ints(*(index[0][each] for each in mentees)),
            ints(*(index[1][each] for each in mentors)),
            ints(*rank),
            ints(*fit),
            lots(mentees, mentors, "summer"),
        )
        mentor_of = suggest(market, policy, solver=solver).mentor_of
        return {(mentee_ids[i], mentor_ids[j]) for i, j in enumerate(mentor_of) if j >= 0}

    random = np.random.default_rng(5)
    mentee_ids, mentor_ids = list(range(100, 130)), list(range(500, 515))
    edges = [
        (i, j, int(random.integers(0, 3)), int(random.integers(0, 2)))
        for i in mentee_ids
        for j in mentor_ids
        if random.random() < 0.4
    ]
    first = pairs(mentee_ids, mentor_ids, edges)
    assert len(first) > 15
    for _ in range(5):
        for each in (mentee_ids, mentor_ids, edges):
            random.shuffle(each)
        assert pairs(mentee_ids, mentor_ids, edges) == first


def test_what_each_policy_pays_for_one_more_first_choice(solver):
    # Round the ring everyone can take the place on the left, a second choice for all fourteen, or the one on the
    # right, a first choice for one and a third for thirteen. Powers of ten as weights of the ranks get this wrong.
    left = [(i, i, 2, 0) for i in range(14)]
    right = [(i, (i + 1) % 14, 3 if i else 1, 0) for i in range(14)]
    ring = market_of(14, [1] * 14, *left, *right)
    assert suggest(ring, "on_list_first", solver=solver).figures["by_rank"] == [1, 0, 13]
    assert suggest(ring, "most_first_choices", solver=solver).figures["by_rank"] == [1, 12, 0]
    assert suggest(ring, "fewest_poor", solver=solver).figures["by_rank"] == [0, 14, 0]


def test_what_was_suggested_before_stays_when_as_many_are_matched(solver):
    edges = [(0, 0, 2, 0), (0, 1, 1, 0), (1, 0, 1, 0), (1, 1, 2, 0)]
    assert suggest(market_of(2, [1, 1], *edges), solver=solver).mentor_of.tolist() == [1, 0]
    again = market_of(2, [1, 1], *edges, kept=[1, 0, 0, 1])
    assert suggest(again, solver=solver, keep="first").mentor_of.tolist() == [0, 1]
    assert suggest(again, solver=solver).mentor_of.tolist() == [1, 0]


def test_of_equally_good_answers_the_one_that_changes_least(solver):
    both = [(i, j, 1, 500) for i in range(6) for j in range(6)]
    market = market_of(6, [1] * 6, *both)
    first = suggest(market, solver=solver).mentor_of
    other = np.roll(first, 1)
    stood = (other[market.mentee] == market.mentor).astype(np.int64)
    again = dataclasses.replace(market, kept=stood)
    assert suggest(again, solver=solver).mentor_of.tolist() == other.tolist() != first.tolist()


def test_a_pinned_pair_is_given_and_costs_what_it_costs(solver):
    edges = [(0, 0, 1, 0), (0, 1, 2, 0), (1, 0, 1, 0)]
    assert suggest(market_of(2, [1, 1], *edges), solver=solver).mentor_of.tolist() == [1, 0]
    pinned = dataclasses.replace(market_of(2, [1, 1], *edges), pinned=ints(1, 0, 0))
    assert suggest(pinned, solver=solver).mentor_of.tolist() == [0, -1]


@pytest.mark.parametrize(
    ("pinned", "message"),
    [((1, 1, 0), "a mentee is pinned to more than one"), ((1, 0, 1), "a mentor has more pinned mentees than places")],
)
def test_pins_that_cannot_all_be_are_refused(pinned, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(market_of(2, [1, 1], (0, 0, 1, 0), (0, 1, 2, 0), (1, 0, 1, 0)), pinned=ints(*pinned))


def test_the_lower_lot_wins(solver):
    market = dataclasses.replace(market_of(2, [1], (0, 0, 1, 5), (1, 0, 1, 5)), lot=ints(7, 6))
    assert suggest(market, solver=solver).mentor_of.tolist() == [-1, 0]


def test_figures(solver):
    market = market_of(4, [1, 1, 3], (0, 0, 1, 10), (1, 0, 1, 20), (1, 1, 3, 30), (2, 2, 0, 40))
    suggestion = suggest(market, solver=solver)
    assert suggestion.mentor_of.tolist() == [0, 1, 2, -1]
    assert suggestion.edge_of.tolist() == [0, 2, 3, -1]
    assert suggestion.figures == {
        "matched": 3,
        "unmatched": 1,
        "on_list": 2,
        "by_rank": [1, 0, 1],
        "off_list": 1,
        "unused_places": 2,
        "fit_total": 80,
    }


@pytest.mark.parametrize(
    "market",
    [
        market_of(0, []),
        market_of(3, []),
        market_of(0, [2]),
        market_of(2, [1]),
        market_of(2, [0], (0, 0, 1, 0), (1, 0, 1, 0)),
    ],
    ids=["nobody", "no mentors", "no mentees", "no edges", "no places"],
)
@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_to_pair(market, policy, solver):
    suggestion = suggest(market, policy, solver=solver)
    assert suggestion.mentor_of.tolist() == [-1] * market.mentees
    assert suggestion.figures["matched"] == suggestion.figures["fit_total"] == 0
    assert suggestion.proof.unique


def test_where_the_faster_solver_is_missing_the_other_one_serves(monkeypatch):
    monkeypatch.setitem(sys.modules, "pylmcf", None)
    spec = importlib.util.find_spec("matching.suggest.solvers")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert [each.name for each in module.SOLVERS] == ["assignment"]
    assert suggest(market_of(1, [1], (0, 0, 1, 0)), solver=module.FASTEST).figures["matched"] == 1


def test_many_places_cost_nothing(solver):
    market = market_of(3, [2**31 - 1], (0, 0, 1, 0), (1, 0, 1, 0), (2, 0, 0, 0))
    assert suggest(market, solver=solver).figures["matched"] == 3


# -- the proof


def test_the_proof_names_each_level_once_and_what_it_reached(solver):
    market = market_of(3, [1, 1], (0, 0, 1, 10), (1, 0, 1, 20), (1, 1, 2, 30), (2, 1, 0, 40))
    totals = [level for stage in suggest(market, solver=solver).proof.stages for level in stage.totals.items()]
    (lot,) = [total for name, total in totals if name == "lot"]
    # Of two ranks, the first and the number on the list leave nothing open about the second.
    assert totals == [("matched", 2), ("on_list", 2), ("rank 1", 1), ("fit", 40), ("lot", lot)]


def proposing(edges: tuple[int, ...]) -> Solver:
    """One that proposes these edges of the market whatever is best."""
    return Solver("stubborn", 2**58, lambda stage: np.isin(np.arange(len(stage.gain)), edges))


def test_of_all_proposals_only_the_best_is_accepted():
    accepted = 0
    for seed in range(25):
        random = np.random.default_rng(seed)
        pairs = np.argwhere(random.random((3, 3)) < 0.7)
        edges = [(i, j, int(random.integers(0, 3)), int(random.integers(0, 1001))) for i, j in pairs.tolist()]
        market = market_of(3, random.integers(1, 3, 3).tolist(), *edges, seed=str(seed))
        best = used(suggest(market, "best_fit"))
        for size in range(len(edges) + 1):
            for proposal in itertools.combinations(range(len(edges)), size):
                if proposal == best:
                    assert used(suggest(market, "best_fit", solver=proposing(proposal))) == best
                    accepted += 1
                else:
                    with pytest.raises(NotProven):
                        suggest(market, "best_fit", solver=proposing(proposal))
    assert accepted == 25


@pytest.mark.parametrize("stage_to_spoil", range(6))
def test_a_wrong_proposal_is_refused_at_every_stage(stage_to_spoil):
    market = synthetic(60, 40)
    calls = itertools.count()

    def spoiled(stage: Stage) -> np.ndarray:
        chosen = FASTEST.propose(stage)
        if next(calls) == stage_to_spoil:
            chosen[np.flatnonzero(chosen)[0]] = False
        return chosen

    with pytest.raises(NotProven):
        suggest(market, solver=Solver("spoiled", 1, spoiled))


@pytest.mark.parametrize(
    "proposal", [np.zeros(3, dtype=bool), np.zeros(2, dtype=np.int64), np.array([[True], [False]])]
)
def test_a_proposal_of_the_wrong_kind_is_refused(proposal):
    with pytest.raises(NotProven):
        suggest(market_of(1, [1, 1], (0, 0, 1, 0), (0, 1, 2, 0)), solver=Solver("odd", 2**58, lambda stage: proposal))


def test_a_solver_that_gives_up_is_refused():
    def gives_up(stage: Stage) -> np.ndarray:
        raise RuntimeError("INFEASIBLE")

    with pytest.raises(NotProven, match="gives up found no assignment"):
        suggest(market_of(1, [1], (0, 0, 1, 0)), solver=Solver("gives up", 2**58, gives_up))


@pytest.mark.parametrize(
    ("chosen", "worth", "price", "complaint"),
    [
        ((0, 2), (5, 3), (0, 0), None),
        ((0, 2), (5, 4), (0, 0), "a chosen pair is not worth its price"),
        ((0, 2), (4, 3), (0, 0), "a pair is worth more than its price"),
        ((0, 2), (4, 3), (1, 0), "a free place has a price"),
        ((0, 2), (6, 3), (-1, 0), "a place costs less than nothing"),
        ((0, 2), (-1, -2), (6, 5), "a match is worth less than none"),
        ((0,), (5, 3), (0, 0), "an unmatched mentee could be matched"),
        ((0, 1, 2), (5, 3), (0, 0), "a mentee has more than one mentor"),
        ((0, 2), (2**62, 3), (0, 0), "a price is too large"),
    ],
)
def test_each_condition_of_the_proof(chosen, worth, price, complaint):
    stage = Stage(
        ints(0, 0, 1), ints(0, 1, 1), ints(5, 4, 3), ints(2, 2), np.zeros(2, bool), np.zeros(2, bool), span=100
    )
    check = np.isin(np.arange(3), chosen), ints(*worth), ints(*price)
    if complaint is None:
        certify(stage, *check)
    else:
        with pytest.raises(NotProven, match=complaint):
            certify(stage, *check)


def test_the_proof_holds_the_forced_to_it_and_lets_their_prices_go_below_nothing():
    def check(mentee: bool, mentor: bool, chosen: bool) -> None:
        stage = Stage(ints(0), ints(0), ints(5), ints(1), np.array([mentee]), np.array([mentor]), span=100)
        worth, price = (9, -4) if mentor else (-4, 9)
        certify(stage, np.array([chosen]), ints(worth if chosen or mentor else 0), ints(price if chosen else 0))

    check(mentee=True, mentor=False, chosen=True)
    check(mentee=False, mentor=True, chosen=True)
    with pytest.raises(NotProven, match="a mentee who must be matched is not"):
        check(mentee=True, mentor=False, chosen=False)
    with pytest.raises(NotProven, match="a mentor who must be full is not"):
        check(mentee=False, mentor=True, chosen=False)


# -- why not


def test_why_not_names_the_mentors_wanted_more_and_who_has_them():
    market = market_of(
        3,
        [1, 2, 1],
        (0, 0, 1, 900),
        (1, 0, 1, 100),
        (1, 1, 3, 0),
        (1, 2, 2, 0),
        (2, 2, 1, 0),
        (2, 0, 0, 0),
        (0, 1, 0, 0),
    )
    suggestion = suggest(market)
    assert suggestion.mentor_of.tolist() == [0, 1, 2]
    reasons = Reasons(market, suggestion)
    assert reasons.wished_more(0) == []
    assert reasons.wished_more(1) == [(0, 1), (2, 2)]
    assert reasons.holders == [[(0, 1)], [(1, 3)], [(2, 1)]]


def test_why_not_covers_the_whole_list_of_the_unmatched_and_of_those_off_their_list():
    market = market_of(3, [1, 2, 0], (0, 0, 1, 900), (1, 0, 2, 0), (1, 2, 1, 0), (2, 0, 1, 0), (2, 1, 0, 0))
    suggestion = suggest(market)
    assert suggestion.mentor_of.tolist() == [0, -1, 1]
    reasons = Reasons(market, suggestion)
    assert reasons.wished_more(1) == [(2, 1), (0, 2)]
    assert reasons.wished_more(2) == [(0, 1)]
    assert reasons.holders == [[(0, 1)], [(2, 0)], []]


def test_why_not_names_nobody_where_a_place_was_free():
    market = market_of(1, [1, 1], (0, 0, 1, 0), (0, 1, 0, 1000))
    suggestion = suggest(market, "best_fit")
    reasons = Reasons(market, suggestion)
    assert (reasons.wished_more(0), reasons.holders[0]) == ([(0, 1)], [])


# -- lots


def test_lots_are_the_same_everywhere():
    assert lots([1, 1, "ann", "é"], [7, 8, 7, "bo"], "2026").tolist() == [6066183, 1528105678, 1885421873, 739677470]


def test_lots_depend_on_both_ids_and_the_seed_and_on_nothing_else():
    assert lots([3, 1], [4, 2], "s").tolist() == [lots([3], [4], "s")[0], lots(ints(1), ints(2), "s")[0]]
    every = [lots([a], [b], s)[0] for a, b, s in [(1, 2, "s"), (2, 1, "s"), (1, 3, "s"), (1, 2, "t"), ("1", 2, "s")]]
    assert len(set(every)) == len(every)


def test_lots_are_spread_evenly():
    grid = lots(np.repeat(np.arange(300), 300), np.tile(np.arange(300), 300), "s").reshape(300, 300)
    assert grid.min() >= 0
    assert grid.max() < 2**31
    tenths = np.bincount(grid.ravel() * 10 // 2**31, minlength=10)
    assert abs(tenths - 9000).max() < 400
    assert abs(np.corrcoef(grid)[np.triu_indices(300, 1)]).max() < 0.35
    assert len(lots([], [], "s")) == 0


def test_lots_need_pairs():
    with pytest.raises(ValueError, match="2 mentees do not make pairs with 1 mentors"):
        lots([1, 2], [1], "s")


# -- what is no market

GOOD = {
    "mentees": 2,
    "capacity": ints(1, 1),
    "mentee": ints(0, 1),
    "mentor": ints(0, 1),
    "rank": ints(1, 0),
    "fit": ints(0, 1000),
    "lot": ints(0, 2**31 - 1),
    "kept": ints(0, 1),
}


def test_the_extremes_are_allowed():
    assert Market(**GOOD).mentees == 2


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"mentees": -1}, "mentees must not be negative"),
        ({"capacity": ints(1, -1)}, r"capacity must lie in 0..2147483647, found -1..1"),
        ({"capacity": ints(1, 2**31)}, "capacity must lie in"),
        ({"capacity": [1, 1]}, "capacity must be a one-dimensional int64 array"),
        ({"mentee": ints(0, 2)}, r"mentee must lie in 0..1, found 0..2"),
        ({"mentee": ints(0, -1)}, "mentee must lie in"),
        ({"mentor": ints(0, 2)}, "mentor must lie in"),
        ({"mentor": ints(0)}, "mentor must have one entry for each edge: 1 instead of 2"),
        ({"mentor": ints(0, -1)}, "mentor must lie in"),
        ({"rank": ints(1, -1)}, "rank must lie in"),
        ({"rank": ints(1, 1001)}, "rank must lie in"),
        ({"rank": ints(1)}, "rank must have one entry"),
        ({"spread": -1}, "spread must lie in"),
        ({"spread": 1000}, "less than the part"),
        ({"held": ints(1, 1, 1, 1, 1)}, "held must have one entry"),
        ({"fit": ints(0, 1001)}, "fit must lie in"),
        ({"fit": np.array([0.0, 1.0])}, "fit must be a one-dimensional int64 array"),
        ({"fit": ints(0, 1).astype(np.int32)}, "fit must be a one-dimensional int64 array"),
        ({"fit": ints(0, 1).reshape(2, 1)}, "fit must be a one-dimensional int64 array"),
        ({"lot": ints(0, 2**31)}, "lot must lie in"),
        ({"kept": ints(0, 2)}, "kept must lie in"),
        ({"kept": ints(0)}, "kept must have one entry"),
        ({"mentee": ints(0, 0), "mentor": ints(1, 1)}, "more than one edge"),
    ],
)
def test_what_is_no_market_is_refused(wrong, complaint):
    with pytest.raises(ValueError, match=complaint):
        Market(**GOOD | wrong)


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="unknown policy 'luck'; one of on_list_first, most_first_choices"):
        suggest(Market(**GOOD), "luck")
