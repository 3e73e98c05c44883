"""Why not: the mentors a mentee wanted more, and who has their places."""

from typing import NamedTuple

import numpy as np

from matching.suggest.best import Suggestion
from matching.suggest.market import Market


class NotGiven(NamedTuple):
    """A mentor whom a mentee wanted more than what was suggested, and who has the places instead."""

    mentor: int
    rank: int  # that the mentee gave
    places: int
    taken: bool  # whether all the places are
    holders: tuple[tuple[int, int], ...]  # mentee, and the rank this mentee gave (0: not on the list)


class Reasons:
    """Why not, for any mentee of a market; everybody's wishes and places are looked through once."""

    def __init__(self, market: Market, suggestion: Suggestion):
        self._capacity = market.capacity.tolist()
        self._given = (
            np.where(suggestion.edge_of >= 0, market.rank[suggestion.edge_of], 0).tolist() if len(market.rank) else []
        )
        self._wishes: list[list[tuple[int, int]]] = [[] for _ in range(market.mentees)]
        wished = np.flatnonzero(market.rank)
        wished = wished[np.lexsort((market.mentor[wished], market.rank[wished]))]
        columns = (each[wished].tolist() for each in (market.mentee, market.mentor, market.rank))
        for mentee, mentor, rank in zip(*columns, strict=True):
            self._wishes[mentee].append((mentor, rank))
        holders: list[list[tuple[int, int]]] = [[] for _ in self._capacity]
        for mentee, mentor in enumerate(suggestion.mentor_of.tolist()):
            if mentor >= 0:
                holders[mentor].append((mentee, self._given[mentee]))
        self.holders = [tuple(each) for each in holders]

    def not_given(self, mentee: int) -> list[NotGiven]:
        """The mentors on the mentee's list ranked above the one suggested (all of the list if none or off it), best first.

        Only mentors with an edge to the mentee: those that a hard rule excludes are not in the market.
        """
        return [
            NotGiven(mentor, rank, self._capacity[mentor], self._is_taken(mentor), self.holders[mentor])
            for mentor, rank in self.wished_more(mentee)
        ]

    def wished_more(self, mentee: int) -> list[tuple[int, int]]:
        """(mentor, rank) of those, without why."""
        given = self._given[mentee] if self._given else 0
        wishes = self._wishes[mentee]
        return [wish for wish in wishes if wish[1] < given] if given else wishes

    def _is_taken(self, mentor: int) -> bool:
        return len(self.holders[mentor]) == self._capacity[mentor]


def why_not(market: Market, suggestion: Suggestion, mentee: int) -> list[NotGiven]:
    """``Reasons.not_given`` of one mentee."""
    return Reasons(market, suggestion).not_given(mentee)
