"""What is due: reminders before the application deadline. Level-triggered, so that a missed or doubled tick is harmless."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from applications import emails
from applications.models import Application
from programs import deadlines
from programs.models import Window, WindowKind

DAYS_BEFORE = (14, 7, 2, 1)


@shared_task
def remind_open_drafts():
    """To each draft, once at each of the times: two weeks, one week, two days and one day before its deadline."""
    now = timezone.now()
    for window in Window.objects.filter(
        kind=WindowKind.APPLICATIONS, opens_at__lte=now, closes_at__gt=now
    ).select_related("cycle"):
        due = deadlines.latest_due(window.closes_at, window.cycle.time_zone, DAYS_BEFORE, now)
        if due is None:
            continue
        days, since = due
        drafts = Application.objects.drafts().filter(cycle=window.cycle, created_at__lt=since)
        for application in drafts.for_reading():
            _remind(application, window, days, now)


def _remind(application, window, days, now):
    occasion = f"{days}-days-before-{window.closes_at:%Y%m%dT%H%M}"
    left = deadlines.days_left(window.closes_at, now)
    with transaction.atomic():
        emails.DraftReminder.of(application, occasion, left).queue(expires_at=window.closes_at)
