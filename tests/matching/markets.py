"""Small markets for brute force, and everything that can be said of an assignment by looking at it."""

import dataclasses

import numpy as np

from matching.suggest import Market


def tiny(seed: int) -> Market:
    """A market of at most 4 x 4 with many ties and pins; some with equal lots, so that there are several best assignments."""
    random = np.random.default_rng(seed)
    n, m = random.integers(0, 5, 2)
    pairs = np.argwhere(random.random((n, m)) < random.choice([0.3, 0.6, 0.9]))
    mentee, mentor = random.permutation(pairs).T.astype(np.int64)
    edges = len(mentee)
    capacity = random.integers(0, 4, m)
    pinned = np.zeros(edges, dtype=np.int64)
    if random.random() < 0.4:
        for edge in np.flatnonzero(random.random(edges) < 0.3):
            places = capacity[mentor[edge]] - pinned[mentor == mentor[edge]].sum()
            pinned[edge] = places > 0 and not pinned[mentee == mentee[edge]].any()
    return Market(
        mentees=int(n),
        capacity=capacity,
        mentee=mentee,
        mentor=mentor,
        rank=random.integers(0, random.integers(1, 5), edges),
        fit=random.choice([0, 1, 500, 1000], edges),
        lot=random.integers(0, random.choice([3, 2**31]), edges),
        kept=random.integers(0, 2, edges) if random.random() < 0.3 else None,
        pinned=pinned if pinned.any() else None,
    )


def spread(market: Market, seed: int) -> Market:
    """The market with its load to be spread; some mentors have mentees already, some mentees no list."""
    random = np.random.default_rng(seed)
    part = int(random.choice([1, 10, 400, 1000]))
    held = random.integers(0, 3, len(market.capacity)) if random.random() < 0.5 else None
    rank, fit = market.rank * int(random.random() < 0.5), market.fit * (1000 - part) // 1000
    fit += part // (1 + (0 if held is None else held[market.mentor]))
    return dataclasses.replace(market, rank=rank, fit=fit, spread=part, held=held)


def assignments(market: Market, mentee: int = 0, places: tuple[int, ...] | None = None) -> list[tuple[int, ...]]:
    """Every assignment, as the edges it uses."""
    places = tuple(market.capacity.tolist()) if places is None else places
    if mentee == market.mentees:
        return [()]
    found = assignments(market, mentee + 1, places)
    for edge in np.flatnonzero(market.mentee == mentee).tolist():
        mentor = market.mentor[edge]
        if places[mentor]:
            fewer = (*places[:mentor], places[mentor] - 1, *places[mentor + 1 :])
            found += [(edge, *rest) for rest in assignments(market, mentee + 1, fewer)]
    return found


def used(suggestion) -> tuple[int, ...]:
    """The edges of a suggestion, as ``assignments`` gives them."""
    return tuple(suggestion.edge_of[suggestion.edge_of >= 0].tolist())
