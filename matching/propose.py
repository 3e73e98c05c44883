"""Sharing drafts with both sides: exactly those that staff looked at, all or none; and another mentor in place of one."""

from django.db import transaction

from applications.models import Application, MentorInterest
from matching import emails
from matching.holds import part
from matching.models import Pairing
from mentoring.workflow import TransitionRefused, lock


def fingerprint(drafts):
    """What staff saw, so that nothing else goes out: who with whom, and who of them is told at once."""
    return ",".join(
        f"{draft.pk}:{draft.application_id}:{draft.interest_id}:{draft.cycle.answers_first}" for draft in drafts
    )


def propose_drafts(cycle, *, by, seen, ids=None):
    """Propose the drafts of the cycle that ``ids`` names, or all, if they are still what ``seen`` (a fingerprint) says.

    Raises TransitionRefused, and shares nothing, if they changed or if one of them can no longer be
    proposed.
    """
    with transaction.atomic():
        list(MentorInterest.objects.filter(cycle=cycle).order_by("pk").select_for_update(no_key=True))
        list(Application.objects.filter(cycle=cycle).order_by("pk").select_for_update(no_key=True))
        drafts = Pairing.objects.drafts_of(cycle)
        drafts = list(drafts if ids is None else drafts.filter(pk__in=ids))
        if not drafts:
            raise TransitionRefused(
                "There is no drafted pairing to propose. Somebody may have dropped or proposed it already."
            )
        if fingerprint(drafts) != seen:
            raise TransitionRefused(
                "The drafts have changed since you looked. Please look again before you propose them."
            )
        for draft in drafts:
            draft.propose(by=by)
        return len(drafts)


def propose_another(pairing, interest, *, by, why, seen, again=False):
    """Take an open proposal back and propose another mentor to its mentee, at one stroke.

    Who knew of the old one is told that it will not go ahead, and that a yes no longer counts; ``seen`` is its ``as_seen`` as
    staff looked at it; ``again`` says that the old pair may be suggested again. Raises TransitionRefused, and changes nothing, if
    the new pair cannot be.
    """
    with transaction.atomic():
        for each in sorted([pairing.interest, interest], key=lambda each: each.pk):
            lock(each)
        lock(pairing.application)
        lock(pairing)
        if pairing.as_seen != seen:
            raise TransitionRefused("Somebody answered or changed this proposal since you looked. Please look again.")
        part(pairing, by=by, why=why, again=again)
        for person in pairing.owed_a_word:
            emails.PairingClosed.of(pairing, person).queue()
        new = Pairing.draft(
            pairing.application, interest, by=by, because=f"Chosen by {by} in place of {pairing.mentor}."[:400]
        )
        new.propose(by=by)
        return new
