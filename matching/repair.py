"""After a no, a lapse or a withdrawal: a mentor for who lost theirs, moving as few of the others as possible.

What is proposed, confirmed or final is not touched, nor what staff drafted by hand; a pair that was refused is not tried again.
The repair matches as many as can be; of all such answers it keeps the most drafts, and of those it is the best by the policy.
Beside it stands what solving all of it again would give, so that the price of moving so few is known.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from applications.models import Application, MentorInterest
from matching.criteria import because
from matching.holds import changes_of
from matching.market import CycleMarket, cycle_market
from matching.models import Pairing
from matching.people import people_of
from matching.solve import lock_cycle
from matching.suggest import POLICIES, Suggestion, suggest
from mentoring.audit.models import record
from mentoring.workflow import TransitionRefused

DEFAULT = "on_list_first"
CHANGED = "People, lists, places or drafts have changed since you looked. The repair below is a new one."


@dataclass(frozen=True)
class Line:
    """One mentee whom the repair would help, move, or leave without a mentor."""

    application_id: int
    interest_id: int | None
    drafted_id: int | None  # the interest of the draft that stands now
    name: str
    before: str  # the mentor drafted now, or nothing
    after: str  # the mentor of the repair, or nothing
    because: str

    @property
    def is_change(self):
        return self.interest_id != self.drafted_id


@dataclass(frozen=True)
class Repair:
    """What changes, how many drafts stay, and the figures of now, of the repair, and of solving all of it again."""

    lines: list[Line]
    stay: int
    figures: list[tuple[str, int, int, int]]
    moved_by_all_again: int
    policy: str
    seen: str

    @property
    def helped(self):
        return [line for line in self.lines if line.after and not line.before]

    @property
    def moved(self):
        return [line for line in self.lines if line.before and line.is_change]

    @property
    def unhelped(self):
        return [line for line in self.lines if not line.after]

    @property
    def changes(self):
        """Whether there is anything to draft."""
        return any(line.is_change for line in self.lines)


def repair_of(cycle):
    """The repair of a cycle as it is now. Raises NotProven where it could not be proved to be the best."""
    run, _waiting = cycle.suggestion_runs.newest()
    policy = run.policy if run else DEFAULT
    found = cycle_market(cycle, changes=changes_of(cycle))
    few = suggest(found.market, of_few_moves(policy), keep="first")
    again = suggest(found.market, policy, keep="ties")
    now = edges_now(found)
    lines = [_line(found, few, now, index) for index in range(len(found.mentees))]
    told = [line for line in lines if line.is_change or not line.after]
    return Repair(
        lines=told,
        stay=sum(1 for line in lines if line.before and not line.is_change),
        figures=_figures(found, now, few.edge_of, again.edge_of),
        moved_by_all_again=_moved(now, again.edge_of),
        policy=of_few_moves(policy),
        seen=_seen(found.people, of_few_moves(policy)),
    )


def of_few_moves(policy):
    """The policy by which a repair chooses: the cycle's own, if it puts first how many are matched, else the default."""
    return policy if POLICIES[policy].levels[:1] == ("matched",) else DEFAULT


def draft_repair(cycle, *, by, seen):
    """Draft the repair, for staff's eyes only. Returns how many pairs are new.

    Raises TransitionRefused, and drafts nothing, if it is not the one that ``seen`` (a Repair's) names.
    """
    repair = repair_of(cycle)
    with transaction.atomic():
        lock_cycle(cycle)
        interests = MentorInterest.objects.filter(cycle=cycle).order_by("pk").select_for_update(no_key=True).in_bulk()
        rows = Application.objects.accepted().filter(cycle=cycle).order_by("pk").select_for_update(no_key=True)
        applications = rows.in_bulk()
        people = people_of(cycle, changes=changes_of(cycle))
        if not seen == repair.seen == _seen(people, repair.policy):
            raise TransitionRefused(CHANGED)
        changed = [line for line in repair.lines if line.is_change]
        for draft in Pairing.objects.filter(
            application__in=[line.application_id for line in changed], status="drafted", by_hand=False
        ):
            draft.discard(by=by, reason="A repair moved this mentee.")
        for line in changed:
            if line.interest_id:
                Pairing.draft(
                    applications[line.application_id],
                    interests[line.interest_id],
                    by=by,
                    by_hand=False,
                    because=line.because,
                )
        record("repair", cycle, by=by, helped=len(repair.helped), moved=len(repair.moved))
        return len(repair.helped)


def edges_now(found: CycleMarket) -> np.ndarray:
    """mentee -> the edge of the draft that stands now, or -1, shape (n,)"""
    now = np.full(len(found.mentees), -1, dtype=np.int64)
    if found.market.kept is not None:
        standing = np.flatnonzero(found.market.kept)
        now[found.market.mentee[standing]] = standing
    return now


def _line(found: CycleMarket, suggestion: Suggestion, now, index):
    mentee, edge = found.mentees[index], int(suggestion.edge_of[index])
    drafted = found.mentors[found.market.mentor[now[index]]] if now[index] >= 0 else None
    drafted_id, before = (drafted.id, drafted.name) if drafted else (None, "")
    if edge < 0:
        why = "Every mentor with a free place is ruled out for this mentee, or needed by others."
        return Line(mentee.id, None, drafted_id, mentee.name, before, "", why)
    mentor, rank = found.mentors[found.market.mentor[edge]], int(found.market.rank[edge])
    why = because(mentee, mentor, rank, found.people.weights)
    return Line(mentee.id, mentor.id, drafted_id, mentee.name, before, mentor.name, why)


def _figures(found: CycleMarket, *answers):
    """(name, now, repair, all again) of each figure."""
    ranks = [found.market.rank[edges[edges >= 0]] for edges in answers]
    names = ["First choices", "Second choices", "Third choices"]
    rows = [("Mentees with a mentor", *(len(each) for each in ranks))]
    rows.append(("On their own list", *(int((each > 0).sum()) for each in ranks)))
    rows += [(name, *(int((each == rank).sum()) for each in ranks)) for rank, name in enumerate(names, 1)]
    rows.append(("Drafts that move", *(_moved(answers[0], edges) for edges in answers)))
    return rows


def _moved(now, edges):
    """How many who have a draft would have another, or none."""
    return int(((now >= 0) & (edges != now)).sum())


def _seen(people, policy):
    text = f"{people.digest} {policy} {sorted(people.kept)}"
    return hashlib.sha256(text.encode()).hexdigest()
