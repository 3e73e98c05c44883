"""The best assignment of mentees to mentors, as a pure function over arrays.

The model. Every pair that the hard rules allow is an edge; a mentee takes at most one, a mentor at most as many as
there are places. What "best" means is a list of levels, each compared only where all the earlier ones are equal: how
many are matched, how many with somebody on their own list, how many with their first choice, and so on down to a fixed
lot for each pair, which leaves a single best assignment. This is the profile-based assignment problem (Irving et al.,
"Rank-maximal matchings", 2006; Kwanashie et al., "Profile-based optimal matchings", 2014), solved as a flow of least
cost.

Exactness. Levels are packed as the digits of one int64 number, with radices wide enough that no change of the lower
levels outweighs one unit of a higher one. As many levels as fit make a stage. Its prices (the duals of the flow) show
which pairs some best assignment of the stage can use, and who is matched or full in all of them; the next stage chooses
among those only.

Trust. The solver only proposes. After each stage, prices are computed here from the proposal alone, and the conditions
of complementary slackness are checked over whole arrays of integers. Such prices exist if and only if the proposal is
optimal; otherwise `NotProven` is raised and there is no suggestion.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

try:
    import pylmcf
except ImportError:  # no wheel for this platform
    pylmcf = None

LOTS = 2**31
EXACT = 2**61  # three numbers up to this add up inside int64
MAX_CAPACITY = 2**31 - 1
MAX_RANK = 1000
MAX_FIT = 1000


class NotProven(Exception):
    """What the solver proposed could not be proved optimal, so nothing is suggested."""


@dataclass(frozen=True)
class Market:
    """Who may be paired with whom, and how good each pair is; one edge for each pair the hard rules allow.

    All arrays are int64. `kept` is given when suggesting again: 1 where the pair stood in the last suggestion.
    Raises ValueError when the arrays do not describe such a market.
    """

    mentees: int  # n; mentees are 0..n-1
    capacity: np.ndarray  # free places of each mentor, shape (m,)
    mentee: np.ndarray  # edge -> mentee index, shape (E,)
    mentor: np.ndarray  # edge -> mentor index, shape (E,)
    rank: np.ndarray  # edge -> 1 for a first choice, 2 ...; 0 if not on the mentee's list
    fit: np.ndarray  # edge -> criteria score, 0..1000, higher is better
    lot: np.ndarray  # edge -> fixed lot in 0..2**31-1 (lower wins), from lots()
    kept: np.ndarray | None = None  # edge -> 1 where this pair stood in the last suggestion

    def __post_init__(self) -> None:
        if self.mentees < 0:
            raise ValueError(f"mentees must not be negative: {self.mentees}")
        _check_array("capacity", self.capacity, None, MAX_CAPACITY)
        _check_array("mentee", self.mentee, None, self.mentees - 1)
        edges = len(self.mentee)
        _check_array("mentor", self.mentor, edges, len(self.capacity) - 1)
        _check_array("rank", self.rank, edges, MAX_RANK)
        _check_array("fit", self.fit, edges, MAX_FIT)
        _check_array("lot", self.lot, edges, LOTS - 1)
        if self.kept is not None:
            _check_array("kept", self.kept, edges, 1)
        pairs = np.sort(_pairs(self))
        if (pairs[1:] == pairs[:-1]).any():
            raise ValueError("the same mentee and mentor are given as more than one edge")


def _pairs(market: Market) -> np.ndarray:
    """One number for each edge's pair, in the order of mentees, then mentors."""
    return market.mentee * len(market.capacity) + market.mentor


def _check_array(name: str, array: np.ndarray, length: int | None, largest: int) -> None:
    if not isinstance(array, np.ndarray) or array.dtype != np.int64 or array.ndim != 1:
        raise ValueError(f"{name} must be a one-dimensional int64 array")
    if length is not None and len(array) != length:
        raise ValueError(f"{name} must have one entry for each edge: {len(array)} instead of {length}")
    if len(array) and (array.min() < 0 or array.max() > largest):
        raise ValueError(f"{name} must lie in 0..{largest}, found {array.min()}..{array.max()}")


