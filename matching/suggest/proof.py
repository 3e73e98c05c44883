"""Who checks: prices, and the conditions that together mean that no other assignment gains more."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from matching.suggest.solvers import Stage

EXACT = 2**61  # three numbers up to this add up inside int64


class NotProven(Exception):
    """What the solver proposed could not be proved optimal, so nothing is suggested."""


@dataclass(frozen=True)
class StageProof:
    """One stage that was proved optimal: the total reached on each of its levels, and what it left to the next."""

    totals: dict[str, int]
    edges: int  # that the stage chose among
    edges_left: int  # that some best assignment may still use


@dataclass(frozen=True)
class Proof:
    """What was established by checking: each stage is optimal, and whether any other assignment is as good."""

    stages: tuple[StageProof, ...]
    unique: bool
    pairs: int  # how many eligible pairs it holds over


def prices(stage: Stage, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each mentee's match is worth beyond the place it takes, and the price of a place with each mentor.

    The lowest prices at which nobody would rather have another place: raised, for all mentors at once, until they
    stand. If they never stand, some cycle of moves gains something, and the proposal is not optimal.
    """
    if chosen.shape != stage.gain.shape or chosen.dtype != bool:
        raise NotProven("the proposal does not say yes or no to each edge")
    mentees = len(stage.forced_mentee)
    matched, seat, held = stage.mentee[chosen], stage.mentor[chosen], stage.gain[chosen]
    first = np.searchsorted(stage.mentee, np.arange(mentees + 1))
    worth = np.zeros(mentees, dtype=np.int64)
    # The place of a mentor who must be full may cost less than nothing: begin below any price that could matter.
    price = np.where(stage.forced_mentor, -2 * stage.span, 0)
    worth[matched] = held - price[seat]
    edges = np.arange(len(stage.gain))
    for _ in range(len(price) + 1):
        standing = price.copy()
        np.maximum.at(price, stage.mentor[edges], stage.gain[edges] - worth[stage.mentee[edges]])
        # Only those whose own place has become dearer look again.
        dearer = (price > standing)[seat]
        if not dearer.any():
            return worth, price
        worth[matched] = held - price[seat]
        edges = _edges_of(first, matched[dearer])
    raise NotProven("a cycle of moves would improve the proposal")


def _edges_of(first: np.ndarray, mentees: np.ndarray) -> np.ndarray:
    """The edges of these mentees, where those of mentee i are first[i]..first[i + 1]."""
    counts = first[mentees + 1] - first[mentees]
    return np.repeat(first[mentees] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())


def certify(stage: Stage, chosen: np.ndarray, worth: np.ndarray, price: np.ndarray) -> None:
    """Raise NotProven unless worth (per mentee) and price (per mentor) prove the chosen edges optimal for the stage.

    These are the conditions of complementary slackness; together they mean that no other assignment gains more.
    """
    if max(np.abs(worth).max(initial=0), np.abs(price).max(initial=0)) > EXACT:
        raise NotProven("a price is too large to add up exactly")
    slack = worth[stage.mentee] + price[stage.mentor] - stage.gain
    matches = np.bincount(stage.mentee[chosen], minlength=len(worth))
    filled = np.bincount(stage.mentor[chosen], minlength=len(price))
    conditions = {
        "a mentee has more than one mentor": matches <= 1,
        "a mentor has more mentees than places": filled <= stage.capacity,
        "a mentee who must be matched is not": (matches == 1) | ~stage.forced_mentee,
        "a mentor who must be full is not": (filled == stage.capacity) | ~stage.forced_mentor,
        "a pair is worth more than its price": slack >= 0,
        "a chosen pair is not worth its price": slack[chosen] == 0,
        "a match is worth less than none": (worth >= 0) | stage.forced_mentee,
        "a place costs less than nothing": (price >= 0) | stage.forced_mentor,
        "an unmatched mentee could be matched": (matches == 1) | (worth == 0),
        "a free place has a price": (filled == stage.capacity) | (price == 0),
    }
    for broken, holds in conditions.items():
        if not holds.all():
            raise NotProven(broken)


def is_unique(
    mentee: np.ndarray,
    mentor: np.ndarray,
    chosen: np.ndarray,
    capacity: np.ndarray,
    forced_mentee: np.ndarray,
    forced_mentor: np.ndarray,
) -> bool:
    """Whether the chosen edges are the only assignment that the given edges and forced people allow.

    Another one differs by a cycle of moves: an edge not chosen is a step from mentee to mentor, a chosen one a step
    back, and whoever is not forced has a step to or from the pool. Mentors with some places taken and some free have
    both, so they count as the pool itself.
    """
    n, m = len(forced_mentee), len(capacity)
    filled = np.bincount(mentor[chosen], minlength=m)
    matched = np.bincount(mentee[chosen], minlength=n) > 0
    mentees, mentors, pool = np.arange(n), np.arange(n, n + m), n + m
    mentors[(filled > 0) & (filled < capacity)] = pool
    full = np.flatnonzero((filled == capacity) & ~forced_mentor)
    empty = np.flatnonzero((filled == 0) & (capacity > 0))
    start = [mentees[mentee[~chosen]], mentors[mentor[chosen]], np.full(len(full), pool), mentors[empty]]
    end = [mentors[mentor[~chosen]], mentees[mentee[chosen]], mentors[full], np.full(len(empty), pool)]
    leaving, staying = np.flatnonzero(matched & ~forced_mentee), np.flatnonzero(~matched)
    start += [leaving, np.full(len(staying), pool)]
    end += [np.full(len(leaving), pool), staying]
    rows, columns = np.concatenate(start), np.concatenate(end)
    steps = csr_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(pool + 1, pool + 1))
    parts, _ = connected_components(steps, directed=True, connection="strong")
    return parts == pool + 1
