"""Celery: the worker that sends mail and computes suggestions, and beat, which looks for what is due."""

import gc
import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_process_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")

app = Celery("mentoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect  # works in threads
@worker_process_init.connect  # or in processes
def spare_what_stays(**_kwargs):
    """What is loaded by now stays for good. The collector need not look through it again each time thousands of rows are read,
    which takes a fifth of the time of a large suggestion."""
    gc.collect()
    gc.freeze()


# Every task here is level-triggered ("all that is due and not yet done"): a missed or doubled tick is harmless.
app.conf.beat_schedule = {
    "deliver-mail": {"task": "mentoring.notifications.tasks.deliver_due", "schedule": 5.0},
    "compute-suggestions": {"task": "matching.tasks.compute_runs_left", "schedule": 10.0},
    "mentors-pauses": {"task": "applications.tasks.begin_and_end_pauses", "schedule": 300.0},
    "remind-drafts": {"task": "applications.tasks.remind_open_drafts", "schedule": 60.0},
    "remind-memberships": {"task": "applications.tasks.remind_of_memberships", "schedule": 60.0},
    "tell-of-next-cycles": {"task": "applications.tasks.tell_of_next_cycles", "schedule": 600.0},
    "look-after-offers": {"task": "applications.tasks.look_after_offers", "schedule": 60.0},
    "remind-preferences": {"task": "matching.tasks.remind_open_preferences", "schedule": 60.0},
    "remind-pairings": {"task": "matching.tasks.remind_open_pairings", "schedule": 60.0},
    "tell-staff-what-is-due": {"task": "matching.tasks.tell_staff_what_is_due", "schedule": 60.0},
    "lapse-pairings": {"task": "matching.tasks.lapse_overdue_pairings", "schedule": 60.0},
    "begin-and-end-terms": {"task": "matching.tasks.begin_and_end_mentorships", "schedule": 300.0},
    "purge-account-mail": {"task": "mentoring.notifications.tasks.purge_account_mail", "schedule": 600.0},
    "read-crowds": {"task": "matching.tasks.read_crowds", "schedule": crontab(hour=7, minute=0)},
    "clear-sessions": {"task": "mentoring.accounts.tasks.clear_sessions", "schedule": crontab(hour=8, minute=0)},
}
