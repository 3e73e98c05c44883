"""Suggestions for a whole cycle: solve, keep the run, and draft what it found. Nothing of it leaves the staff."""

import hashlib
import json
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path

from django.db import transaction

from applications.models import Application, MentorInterest
from matching.criteria import met
from matching.holds import changes_of, check_unpinned
from matching.lines import lines
from matching.market import cycle_market
from matching.models import Hold, Pairing, SuggestedPair, SuggestionRun
from matching.people import people_of
from matching.querysets import LIVE
from matching.suggest import FASTEST, POLICIES, NotProven, suggest, suggest_over_all
from mentoring.audit.models import record
from mentoring.workflow import TransitionRefused, lock

ATTEMPTS = 3
# What decides which pairs come out: two runs of the same input by the same of these must agree.
DECIDES = ("suggest/*.py", "criteria.py", "market.py", "people.py")
KEEP = ("ties", "first")


def new_run(cycle, policy, *, by, changes=None, keep="ties", drafts=True, over_all=False):
    """A run for a worker to compute: around what stands, which are drafts by hand, and what is proposed or final.

    ``changes`` are what-ifs with pins and bans; left out, the pins and bans that stand. ``keep`` says how much the last
    suggestion's pairs count ("first": before all but how many are matched; "ties": among equally good answers). With ``drafts``
    its pairs are drafted in place of the last suggestion's; without, they are only kept. ``over_all`` asks for the proof over all
    eligible pairs, which takes seconds where there are more than a million, and comes by itself where there are not. Raises
    TransitionRefused for an unknown policy.
    """
    if policy not in POLICIES or keep not in KEEP:
        raise TransitionRefused("Choose one of the policies on the list.")
    with transaction.atomic():
        asked = {"changes": (changes or changes_of(cycle)).as_json(), "keep": keep, "over_all": over_all}
        run = SuggestionRun.objects.create(cycle=cycle, policy=policy, computed_by=by, asked=asked, drafts=drafts)
        record("suggest", run, by=by, policy=policy)
        return run


def solve(cycle, policy, *, by, **choices):
    """Compute a new run at once, and return it. Raises TransitionRefused, with a sentence, where there is no result."""
    run = new_run(cycle, policy, by=by, **choices)
    compute(run)
    if run.has_failed:
        raise TransitionRefused(run.phase)
    return run


def compute(run):
    """Work off a run that waits, or whose worker died. Nothing is locked while it computes.

    When people, lists or places change meanwhile, it is computed again. It ends done, or failed with a sentence; raises
    TransitionRefused if it has ended already.
    """
    run.start(by=None)
    try:
        for _attempt in range(ATTEMPTS):
            if _computed(run):
                return
        why = "People, lists or places kept changing while this was computed. Please try again."
    except NotProven as error:
        why = f"The result could not be proved to be the best, so there is no suggestion: {error}."
    except TransitionRefused as refusal:
        why = str(refusal)
    except Exception:
        run.fail(by=None, why="An error in the portal stopped this. Its administrators find it in the log.")
        raise
    run.fail(by=None, why=why)


def _computed(run):
    """Compute, and keep the result. False if what it was computed from has changed meanwhile."""
    seconds = {}
    run.at(5, "Reading people, lists and places")
    with timed(seconds, "read"):
        found = cycle_market(run.cycle, changes=run.changes)
    if found.impossible_pins:
        raise TransitionRefused(_impossible(found))
    run.at(30, "Looking for the best assignment, and proving it")
    with timed(seconds, "solve"):
        found, suggestion, over_all = best_of(found, run.policy, keep=run.asked["keep"], over_all=run.asked["over_all"])
    run.at(60, "Writing down why")
    with timed(seconds, "explain"):
        pairs = lines(found, suggestion)
    answer = {
        "asked": run.asked
        | {"seed": found.people.seed, "weights": found.people.weights, "kept": sorted(found.people.kept)},
        "digest": found.digest,
        "outcome": outcome(pairs),
        "figures": suggestion.figures
        | {"pairs_proved": suggestion.proof.pairs, "over_all": over_all, "met": met(suggested(found, suggestion))},
        "versions": versions(),
        "seconds": seconds,
    }
    _refuse_another_outcome(run, answer)
    run.at(80, "Drafting the pairs" if run.drafts else "Keeping the pairs")
    with transaction.atomic():
        with timed(seconds, "store"):
            if run.drafts and not _drafted(run, found, pairs):
                return False
            SuggestedPair.objects.keep(run, pairs)
        run.finish(by=None, answer=answer)
    return True


def suggested(found, suggestion):
    """The pairs of a suggestion, as (mentee, mentor)."""
    given = zip(found.mentees, suggestion.mentor_of, strict=True)
    return [(mentee, found.mentors[mentor]) for mentee, mentor in given if mentor >= 0]


def best_of(found, policy, *, keep="ties", over_all=False):
    """(market, suggestion, whether it is proved over all eligible pairs), the market with the edges that it took."""
    if policy == "stable":
        market = found.market
        liking = found.everyone.likings(market.mentee, market.mentor, market.fit)
        found = replace(found, market=replace(market, liking=liking))
    if found.is_whole or not over_all or policy == "stable":
        return found, suggest(found.market, policy, keep=keep), found.is_whole
    market, suggestion = suggest_over_all(found.market, found.everyone, policy, keep=keep)
    return replace(found, market=market), suggestion, True


