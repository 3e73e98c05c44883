"""Pinning a pair, ruling a pair out, and taking either back; and what of it a suggestion has to heed."""

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from matching.changes import Changes
from matching.models import Hold, Pairing
from mentoring.audit.models import record
from mentoring.constraints import sentence_for
from mentoring.workflow import TransitionRefused, lock


def changes_of(cycle, **others):
    """The staff's pins and bans that stand in a cycle, as a suggestion takes them, with ``others`` (fields of Changes).

    A pinned pair that was drafted by hand stands anyway. A pin whose pair came apart is left out: another pair may have its
    place. The workbench tells of it.
    """
    drafts = Pairing.objects.filter(status="drafted", by_hand=False)
    suggested = drafts.filter(application=OuterRef("application"), interest=OuterRef("interest"))
    held = Hold.objects.filter(cycle=cycle).standing().filter(Q(kind=Hold.Kind.BAN) | Exists(suggested))
    pairs: dict[str, set] = {kind: set() for kind in Hold.Kind.values}
    for kind, application, interest in held.values_list("kind", "application", "interest"):
        pairs[kind].add((application, interest))
    return Changes(pins=frozenset(pairs["pin"]), bans=frozenset(pairs["ban"]), **others)


def put(kind, application, interest, *, by, reason):
    """Pin this pair, or rule it out, which drops a draft of it. Raises TransitionRefused, with a sentence, where that cannot be.

    A pin is of a pair that is drafted: whether the rules allow it is known by then.
    """
    try:
        with transaction.atomic():
            lock(interest)
            lock(application)
            draft = application.pairings.filter(interest=interest, status="drafted").first()
            if kind == Hold.Kind.PIN and draft is None:
                raise TransitionRefused("Only a drafted pair can be pinned. Choose this mentor by hand first.")
            if kind == Hold.Kind.BAN and draft is not None:
                draft.discard(by=by, reason=f"Ruled out. {reason}")
            hold = Hold.objects.create(
                cycle=application.cycle, application=application, interest=interest, kind=kind, reason=reason, put_by=by
            )
            record(kind, hold, by=by, reason=reason)
            return hold
    except IntegrityError as error:
        if sentence := sentence_for(error):
            raise TransitionRefused(sentence) from error
        raise


def lift(hold, *, by):
    """Take a pin or a ban back. The draft stays, and the next suggestion is free to change it."""
    with transaction.atomic():
        lock(hold)
        if hold.lifted_at:
            raise TransitionRefused("This has been taken back already.")
        hold.lifted_at, hold.lifted_by = timezone.now(), by
        hold.save(update_fields=["lifted_at", "lifted_by"])
        record(f"lift_{hold.kind}", hold, by=by)


def part(pairing, *, by, why, again=False):
    """Staff end what they had shared: a proposal is withdrawn, a mentorship ends early.

    No suggestion or repair gives this pair again, unless staff say that it may be: they had a reason, and it becomes the
    reason of the ban. A pin of it is taken back.
    """
    with transaction.atomic():
        lock(pairing.interest)
        lock(pairing.application)
        end = pairing.withdraw if pairing.is_open else pairing.end_early
        end(by=by, why=why)
        if again:
            return
        held = Hold.objects.standing().filter(application=pairing.application, interest=pairing.interest)
        for pin in held:
            lift(pin, by=by)
        put(Hold.Kind.BAN, pairing.application, pairing.interest, by=by, reason=why)


def check_unpinned(application, *, but):
    """Raise TransitionRefused if staff pinned this mentee to another mentor than that of the offer ``but``."""
    pins = Hold.objects.standing().pins().filter(application=application).exclude(interest=but)
    pin = pins.select_related("put_by").first()
    if pin is not None:
        raise TransitionRefused(
            f"{application.applicant} is pinned by {pin.put_by}: {pin.reason} Take the pin back first, then change the pair."
        )
