"""The best assignment over all eligible pairs, where there are too many to solve with: those that could matter are added.

A pair that is not among the edges could better an assignment only if its gain is more than its mentee's worth and its mentor's
price together, read as numbers of several words (``Prices``). All pairs are asked, a block at a time; those that could better
it become edges, and it is solved again, until there are none: then the proof holds over all of them.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

import numpy as np

from matching.suggest.best import Prices, Suggestion, suggest
from matching.suggest.levels import Level
from matching.suggest.market import LOTS, Market
from matching.suggest.solvers import FASTEST, Solver

# So many of a mentee's pairs are added at a time, the most promising first.
ADDED = 10


class Block(Protocol):
    """All pairs of some mentees, from the first on, with every mentor; arrays are of shape (mentees, mentors)."""

    @property
    def first(self) -> int: ...
    @property
    def fit(self) -> np.ndarray: ...  # whole numbers
    @property
    def unlisted(self) -> np.ndarray: ...  # bool: eligible, and neither listed nor kept nor pinned


class Everyone(Protocol):
    """All eligible pairs."""

    def blocks(self) -> Iterable[Block]: ...

    def lots(self, mentee: np.ndarray, mentor: np.ndarray) -> np.ndarray: ...


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
    while True:
        suggestion = suggest(market, policy, solver=solver, keep=keep)
        found = [_missing(market, suggestion.prices, everyone, block) for block in everyone.blocks()]
        if not any(len(mentee) for _eligible, mentee, _mentor, _fit in found):
            pairs = len(market.mentee) + sum(eligible for eligible, *_rest in found)
            return market, replace(suggestion, proof=replace(suggestion.proof, pairs=pairs))
        mentee, mentor, fit = (np.concatenate([each[part] for each in found]) for part in (1, 2, 3))
        market = _with(market, mentee, mentor, fit, everyone.lots(mentee, mentor))


def _missing(
    market: Market, prices: Prices, everyone: Everyone, block: Block
) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """How many pairs of the block are no edges, and (mentee, mentor, fit) of those that could better the assignment."""
    rows = slice(block.first, block.first + len(block.fit))
    others = block.unlisted.copy()
    own = slice(*np.searchsorted(market.mentee, [rows.start, rows.stop]))
    others[market.mentee[own] - rows.start, market.mentor[own]] = False
    eligible = int(others.sum())
    if market.pinned is not None:
        pinned = market.mentee[own][market.pinned[own] == 1] - rows.start
        others[pinned] = False
    others &= _could_better(prices, block.fit.astype(np.int64), rows)
    mentee, mentor = np.nonzero(others)
    fit = block.fit[mentee, mentor].astype(np.int64)
    mentee = mentee + rows.start
    lot = LOTS - 1 - everyone.lots(mentee, mentor)
    slack = np.zeros((len(prices.words), len(mentee)), dtype=np.int64)
    for index, word in enumerate(prices.words):
        slack[index] = prices.worth[index][mentee] + prices.price[index][mentor]
        for level, worth in word.factors():
            slack[index] -= worth * {"fit": fit, "lot": lot}.get(level.name, level.of_others)
    promising = _not_positive(slack)
    order = np.lexsort((*slack[::-1], mentee))
    order = order[promising[order]]
    order = order[_place_in_group(mentee[order]) < ADDED]
    return eligible, mentee[order], mentor[order], fit[order]


def _could_better(prices: Prices, fit: np.ndarray, rows: slice) -> np.ndarray:
    """Which pairs of these mentees with every mentor could better the assignment, whatever their lot: bool."""
    open_, found = np.ones(fit.shape, dtype=bool), np.zeros(fit.shape, dtype=bool)
    for word, worth, price in zip(prices.words, prices.worth, prices.price, strict=True):
        factors = {level.name: each for level, each in word.factors()}
        most = sum(each * _most_of_others(level) for level, each in word.factors() if level.name != "fit")
        limit = (most - worth[rows])[:, None] - price[None, :]
        if "fit" in factors:
            limit += factors["fit"] * fit
        if "lot" in factors:
            return found | open_ & (limit >= 0)
        found |= open_ & (limit > 0)
        open_ &= limit == 0
        if not open_.any():
            break
    return found | open_


def _most_of_others(level: Level) -> int:
    return level.most if level.name == "lot" else level.of_others


def _not_positive(slack: np.ndarray) -> np.ndarray:
    """Whether each column, read as a number of several words, is nothing or less: bool."""
    undecided, found = np.ones(slack.shape[1], dtype=bool), np.zeros(slack.shape[1], dtype=bool)
    for word in slack:
        found |= undecided & (word < 0)
        undecided &= word == 0
    return found | undecided


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
