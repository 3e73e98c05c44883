"""Why not: the mentors a mentee wanted more, and who has their places."""

import numpy as np

from matching.suggest.best import Suggestion
from matching.suggest.market import Market


class Reasons:
    """Why not, for any mentee of a market; everybody's wishes and places are looked through once.

    ``holders`` are those who have a mentor's places: mentor -> (mentee, the rank this mentee gave; 0 for not on the list).
    """

    def __init__(self, market: Market, suggestion: Suggestion):
        self._given = (
            np.where(suggestion.edge_of >= 0, market.rank[suggestion.edge_of], 0).tolist() if len(market.rank) else []
        )
        self._wishes: list[list[tuple[int, int]]] = [[] for _ in range(market.mentees)]
        wished = np.flatnonzero(market.rank)
        wished = wished[np.lexsort((market.mentor[wished], market.rank[wished]))]
        columns = (each[wished].tolist() for each in (market.mentee, market.mentor, market.rank))
        for mentee, mentor, rank in zip(*columns, strict=True):
            self._wishes[mentee].append((mentor, rank))
        holders: list[list[tuple[int, int]]] = [[] for _ in range(len(market.capacity))]
        for mentee, mentor in enumerate(suggestion.mentor_of.tolist()):
            if mentor >= 0:
                holders[mentor].append((mentee, self._given[mentee]))
        self.holders = holders

    def wished_more(self, mentee: int) -> list[tuple[int, int]]:
        """(mentor, rank) of the wishes ranked above the mentor suggested (all of them if none or off the list), best first.

        Only mentors with an edge to the mentee: those that a hard rule excludes are not in the market.
        """
        given = self._given[mentee] if self._given else 0
        wishes = self._wishes[mentee]
        return [wish for wish in wishes if wish[1] < given] if given else wishes
