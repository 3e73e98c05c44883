"""The best assignment of mentees to mentors, as pure functions over arrays.

The model. Every pair that the hard rules allow is an edge; a mentee takes at most one, a mentor at most as many as
there are places. What "best" means is a list of levels, each compared only where all the earlier ones are equal: how
many are matched, how many with somebody on their own list, how many with their first choice, and so on down to a fixed
lot for each pair, which leaves a single best assignment. This is the profile-based assignment problem (Irving et al.,
"Rank-maximal matchings", 2006; Kwanashie et al., "Profile-based optimal matchings", 2014), solved as a flow of least
cost.

Exactness. Levels are packed as the digits of one int64 number, a *word*, with radices wide enough that no change of the
lower levels outweighs one unit of a higher one. As many levels as fit make a word. Its prices (the duals of the flow)
show which pairs some best assignment of the word can use, and who is matched or full in all of them; the next word
chooses among those only.

Trust. The solver only proposes. After each word, prices are computed here from the proposal alone, and the conditions
of complementary slackness are checked over whole arrays of integers. Such prices exist if and only if the proposal is
optimal; otherwise `NotProven` is raised and there is no suggestion.

Where each thing is: `market` (the arrays that go in), `levels` (policies, and their levels as words), `solvers` (who
proposes), `proof` (who checks), `best` (the words one after another), `stable` (wishes of
both sides), `wide` (all eligible pairs, where they are too many to solve with), `explain` and `moves` (why not, and what if).
"""

from matching.suggest.best import Suggestion, suggest
from matching.suggest.explain import Reasons
from matching.suggest.levels import POLICIES, Policy
from matching.suggest.market import MAX_FIT, MAX_RANK, Market, lot_of, lots, tickets
from matching.suggest.moves import (
    Alternative,
    Effect,
    Moved,
    Moves,
    effect,
    gain_of_places,
    what_if,
    what_would_help,
)
from matching.suggest.proof import NotProven, Proof, StageProof, certify
from matching.suggest.solvers import FASTEST, SOLVERS, Solver, Stage
from matching.suggest.stable import check_stable
from matching.suggest.wide import suggest_over_all

__all__ = [
    "FASTEST",
    "MAX_FIT",
    "MAX_RANK",
    "POLICIES",
    "SOLVERS",
    "Alternative",
    "Effect",
    "Market",
    "Moved",
    "Moves",
    "NotProven",
    "Policy",
    "Proof",
    "Reasons",
    "Solver",
    "Stage",
    "StageProof",
    "Suggestion",
    "certify",
    "check_stable",
    "effect",
    "gain_of_places",
    "lot_of",
    "lots",
    "suggest",
    "suggest_over_all",
    "tickets",
    "what_if",
    "what_would_help",
]  # fmt: skip
