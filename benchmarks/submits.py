"""Ten presses at once by each of 1,000 applicants: 1,000 submissions, 1,000 receipts, and every press answered alike.

    make submits            (or: PEOPLE=100 make submits)

Works in a database of its own, made for the run and dropped after it.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mentoring.stack.testing import services

PEOPLE, PRESSES, THREADS = int(os.environ.get("PEOPLE", "1000")), 10, 20


def main():
    with services():
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        import django

        django.setup()
        from django.test.utils import setup_test_environment

        setup_test_environment()
        from django.db import connection

        name = connection.settings_dict["NAME"]
        connection.settings_dict["TEST"]["NAME"] = "mentoring_races"
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            return race()
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)


def race():
    from django.core.management import call_command
    from django.db import connections
    from django.test import Client

    from applications.models import Submission
    from mentoring.notifications.models import OutgoingEmail
    from tests import factories

    made = factories.cycle()
    drafts = [factories.application(made) for _ in range(PEOPLE)]
    sessions = {}
    for draft in drafts:
        client = Client()
        client.force_login(draft.applicant)
        sessions[draft.pk] = client.cookies

    def press(draft):
        client = Client()
        client.cookies = sessions[draft.pk]
        try:
            answer = client.post(f"/applications/{draft.pk}/review/", factories.CONFIRMED)
            return draft.pk, answer.status_code, answer.get("Location", "")
        finally:
            connections.close_all()

    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(press, [draft for draft in drafts for _ in range(PRESSES)]))
    took = time.monotonic() - began
    alike = all(code == 302 and where == f"/applications/{pk}/receipt/" for pk, code, where in answers)
    submissions = Submission.objects.count()
    receipts = OutgoingEmail.objects.filter(kind="ApplicationReceived").count()
    print(
        f"{len(answers):,} presses by {PEOPLE:,} applicants in {took:.1f} s: {submissions:,} submissions, {receipts:,} receipts."
    )
    call_command("verify_receipts")
    if not alike or submissions != PEOPLE or receipts != PEOPLE:
        print("That is not one submission and one receipt each, with every press answered alike.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
