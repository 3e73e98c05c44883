"""What is due: reminders before the application deadline. Level-triggered, so that a missed or doubled tick is harmless."""

import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from applications import emails, membership_emails, note_emails, offer_emails
from applications.membership import membership_of
from applications.models import Application, MentorInterest, NextCycleNote, PlaceOffer
from mentoring.workflow import TransitionRefused
from programs import deadlines
from programs.models import Cycle, WindowKind

DAYS_BEFORE = (14, 7, 2, 1)
DAYS_BEFORE_MEMBERSHIP = (14, 3)
DAYS_BEFORE_OFFER_ENDS = (2, 1)

logger = logging.getLogger(__name__)


@shared_task
def begin_and_end_pauses():
    """Mentors who planned a pause are paused on its first day, and come back by themselves after its last."""
    for interest in MentorInterest.objects.took_part().exclude(pause_from=None).select_related("cycle"):
        begins = interest.may_pause and interest.pause_from <= interest.today
        if begins and (interest.pause_until is None or interest.pause_until >= interest.today):
            _pause_or_resume(interest, "pause", last=interest.pause_until)
        elif interest.may_resume and interest.pause_until is not None and interest.pause_until < interest.today:
            _pause_or_resume(interest, "resume")


def _pause_or_resume(interest, move, **details):
    try:
        getattr(interest, move)(by=None, **details)
    except TransitionRefused as refusal:
        # The mentor did so in the same second; it must not stop the others.
        logger.info("Mentor interest %s, %s: %s", interest.pk, move, refusal)


@shared_task
def remind_open_drafts():
    """To each draft, once at each of the times: two weeks, one week, two days and one day before its own deadline."""
    now = timezone.now()
    for application in Application.objects.drafts().with_open_window(now).for_reading():
        window = application.window
        due = deadlines.latest_due(window.closes_at, window.cycle.time_zone, DAYS_BEFORE, now)
        if due is None or application.created_at >= due[1]:
            continue
        occasion = f"{due[0]}-days-before-{window.closes_at:%Y%m%dT%H%M}"
        left = deadlines.days_left(window.closes_at, now)
        with transaction.atomic():
            emails.DraftReminder.of(application, occasion, left).queue(expires_at=window.closes_at)


@shared_task
def remind_of_memberships():
    """Two weeks and three days before a membership must be in force, to those whose membership staff have not found so."""
    now = timezone.now()
    open_ones = Application.objects.filter(status__in=["submitted", "waitlisted"])
    due_ones = open_ones.filter(submissions__verdict__contains=[{"state": "to_verify"}]).distinct()
    for application in due_ones.for_reading():
        membership = membership_of(application)
        if membership is None or membership.due is None or membership.state == "in_force":
            continue
        zone = application.cycle.time_zone
        ends = deadlines.closing(membership.due, zone)
        due = deadlines.latest_due(ends, zone, DAYS_BEFORE_MEMBERSHIP, now)
        if due is None or application.submitted_at >= due[1]:
            continue
        with transaction.atomic():
            occasion = f"{due[0]}-days-before-{membership.due}"
            membership_emails.MembershipDue.of(application, membership, occasion).queue(expires_at=ends)


@shared_task
def look_after_offers():
    """Remind of offered places two days and one day before they lapse, and end those that nobody took in time."""
    now = timezone.now()
    for offer in PlaceOffer.objects.open().filter(respond_by__gt=now).for_reading():
        due = deadlines.latest_due(offer.respond_by, offer.application.cycle.time_zone, DAYS_BEFORE_OFFER_ENDS, now)
        if due is None or offer.offered_at >= due[1]:
            continue
        left = deadlines.days_left(offer.respond_by, now)
        with transaction.atomic():
            offer_emails.PlaceReminder.of(offer, f"{due[0]}-days-before", left).queue(expires_at=offer.respond_by)
    for offer in PlaceOffer.objects.overdue(now).for_reading():
        try:
            offer.lapse(by=None)
        except TransitionRefused as refusal:
            # Answered in the same second; it must not stop the others.
            logger.info("Offer %s did not lapse: %s", offer.pk, refusal)


@shared_task
def tell_of_next_cycles():
    """To whoever asked, once for each cycle whose applications have opened since they asked."""
    now = timezone.now()
    open_cycles = Cycle.objects.accepting(WindowKind.APPLICATIONS, now).select_related("program")
    for cycle in open_cycles.prefetch_related("windows"):
        window = cycle.applications_window
        notes = NextCycleNote.objects.filter(
            program=cycle.program, asked_at__lt=window.opens_at, person__is_active=True
        )
        for note in notes.select_related("person", "program"):
            with transaction.atomic():
                note_emails.NextCycleOpens.of(note, cycle).queue(expires_at=window.closes_at)
