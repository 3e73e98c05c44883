"""The stable assignment that is best for all mentees: for a cycle in which the wishes of mentors count as well.

Stable means that no mentee and mentor would both rather have each other than what they have. Mentees are asked in rounds: who
has no place asks the best mentor not asked yet, and each mentor keeps the best of those who asked (Gale and Shapley, 1962). Each
mentee gets the best mentor that any stable assignment gives them, so that nobody gains by a list that is not meant.
"""

import numpy as np

from matching.suggest.market import MAX_RANK, Market
from matching.suggest.proof import NotProven


def stable_edges(market: Market, edges: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Those of the edges (in order of mentees) that make the stable assignment, in the given places. Proved to be stable.

    A mentee would rather have someone on the list, by rank, then who fits better; a mentor, by ``liking``; a lower lot decides.
    """
    wish, regard = _orders(market, edges)
    mentee, mentor = market.mentee[edges], market.mentor[edges]
    by_wish = np.lexsort((wish, mentee))
    following = np.searchsorted(mentee, np.arange(market.mentees))
    last = np.searchsorted(mentee, np.arange(market.mentees) + 1)
    held = np.zeros(0, dtype=np.int64)
    asking = np.flatnonzero(following < last)
    while len(asking):
        asked = by_wish[following[asking]]
        following[asking] += 1
        concerned = np.zeros(len(capacity), dtype=bool)
        concerned[mentor[asked]] = True
        theirs = concerned[mentor[held]]
        contest = np.concatenate([held[theirs], asked])
        contest = contest[np.lexsort((regard[contest], mentor[contest]))]
        starts = np.searchsorted(mentor[contest], mentor[contest])
        kept = np.arange(len(contest)) - starts < capacity[mentor[contest]]
        held = np.concatenate([held[~theirs], contest[kept]])
        asking = mentee[contest[~kept]]
        asking = asking[following[asking] < last[asking]]
    check_stable(market, edges, capacity, edges[held])
    return edges[held]


def _orders(market: Market, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each edge's place in the wishes of mentees and in those of mentors; lower is better, and no two are equal."""
    rank = np.where(market.rank > 0, market.rank, MAX_RANK + 1)[edges]
    liking = (market.fit if market.liking is None else market.liking)[edges]
    wish, regard = np.empty(len(edges), dtype=np.int64), np.empty(len(edges), dtype=np.int64)
    wish[np.lexsort((market.lot[edges], -market.fit[edges], rank))] = np.arange(len(edges))
    regard[np.lexsort((market.lot[edges], -liking))] = np.arange(len(edges))
    return wish, regard


def check_stable(market: Market, edges: np.ndarray, capacity: np.ndarray, chosen: np.ndarray) -> None:
    """Raise NotProven unless the chosen of the edges are an assignment, and no pair would rather have each other."""
    wish, regard = _orders(market, edges)
    mentee, mentor = market.mentee[edges], market.mentor[edges]
    taken = np.isin(edges, chosen)
    filled = np.bincount(mentor[taken], minlength=len(capacity))
    if (np.bincount(mentee[taken], minlength=1) > 1).any() or (filled > capacity).any():
        raise NotProven("a mentee has more than one mentor, or a mentor more mentees than places")
    nothing = len(edges)
    has = np.full(market.mentees, nothing)
    has[mentee[taken]] = wish[taken]
    worst = np.full(len(capacity), -1)
    np.maximum.at(worst, mentor[taken], regard[taken])
    worst = np.where(filled < capacity, nothing, worst)
    if ((wish < has[mentee]) & (regard < worst[mentor])).any():
        raise NotProven("a mentee and a mentor would rather have each other")
