"""What a change by hand does to everybody, before it is saved: who moves, who loses, and the totals."""

from collections import Counter
from dataclasses import dataclass

from applications.models import MentorInterest
from matching.solve import gives_way
from matching.workbench.board import OUTCOMES


@dataclass(frozen=True)
class Move:
    """One mentee who would have another mentor than now, or nobody."""

    name: str
    before: str
    after: str
    change: int  # above nothing: worse for this mentee, as the list says

    @property
    def is_worse(self):
        return self.change > 0

    @property
    def is_better(self):
        return self.change < 0


@dataclass(frozen=True)
class Effect:
    """Everybody who moves, and the totals: [(words, before, after, difference)]."""

    moves: list[Move]
    totals: list[tuple[str, int, int, int]]

    @property
    def losers(self):
        return [move for move in self.moves if move.is_worse]


def loser_of(mentor):
    """The application whose draft gives way if staff give a place with this mentor of the board to somebody else; or None."""
    draft = None if mentor.free else gives_way(MentorInterest(pk=mentor.id))
    return draft and draft.application_id


def effect_of(board, mentee, mentor):
    """What giving ``mentee`` this mentor, both of the board, does, as it would be saved now."""
    moved = {}
    if mentor is not mentee.mentor:
        moved = {mentee.id: mentor}
        # The mentee's own draft gives its place back.
        if (loser := loser_of(mentor)) is not None:
            moved[loser] = None
    return between(board, {each.id: moved.get(each.id, each.mentor) for each in board.mentees})


def between(board, after, before=None):
    """The effect of changing to ``after`` from ``before``, or from what stands: {application id: Mentor of the board, or None}."""
    before = before or {each.id: each.mentor for each in board.mentees}
    moves = [
        Move(each.name, _with(each, before[each.id]), _with(each, after[each.id]), _change(each, before, after))
        for each in board.mentees
        if after[each.id] is not before[each.id]
    ]
    then = Counter(each.outcome_with(after[each.id]) for each in board.mentees)
    now = Counter(each.outcome_with(before[each.id]) for each in board.mentees)
    totals = [(label, now[name], then[name], then[name] - now[name]) for name, label, _tone in OUTCOMES]
    matched = len(board.mentees) - now["none"], len(board.mentees) - then["none"]
    totals.append(("Matched in all", *matched, matched[1] - matched[0]))
    return Effect(sorted(moves, key=lambda move: (-move.change, move.name)), totals)


def _with(mentee, mentor):
    if mentor is None:
        return "nobody"
    words = mentee.words_with(mentor)
    return f"{mentor.name}, {words}" if words else mentor.name


def _change(mentee, before, after):
    return mentee.loss_with(after[mentee.id]) - mentee.loss_with(before[mentee.id])
