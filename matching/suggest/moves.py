"""What if: what it costs all others to give a mentee another mentor, and what one more place would gain. Exact.

A change of one pair goes on as a chain: whoever loses the place moves to another one, and so on, until a free place is taken,
somebody goes without, or the place that the mentee left is filled. The costs of all single moves come from the prices that
proved the suggestion; none is less than nothing. So the least cost of a change is that of a shortest path, and one search from a
mentee's own place backwards gives it for all mentors at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.suggest.best import Suggestion, suggest
from matching.suggest.levels import Word
from matching.suggest.market import Market

FAR = 2**62


@dataclass(frozen=True)
class Alternative:
    """Another mentor for a mentee, and what it would change in total: level -> how much more (or, below nothing, less)."""

    edge: int
    mentor: int
    change: dict[str, int]


class Moves:
    """The moves that are left in a proved suggestion. Raises ValueError for one that no prices prove (the policy "stable")."""

    def __init__(self, market: Market, suggestion: Suggestion):
        if not suggestion.prices.words:
            raise ValueError("this suggestion has no prices")
        self._mentor, self._edge = market.mentor, np.arange(len(market.mentee))
        if suggestion.seated:
            seats, suggestion = suggestion.seated
            market, self._edge = seats.market, seats.edge
        self.market, self.suggestion = market, suggestion
        self.words = suggestion.prices.words
        worth, price = suggestion.prices.worth, suggestion.prices.price
        pinned = np.zeros(market.mentees, dtype=bool)
        if market.pinned is not None:
            pinned[market.mentee[market.pinned == 1]] = True
        self.pool = pool = len(market.capacity)
        mentors = np.arange(pool)
        every = np.arange(len(market.mentee))
        gain = np.array([word.gain(every) for word in self.words])
        self.slack = worth[:, market.mentee] + price[:, market.mentor] - gain
        place = np.where(suggestion.mentor_of >= 0, suggestion.mentor_of, pool)
        matched = np.flatnonzero((suggestion.mentor_of >= 0) & ~pinned)
        filled = np.bincount(suggestion.mentor_of[suggestion.mentor_of >= 0], minlength=pool)
        movable = np.bincount(suggestion.mentor_of[matched], minlength=pool) > 0
        steps = np.flatnonzero((suggestion.edge_of[market.mentee] != every) & ~pinned[market.mentee])
        spare, given = mentors[filled < market.capacity], mentors[movable]
        # A mentee moves; a mentee goes without; a free place is taken; a place stays empty.
        starts = [place[market.mentee[steps]], suggestion.mentor_of[matched], spare, np.full(len(given), pool)]
        ends = [market.mentor[steps], np.full(len(matched) + len(spare), pool), given]
        nothing = np.zeros((len(self.words), len(spare)), dtype=np.int64)
        costs = [self.slack[:, steps], worth[:, matched], nothing, price[:, given]]
        start, end, cost = np.concatenate(starts), np.concatenate(ends), np.hstack(costs)
        order = np.argsort(start, kind="stable")
        self.start, self.end, self.cost = start[order], end[order], cost[:, order]
        self._place, self._pinned = place, pinned

    def alternatives(self, mentee: int) -> list[Alternative]:
        """Every other mentor whom this mentee could have, best first, with what it would change for all together."""
        if self._pinned[mentee]:
            return []
        far = self._to(self._place[mentee])
        edges = np.flatnonzero(self.market.mentee == mentee)
        edges = edges[edges != self.suggestion.edge_of[mentee]]
        edges = edges[far[0][self.market.mentor[edges]] < FAR]
        loss = self.slack[:, edges] + far[:, self.market.mentor[edges]]
        best_first = np.lexsort(loss[::-1])
        edges, loss = self._edge[edges[best_first]], loss[:, best_first]
        # Of the seats with one mentor the best; another seat with the same mentor is no other mentor.
        given = self.suggestion.edge_of[mentee]
        first = np.sort(np.unique(edges, return_index=True)[1])
        first = first[edges[first] != (self._edge[given] if given >= 0 else -1)]
        return [
            Alternative(edge, int(self._mentor[edge]), read(self.words, -each))
            for edge, each in zip(edges[first].tolist(), loss[:, first].T, strict=True)
        ]

    def _to(self, target: int) -> np.ndarray:
        """How far it is from each mentor, and from the pool, to the target: as words, shape (words, mentors + 1)."""
        far = np.full((len(self.words), self.pool + 1), FAR)
        steps = np.arange(len(self.start))
        for k in range(len(self.words)):
            start, end, cost = self.start[steps], self.end[steps], self.cost[k][steps]
            first = np.flatnonzero(np.append(True, start[1:] != start[:-1])) if len(start) else steps
            here = far[k]
            here[target] = 0
            while len(first):
                nearest = np.minimum.reduceat(np.where(here[end] < FAR, cost + here[end], FAR), first)
                nearer = nearest < here[start[first]]
                if not nearer.any():
                    break
                here[start[first][nearer]] = nearest[nearer]
                here[target] = 0
            # Of equally near ways, the next word decides.
            steps = steps[(here[end] < FAR) & (cost + np.where(here[end] < FAR, here[end], 0) == here[start])]
        return far


def read(words: Sequence[Word], change: np.ndarray) -> dict[str, int]:
    """A change in words as the change of each level, without the lot."""
    said: dict[str, int] = {}
    for word, number in zip(words, change.tolist(), strict=True):
        said |= word.read(number)
    said.pop("lot", None)
    return said


def gain_of_places(suggestion: Suggestion) -> list[dict[str, int]]:
    """For each mentor, what one more place would gain in total: level -> how much."""
    prices = suggestion.prices
    return [read(prices.words, prices.price[:, mentor]) for mentor in range(prices.price.shape[1])]


@dataclass(frozen=True)
class Moved:
    """Somebody for whom a change makes a difference: mentors as indices, -1 for nobody; ranks, 0 for not on the list."""

    mentee: int
    before: int
    after: int
    rank_before: int
    rank_after: int
    fit_change: int

    @property
    def gains(self) -> bool:
        """Whether it is better for the mentee: matched at all, a better rank, then a better fit."""
        return self._value(self.after, self.rank_after, self.fit_change) > self._value(self.before, self.rank_before, 0)

    @staticmethod
    def _value(mentor: int, rank: int, fit: int) -> tuple:
        return mentor >= 0, rank > 0, -rank, fit


@dataclass(frozen=True)
class Effect:
    """What would be different: the suggestion that would be, who moves, and figure -> how much more (or less)."""

    suggestion: Suggestion
    moved: list[Moved]
    change: dict[str, int]


def what_if(
    market: Market, suggestion: Suggestion, edges: Sequence[int], policy: str = "on_list_first", *, keep: str = "ties"
) -> Effect:
    """What would be, if these pairs were given whatever they cost. ValueError where they cannot all be."""
    pinned = np.zeros(len(market.mentee), dtype=np.int64) if market.pinned is None else market.pinned.copy()
    pinned[list(edges)] = 1
    return effect(market, suggestion, suggest(replace(market, pinned=pinned), policy, keep=keep))


def effect(market: Market, before: Suggestion, after: Suggestion) -> Effect:
    """The difference between two suggestions over the edges of one market."""

    def facts(suggestion: Suggestion, column: np.ndarray) -> np.ndarray:
        found = np.zeros(market.mentees, dtype=np.int64)
        has = suggestion.edge_of >= 0
        found[has] = column[suggestion.edge_of[has]]
        return found

    rank = [facts(each, market.rank) for each in (before, after)]
    fit = facts(after, market.fit) - facts(before, market.fit)
    moved = [
        Moved(i, int(before.mentor_of[i]), int(after.mentor_of[i]), int(rank[0][i]), int(rank[1][i]), int(fit[i]))
        for i in np.flatnonzero(before.mentor_of != after.mentor_of).tolist()
    ]
    figures = [name for name, value in before.figures.items() if isinstance(value, int)]
    change = {name: after.figures[name] - before.figures[name] for name in figures}
    return Effect(after, moved, change)


def what_would_help(
    market: Market, groups: Mapping[str, np.ndarray], places: int, policy: str = "on_list_first"
) -> list[tuple[str, dict[str, int]]]:
    """For each group of mentors, what so many more places with any of them would gain at most; the most helpful first.

    One place at a time to whichever mentor gains most by it, which is the best there is: what places are worth together is
    never more than what they are worth one by one.
    """
    before = suggest(market, policy)
    found = []
    for name, mentors in groups.items():
        widened, now = market, before
        for _ in range(places if len(mentors) else 0):
            price = now.prices.price[:, mentors]
            best = mentors[np.lexsort(price[::-1])[-1]]
            capacity = widened.capacity.copy()
            capacity[best] += 1
            widened = replace(widened, capacity=capacity)
            now = suggest(widened, policy)
        found.append((name, effect(market, before, now).change))
    return sorted(found, key=lambda each: (-each[1]["matched"], -each[1]["on_list"], -each[1]["fit_total"], each[0]))
