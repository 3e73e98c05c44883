"""Who has nobody, what each of them lacks, and what would help most: numbers from solving it again with more places."""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from applications.models import MentorInterest
from matching.holds import changes_of
from matching.market import cycle_market
from matching.suggest import suggest

LACKS = {
    "nobody": (
        "No mentor of this cycle may be theirs",
        "Every mentor is too near by the cycle's rule, was refused before, or is ruled out. Only another mentor helps.",
    ),
    "list": (
        "Nobody on their list may be theirs",
        "Other mentors may. A changed list, or any other mentor with a free place, helps.",
    ),
    "places": (
        "The mentors they may have are full",
        "There are more mentees than places with those mentors. More places help.",
    ),
    "unasked": (
        "A place is free for them",
        "No suggestion was asked for since they came, or since they lost their mentor. Ask for one on the workbench.",
    ),
}
MOST_MENTORS = 8


@dataclass(frozen=True)
class Help:
    """What more places would bring, if all were suggested again with them."""

    what: str
    interest: int | None  # one mentor's, or None for all who offer a topic
    places: int  # how many of them would be used
    matched: int  # how many more mentees would have a mentor
    on_list: int  # how many more would have one from their own list

    @property
    def share(self):
        return self.matched + self.on_list


class Gaps:
    """The cycle with one more place for each mentor, from which any number of them is taken back."""

    def __init__(self, cycle, board, policy):
        self.board, self.policy = board, policy
        taking_part = {each.id: 1 for each in board.taking_part}
        self.found = cycle_market(cycle, changes=changes_of(cycle, more_places=taking_part))
        self.market = self.found.market
        self.capacity = self.market.capacity - np.array(
            [taking_part.get(each.id, 0) for each in self.found.mentors], dtype=np.int64
        )
        self.now = self._solved(np.zeros(len(self.capacity), dtype=np.int64))

    def _solved(self, more):
        return suggest(replace(self.market, capacity=self.capacity + more), self.policy)

    @property
    def groups(self):
        """[(title, what helps, mentees)] of those who would have nobody, by what they lack."""
        lacking = defaultdict(list)
        for mentee in self.board.mentees:
            index = self.found.index_of.get(mentee.id)
            if mentee.mentor is None and index is not None:
                lacking[self._lack(mentee, index)].append(mentee)
        return [(*words, lacking[name]) for name, words in LACKS.items() if lacking[name]]

    def _lack(self, mentee, index):
        edges = self.market.mentee == index
        if not edges.any():
            return "nobody"
        if self.now.mentor_of[index] >= 0:
            return "unasked"
        if mentee.choices and not (edges & (self.market.rank > 0)).any():
            return "list"
        return "places"

    def helps(self, topics):
        """What would help, most first: a place more with each mentor who offers a topic, and with each sought mentor."""
        mentors = self.found.mentors
        asked = [
            (f"mentors who offer {topic}", None, [j for j, each in enumerate(mentors) if topic in each.topics])
            for topic in topics
        ]
        index = self.found.mentor_index_of
        sought = [each for each in self.board.mentors if each.is_sought and not each.free and each.id in index]
        sought = sorted(sought, key=lambda each: (each.places - each.wanted, each.name))[:MOST_MENTORS]
        asked += [(each.name, each.id, [index[each.id]]) for each in sought]
        found = [self._help(*each) for each in asked if each[2]]
        return sorted(
            [each for each in found if each.share > 0], key=lambda each: (-each.matched, -each.on_list, each.what)
        )

    def _help(self, what, interest, indices):
        more = np.zeros(len(self.capacity), dtype=np.int64)
        more[indices] = 1
        solved = self._solved(more)
        taken = np.bincount(solved.mentor_of[solved.mentor_of >= 0], minlength=len(more))
        figures, now = solved.figures, self.now.figures
        return Help(
            what,
            interest,
            int((taken > self.capacity)[indices].sum()),
            figures["matched"] - now["matched"],
            figures["on_list"] - now["on_list"],
        )


def past_mentors(cycle):
    """Mentors of the program's earlier cycles who have not told of themselves in this one, the latest offer of each."""
    here = MentorInterest.objects.filter(cycle=cycle).exclude(status="draft").values("mentor")
    before = MentorInterest.objects.filter(
        cycle__program=cycle.program, cycle__term_begins__lt=cycle.term_begins, status__in=["approved", "paused"]
    )
    latest = before.exclude(mentor__in=here).order_by("mentor_id", "-cycle__term_begins").distinct("mentor_id")
    rows = MentorInterest.objects.filter(pk__in=latest.values("pk"), mentor__is_active=True)
    return rows.select_related("mentor", "cycle__program").order_by("mentor__name", "pk")