def lots(mentee_ids: Iterable[int | str], mentor_ids: Iterable[int | str], seed: str) -> np.ndarray:
    """The lot of each pair (mentee_ids[k], mentor_ids[k]): int64 in 0..2**31-1, shape (E,).

    Depends on the two ids and the seed alone: not on the order, the other pairs, or the machine. Raises ValueError when
    the two are not equally long.
    """
    mentees, mentors = _id_hashes(mentee_ids, "mentee", seed), _id_hashes(mentor_ids, "mentor", seed)
    if len(mentees) != len(mentors):
        raise ValueError(f"{len(mentees)} mentees do not make pairs with {len(mentors)} mentors")
    mixed = mentees ^ mentors
    # The finisher of SplitMix64: without it, the lots of two mentees with two mentors would not be independent.
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(33)).astype(np.int64)


def _id_hashes(ids: Iterable[int | str], side: str, seed: str) -> np.ndarray:
    ids = ids.tolist() if isinstance(ids, np.ndarray) else list(ids)
    hashes = {each: blake2b(json.dumps([seed, side, each]).encode(), digest_size=8).digest() for each in set(ids)}
    return np.frombuffer(b"".join(hashes[each] for each in ids), dtype="<u8").astype(np.uint64)


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
    )
}


@dataclass(frozen=True)
class StageProof:
    """One stage that was proved optimal: the total reached on each of its levels, and what it left to the next."""

    totals: dict[str, int]
    edges: int  # that the stage chose among
    edges_left: int  # that some best assignment may still use


@dataclass(frozen=True)
class Proof:
    """What was established by checking: each stage is optimal, and whether any other assignment is as good."""

    stages: tuple[StageProof, ...]
    unique: bool


@dataclass(frozen=True)
class Suggestion:
    """The best assignment, with its figures and its proof."""

    mentor_of: np.ndarray  # mentee -> mentor index or -1, shape (n,)
    edge_of: np.ndarray  # mentee -> edge index or -1, shape (n,)
    figures: dict  # matched, unmatched, on_list, by_rank (list), off_list, unused_places, fit_total
    proof: Proof


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
    start, cost, end = np.zeros(arcs, dtype=np.int64), np.zeros(arcs, dtype=np.int64), np.full(arcs, pool)
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
    *([Solver("network simplex", 2**58, by_network_simplex)] if pylmcf else []),
    Solver("assignment", 2**46, by_assignment),
)
FASTEST = SOLVERS[0]


def suggest(market: Market, policy: str = "on_list_first", *, solver: Solver = FASTEST) -> Suggestion:
    """The best assignment under the policy (a name in POLICIES), the same whichever solver proposes it.

    Raises ValueError for an unknown policy, NotProven when the solver's proposal cannot be proved optimal.
    """
    if policy not in POLICIES:
        raise ValueError(f"unknown policy {policy!r}; one of {', '.join(POLICIES)}")
    levels = list(_levels(market, POLICIES[policy]))
    left = np.argsort(_pairs(market))
    # More places than edges could not be used, and a solver may build each.
    capacity = np.minimum(market.capacity, np.bincount(market.mentor, minlength=len(market.capacity)))
    forced_mentee, forced_mentor = np.zeros(market.mentees, dtype=bool), np.zeros(len(capacity), dtype=bool)
    stages = []
    while levels:
        packed, gain, span = _pack(levels, left, min(market.mentees, len(capacity)), solver.limit)
        stage = Stage(market.mentee[left], market.mentor[left], gain, capacity, forced_mentee, forced_mentor, span)
        chosen = _proposal(solver, stage)
        worth, price = _prices(stage, chosen)
        certify(stage, chosen, worth, price)
        totals = {name: int(level[left[chosen]].sum()) for name, level in levels[:packed]}
        tight = worth[stage.mentee] + price[stage.mentor] == gain
        best, left, chosen, levels = left[chosen], left[tight], chosen[tight], levels[packed:]
        forced_mentee, forced_mentor = forced_mentee | (worth > 0), forced_mentor | (price > 0)
        stages.append(StageProof(totals, len(gain), len(left)))
    unique = _is_unique(market.mentee[left], market.mentor[left], chosen, capacity, forced_mentee, forced_mentor)
    return _suggestion(market, best, Proof(tuple(stages), unique))


