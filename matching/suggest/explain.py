"""Why not: the mentors a mentee wanted more, and who has their places."""

from dataclasses import dataclass

import numpy as np

from matching.suggest.best import Suggestion
from matching.suggest.market import Market


@dataclass(frozen=True)
class NotGiven:
    """A mentor whom a mentee wanted more than what was suggested, and who has the places instead."""

    mentor: int
    rank: int  # that the mentee gave
    places: int
    taken: bool  # whether all the places are
    holders: tuple[tuple[int, int], ...]  # mentee, and the rank this mentee gave (0: not on the list)


def why_not(market: Market, suggestion: Suggestion, mentee: int) -> list[NotGiven]:
    """The mentors on the mentee's list ranked above the one suggested (all of the list if none or off it), best first.

    Only mentors with an edge to the mentee: those that a hard rule excludes are not in the market.
    """
    edge = suggestion.edge_of[mentee]
    given = market.rank[edge] if edge >= 0 else 0
    own = np.flatnonzero((market.mentee == mentee) & (market.rank > 0))
    better = own if given == 0 else own[market.rank[own] < given]
    better = better[np.lexsort((market.mentor[better], market.rank[better]))]
    return [_not_given(market, suggestion, edge) for edge in better]


def _not_given(market: Market, suggestion: Suggestion, edge: int) -> NotGiven:
    mentor = int(market.mentor[edge])
    holders = np.flatnonzero(suggestion.mentor_of == mentor)
    ranks = market.rank[suggestion.edge_of[holders]]
    places = int(market.capacity[mentor])
    with_ranks = tuple(zip(holders.tolist(), ranks.tolist(), strict=True))
    return NotGiven(mentor, int(market.rank[edge]), places, len(holders) == places, with_ranks)
