"""Suggestions for a whole cycle: solve, keep the run, and draft what it found. Nothing of it leaves the staff."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from applications.models import Application, MentorInterest
from matching.criteria import because, ordinal
from matching.market import cycle_market
from matching.models import Pairing, SuggestedPair, SuggestionRun
from matching.querysets import LIVE
from matching.suggest import MAX_RANK, POLICIES, suggest, why_not
from mentoring.audit.models import record
from mentoring.workflow import TransitionRefused, lock


def solve(cycle, policy, *, by):
    """Suggest anew around what stands: drafts by hand, proposed and final pairs stay; earlier suggested drafts are replaced.

    The result is drafted at once, so that staff can change it pair by pair, and stored as a SuggestionRun. Raises
    TransitionRefused for an unknown policy, NotProven if the result could not be proved to be the best.
    """
    if policy not in POLICIES:
        raise TransitionRefused("Choose one of the policies on the list.")
    with transaction.atomic():
        lock_cycle(cycle)
        # Lock in the one order: mentors, then mentees, then pairings.
        interests = MentorInterest.objects.filter(cycle=cycle).order_by("pk").select_for_update(no_key=True).in_bulk()
        applications = (
            Application.objects.accepted().filter(cycle=cycle).order_by("pk").select_for_update(no_key=True).in_bulk()
        )
        found = cycle_market(cycle)
        suggestion = suggest(found.market, policy)
        for draft in Pairing.objects.filter(cycle=cycle, status="drafted", by_hand=False):
            draft.discard(by=by, reason="Replaced by a new suggestion.")
        run = SuggestionRun.objects.create(
            cycle=cycle, policy=policy, computed_by=by, digest=found.digest, figures=suggestion.figures
        )
        pairs = [_pair(run, found, suggestion, index) for index in range(len(found.mentees))]
        SuggestedPair.objects.bulk_create(pairs)
        for pair in pairs:
            if pair.interest_id:
                Pairing.draft(
                    applications[pair.application_id],
                    interests[pair.interest_id],
                    by=by,
                    by_hand=False,
                    because=pair.because,
                )
        record("suggest", run, by=by, policy=policy, **{key: suggestion.figures[key] for key in ("matched", "on_list")})
        return run


def lock_cycle(cycle):
    """Two staff who suggest at once take turns."""
    type(cycle).objects.select_for_update(no_key=True).get(pk=cycle.pk)


def is_stale(run):
    """Whether what the run was computed from has changed since, in people, places, preferences or criteria."""
    return cycle_market(run.cycle).digest != run.digest


def _pair(run, found, suggestion, index):
    mentee, edge, mentor_index = found.mentees[index], int(suggestion.edge_of[index]), int(suggestion.mentor_of[index])
    given = int(found.market.rank[edge]) if edge >= 0 else 0
    wishes = [(rank, f"{why}.") for rank, why in found.impossible_wishes(index) if not given or rank < given]
    wishes += [(each.rank, _missed(found, each)) for each in why_not(found.market, suggestion, index)]
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
    if not (found.market.mentee == index).any():
        return f"There are no {found.people.apart.theirs} who have a place free."
    return "All places of the mentors this mentee may have go to others; there are more mentees than places."


def _missed(found, missed):
    """One unmet wish in words: who holds the places, and with which choice of theirs."""
    mentor = found.mentors[missed.mentor]
    held = [
        f"{found.mentees[i].name} ({ordinal(rank) + ' choice' if rank else 'not on their list'})"
        for i, rank in missed.holders
    ]
    told = f"places go to {', '.join(held)}" if held else "place would cost others more"
    return f"{mentor.name}, whose {told}."


@dataclass(frozen=True)
class Option:
    """One mentor whom a mentee could have: which choice of theirs, why, and who has a draft with this mentor now."""

    id: int
    name: str
    because: str
    places: int
    drafted: list[str]


def options_for(application):
    """Every mentor the hard rules allow this mentee, the mentee's own choices first, then by fit."""
    found = cycle_market(application.cycle, reconsider=application.pk)
    market = found.market
    index = next(i for i, mentee in enumerate(found.mentees) if mentee.id == application.pk)
    edges = np.flatnonzero(market.mentee == index)
    best_first = edges[np.lexsort((-market.fit[edges], np.where(market.rank[edges] > 0, market.rank[edges], MAX_RANK)))]
    drafts = Pairing.objects.filter(cycle=application.cycle, status="drafted").exclude(application=application)
    drafted = defaultdict(list)
    for interest, mentee in drafts.values_list("interest", "mentee__name"):
        drafted[interest].append(mentee)
    mentee, mentors = found.mentees[index], found.mentors
    return [
        Option(
            mentor.id,
            mentor.name,
            because(mentee, mentor, int(market.rank[edge]), found.people.weights),
            mentor.places,
            drafted[mentor.id],
        )
        for edge in best_first
        for mentor in [mentors[market.mentor[edge]]]
    ]


def choose_by_hand(application, interest, *, by):
    """Draft this pair by hand. The mentee's own draft gives way, and so does a suggested one that holds the last place."""
    with transaction.atomic():
        lock_cycle(application.cycle)
        lock(interest)
        lock(application)
        for draft in application.pairings.filter(status="drafted"):
            draft.discard(by=by, reason="Changed by hand.")
        free = interest.places.in_use().exclude(pairings__status__in=LIVE).exists()
        suggested = interest.pairings.filter(status="drafted", by_hand=False).order_by("pk").last()
        if not free and suggested:
            suggested.discard(by=by, reason=f"Staff gave this place to {application.applicant}.")
        return Pairing.draft(application, interest, by=by, because=f"Chosen by {by}.")
