"""What a run says of each mentee: the mentor suggested, or none, and why; and why not a mentor they wanted more."""

import numpy as np

from matching.criteria import because, ordinal
from matching.models import SuggestedPair
from matching.suggest import Reasons


def lines(run, found, suggestion):
    """A SuggestedPair for each mentee of the market, unsaved."""
    reasons = Reasons(found.market, suggestion)
    return [_line(run, found, suggestion, reasons, index) for index in range(len(found.mentees))]


def _line(run, found, suggestion, reasons, index):
    mentee, edge, mentor_index = found.mentees[index], int(suggestion.edge_of[index]), int(suggestion.mentor_of[index])
    given = int(found.market.rank[edge]) if edge >= 0 else 0
    wishes = [(rank, f"{why}.") for rank, why in found.impossible_wishes(index) if not given or rank < given]
    wishes += [(each.rank, _missed(found, each)) for each in reasons.not_given(index)]
    missed = [f"{ordinal(rank).capitalize()} choice: {why}" for rank, why in sorted(wishes)]
    if mentor_index < 0:
        return SuggestedPair(run=run, application_id=mentee.id, because=_unmatched(found, index), why_not=missed)
    mentor, rank = found.mentors[mentor_index], int(found.market.rank[edge])
    return SuggestedPair(
        run=run,
        application_id=mentee.id,
        interest_id=mentor.id,
        rank=rank,
        fit=int(found.market.fit[edge]),
        because=because(mentee, mentor, rank, found.people.weights),
        why_not=missed,
    )


def _unmatched(found, index):
    first, last = np.searchsorted(found.market.mentee, [index, index + 1])
    if first == last:
        return f"There are no {found.people.apart.theirs} who have a place free."
    return "All places of the mentors this mentee may have go to others; there are more mentees than places."


def _missed(found, missed):
    """One unmet wish in words: who holds the places, and with which choice of theirs."""
    mentor = found.mentors[missed.mentor]
    held = [
        f"{found.mentees[i].name} ({ordinal(rank) + ' choice' if rank else 'not on their list'})"
        for i, rank in missed.holders
    ]
    goes = "place goes" if mentor.places == 1 else "places go"
    told = f"{goes} to {', '.join(held)}" if held else "place would cost others more"
    return f"{mentor.name}, whose {told}."
