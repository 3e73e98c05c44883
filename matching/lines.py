"""What a run says of each mentee: the mentor suggested, or none, and why; and why not a mentor they wanted more."""

from functools import cache
from typing import NamedTuple

import numpy as np

from matching.criteria import because, ordinal
from matching.suggest import Reasons


class Line(NamedTuple):
    """What a SuggestedPair keeps."""

    application_id: int
    interest_id: int | None
    rank: int  # 1 for a first choice; 0 for a mentor not on the list
    fit: int
    because: str
    why_not: list[str]


def lines(found, suggestion):
    """A Line for each mentee of the market, in its order."""
    reasons = Reasons(found.market, suggestion)
    missed = cache(lambda mentor, rank: _choice(rank, _missed(found, mentor, reasons.holders[mentor])))
    columns = [suggestion.mentor_of, *_given(found.market, suggestion)]
    rows = zip(found.mentees, *(each.tolist() for each in columns), strict=True)
    return [
        _line(found, index, *row, _why_not(found, reasons, missed, index, row[2])) for index, row in enumerate(rows)
    ]


def _given(market, suggestion):
    """Of each mentee, the rank and the fit of the pair suggested; 0 where there is none."""
    rank, fit = np.zeros((2, market.mentees), dtype=np.int64)
    has = suggestion.edge_of >= 0
    rank[has], fit[has] = market.rank[suggestion.edge_of[has]], market.fit[suggestion.edge_of[has]]
    return rank, fit


def _line(found, index, mentee, mentor_index, rank, fit, why_not):
    if mentor_index < 0:
        return Line(mentee.id, None, 0, 0, _unmatched(found, index), why_not)
    mentor = found.mentors[mentor_index]
    return Line(mentee.id, mentor.id, rank, fit, because(mentee, mentor, rank, found.people.weights), why_not)


def _why_not(found, reasons, missed, index, given):
    wishes = [(rank, missed(mentor, rank)) for mentor, rank in reasons.wished_more(index)]
    wishes += [
        (rank, _choice(rank, f"{why}.")) for rank, why in found.impossible_wishes(index) if not given or rank < given
    ]
    return [why for _rank, why in sorted(wishes)]


def _choice(rank, why):
    return f"{ordinal(rank).capitalize()} choice: {why}"


def _unmatched(found, index):
    first, last = np.searchsorted(found.market.mentee, [index, index + 1])
    if first == last:
        return f"There are no {found.people.apart.theirs} who have a place free."
    return "All places of the mentors this mentee may have go to others; there are more mentees than places."


def _missed(found, mentor, holders):
    """An unmet wish in words: who holds the places, and with which choice of theirs."""
    held = [
        f"{found.mentees[i].name} ({ordinal(rank) + ' choice' if rank else 'not on their list'})" for i, rank in holders
    ]
    goes = "place goes" if found.mentors[mentor].places == 1 else "places go"
    told = f"{goes} to {', '.join(held)}" if held else "place would cost others more"
    return f"{found.mentors[mentor].name}, whose {told}."
