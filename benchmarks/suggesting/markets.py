"""Made-up markets, always the same for the same size: popular mentors are popular, and there are more mentees than places."""

from collections.abc import Iterable, Iterator

import numpy as np

from matching.suggest import MAX_FIT, Market, lots

RANKED, OTHERS = 5, 30


def synthetic(mentees: int, mentors: int) -> Market:
    """Mentors of 1 to 3 places, 5 ranked mentors for each mentee, of uneven popularity (Zipf), and 30 more."""
    random = np.random.default_rng(1)
    chosen = wishes(random, mentees, mentors, RANKED + OTHERS)
    mentee, mentor = np.repeat(np.arange(mentees), RANKED + OTHERS), chosen.ravel()
    rank = np.tile(np.concatenate([np.arange(1, RANKED + 1), np.zeros(OTHERS, dtype=np.int64)]), mentees)
    fit = random.integers(0, MAX_FIT + 1, len(mentee))
    return Market(mentees, random.integers(1, 4, mentors), mentee, mentor, rank, fit, lots(mentee, mentor, "benchmark"))


def wishes(random: np.random.Generator, mentees: int, mentors: int, size: int) -> np.ndarray:
    """For each mentee so many different mentors, the ranked ones drawn by popularity: int64, shape (mentees, size)."""
    heard_of = np.cumsum(1 / random.permutation(np.arange(1, mentors + 1)))
    heard_of /= heard_of[-1]
    rows = np.empty((mentees, size), dtype=np.int64)
    for row in rows:
        ranked = distinct(_drawn(random, heard_of), RANKED, ())
        row[:] = ranked + distinct(_evenly(random, mentors), size - len(ranked), ranked)
    return rows


def distinct(drawn: Iterator[int], size: int, without: Iterable[int]) -> list[int]:
    """The first so many different numbers of those drawn, but for some."""
    left_out = set(without)
    found: dict[int, None] = {}
    while len(found) < size:
        each = next(drawn)
        if each not in left_out:
            found[each] = None
    return list(found)


def _drawn(random: np.random.Generator, heard_of: np.ndarray) -> Iterator[int]:
    while True:
        yield from np.searchsorted(heard_of, random.random(40)).tolist()


def _evenly(random: np.random.Generator, mentors: int) -> Iterator[int]:
    while True:
        yield from random.integers(0, mentors, 80).tolist()