def what_each_gives(found):
    """policy -> figures, for every policy on the same market, to see side by side what each would give."""
    return {name: best_of(found, name)[1].figures for name in POLICIES}


@contextmanager
def timed(seconds, name):
    """Note under ``name`` how many seconds the block takes."""
    begun = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - begun, 4)


def _impossible(found):
    names = {mentee.id: mentee.name for mentee in found.mentees}
    mentors = {mentor.id: mentor.name for mentor in found.mentors}
    pairs = [
        f"{names.get(application, 'somebody who needs no mentor now')} with {mentors.get(interest, 'a mentor who left')}"
        for application, interest in found.impossible_pins
    ]
    return f"The rules do not allow what is pinned: {'; '.join(pairs)}. Unpin it, and suggest again."


def outcome(pairs):
    """SHA-256 of who is with whom."""
    said = sorted([pair.application_id, pair.interest_id or 0] for pair in pairs)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def versions():
    """Of what computes, to find out why two runs differ."""
    libraries = {name: metadata.version(name) for name in ("numpy", "scipy", FASTEST.package)}
    return {"solver": FASTEST.name, "code": code_version(), **libraries}


@cache
def code_version():
    """SHA-256 of the code that decides which pairs come out, in twelve digits."""
    folder = Path(__file__).parent
    files = sorted(path for pattern in DECIDES for path in folder.glob(pattern))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _refuse_another_outcome(run, answer):
    """Raise NotProven if the same code was asked the same of the same input before, and gave other pairs."""
    same = SuggestionRun.objects.done().filter(
        cycle=run.cycle,
        policy=run.policy,
        digest=answer["digest"],
        asked=answer["asked"],
        versions__code=answer["versions"]["code"],
    )
    if other := same.exclude(outcome=answer["outcome"]).first():
        raise NotProven(f"the same input gave other pairs in {other}")


def _lock_all(cycle):
    """Everyone of the cycle who could be paired, in the one order: mentors, then mentees, then pairings."""
    lock_cycle(cycle)
    interests = MentorInterest.objects.filter(cycle=cycle).select_related("mentor").order_by("pk")
    interests = interests.select_for_update(of=("self",), no_key=True).in_bulk()
    applications = Application.objects.accepted().filter(cycle=cycle).select_related("applicant").order_by("pk")
    return applications.select_for_update(of=("self",), no_key=True).in_bulk(), interests


def _drafted(run, found, pairs):
    """Draft the pairs, and drop those of the last suggestion that are others. False if what they came of has changed meanwhile.

    A run whose pairs are only kept needs no such care: it says itself when it is stale.
    """
    applications, interests = _lock_all(run.cycle)
    if people_of(run.cycle, changes=run.changes).digest != found.digest:
        return False
    by = run.computed_by
    drafts = {
        (draft.application_id, draft.interest_id): draft
        for draft in Pairing.objects.filter(cycle=run.cycle, status="drafted", by_hand=False)
    }
    because = {(pair.application_id, pair.interest_id): pair.because for pair in pairs if pair.interest_id}
    for gone in drafts.keys() - because:
        drafts.pop(gone).discard(by=by, reason="Replaced by a new suggestion.")
    for pair, draft in drafts.items():
        draft.because = because.pop(pair)
    Pairing.objects.bulk_update(drafts.values(), ["because"], batch_size=1000)
    chosen = [(applications[mentee], interests[mentor], why) for (mentee, mentor), why in because.items()]
    Pairing.draft_all(chosen, by=by)
    return True


def lock_cycle(cycle):
    """Two staff who suggest at once take turns."""
    type(cycle).objects.select_for_update(no_key=True).get(pk=cycle.pk)


def is_stale(run):
    """Whether what the run was computed from has changed since, in people, places, preferences or criteria."""
    held = changes_of(run.cycle)
    changes = replace(run.changes, pins=held.pins, bans=held.bans)
    return people_of(run.cycle, changes=changes).digest != run.digest


def choose_by_hand(application, interest, *, by, reason=""):
    """Draft this pair by hand. The mentee's own draft gives way, and so does a suggested one that holds the last place.

    Raises TransitionRefused, with a sentence, where a rule or a pin stands against it.
    """
    with transaction.atomic():
        lock_cycle(application.cycle)
        lock(interest)
        lock(application)
        check_unpinned(application, but=interest)
        for draft in application.pairings.filter(status="drafted"):
            draft.discard(by=by, reason="Changed by hand.")
        free = interest.places.in_use().exclude(pairings__status__in=LIVE).exists()
        if not free and (suggested := gives_way(interest)):
            suggested.discard(by=by, reason=f"Staff gave this place to {application.applicant}.")
        return Pairing.draft(application, interest, by=by, because=f"Chosen by {by}. {reason}".strip()[:400])


def gives_way(interest):
    """The draft of a mentor that gives way when staff give the last place to somebody else: the last suggested, if any."""
    pinned = Hold.objects.standing().pins().filter(interest=interest).values("application")
    return (
        interest.pairings.filter(status="drafted", by_hand=False).exclude(application__in=pinned).order_by("pk").last()
    )
