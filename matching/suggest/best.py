"""The best assignment under a policy: its words solved one after another, each of them proved."""

from dataclasses import dataclass, replace

import numpy as np

from matching.suggest.levels import POLICIES, Word, levels_of, words_of
from matching.suggest.market import Market
from matching.suggest.proof import NotProven, Proof, StageProof, certify, is_unique, prices
from matching.suggest.seats import Seats, seats_of
from matching.suggest.solvers import FASTEST, Solver, Stage
from matching.suggest.stable import stable_edges


@dataclass(frozen=True)
class Prices:
    """What proves an assignment, word by word; no pair whose worth and price add up to more than its gain is missed.

    Read as numbers of several digits, the first word the most significant, they are the lowest prices there are: what one
    more place with a mentor would gain in total.
    """

    words: tuple[Word, ...]
    worth: np.ndarray  # (words, mentees)
    price: np.ndarray  # (words, mentors)


@dataclass(frozen=True)
class Suggestion:
    """The best assignment, with its figures and its proof."""

    mentor_of: np.ndarray  # mentee -> mentor index or -1, shape (n,)
    edge_of: np.ndarray  # mentee -> edge index or -1, shape (n,)
    figures: dict  # matched, unmatched, on_list, by_rank (list), off_list, unused_places, fit_total
    proof: Proof
    prices: Prices
    # Where load is spread, the seats that it was found over, and the best assignment of them.
    seated: "tuple[Seats, Suggestion] | None" = None


def suggest(
    market: Market, policy: str = "on_list_first", *, solver: Solver = FASTEST, keep: str = "ties"
) -> Suggestion:
    """The best assignment under the policy (a name in POLICIES), the same whichever solver proposes it.

    What the market says was kept counts among equally good assignments only (`keep` = "ties"), or before everything but
    how many are matched ("first"). Pinned pairs are given, and the rest is the best there is around them. Raises
    ValueError for an unknown policy, NotProven when the solver's proposal cannot be proved optimal.
    """
    if policy not in POLICIES:
        raise ValueError(f"unknown policy {policy!r}; one of {', '.join(POLICIES)}")
    if policy == "stable":
        return _stable(market)
    if market.spread:
        return _seated(market, policy, solver, keep)
    longest = min(market.mentees, len(market.capacity))
    words = words_of(levels_of(market, POLICIES[policy], keep), longest, solver.limit)
    pins, left, capacity = _around_pins(market)
    forced_mentee, forced_mentor = np.zeros(market.mentees, dtype=bool), np.zeros(len(capacity), dtype=bool)
    best, chosen = left[:0], np.zeros(0, dtype=bool)
    stages, worths, all_prices = [], [], []
    for word in words:
        gain = word.gain(left)
        stage = Stage(market.mentee[left], market.mentor[left], gain, capacity, forced_mentee, forced_mentor, word.span)
        chosen = _proposal(solver, stage)
        worth, price = prices(stage, chosen)
        certify(stage, chosen, worth, price)
        totals = {level.name: int(level.gain[left[chosen]].sum()) for level in word.levels}
        tight = worth[stage.mentee] + price[stage.mentor] == gain
        best, left, chosen = left[chosen], left[tight], chosen[tight]
        forced_mentee, forced_mentor = forced_mentee | (worth > 0), forced_mentor | (price > 0)
        stages.append(StageProof(totals, len(gain), len(left)))
        worths.append(worth)
        all_prices.append(price)
    unique = is_unique(market.mentee[left], market.mentor[left], chosen, capacity, forced_mentee, forced_mentor)
    proof = Proof(tuple(stages), unique, len(market.mentee))
    found = Prices(tuple(words), np.array(worths), np.array(all_prices))
    return as_suggestion(market, np.concatenate([best, pins]), proof, found)


def _seated(market: Market, policy: str, solver: Solver, keep: str) -> Suggestion:
    """The best assignment to the places of mentors, each of which counts for less than the one before."""
    seats = seats_of(market)
    found = suggest(seats.market, policy, solver=solver, keep=keep)
    given = found.edge_of[found.edge_of >= 0]
    proof = replace(found.proof, unique=_is_unique_but_for_seats(seats, found), pairs=len(market.mentee))
    least = replace(found.prices, price=seats.prices(found.prices.words, found.prices.price))
    return replace(as_suggestion(market, seats.edge[given], proof, least), seated=(seats, found))


def _is_unique_but_for_seats(seats: Seats, found: Suggestion) -> bool:
    """Whether no other pairs are as good. Those who have one mentor can change seats, which changes nothing."""
    market, prices = seats.market, found.prices
    _pins, edges, capacity = _around_pins(market)
    chosen = found.edge_of[market.mentee[edges]] == edges
    left = chosen | seats.changes(found.edge_of)[edges]
    for word, worth, price in zip(prices.words, prices.worth, prices.price, strict=True):
        left &= worth[market.mentee[edges]] + price[market.mentor[edges]] == word.gain(edges)
    edges, chosen = edges[left], chosen[left]
    forced_mentee, forced_mentor = (np.any(each > 0, axis=0) for each in (prices.worth, prices.price))
    return is_unique(market.mentee[edges], market.mentor[edges], chosen, capacity, forced_mentee, forced_mentor)


def _stable(market: Market) -> Suggestion:
    pins, left, capacity = _around_pins(market)
    best = stable_edges(market, left, capacity)
    proof = Proof((StageProof({"pairs who would rather have each other": 0}, len(left), len(best)),), True, len(left))
    nothing = np.zeros((0, 0), dtype=np.int64)
    return as_suggestion(market, np.concatenate([best, pins]), proof, Prices((), nothing, nothing))


def _around_pins(market: Market) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pinned edges, the edges left to the others in order, and the places left."""
    left, capacity = market.in_order(), market.capacity
    pins = left[:0]
    if market.pinned is not None:
        pins = np.flatnonzero(market.pinned)
        capacity = capacity - np.bincount(market.mentor[pins], minlength=len(capacity))
        settled = np.zeros(market.mentees, dtype=bool)
        settled[market.mentee[pins]] = True
        left = left[~settled[market.mentee[left]]]
    # More places than edges could not be used, and a solver may build each.
    return pins, left, np.minimum(capacity, np.bincount(market.mentor[left], minlength=len(capacity)))


def _proposal(solver: Solver, stage: Stage) -> np.ndarray:
    if not len(stage.gain):
        return np.zeros(0, dtype=bool)
    try:
        return solver.propose(stage)
    except (RuntimeError, ValueError) as error:
        # There is always an assignment, the one of the stage before; the solver is mistaken.
        raise NotProven(f"{solver.name} found no assignment") from error


def as_suggestion(market: Market, best: np.ndarray, proof: Proof, found: Prices) -> Suggestion:
    """The chosen edges with their figures."""
    mentor_of, edge_of = np.full(market.mentees, -1), np.full(market.mentees, -1)
    mentor_of[market.mentee[best]], edge_of[market.mentee[best]] = market.mentor[best], best
    rank = market.rank[best]
    on_list = int((rank > 0).sum())
    figures = {
        "matched": len(best),
        "unmatched": market.mentees - len(best),
        "on_list": on_list,
        "by_rank": np.bincount(rank, minlength=market.rank.max(initial=0) + 1)[1:].tolist(),
        "off_list": len(best) - on_list,
        "unused_places": int(market.capacity.sum()) - len(best),
        "fit_total": int(market.fit[best].sum()),
    }
    return Suggestion(mentor_of, edge_of, figures, proof, found)
