"""From people to the arrays that suggestions are computed over: who may be paired with whom, and how well they fit.

The hard rules leave no edge: the cycle's separation rule, a place free, taking part in this cycle, not refused before, nobody
each other's mentor at once, nor a pair that staff or one of the two ruled out. No pair is looked at by itself: what rules
pairs out is a sparse table, and all fits are one product of matrices (``criteria``).

Where there are more pairs than ``EVERY_PAIR``, the edges are those on somebody's list and the best others of each mentee;
``CycleMarket.everyone`` tells of all of them, for the suggestion to be proved over all.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from matching.criteria import Scores, Side, thousandths
from matching.people import People, people_of
from matching.suggest import Market, lot_of, tickets

# Up to so many pairs, all of them are edges.
EVERY_PAIR = 1_000_000
# Beyond that, so many for each mentee besides the list.
OTHERS = 30
BLOCK = 1_000_000
# More than there are mentors; with a fit of up to 1000 before it, it stays inside an int32.
TIES = 2**21


@dataclass(frozen=True)
class CycleMarket:
    """The arrays, with the people behind the indices and what the explanation needs."""

    market: Market
    people: People
    everyone: "Everyone"

    @property
    def mentees(self) -> list[Side]:
        return self.people.mentees

    @property
    def mentors(self) -> list[Side]:
        return self.people.mentors

    @property
    def ranks(self) -> dict[tuple[int, int], int]:
        return self.people.ranks

    @cached_property
    def digest(self) -> str:
        return self.people.digest

    @property
    def is_whole(self) -> bool:
        """Whether every pair that the rules allow is an edge, so that a proof holds over all of them."""
        return self.everyone.are_few

    @cached_property
    def index_of(self) -> dict[int, int]:
        """application id -> index of the mentee"""
        return {mentee.id: index for index, mentee in enumerate(self.mentees)}

    @cached_property
    def mentor_index_of(self) -> dict[int, int]:
        """interest id -> index of the mentor"""
        return {mentor.id: index for index, mentor in enumerate(self.mentors)}

    def edge(self, application, interest) -> int | None:
        """The edge of a pair by ids; None where the rules do not allow it, or it is not among the edges."""
        i, j = self.index_of.get(application), self.mentor_index_of.get(interest)
        if i is None or j is None:
            return None
        edges = np.flatnonzero((self.market.mentee == i) & (self.market.mentor == j))
        return int(edges[0]) if len(edges) else None

    @cached_property
    def impossible_pins(self) -> list[tuple[int, int]]:
        """The pairs that staff pinned and no rule allows, or that stand already."""
        return sorted(pair for pair in self.people.changes.pins if self.edge(*pair) is None)

    def impossible_wishes(self, index):
        """(rank, why) for the mentors on a mentee's list that no hard rule would allow, best first."""
        mentee = self.mentees[index]
        wishes = self._impossible.get(mentee.id, ())
        return [(rank, self._why_impossible(mentee, interest)) for rank, interest in wishes]

    @cached_property
    def _impossible(self) -> dict[int, list[tuple[int, int]]]:
        """application id -> (rank, interest id) of the wishes that are no edges"""
        edges = np.flatnonzero(self.market.rank)
        application = np.array([each.id for each in self.mentees], dtype=np.int64)[self.market.mentee[edges]]
        interest = np.array([each.id for each in self.mentors], dtype=np.int64)[self.market.mentor[edges]]
        possible = set(zip(application.tolist(), interest.tolist(), strict=True))
        wishes: dict[int, list[tuple[int, int]]] = {}
        for pair in self.ranks.keys() - possible:
            wishes.setdefault(pair[0], []).append((self.ranks[pair], pair[1]))
        return {mentee: sorted(each) for mentee, each in wishes.items()}

    def _why_impossible(self, mentee, interest):
        if interest not in self.mentor_index_of:
            return "this mentor does not take part any more"
        mentor, pair = self.mentors[self.mentor_index_of[interest]], (mentee.id, interest)
        if pair in self.people.refused:
            return f"{mentor.name} was proposed before, and it came to nothing"
        if not mentor.places:
            return f"{mentor.name} has no place left"
        if self.people.must_not_meet[mentee.person] & self.people.keys[mentor.person]:
            return f"{mentor.name} {self.people.apart.near}"
        # Without saying whose wish it is: some are told to staff in confidence.
        return f"{mentor.name} is ruled out for this mentee"


