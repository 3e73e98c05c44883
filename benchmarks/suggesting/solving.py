"""How long a suggestion takes once the arrays are there, certificate included: one size, one solver, in this process.

    python -m benchmarks.suggesting.solving SOLVER MENTEES MENTORS REPEATS

prints one line of JSON. The solvers beside our own two are other libraries behind the same interface: they propose, and the
words, prices and the certificate are ours, so that all of them answer the same question exactly and must give the same pairs.
"""

import hashlib
import json
import resource
import statistics
import sys
import time

import numpy as np

from benchmarks.suggesting.markets import synthetic
from matching.suggest import SOLVERS, Moves, Solver, Stage, suggest
from matching.suggest.solvers import by_assignment, by_network_simplex


def by_ortools(stage: Stage) -> np.ndarray:
    """OR-Tools' cost-scaling flow, over the same arcs as ours."""
    from ortools.graph.python import min_cost_flow

    n, m = len(stage.forced_mentee), len(stage.capacity)
    pool, dearest = n + m, int(stage.gain.max(initial=0))
    must_fill = np.where(stage.forced_mentor, stage.capacity, 0)
    flow = min_cost_flow.SimpleMinCostFlow()
    one, mentees, mentors = np.ones(n, dtype=np.int64), np.arange(n), np.arange(n, pool)
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        stage.mentee, n + stage.mentor, np.ones(len(stage.gain), dtype=np.int64), dearest - stage.gain
    )
    free = mentees[~stage.forced_mentee]
    flow.add_arcs_with_capacity_and_unit_cost(free, np.full(len(free), pool), one[free], np.full(len(free), dearest))
    rest = stage.capacity - must_fill
    flow.add_arcs_with_capacity_and_unit_cost(mentors, np.full(m, pool), rest, np.zeros(m, dtype=np.int64))
    supplies = np.concatenate([one, -must_fill, [must_fill.sum() - n]])
    flow.set_nodes_supplies(np.arange(pool + 1), supplies)
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("no optimum")
    return flow.flows(arcs) > 0


def by_highs(stage: Stage) -> np.ndarray:
    """HiGHS' linear program: at most one mentor for a mentee, at most the places of a mentor."""
    import highspy

    n, m, edges = len(stage.forced_mentee), len(stage.capacity), len(stage.gain)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = edges, n + m
    program.col_cost_, program.sense_ = stage.gain.astype(float), highspy.ObjSense.kMaximize
    program.col_lower_, program.col_upper_ = np.zeros(edges), np.ones(edges)
    program.row_lower_ = np.concatenate([stage.forced_mentee, np.where(stage.forced_mentor, stage.capacity, 0)]).astype(
        float
    )
    program.row_upper_ = np.concatenate([np.ones(n), stage.capacity]).astype(float)
    program.a_matrix_.start_ = np.arange(0, 2 * edges + 1, 2)
    program.a_matrix_.index_ = np.column_stack([stage.mentee, n + stage.mentor]).ravel()
    program.a_matrix_.value_ = np.ones(2 * edges)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(program)
    solver.run()
    return np.array(solver.getSolution().col_value) > 0.5


LIBRARIES = {
    "pylmcf": Solver("pylmcf (network simplex)", 2**58, by_network_simplex),
    "ortools": Solver("OR-Tools (cost scaling)", 2**42, by_ortools),
    "scipy": Solver("scipy (sparse assignment)", 2**46, by_assignment),
    "highspy": Solver("HiGHS (linear program)", 2**24, by_highs),
}


def measure(library: str, mentees: int, mentors: int, repeats: int) -> dict:
    """Median seconds to solve and certify, peak memory, and what came out."""
    market, solver = synthetic(mentees, mentors), LIBRARIES[library]
    resting, seconds = peak(), []
    for _ in range(repeats):
        begun = time.perf_counter()
        suggestion = suggest(market, solver=solver)
        seconds.append(time.perf_counter() - begun)
    found = {
        "name": solver.name,
        "seconds": statistics.median(seconds),
        "repeats": repeats,
        "memory": peak(),
        "resting": resting,
        "figures": suggestion.figures,
        "pairs": hashlib.sha256(suggestion.mentor_of.tobytes()).hexdigest()[:12],
    }
    if solver.name.startswith(("pylmcf", SOLVERS[0].name)):
        moves, alternatives = Moves(market, suggestion), []
        for mentee in range(0, mentees, mentees // 5):
            begun = time.perf_counter()
            moves.alternatives(mentee)
            alternatives.append(time.perf_counter() - begun)
        found["alternatives"] = statistics.median(alternatives)
    return found


def peak() -> float:
    """The most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    library, *numbers = sys.argv[1:]
    print(json.dumps(measure(library, *map(int, numbers))))
