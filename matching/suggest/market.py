"""The arrays that a suggestion is computed from."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

LOTS = 2**31
MAX_CAPACITY = 2**31 - 1
MAX_RANK = 1000
MAX_FIT = 1000


@dataclass(frozen=True)
class Market:
    """Who may be paired with whom, and how good each pair is; one edge for each pair the hard rules allow.

    All arrays are int64. `kept` is given when suggesting again: 1 where the pair stood in the last suggestion. `pinned`
    is 1 where staff want the pair whatever it costs: at most one for a mentee, no more than the places of a mentor.
    `liking` is how well the mentee suits what the mentor wishes; where it is not given, the fit takes its part.
    Raises ValueError when the arrays do not describe such a market.
    """

    mentees: int  # n; mentees are 0..n-1
    capacity: np.ndarray  # free places of each mentor, shape (m,)
    mentee: np.ndarray  # edge -> mentee index, shape (E,)
    mentor: np.ndarray  # edge -> mentor index, shape (E,)
    rank: np.ndarray  # edge -> 1 for a first choice, 2 ...; 0 if not on the mentee's list
    fit: np.ndarray  # edge -> criteria score, 0..1000, higher is better
    lot: np.ndarray  # edge -> fixed lot in 0..2**31-1 (lower wins), from lots()
    kept: np.ndarray | None = None  # edge -> 1 where this pair stood in the last suggestion
    pinned: np.ndarray | None = None  # edge -> 1 where staff pinned the pair
    liking: np.ndarray | None = None  # edge -> 0..1000, how well the mentee suits the mentor's wishes
    spread: int = (
        0  # the part of the fit of a mentor's first mentee that is for being the first; the n-th has an n-th of it
    )
    held: np.ndarray | None = None  # mentees whom each mentor has already; the fit is that of the next one, shape (m,)

    def __post_init__(self) -> None:
        if self.mentees < 0:
            raise ValueError(f"mentees must not be negative: {self.mentees}")
        _check_array("capacity", self.capacity, None, MAX_CAPACITY)
        _check_array("mentee", self.mentee, None, self.mentees - 1)
        edges = len(self.mentee)
        _check_array("mentor", self.mentor, edges, len(self.capacity) - 1)
        _check_array("rank", self.rank, edges, MAX_RANK)
        _check_array("fit", self.fit, edges, MAX_FIT)
        _check_array("lot", self.lot, edges, LOTS - 1)
        if not 0 <= self.spread <= MAX_FIT:
            raise ValueError(f"spread must lie in 0..{MAX_FIT}: {self.spread}")
        if self.held is not None:
            _check_array("held", self.held, len(self.capacity), MAX_CAPACITY)
        if (self.fit < self.part_of(np.ones_like(self.mentor), self.mentor)).any():
            raise ValueError("the fit of a pair is less than the part of it that spread is")
        for name, largest in (("kept", 1), ("pinned", 1), ("liking", MAX_FIT)):
            if (array := getattr(self, name)) is not None:
                _check_array(name, array, edges, largest)
        pairs = self.pairs()
        if (pairs[1:] <= pairs[:-1]).any():
            pairs = np.sort(pairs)
            if (pairs[1:] == pairs[:-1]).any():
                raise ValueError("the same mentee and mentor are given as more than one edge")
        if self.pinned is not None:
            self._check_pins(np.flatnonzero(self.pinned))

    def _check_pins(self, pins: np.ndarray) -> None:
        if (np.bincount(self.mentee[pins], minlength=1) > 1).any():
            raise ValueError("a mentee is pinned to more than one mentor")
        if (np.bincount(self.mentor[pins], minlength=len(self.capacity)) > self.capacity).any():
            raise ValueError("a mentor has more pinned mentees than places")

    def part_of(self, nth: np.ndarray, mentor: np.ndarray) -> np.ndarray:
        """What spread is of the fit of the next (1), the one after (2) ... mentee of a mentor, elementwise."""
        return self.spread // (nth if self.held is None else nth + self.held[mentor])

    def pairs(self) -> np.ndarray:
        """One number for each edge's pair, in the order of mentees, then mentors."""
        return self.mentee * len(self.capacity) + self.mentor

    def in_order(self) -> np.ndarray:
        """The edges by mentee, then mentor."""
        pairs = self.pairs()
        return np.arange(len(pairs)) if (pairs[1:] > pairs[:-1]).all() else np.argsort(pairs)


def _check_array(name: str, array: np.ndarray, length: int | None, largest: int) -> None:
    if not isinstance(array, np.ndarray) or array.dtype != np.int64 or array.ndim != 1:
        raise ValueError(f"{name} must be a one-dimensional int64 array")
    if length is not None and len(array) != length:
        raise ValueError(f"{name} must have one entry for each edge: {len(array)} instead of {length}")
    if len(array) and (array.min() < 0 or array.max() > largest):
        raise ValueError(f"{name} must lie in 0..{largest}, found {array.min()}..{array.max()}")


def lots(mentee_ids: Iterable[int | str], mentor_ids: Iterable[int | str], seed: str) -> np.ndarray:
    """The lot of each pair (mentee_ids[k], mentor_ids[k]): int64 in 0..2**31-1, shape (E,).

    Depends on the two ids and the seed alone: not on the order, the other pairs, or the machine. Raises ValueError when
    the two are not equally long.
    """
    mentees, mentors = tickets(mentee_ids, "mentee", seed), tickets(mentor_ids, "mentor", seed)
    if len(mentees) != len(mentors):
        raise ValueError(f"{len(mentees)} mentees do not make pairs with {len(mentors)} mentors")
    return lot_of(mentees, mentors)


def tickets(ids: Iterable[int | str], side: str, seed: str) -> np.ndarray:
    """A number for each person of a side ("mentee" or "mentor"): uint64, one for each id. Two make a lot."""
    ids = ids.tolist() if isinstance(ids, np.ndarray) else list(ids)
    # JSON of [seed, side, id], for which a number is as it is.
    begun = json.dumps([seed, side])[:-1]
    said = {each: f"{begun}, {each if isinstance(each, int) else json.dumps(each)}]" for each in set(ids)}
    hashes = {each: blake2b(text.encode(), digest_size=8).digest() for each, text in said.items()}
    return np.frombuffer(b"".join(hashes[each] for each in ids), dtype="<u8").astype(np.uint64)


def lot_of(mentee_tickets: np.ndarray, mentor_tickets: np.ndarray) -> np.ndarray:
    """The lots of the pairs of two persons' tickets, elementwise: int64 in 0..2**31-1."""
    mixed = mentee_tickets ^ mentor_tickets
    # The finisher of SplitMix64: without it, the lots of two mentees with two mentors would not be independent.
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(33)).astype(np.int64)
