"""The best assignment over all eligible pairs, where there are too many to solve with: those that could matter are added.

A pair that is not among the edges could better an assignment only if its gain is more than its mentee's worth and its mentor's
price together, read as numbers of several words (``Prices``). All pairs are asked; those that could better it become edges, and
it is solved again, until there are none: then the proof holds over all of them. Most pairs cost too much by the first word
alone. With mentees in the order of their worth and mentors in that of their price, they need not be looked at one by one.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np

from matching.suggest.best import Prices, Suggestion, suggest
from matching.suggest.levels import Word
from matching.suggest.market import LOTS, MAX_FIT, Market
from matching.suggest.solvers import FASTEST, Solver

# So many of a mentee's pairs are added at a time, those with the cheapest mentors first. Few mentees have as many; it is so that
# a market of nothing but equal pairs does not fill the memory.
ADDED = 300
# So many pairs are looked at together.
BLOCK = 500_000


class Everyone(Protocol):
    """All eligible pairs. What is said of some mentees and some mentors, as indices, has a row for each of the mentees."""

    @property
    def pairs(self) -> int: ...  # how many there are
    def fits(self, mentees: np.ndarray, mentors: np.ndarray) -> np.ndarray: ...  # whole numbers
    def unlisted(self, mentees: np.ndarray, mentors: np.ndarray) -> np.ndarray: ...  # not listed, kept or pinned: bool
    def lots(self, mentee: np.ndarray, mentor: np.ndarray) -> np.ndarray: ...  # pair by pair


def suggest_over_all(
    market: Market,
    everyone: Everyone,
    policy: str = "on_list_first",
    *,
    solver: Solver = FASTEST,
    keep: str = "ties",
) -> tuple[Market, Suggestion]:
    """The best assignment over all eligible pairs, and the market with the edges that it took to find it.

    The market has every listed, kept or pinned pair, and any of the others. Raises as ``suggest`` does, and
    ValueError for the policy "stable".
    """
    if policy == "stable":
        raise ValueError("no prices prove a stable assignment")
    market = _with(market, *_NOTHING, lot=_NOTHING[0])  # in order, for pairs to be looked up in it
    while True:
        suggestion = suggest(market, policy, solver=solver, keep=keep)
        blocks = _within_reach(market, suggestion.prices)
        found = [_missing(market, suggestion.prices, everyone, *block) for block in blocks]
        mentee, mentor, fit = (np.concatenate(each) for each in zip(_NOTHING, *found, strict=True))
        if not len(mentee):
            return market, replace(suggestion, proof=replace(suggestion.proof, pairs=everyone.pairs))
        market = _with(market, mentee, mentor, fit, everyone.lots(mentee, mentor))


_NOTHING = (np.zeros(0, dtype=np.int64),) * 3


def _within_reach(market: Market, prices: Prices) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Mentees and mentors, block by block, with every pair whose mentor could be worth the price by the first word."""
    worth, price = prices.worth[0], prices.price[0]
    mentees, mentors = np.argsort(worth), np.argsort(price)
    if market.pinned is not None:
        mentees = mentees[~np.isin(mentees, market.mentee[market.pinned == 1])]
    # The more a mentee's match is worth already, the fewer could better it.
    reach = np.searchsorted(price[mentors], _most_of_others(prices.words[0]) - worth[mentees], side="right")
    first = 0
    while first < len(mentees) and reach[first]:
        some = slice(first, first + max(BLOCK // int(reach[first]), 1))
        yield mentees[some], mentors[: reach[first]]
        first = some.stop


def _most_of_others(word: Word) -> int:
    """The most that a pair on nobody's list can gain in this word."""
    return sum(
        each * (level.most if level.name in ("fit", "lot") else level.of_others) for level, each in word.factors()
    )


def _missing(
    market: Market, prices: Prices, everyone: Everyone, mentees: np.ndarray, mentors: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(mentee, mentor, fit) of the pairs that are no edges, and could better the assignment or be as good."""
    fits = everyone.fits(mentees, mentors)
    others = _could_better(prices, fits, mentees, mentors) & everyone.unlisted(mentees, mentors)
    row, column = np.divmod(np.flatnonzero(others), len(mentors))
    mentee, mentor, fit = mentees[row], mentors[column], fits[row, column].astype(np.int64)
    lot = LOTS - 1 - everyone.lots(mentee, mentor)
    slack = np.zeros((len(prices.words), len(mentee)), dtype=np.int64)
    for index, word in enumerate(prices.words):
        slack[index] = prices.worth[index][mentee] + prices.price[index][mentor]
        for level, worth in word.factors():
            slack[index] -= worth * {"fit": fit, "lot": lot}.get(level.name, level.of_others)
    # An edge may be as good as what was chosen. It must not take the place of one that is missing.
    some = np.flatnonzero(_not_positive(slack) & ~_are_edges(market, mentee, mentor))
    some = some[_place_in_group(row[some]) < ADDED]
    return mentee[some], mentor[some], fit[some]


def _could_better(prices: Prices, fits: np.ndarray, mentees: np.ndarray, mentors: np.ndarray) -> np.ndarray:
    """Which pairs of these mentees and mentors could better the assignment or be as good, whatever their lot: bool."""
    even, better = np.ones(fits.shape, dtype=bool), np.zeros(fits.shape, dtype=bool)
    for word, worth, price in zip(prices.words, prices.worth, prices.price, strict=True):
        of_fit = sum(each for level, each in word.factors() if level.name == "fit")
        affordable = (_most_of_others(word) - worth[mentees])[:, None]
        if of_fit:
            affordable = affordable - of_fit * (MAX_FIT - fits.astype(np.int64))
        cost = price[mentors]
        better |= even & (cost < affordable)
        even &= cost == affordable
    return better | even


def _not_positive(slack: np.ndarray) -> np.ndarray:
    """Whether each column, read as a number of several words, is nothing or less: bool."""
    undecided, found = np.ones(slack.shape[1], dtype=bool), np.zeros(slack.shape[1], dtype=bool)
    for word in slack:
        found |= undecided & (word < 0)
        undecided &= word == 0
    return found | undecided


def _are_edges(market: Market, mentee: np.ndarray, mentor: np.ndarray) -> np.ndarray:
    """Whether each pair is an edge: bool."""
    pairs, edges = mentee * len(market.capacity) + mentor, np.append(market.pairs(), -1)
    return edges[np.searchsorted(edges[:-1], pairs)] == pairs


def _place_in_group(groups: np.ndarray) -> np.ndarray:
    """0, 1, 2 ... within each run of equal numbers."""
    starts = np.flatnonzero(np.append(True, groups[1:] != groups[:-1])) if len(groups) else np.zeros(0, dtype=np.int64)
    return np.arange(len(groups)) - np.repeat(starts, np.diff(np.append(starts, len(groups))))


def _with(market: Market, mentee: np.ndarray, mentor: np.ndarray, fit: np.ndarray, lot: np.ndarray) -> Market:
    """The market with these pairs, which are on nobody's list, in order."""
    none = np.zeros(len(mentee), dtype=np.int64)
    order = np.lexsort((np.append(market.mentor, mentor), np.append(market.mentee, mentee)))

    def joined(standing: np.ndarray, added: np.ndarray) -> np.ndarray:
        return np.append(standing, added)[order]

    return replace(
        market,
        mentee=joined(market.mentee, mentee),
        mentor=joined(market.mentor, mentor),
        rank=joined(market.rank, none),
        fit=joined(market.fit, fit),
        lot=joined(market.lot, lot),
        kept=None if market.kept is None else joined(market.kept, none),
        pinned=None if market.pinned is None else joined(market.pinned, none),
        # Only a stable assignment asks for it, and no prices prove one.
        liking=None,
    )