class Everyone:
    """All pairs that the rules allow, listed or not."""

    def __init__(self, people: People):
        self.people = people
        mentees, mentors = people.mentees, people.mentors
        self.shape = len(mentees), len(mentors)
        self.are_few = len(mentees) * len(mentors) <= EVERY_PAIR
        self.mentee_tickets = tickets([each.id for each in mentees], "mentee", people.seed)
        self.mentor_tickets = tickets([each.id for each in mentors], "mentor", people.seed)
        self.scores = Scores(mentees, mentors, people.weights)
        self._index = {each.id: i for i, each in enumerate(mentees)}, {each.id: j for j, each in enumerate(mentors)}
        self.takes_others = np.array([each.id not in people.only_listed for each in mentees], dtype=bool)
        self.has_place = np.array([each.places > 0 for each in mentors], dtype=bool)
        refused = dict.fromkeys(people.refused | people.unwanted | people.changes.bans, 1)
        self.ruled_out = self._table(refused) + self._persons()
        self.kept_apart, self.where = self._separation()
        self.rank = self._table(people.ranks)
        self.kept = self._table(dict.fromkeys(people.kept, 1))
        self.pinned = self._table(dict.fromkeys(people.changes.pins - people.changes.bans - people.unwanted, 1))

    def _table(self, numbers: dict[tuple[int, int], int]) -> csr_array:
        """A sparse table over mentees and mentors of the numbers of pairs of ids; pairs of others are left out."""
        of_mentee, of_mentor = self._index
        found = [
            (of_mentee[application], of_mentor[interest], number)
            for (application, interest), number in numbers.items()
            if application in of_mentee and interest in of_mentor
        ]
        rows, columns, values = np.array(found, dtype=np.int64).reshape(-1, 3).T
        return csr_array((values, (rows, columns)), shape=self.shape)

    def _separation(self) -> tuple[csr_array, csr_array]:
        """The keys that a mentee's partner must not have, and those of the mentors, as 1 for each person and key."""
        kept_apart = [self.people.must_not_meet[each.person] for each in self.people.mentees]
        where = [self.people.keys[each.person] for each in self.people.mentors]
        keys = {key: index for index, key in enumerate(set().union(*kept_apart) & set().union(*where))}
        return _membership(kept_apart, keys), _membership(where, keys)

    def _persons(self) -> csr_array:
        """Nobody with themselves, nor with whom they are a mentor of."""
        of_person = {each.person: i for i, each in enumerate(self.people.mentees)}
        mentors = {each.person: j for j, each in enumerate(self.people.mentors)}
        pairs = [(i, mentors[person]) for person, i in of_person.items() if person in mentors]
        pairs += [(of_person[mentor], mentors[mentee]) for mentor, mentee in self.people.mentors_of]
        rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return csr_array((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=self.shape)

    def blocks(self) -> Iterator[np.ndarray]:
        """The mentees in order, as many at a time as have a block of pairs."""
        mentees, mentors = self.shape
        size = max(BLOCK // max(mentors, 1), 1)
        return (np.arange(first, min(first + size, mentees)) for first in range(0, mentees, size))

    def fits(self, mentees: np.ndarray, mentors: np.ndarray) -> np.ndarray:
        """Of these mentees with these mentors: int32, shape (mentees, mentors)."""
        return self.scores.of(mentees, mentors)

    def unlisted(self, mentees: np.ndarray, mentors: np.ndarray) -> np.ndarray:
        """Which of these mentees with these mentors the rules allow, and are on no list (nor kept, nor pinned): bool."""
        others = self.takes_others[mentees, None] & self.has_place[None, mentors]
        apart = self.kept_apart[mentees] @ self.where[mentors].T
        for table in (self.ruled_out[mentees][:, mentors], apart, self.named[mentees][:, mentors]):
            others[table.nonzero()] = False
        return others

    @cached_property
    def named(self) -> csr_array:
        """Nonzero for each pair that is more than any other: on a list, kept or pinned."""
        return self.rank + self.kept + self.pinned

    def _named_edges(self) -> tuple[np.ndarray, np.ndarray]:
        """(mentee, mentor) of the named pairs that the rules allow, in order."""
        rows, columns = (each.astype(np.int64) for each in self.named.nonzero())
        apart = self.kept_apart[rows].multiply(self.where[columns]).sum(axis=1) == 0
        possible = self.has_place[columns] & apart & (_look_up(self.ruled_out, rows, columns) == 0)
        return rows[possible], columns[possible]

    def lots(self, mentee: np.ndarray, mentor: np.ndarray) -> np.ndarray:
        return lot_of(self.mentee_tickets[mentee], self.mentor_tickets[mentor])

    @cached_property
    def _edges(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        mentee, mentor = self._named_edges()
        named = np.searchsorted(mentee, np.arange(len(self.takes_others) + 1))

        def of_block(mentees: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
            every = np.arange(len(self.has_place))
            fits, unlisted = self.fits(mentees, every), self.unlisted(mentees, every)
            chosen = unlisted if self.are_few else self._best(mentees, fits, unlisted)
            pairs = int(np.count_nonzero(unlisted))
            here = slice(named[mentees[0]], named[mentees[-1] + 1])
            chosen[mentee[here] - mentees[0], mentor[here]] = True
            found = np.flatnonzero(chosen)  # faster than the two indices at once
            rows, columns = np.divmod(found, len(every))
            return rows + mentees[0], columns, fits.ravel()[found].astype(np.int64), pairs

        # The arrays of a block are computed without the interpreter, so two blocks take little longer than one. More than a few
        # would only take memory.
        with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
            found = list(pool.map(of_block, self.blocks()))
        empty = np.zeros(0, dtype=np.int64)
        mentees, mentors, fits = (np.concatenate([empty, *(each[part] for each in found)]) for part in range(3))
        return mentees, mentors, fits, len(mentee) + sum(pairs for *_rest, pairs in found)

    def edges(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(mentee, mentor, fit) of the named pairs and of all others, or of the best others where there are many; in order."""
        return self._edges[:3]

    @property
    def pairs(self) -> int:
        """How many pairs the rules allow."""
        return self._edges[3]

    def likings(self, mentee: np.ndarray, mentor: np.ndarray, fit: np.ndarray) -> np.ndarray:
        """How well mentees suit what mentors wish: three parts what they said of it, one part the fit; int64, 0..1000."""
        wishes = Scores(self.people.mentees, self.people.mentors, {"wishes": 1})
        return (3 * wishes.of_pairs(mentee, mentor) + fit) // 4

    def _best(self, mentees: np.ndarray, fits: np.ndarray, unlisted: np.ndarray) -> np.ndarray:
        """The best of the unlisted by fit, and among equals another few for each mentee: bool."""
        turn = (self.mentee_tickets[mentees] % np.uint64(TIES)).astype(np.int32)
        key = self._order[None, :] ^ turn[:, None]
        key += fits * np.int32(TIES)
        np.putmask(key, ~unlisted, -1)
        if key.shape[1] <= OTHERS:
            return key >= 0
        worst = np.partition(key, -OTHERS, axis=1)[:, -OTHERS]
        return key >= np.maximum(worst, 0)[:, None]

    @cached_property
    def _order(self) -> np.ndarray:
        """The mentors' places in the order of their tickets: int32, below TIES."""
        return np.argsort(np.argsort(self.mentor_tickets, kind="stable"), kind="stable").astype(np.int32)


def _membership(sets, keys) -> csr_array:
    """1 where a set has a key: shape (sets, keys)."""
    rows = [row for row, each in enumerate(sets) for key in each if key in keys]
    columns = [keys[key] for each in sets for key in each if key in keys]
    return csr_array((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=(len(sets), len(keys)))


def _look_up(table: csr_array, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """What the sparse table says at these places, which come in order of rows and columns: int64, 0 where nothing."""
    there, width = table.tocoo(), table.shape[1]
    asked, has = rows * width + columns, there.row.astype(np.int64) * width + there.col
    place = np.searchsorted(asked, has)
    is_asked = np.append(asked, -1)[place] == has
    found = np.zeros(len(rows), dtype=np.int64)
    found[place[is_asked]] = there.data[is_asked]
    return found


def cycle_market(cycle, *, reconsider=None, changes=None) -> CycleMarket:
    """The market of everyone in the cycle who is not in a pairing that stands. A constant number of queries.

    A suggestion's own drafts do not stand; nor does a draft by hand of the application ``reconsider`` (its id).
    ``changes`` (Changes) are the staff's pins and bans, and what would be if there were other places or weights.
    """
    return market_of(people_of(cycle, reconsider=reconsider, changes=changes))


def market_of(people: People) -> CycleMarket:
    """The market of these people."""
    everyone, spread = Everyone(people), thousandths(people.weights).get("spread", 0)
    mentee, mentor, fit = everyone.edges()
    kept, pinned = (_look_up(table, mentee, mentor) for table in (everyone.kept, everyone.pinned))
    market = Market(
        mentees=len(people.mentees),
        capacity=np.array([each.places for each in people.mentors], dtype=np.int64),
        mentee=mentee,
        mentor=mentor,
        rank=_look_up(everyone.rank, mentee, mentor),
        fit=fit,
        lot=everyone.lots(mentee, mentor),
        kept=kept if kept.any() else None,
        pinned=pinned if pinned.any() else None,
        spread=spread,
        held=np.array([each.held for each in people.mentors], dtype=np.int64) if spread else None,
    )
    return CycleMarket(market, people, everyone)
