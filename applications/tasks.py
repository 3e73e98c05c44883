"""What is due: reminders before the application deadline. Level-triggered, so that a missed or doubled tick is harmless."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from applications import emails
from applications.models import Application
from programs import deadlines

DAYS_BEFORE = (14, 7, 2, 1)


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
