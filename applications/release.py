"""Telling decisions: many at once, exactly those that staff looked at, in one transaction."""

from django.db import transaction

from applications import emails
from applications.models import Application, Decision, Outcome, PlaceOffer, Release
from mentoring.audit.models import record
from mentoring.workflow import TransitionRefused, lock

MOVES = {Outcome.ACCEPT: "accept", Outcome.WAITLIST: "waitlist", Outcome.DECLINE: "decline"}
MAILS = {
    Outcome.ACCEPT: emails.DecisionAccepted,
    Outcome.WAITLIST: emails.DecisionWaitlisted,
    Outcome.DECLINE: emails.DecisionDeclined,
}


def fingerprint(decisions):
    """What staff saw, so that nothing else goes out: each decision, and how many more mentees than places it would make."""
    decisions = list(decisions)
    beyond = beyond_the_places(decisions[0].application.cycle, decisions) if decisions else 0
    return ",".join([*(f"{each.pk}:{each.outcome}:{each.decided_at.timestamp()}" for each in decisions), f"+{beyond}"])


def release(cycle, *, by, seen):
    """Tell the decisions of a cycle that ``seen`` (a fingerprint) names; all of them, or none.

    Raises TransitionRefused if they are no longer the same, so that what goes out is what staff looked at.
    """
    with transaction.atomic():
        # Applications before decisions, as whoever decides locks them, so that nobody waits in a ring.
        pending = Decision.objects.ready(cycle).values("application")
        list(Application.objects.filter(pk__in=pending).order_by("pk").select_for_update(no_key=True))
        lock(cycle)  # as an offer of a place does, which counts
        ready = list(Decision.objects.ready(cycle).select_for_update(of=("self",)))
        if not ready:
            raise TransitionRefused("There is no decision to release.")
        if fingerprint(ready) != seen:
            raise TransitionRefused(
                "The decisions have changed since you looked, or the places have. Please look again before you release them."
            )
        batch = Release.objects.create(cycle=cycle, released_by=by)
        for decision in ready:
            decision.release = batch
            decision.save(update_fields=["release"])
            getattr(decision.application, MOVES[decision.outcome])(by=by)
            MAILS[decision.outcome].of(decision.application, batch).queue()
        record("release", batch, by=by, decisions=len(ready))
        return batch


def mail_for(decision):
    """The email that a release would send for this decision, not queued, for staff to read first."""
    return MAILS[Outcome(decision.outcome)].of(decision.application, None)


def beyond_the_places(cycle, ready):
    """How many more mentees than places there would be after releasing these decisions; 0 where there is no limit."""
    if not cycle.places:
        return 0
    accepting = [each.application_id for each in ready if each.outcome == Outcome.ACCEPT]
    accepted = Application.objects.accepted().filter(cycle=cycle).exclude(pk__in=accepting).count()
    offered = PlaceOffer.objects.open().filter(application__cycle=cycle).count()
    return max(0, accepted + offered + len(accepting) - cycle.places) if accepting else 0
