"""Who proposes: solvers from well-kept libraries, fastest first. None of them is trusted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

try:
    import pylmcf
except ImportError:  # no wheel for this platform
    pylmcf = None


@dataclass(frozen=True)
class Stage:
    """One assignment problem: the most gain in total, with the forced mentees matched and the forced mentors full.

    Edges are sorted by mentee, then mentor. No chain of moves changes the total by `span` or more.
    """

    mentee: np.ndarray
    mentor: np.ndarray
    gain: np.ndarray
    capacity: np.ndarray
    forced_mentee: np.ndarray  # bool, shape (n,)
    forced_mentor: np.ndarray  # bool, shape (m,)
    span: int


@dataclass(frozen=True)
class Solver:
    """Something that proposes which edges of a stage to use (bool, per edge), exact up to a span of `limit`."""

    name: str
    limit: int
    propose: Callable[[Stage], np.ndarray]
    package: str = "scipy"  # that it comes from


def by_network_simplex(stage: Stage) -> np.ndarray:
    """Send one unit from each mentee to the pool: through a mentor, or straight, which means unmatched."""
    n, m = len(stage.forced_mentee), len(stage.capacity)
    pool = n + m
    mentees, mentors = np.arange(n), np.arange(n, pool)
    dearest = stage.gain.max(initial=0)
    must_fill = np.where(stage.forced_mentor, stage.capacity, 0)
    # The solver wants arcs sorted by both ends: each mentee's edges, then the arc to the pool; then the mentors' arcs.
    edges = np.arange(len(stage.gain)) + stage.mentee
    straight = np.searchsorted(stage.mentee, mentees, side="right") + mentees
    arcs = len(edges) + pool
    # Nodes as the solver keeps them, which spares it a copy.
    start, end, cost = (
        np.zeros(arcs, dtype=np.int32),
        np.full(arcs, pool, dtype=np.int32),
        np.zeros(arcs, dtype=np.int64),
    )
    # Room for two where one passes: an upper bound that never binds spares the solver half of its steps.
    room = np.full(arcs, 2)
    start[edges], end[edges], cost[edges] = stage.mentee, n + stage.mentor, dearest - stage.gain
    start[straight], room[straight], cost[straight] = mentees, np.where(stage.forced_mentee, 0, 2), dearest
    start[arcs - m :], room[arcs - m :] = mentors, stage.capacity - must_fill
    graph = pylmcf.Graph(pool + 1, start, end)
    graph.set_node_supply(np.concatenate([np.ones(n, dtype=np.int64), -must_fill, [must_fill.sum() - n]]))
    graph.set_edge_capacities(room)
    graph.set_edge_costs(cost)
    graph.solve()
    return graph.result()[edges] > 0


def by_assignment(stage: Stage) -> np.ndarray:
    """Give each mentee a seat: one of a mentor's, or one of the mentee's own that stands for unmatched."""
    n = len(stage.forced_mentee)
    first_seat = np.concatenate([[0], np.cumsum(stage.capacity)])
    seats = stage.capacity[stage.mentor]
    edge = np.repeat(np.arange(len(seats)), seats)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(seats) - seats, seats)
    unforced = np.flatnonzero(~stage.forced_mentee)
    row = np.concatenate([stage.mentee[edge], unforced])
    column = np.concatenate([first_seat[stage.mentor[edge]] + nth, first_seat[-1] + unforced])
    # A seat that must be taken is worth more than any change elsewhere. A cost of zero would count as no seat: add 1.
    gain = stage.gain + stage.span * stage.forced_mentor[stage.mentor]
    dearest = gain.max(initial=0) + 1
    cost = np.concatenate([dearest - gain[edge], np.full(len(unforced), dearest)])
    table = csr_array((cost.astype(float), (row, column)), shape=(n, first_seat[-1] + n))
    mentee, seat = min_weight_full_bipartite_matching(table)
    chosen = np.zeros(len(stage.gain), dtype=bool)
    taken = np.full(n, -1)
    taken[mentee] = seat
    chosen[edge[taken[row[: len(edge)]] == column[: len(edge)]]] = True
    return chosen


# Costs, and their sums along a chain, stay well inside what each is exact in: int64, and the integers of a float64.
SOLVERS: tuple[Solver, ...] = (
    *([Solver("network simplex", 2**58, by_network_simplex, "pylmcf")] if pylmcf else []),
    Solver("assignment", 2**46, by_assignment),
)
FASTEST = SOLVERS[0]
