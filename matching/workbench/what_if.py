"""What would be if: every answer is the best assignment computed anew, so that its numbers are those that would come out.

Costs are told against the best there is without the change. What stands (by hand, proposed, final) stays in both.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matching.holds import changes_of
from matching.market import cycle_market
from matching.suggest import MAX_RANK, POLICIES, suggest
from matching.workbench.by_hand import Effect, between, loser_of

USUAL = "on_list_first"
# So many alternatives are computed for one mentee.
ALTERNATIVES = 12


@dataclass(frozen=True)
class Alternative:
    """One mentor whom a mentee could have, and what that would do to everybody, if all were suggested again around it."""

    interest: int
    wish: str  # which choice of the mentee this mentor is, in words
    effect: Effect

    @property
    def losers(self):
        return len(self.effect.losers)

    @property
    def winners(self):
        return sum(move.is_better for move in self.effect.moves)


class WhatIf:
    """The market of a cycle in which one mentee's own draft does not stand, and the best assignment of it."""

    def __init__(self, cycle, board, mentee, policy):
        self.board, self.mentee, self.policy = board, mentee, policy
        self.found = cycle_market(cycle, reconsider=mentee.id, changes=changes_of(cycle))

    @cached_property
    def best(self):
        return self._assigned(self.found.market)

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
        return self._assigned(replace(market, pinned=pinned, kept=self._kept(market, edge)))

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

    def alternatives(self):
        """The mentee's own choices and the best others, those that cost the least first."""
        market = self.found.market
        edges = np.flatnonzero(market.mentee == self.found.index_of[self.mentee.id])
        rank = np.where(market.rank[edges] > 0, market.rank[edges], MAX_RANK)
        edges = edges[np.lexsort((-market.fit[edges], rank))][:ALTERNATIVES]
        interests = [self.found.mentors[j].id for j in market.mentor[edges]]
        costs = [(interest, self.cost(interest)) for interest in interests]
        mentor = self.board.mentor
        found = [
            Alternative(pk, self.mentee.words_with(mentor(pk)), effect) for pk, effect in costs if effect is not None
        ]
        return sorted(found, key=lambda each: each.effect.worth)

    def _assigned(self, market):
        """{application id: Mentor of the board, or None} of the best assignment; whoever is not in the market as now."""
        suggestion = suggest(market, self.policy)
        after = {each.id: each.mentor for each in self.board.mentees}
        for mentee, mentor in zip(self.found.mentees, suggestion.mentor_of.tolist(), strict=True):
            after[mentee.id] = self.board.mentor(self.found.mentors[mentor].id) if mentor >= 0 else None
        return after


def policy_of(run):
    """The policy that a suggestion again would have: the last one's."""
    return run.policy if run and run.policy in POLICIES else USUAL