def _proposal(solver: Solver, stage: Stage) -> np.ndarray:
    if not len(stage.gain):
        return np.zeros(0, dtype=bool)
    try:
        return solver.propose(stage)
    except (RuntimeError, ValueError) as error:
        # There is always an assignment, the one of the stage before; the solver is mistaken.
        raise NotProven(f"{solver.name} found no assignment") from error


def _levels(market: Market, policy: Policy) -> Iterable[tuple[str, np.ndarray]]:
    """Name and gain per edge (not negative, more is better) of each level."""
    ranks = np.unique(market.rank[market.rank > 0])
    for name in policy.levels:
        if name == "matched":
            yield "matched", np.ones(len(market.rank), dtype=bool)
            if market.kept is not None:
                yield "kept", market.kept
        elif name == "on_list":
            yield "on_list", market.rank > 0
        elif name == "ranks":
            yield from ((f"rank {rank}", market.rank == rank) for rank in ranks)
        elif name == "ranks_from_worst":
            # With the number on the list settled, most above a rank are fewest at that rank.
            yield from ((f"above rank {rank}", (market.rank > 0) & (market.rank < rank)) for rank in ranks[:0:-1])
        elif name == "fit":
            yield "fit", market.fit
        elif name == "lot":
            # Every policy settles the number of matched before the lot, so the complement only turns the direction.
            yield "lot", LOTS - 1 - market.lot


def _pack(
    levels: Sequence[tuple[str, np.ndarray]], edges: np.ndarray, longest: int, limit: int
) -> tuple[int, np.ndarray, int]:
    """How many of the first levels fit one number, that number per edge, and the span of it.

    A chain of moves takes up at most `longest` edges and gives up as many, or one less; or the other way round. Hence
    the largest change of a level along a chain, and the radix of its digit.
    """
    packed, gain, span = 0, np.zeros(len(edges), dtype=np.int64), 1
    for _, level in levels:
        digit = level[edges].astype(np.int64)
        largest, smallest = int(digit.max(initial=0)), int(digit.min(initial=LOTS))
        radix = 1 + largest + longest * max(largest - smallest, 0)
        if packed and span * radix > limit:
            break
        packed, gain, span = packed + 1, gain * radix + digit, span * radix
    return packed, gain, span


