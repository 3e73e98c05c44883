"""What counts as best: policies, their levels, and levels packed as the digits of words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from matching.suggest.market import LOTS, MAX_FIT, Market


@dataclass(frozen=True)
class Policy:
    """What counts as best: the levels, most important first. "ranks" stands for a level for each rank."""

    name: str
    label: str
    description: str
    levels: tuple[str, ...]


POLICIES: dict[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy(
            "on_list_first",
            "Someone from their own list",
            "As many mentees as possible are matched; of those, as many as possible with a mentor from their own list. "
            "Then as many first choices as possible, then second choices, and so on. Fit on the criteria decides the "
            "rest.",
            ("matched", "on_list", "ranks", "fit", "lot"),
        ),
        Policy(
            "most_first_choices",
            "Most first choices",
            "As many first choices as possible, then second choices, and so on, even if fewer mentees are matched in "
            "the end. Then as many matched as possible. Fit on the criteria decides the rest.",
            ("ranks", "matched", "fit", "lot"),
        ),
        Policy(
            "fewest_poor",
            "Fewest disappointed",
            "As many mentees as possible are matched; of those, as few as possible with a mentor who is not on their "
            "list. Then as few as possible with a choice of the lowest rank, then the next lowest, and so on. Fewer "
            "get their first choice. Fit on the criteria decides the rest.",
            ("matched", "on_list", "ranks_from_worst", "fit", "lot"),
        ),
        Policy(
            "best_fit",
            "Best fit on the criteria",
            "As many mentees as possible are matched, with the highest total fit on the criteria. What mentees put on "
            "their lists is not counted.",
            ("matched", "fit", "lot"),
        ),
        Policy(
            "stable",
            "Stable: wishes of both sides",
            "No mentee and mentor would both rather have each other than whom they have. Mentees go by their lists, and for the "
            "rest by fit; mentors by how well a mentee suits what they said they wish, since they do not rank mentees one by "
            "one. Of all such assignments it is the best one for every mentee. Fewer may be matched, or get their first choice.",
            (),
        ),
    )
}


@dataclass(frozen=True)
class Level:
    """One thing to have as much of as possible.

    Every pair's gain, also that of a pair which is not among the edges, lies in least..most. `of_others` is the gain of
    a pair that is on nobody's list; "fit" and "lot" are different for each of those.
    """

    name: str
    gain: np.ndarray  # per edge
    least: int = 0
    most: int = 1
    of_others: int = 0


def levels_of(market: Market, policy: Policy, keep: str) -> Iterator[Level]:
    """The policy's levels over the market's edges, most important first.

    What stood before counts last, among assignments that are equally good (`keep` = "ties"), or before everything but
    how many are matched ("first").
    """
    ranks = np.unique(market.rank[market.rank > 0])
    kept = [] if market.kept is None else [Level("kept", market.kept)]
    for name in policy.levels:
        if name == "matched":
            yield Level("matched", np.ones(len(market.rank), dtype=bool), 1, 1, 1)
            yield from kept if keep == "first" else []
        elif name == "on_list":
            yield Level("on_list", market.rank > 0)
        elif name == "ranks":
            # With the number on the list settled, the last rank has what the others leave.
            settled = len(ranks) - ("on_list" in policy.levels)
            yield from (Level(f"rank {rank}", market.rank == rank) for rank in ranks[:settled])
        elif name == "ranks_from_worst":
            # With the number on the list settled, most above a rank are fewest at that rank.
            yield from (Level(f"above rank {rank}", (market.rank > 0) & (market.rank < rank)) for rank in ranks[:0:-1])
        elif name == "fit":
            yield Level("fit", market.fit, 0, MAX_FIT)
        elif name == "lot":
            yield from kept if keep == "ties" else []
            # Every policy settles the number of matched before the lot, so the complement only turns the direction.
            yield Level("lot", LOTS - 1 - market.lot, 0, LOTS - 1)


@dataclass(frozen=True)
class Word:
    """Levels packed as the digits of one number, the first the most significant.

    `bounds` are the largest changes of each level along a chain of moves; a digit has room for them in both directions.
    """

    levels: tuple[Level, ...]
    bounds: tuple[int, ...]

    @property
    def span(self) -> int:
        """No chain of moves changes the number by so much."""
        return prod(2 * bound + 1 for bound in self.bounds)

    def factors(self) -> Iterator[tuple[Level, int]]:
        """Each level, and what one unit of it is worth."""
        worth = self.span
        for level, bound in zip(self.levels, self.bounds, strict=True):
            worth //= 2 * bound + 1
            yield level, worth

    def gain(self, edges: np.ndarray) -> np.ndarray:
        """The number of each of these edges: int64."""
        gain = np.zeros(len(edges), dtype=np.int64)
        for level, worth in self.factors():
            gain += level.gain[edges].astype(np.int64) * worth
        return gain

    def read(self, change: int) -> dict[str, int]:
        """A change of the number along a chain of moves, as the change of each level."""
        said = {}
        for level, bound in zip(reversed(self.levels), reversed(self.bounds), strict=True):
            radix = 2 * bound + 1
            said[level.name] = (change + bound) % radix - bound
            change = (change - said[level.name]) // radix
        return dict(reversed(said.items()))


def words_of(levels: Iterable[Level], longest: int, limit: int) -> list[Word]:
    """The levels as words of a span of at most `limit` each (a level by itself may exceed it).

    A chain of moves takes up at most `longest` edges and gives up as many, or one less; or the other way round.
    """
    words: list[Word] = []
    for level in levels:
        bound = level.most + longest * (level.most - level.least)
        if words and words[-1].span * (2 * bound + 1) <= limit:
            words[-1] = Word((*words[-1].levels, level), (*words[-1].bounds, bound))
        else:
            words.append(Word((level,), (bound,)))
    return words
