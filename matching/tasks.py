"""What is due for preferences and pairings. Every task does all that is due and not yet done, however late it comes."""

import logging
from collections import defaultdict
from functools import partial

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from matching import emails
from matching.crowd import read_crowd
from matching.models import Pairing, PreferenceList, SuggestionRun
from matching.solve import compute, new_run
from mentoring.accounts.models import User
from mentoring.accounts.roles import MANAGER
from mentoring.notifications.tasks import Nudge
from mentoring.workflow import TransitionRefused
from programs import deadlines
from programs.models import Cycle

logger = logging.getLogger(__name__)
DAYS_BEFORE_PREFERENCES = (7, 2, 1)
DAYS_BEFORE_REPLY = (5, 2, 1)
DAYS_BEFORE_STAFF = 2


@shared_task
def remind_open_preferences():
    """Tell accepted mentees that preferences are open, and remind those who have not handed in a list.

    Nobody is asked for a list to whom a mentor is proposed already.
    """
    now = timezone.now()
    waiting = PreferenceList.objects.not_handed_in().without_mentor().with_open_window(now)
    for preference_list in waiting.for_reading():
        window = preference_list.window
        due = deadlines.latest_due(window.closes_at, window.cycle.time_zone, DAYS_BEFORE_PREFERENCES, now)
        with transaction.atomic():
            emails.PreferencesOpen.of(preference_list).queue(expires_at=window.closes_at)
            if due and preference_list.application.released_at < due[1]:
                occasion = f"{due[0]}-days-before-{window.closes_at:%Y%m%dT%H%M}"
                left = deadlines.days_left(window.closes_at, now)
                emails.PreferencesReminder.of(preference_list, occasion, left).queue(expires_at=window.closes_at)


@shared_task
def remind_open_pairings():
    """Before the reply-by date, to whoever has not answered."""
    now = timezone.now()
    for pairing in Pairing.objects.open().filter(respond_by__gt=now).for_reading():
        due = deadlines.latest_due(pairing.respond_by, pairing.cycle.time_zone, DAYS_BEFORE_REPLY, now)
        if due is None:
            continue
        occasion = f"{due[0]}-days-before-{pairing.respond_by:%Y%m%dT%H%M}"
        left = deadlines.days_left(pairing.respond_by, now)
        for person in pairing.unanswered():
            if pairing.asked_at(person) < due[1]:
                with transaction.atomic():
                    emails.PairingReminder.of(pairing, person, occasion, left).queue(expires_at=pairing.respond_by)


@shared_task
def tell_staff_what_is_due():
    """Two days before proposals lapse, tell the managers who has not answered; once for all that end at one moment."""
    now, waiting = timezone.now(), defaultdict(list)
    for pairing in Pairing.objects.due_soon(now).for_reading().order_by("mentee__name", "pk"):
        _days, since = deadlines.latest_due(pairing.respond_by, pairing.cycle.time_zone, [DAYS_BEFORE_STAFF], now) or (
            0,
            None,
        )
        # Who was asked only just now is not late.
        if since and any(pairing.asked_at(person) < since for person in pairing.unanswered()):
            waiting[pairing.cycle_id, pairing.respond_by].append(pairing)
    for pairings in waiting.values():
        with transaction.atomic():
            for manager in User.objects.in_role(MANAGER):
                emails.PairingsDueSoon.of(pairings, manager).queue(expires_at=pairings[0].respond_by)


@shared_task
def lapse_overdue_pairings():
    """No answer is not a yes: end what was not answered in time."""
    _move_all(Pairing.objects.overdue(timezone.now()), "lapse")


@shared_task
def begin_and_end_mentorships():
    """Final pairs become active on their first day, and are completed after their last."""
    for pairing in Pairing.objects.filter(status__in=["final", "active"]).select_related("cycle"):
        today = timezone.now().astimezone(pairing.cycle.zone).date()
        if pairing.status == "final" and pairing.begins_on <= today:
            _move(pairing, "begin")
        if pairing.status == "active" and pairing.ends_on < today:
            _move(pairing, "complete")


def _move_all(pairings, name):
    for pairing in pairings.select_related("mentee", "mentor", "cycle__program"):
        _move(pairing, name)


def _move(pairing, name):
    """One refused row, answered in the same second, must not stop the others."""
    try:
        getattr(pairing, name)(by=None)
    except TransitionRefused as refusal:
        logger.info("%s of pairing %s: %s", name, pairing.pk, refusal)


# --- Suggestions -----------------------------------------------------------------------------------------------------


@shared_task
def compute_run(pk):
    """Compute one suggestion, unless that is done."""
    run = SuggestionRun.objects.under_way().filter(pk=pk).first()
    if run is not None:
        try:
            compute(run)
        except TransitionRefused as refusal:  # another worker was quicker
            logger.info("%s: %s", run, refusal)


@shared_task
def compute_runs_left():
    """What a lost nudge left lying; and an end to what a lost worker left."""
    now = timezone.now()
    for run in SuggestionRun.objects.left_lying(now):
        compute_run(run.pk)
    for run in SuggestionRun.objects.lost(now):
        run.fail(by=None, why="The worker that computed this stopped. Please ask again.")


nudge = Nudge(compute_run, "a suggestion to compute")


def ask(cycle, policy, *, by, **choices):
    """Ask a worker for a suggestion (see ``solve.new_run``), and return its run, which tells how far it is."""
    with transaction.atomic():
        run = new_run(cycle, policy, by=by, **choices)
        transaction.on_commit(partial(nudge, run.pk), robust=True)
        return run


@shared_task
def read_crowds():
    """At night: which mentors are often chosen, in every cycle whose lists are open."""
    now = timezone.now()
    opened = {"windows__kind": "preferences", "windows__opens_at__lte": now, "windows__closes_at__gt": now}
    for cycle in Cycle.objects.filter(**opened):
        read_crowd(cycle, now)