def _prices(stage: Stage, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each mentee's match is worth beyond the place it takes, and the price of a place with each mentor.

    The lowest prices at which nobody would rather have another place: raised, for all mentors at once, until they
    stand. If they never stand, some cycle of moves gains something, and the proposal is not optimal.
    """
    if chosen.shape != stage.gain.shape or chosen.dtype != bool:
        raise NotProven("the proposal does not say yes or no to each edge")
    matched, seat, held = stage.mentee[chosen], stage.mentor[chosen], stage.gain[chosen]
    worth = np.zeros(len(stage.forced_mentee), dtype=np.int64)
    # The place of a mentor who must be full may cost less than nothing: begin below any price that could matter.
    price = np.where(stage.forced_mentor, -2 * stage.span, 0)
    for _ in range(len(price) + 1):
        worth[matched] = held - price[seat]
        standing = price.copy()
        np.maximum.at(price, stage.mentor, stage.gain - worth[stage.mentee])
        if (price == standing).all():
            return worth, price
    raise NotProven("a cycle of moves would improve the proposal")


def certify(stage: Stage, chosen: np.ndarray, worth: np.ndarray, price: np.ndarray) -> None:
    """Raise NotProven unless worth (per mentee) and price (per mentor) prove the chosen edges optimal for the stage.

    These are the conditions of complementary slackness; together they mean that no other assignment gains more.
    """
    if max(np.abs(worth).max(initial=0), np.abs(price).max(initial=0)) > EXACT:
        raise NotProven("a price is too large to add up exactly")
    slack = worth[stage.mentee] + price[stage.mentor] - stage.gain
    matches = np.bincount(stage.mentee[chosen], minlength=len(worth))
    filled = np.bincount(stage.mentor[chosen], minlength=len(price))
    conditions = {
        "a mentee has more than one mentor": matches <= 1,
        "a mentor has more mentees than places": filled <= stage.capacity,
        "a mentee who must be matched is not": (matches == 1) | ~stage.forced_mentee,
        "a mentor who must be full is not": (filled == stage.capacity) | ~stage.forced_mentor,
        "a pair is worth more than its price": slack >= 0,
        "a chosen pair is not worth its price": slack[chosen] == 0,
        "a match is worth less than none": (worth >= 0) | stage.forced_mentee,
        "a place costs less than nothing": (price >= 0) | stage.forced_mentor,
        "an unmatched mentee could be matched": (matches == 1) | (worth == 0),
        "a free place has a price": (filled == stage.capacity) | (price == 0),
    }
    for broken, holds in conditions.items():
        if not holds.all():
            raise NotProven(broken)


def _is_unique(
    mentee: np.ndarray,
    mentor: np.ndarray,
    chosen: np.ndarray,
    capacity: np.ndarray,
    forced_mentee: np.ndarray,
    forced_mentor: np.ndarray,
) -> bool:
    """Whether the chosen edges are the only assignment that the given edges and forced people allow.

    Another one differs by a cycle of moves: an edge not chosen is a step from mentee to mentor, a chosen one a step
    back, and whoever is not forced has a step to or from the pool. Mentors with some places taken and some free have
    both, so they count as the pool itself.
    """
    n, m = len(forced_mentee), len(capacity)
    filled = np.bincount(mentor[chosen], minlength=m)
    matched = np.bincount(mentee[chosen], minlength=n) > 0
    mentees, mentors, pool = np.arange(n), np.arange(n, n + m), n + m
    mentors[(filled > 0) & (filled < capacity)] = pool
    full = np.flatnonzero((filled == capacity) & ~forced_mentor)
    empty = np.flatnonzero((filled == 0) & (capacity > 0))
    start = [mentees[mentee[~chosen]], mentors[mentor[chosen]], np.full(len(full), pool), mentors[empty]]
    end = [mentors[mentor[~chosen]], mentees[mentee[chosen]], mentors[full], np.full(len(empty), pool)]
    leaving, staying = np.flatnonzero(matched & ~forced_mentee), np.flatnonzero(~matched)
    start += [leaving, np.full(len(staying), pool)]
    end += [np.full(len(leaving), pool), staying]
    rows, columns = np.concatenate(start), np.concatenate(end)
    steps = csr_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(pool + 1, pool + 1))
    parts, _ = connected_components(steps, directed=True, connection="strong")
    return parts == pool + 1


def _suggestion(market: Market, best: np.ndarray, proof: Proof) -> Suggestion:
    mentor_of, edge_of = np.full(market.mentees, -1), np.full(market.mentees, -1)
    mentor_of[market.mentee[best]], edge_of[market.mentee[best]] = market.mentor[best], best
    rank = market.rank[best]
    on_list = int((rank > 0).sum())
    figures = {
        "matched": len(best),
        "unmatched": market.mentees - len(best),
        "on_list": on_list,
        "by_rank": np.bincount(rank, minlength=market.rank.max(initial=0) + 1)[1:].tolist(),
        "off_list": len(best) - on_list,
        "unused_places": int(market.capacity.sum()) - len(best),
        "fit_total": int(market.fit[best].sum()),
    }
    return Suggestion(mentor_of, edge_of, figures, proof)


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
