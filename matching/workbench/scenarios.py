"""Scenarios: the same cycle under other settings, computed without touching the drafts, beside what stands."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.models import MentorInterest
from matching.criteria import CRITERIA
from matching.holds import changes_of
from matching.models import Scenario, SuggestedPair
from matching.models.weights import weigh
from matching.solve import lock_cycle
from matching.suggest import POLICIES
from matching.tasks import ask
from matching.workbench.board import picture
from matching.workbench.by_hand import Effect, between
from mentoring.audit.models import record
from mentoring.constraints import sentence_for
from mentoring.workflow import TransitionRefused


@dataclass(frozen=True)
class Trial:
    """A scenario with its outcome against what stands, where it is computed."""

    scenario: Scenario
    policy: str
    settings: list[str]
    parts: list[dict]
    effect: Effect | None
    unused: int
    missing: list[str]  # the places that it counts on and that are not there, in words
    met: list[tuple]  # (criterion in words, percent that its pairs have of it, percent of the last suggestion's pairs)

    @property
    def has_weights(self):
        return bool(self.scenario.run.changes.weights)

    @property
    def worse(self):
        return len(self.effect.losers)

    @property
    def better(self):
        return sum(move.is_better for move in self.effect.moves)


def try_out(cycle, *, by, name, policy, notes="", longest_list=0, interest=None, more=0, weights=None):
    """Ask for a scenario: a policy, lists cut after so many choices, more places with one mentor (of an offer, approved or not),
    other weights than the cycle's.

    Raises TransitionRefused, with a sentence.
    """
    more_places, mentors, places = {}, {}, {}
    if interest is not None and more:
        (more_places if interest.status == "approved" else mentors)[interest.pk] = more
        places[interest.pk] = interest.capacity + more
    changes = changes_of(
        cycle, more_places=more_places, mentors=mentors, longest_list=longest_list, weights=weights or {}
    )
    try:
        with transaction.atomic():
            run = ask(cycle, policy, by=by, changes=changes, drafts=False)
            scenario = Scenario.objects.create(cycle=cycle, name=name, notes=notes, run=run, places=places)
            record("try_out", scenario, by=by, reason=notes)
            return scenario
    except IntegrityError as error:
        if sentence := sentence_for(error):
            raise TransitionRefused(sentence) from error
        raise


def choose(scenario, *, by):
    """Mark this one as the cycle's choice, in place of any other, and ask for its pairs as drafts.

    Other weights that it tried become the cycle's.

    Raises TransitionRefused, with a sentence, while it is not computed or counts on places that are not there.
    """
    if not scenario.run.is_done:
        raise TransitionRefused("This scenario has no result yet.")
    with transaction.atomic():
        lock_cycle(scenario.cycle)
        if missing := missing_places([scenario])[scenario.pk]:
            raise TransitionRefused(f"This scenario counts on places that are not there: {', '.join(missing)}.")
        Scenario.objects.filter(cycle=scenario.cycle).update(chosen_at=None, chosen_by=None)
        scenario.chosen_at, scenario.chosen_by = timezone.now(), by
        scenario.save(update_fields=["chosen_at", "chosen_by"])
        record("choose", scenario, by=by)
        if weights := scenario.run.changes.weights:
            weigh(scenario.cycle, {name: weights.get(name, 0) for name in CRITERIA}, by=by)
        changes = changes_of(scenario.cycle, longest_list=scenario.run.changes.longest_list)
        return ask(scenario.cycle, scenario.run.policy, by=by, changes=changes)


def missing_places(scenarios):
    """scenario id -> what it counts on and is not there, in words."""
    wanted = {int(pk) for scenario in scenarios for pk in scenario.places}
    rows = MentorInterest.objects.filter(pk__in=wanted).select_related("mentor").prefetch_related("places")
    there = {row.pk: row for row in rows}
    return {
        scenario.pk: [
            f"{there[int(pk)].mentor} with {places} {'place' if places == 1 else 'places'}"
            for pk, places in scenario.places.items()
            if not _has(there[int(pk)], places)
        ]
        for scenario in scenarios
    }


def _has(interest, places):
    in_use = sum(not place.retired for place in interest.places.all())
    return interest.status == "approved" and in_use >= places


def trials(cycle, board):
    """All scenarios of a cycle, each against what stands, in a constant number of queries."""
    scenarios = list(cycle.scenarios.select_related("run__computed_by", "chosen_by"))
    missing, given = missing_places(scenarios), defaultdict(dict)
    pairs = SuggestedPair.objects.filter(run__scenario__in=scenarios)
    for run, application, interest in pairs.values_list("run", "application", "interest"):
        given[run][application] = board.anyone(interest)
    last = cycle.suggestion_runs.newest()[0]
    before = last.figures.get("met", {}) if last else {}
    return [_trial(scenario, board, given[scenario.run_id], missing[scenario.pk], before) for scenario in scenarios]


def _trial(scenario, board, given, missing, before):
    run = scenario.run
    after = {each.id: given.get(each.id, each.mentor) for each in board.mentees}
    used = {mentor.id for mentor in after.values() if mentor}
    done = run.is_done
    return Trial(
        scenario,
        POLICIES[run.policy].label,
        _settings(run.changes, board),
        picture(board.mentees, after) if done else [],
        between(board, after) if done else None,
        sum(each.id not in used for each in board.taking_part if each.places),
        missing,
        [(CRITERIA[name].label, then, before.get(name)) for name, then in _in_order(run.figures.get("met", {}))],
    )


def _settings(changes, board):
    told = [f"Only the first {changes.longest_list} of each list"] if changes.longest_list else []
    told += [f"{more} more with {board.anyone(pk).name}" for pk, more in changes.more_places.items()]
    told += [f"{board.anyone(pk).name} as a mentor with {more}" for pk, more in changes.mentors.items()]
    return told + ([_in_words(changes.weights)] if changes.weights else [])


def _in_order(values):
    """(criterion, value) in the order of the criteria, which the database does not keep."""
    return [(name, values[name]) for name in CRITERIA if name in values]


def _in_words(weights):
    counting = [f"“{CRITERIA[name].label}” {weight}" for name, weight in _in_order(weights) if weight]
    return f"Weights: {', '.join(counting) or 'nothing counts'}"
