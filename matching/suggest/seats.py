"""Load spread: a mentor's first mentee counts for more than the second, so that the work is spread over the mentors.

Each place becomes a seat, which is a mentor with one place. Pairs with the first have the whole fit; with the second it lacks
half of what is for being the first, with the third two thirds, and so on. What is solved and proved over seats is the best over
mentors, since the seats of a mentor are worth less and less and so are taken from the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.suggest.levels import Word
from matching.suggest.market import Market


@dataclass(frozen=True)
class Seats:
    """A market of seats, made of one of mentors."""

    market: Market
    edge: np.ndarray  # edge of the seats -> edge of the mentors
    mentor: np.ndarray  # seat -> mentor
    lacks: np.ndarray  # seat -> what the fit of a pair lacks there

    def prices(self, words: Sequence[Word], price: np.ndarray) -> np.ndarray:
        """The least that a seat with each mentor costs, with what the fit lacks there: as words, shape (words, mentors)."""
        of_fit = [sum(worth for level, worth in word.factors() if level.name == "fit") for word in words]
        cost = price + np.array(of_fit, dtype=np.int64)[:, None] * self.lacks
        order = np.lexsort((*cost[::-1], self.mentor))
        cheapest = np.searchsorted(self.mentor[order], np.arange(len(np.unique(self.mentor))))
        return cost[:, order[cheapest]]

    def changes(self, edge_of: np.ndarray) -> np.ndarray:
        """Of the seats' edges, those that are more than another seat with the mentor whom the mentee has: bool."""
        given = np.append(self.edge, -1)[edge_of]
        return self.edge != given[self.market.mentee]


def seats_of(market: Market) -> Seats:
    """The market with a mentor for each place."""
    wanted = np.bincount(market.mentor, minlength=len(market.capacity))
    # More places than edges could not be used. Without a place there is a seat that nobody can take: it has a price.
    seats = np.maximum(np.minimum(market.capacity, wanted), 1)
    first = np.cumsum(seats) - seats
    mentor = np.repeat(np.arange(len(seats)), seats)
    nth = 1 + np.arange(len(mentor)) - first[mentor]
    lacks = market.part_of(np.ones_like(nth), mentor) - market.part_of(nth, mentor)
    order = market.in_order()
    copies = seats[market.mentor[order]]
    edge = np.repeat(order, copies)
    copy = np.arange(len(edge)) - np.repeat(np.cumsum(copies) - copies, copies)
    seat = first[market.mentor[edge]] + copy
    expanded = replace(
        market,
        capacity=np.minimum(market.capacity, 1)[mentor],
        mentee=market.mentee[edge],
        mentor=seat,
        rank=market.rank[edge],
        fit=market.fit[edge] - lacks[seat],
        lot=market.lot[edge],
        kept=None if market.kept is None else market.kept[edge],
        pinned=None if market.pinned is None else market.pinned[edge] * (copy == _nth_pin(market, market.pinned)[edge]),
        liking=None,
        spread=0,
        held=None,
    )
    return Seats(expanded, edge, mentor, lacks)


def _nth_pin(market: Market, pinned: np.ndarray) -> np.ndarray:
    """Of each pinned edge, how many pins of its mentor come before it."""
    place = np.zeros(len(market.mentor), dtype=np.int64)
    pins = np.flatnonzero(pinned)
    pins = pins[np.argsort(market.mentor[pins], kind="stable")]
    mentor = market.mentor[pins]
    place[pins] = np.arange(len(pins)) - np.searchsorted(mentor, mentor)
    return place
