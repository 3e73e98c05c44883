"""What would be if: every answer is the best assignment computed anew, so that its numbers are those that would come out.

Costs are told against the best there is without the change. What stands (by hand, proposed, final) stays in both.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matching.criteria import because, ordinal
from matching.holds import changes_of
from matching.market import cycle_market
from matching.suggest import MAX_RANK, POLICIES, Moves, suggest
from matching.workbench.by_hand import between, loser_of

USUAL = "on_list_first"
GIVEN, ALIKE, NO_PLACE = "What a suggestion would give", "Nothing: a draw by lot", "Pins or rules leave no place"


@dataclass(frozen=True)
class Option:
    """One mentor whom a mentee could have: which choice of theirs, why, who has a draft there, and what it costs all together."""

    id: int
    name: str
    homes: list[str]
    because: str
    places: int
    drafted: list[str]
    cost: str  # empty where no prices tell it


class WhatIf:
    """The market of a cycle in which one mentee's own draft does not stand, and the best assignment of it."""

    def __init__(self, cycle, board, mentee, policy):
        self.board, self.mentee, self.policy = board, mentee, policy
        self.found = cycle_market(cycle, reconsider=mentee.id, changes=changes_of(cycle))

    @cached_property
    def _best(self):
        return suggest(self.found.market, self.policy)

    @cached_property
    def best(self):
        return self._assigned(self._best)

    def forced(self, interest):
        """Who would have whom if the mentee had this mentor (id of the offer); None where no rule or pin allows it."""
        edge = self.found.edge(self.mentee.id, interest)
        if edge is None:
            return None
        market = self.found.market
        pinned = np.zeros(len(market.rank), dtype=np.int64) if market.pinned is None else market.pinned.copy()
        pinned[market.mentee == market.mentee[edge]] = 0
        pinned[edge] = 1
        mentor = market.mentor[edge]
        if pinned[market.mentor == mentor].sum() > market.capacity[mentor]:
            return None
        return self._assigned(suggest(replace(market, pinned=pinned, kept=self._kept(market, edge)), self.policy))

    def _kept(self, market, edge):
        """What would still be kept of the last suggestion: not the drafts that give way to the pair of this edge."""
        if market.kept is None:
            return None
        loser = self.found.index_of.get(loser_of(self.board.mentor(self.found.mentors[market.mentor[edge]].id)), -1)
        return np.where(np.isin(market.mentee, [market.mentee[edge], loser]), 0, market.kept)

    def cost(self, interest):
        """The effect of forcing this mentor, against the best without it; None where no rule allows it."""
        forced = self.forced(interest)
        return None if forced is None else between(self.board, forced, self.best)

    def options(self):
        """Every mentor the hard rules allow this mentee: best for everybody first where costs are known, else the mentee's own
        choices and then by fit."""
        found = self.found
        index = found.index_of[self.mentee.id]
        edges = np.flatnonzero(found.market.mentee == index)
        rank = found.market.rank[edges]
        edges = edges[np.lexsort((-found.market.fit[edges], np.where(rank > 0, rank, MAX_RANK)))].tolist()
        costs = self._costs(index)
        place = {edge: number for number, edge in enumerate(costs)}
        return [
            self._option(index, edge, costs.get(edge, NO_PLACE if costs else ""))
            for edge in sorted(edges, key=lambda edge: place.get(edge, len(place)))
        ]

    def _option(self, index, edge, cost):
        mentee, mentor = self.found.mentees[index], self.found.mentors[self.found.market.mentor[edge]]
        why = because(mentee, mentor, int(self.found.market.rank[edge]), self.found.people.weights)
        here = self.board.mentor(mentor.id)
        drafted = [each.name for each in here.mentees if each.is_draft and each is not self.mentee]
        return Option(mentor.id, mentor.name, here.homes, why, mentor.places, drafted, cost)

    def _costs(self, index):
        """{edge: what giving it changes in total, in words}, the best first; empty for a policy without prices, and for who is
        pinned. Exact: the prices that prove the best assignment give the least cost of every other pair of one mentee."""
        if not self._best.prices.words:
            return {}
        given = int(self._best.edge_of[index])
        found = {} if given < 0 else {given: GIVEN}
        others = Moves(self.found.market, self._best).alternatives(index)
        return found | {each.edge: in_words(each.change) or ALIKE for each in others} if others else {}

    def _assigned(self, suggestion):
        """{application id: Mentor of the board, or None} of an assignment; whoever is not in the market as now."""
        after = {each.id: each.mentor for each in self.board.mentees}
        for mentee, mentor in zip(self.found.mentees, suggestion.mentor_of.tolist(), strict=True):
            after[mentee.id] = self.board.mentor(self.found.mentors[mentor].id) if mentor >= 0 else None
        return after


def in_words(change):
    """A change of the totals, level by level, the most important first; empty if only the lot differs."""
    return ", ".join(_in_words(level, more) for level, more in change.items() if more and level != "kept")


def _in_words(level, more):
    count, (kind, _, rank) = f"{abs(more)} {'more' if more > 0 else 'fewer'}", level.rpartition(" ")
    if kind == "rank":
        return f"{count} {ordinal(int(rank))} choice{'s' if abs(more) > 1 else ''}"
    if kind == "above rank":
        return f"{count} above their {ordinal(int(rank))} choice"
    return {
        "matched": f"{count} with a mentor",
        "on_list": f"{count} with somebody from their list",
        "fit": f"fit {abs(more)} {'more' if more > 0 else 'less'} in all",
    }[level]


def policy_of(run):
    """The policy that a suggestion again would have: the last one's."""
    return run.policy if run and run.policy in POLICIES else USUAL
