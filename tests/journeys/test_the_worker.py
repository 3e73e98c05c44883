"""Today, with the real worker: a person hands in, and the receipt arrives without anybody asking for it."""

import os
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection

from mentoring.notifications.models import OutgoingEmail
from tests import factories
from tests.journeys.people import PHONE

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = [sys.executable, "-m", "celery", "-A", "mentoring", "worker", "--pool=solo", "--loglevel=WARNING",
          "--without-gossip", "--without-mingle", "--without-heartbeat"]  # fmt: skip


@pytest.fixture
def worker(site, sink, tmp_path):
    """A worker on the test's own database, broker and mail server; beat is not running."""
    url, _, query = os.environ["DATABASE_URL"].partition("?")
    database = f"{url.rpartition('/')[0]}/{connection.settings_dict['NAME']}" + (f"?{query}" if query else "")
    own = {"DATABASE_URL": database, "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}", "SITE_URL": site}
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            WORKER, env=os.environ | own, cwd=settings.BASE_DIR, stdout=output, stderr=output, start_new_session=True
        )
        yield process
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
    sys.stdout.write(log.read_text())


def test_the_receipt_arrives_by_itself(somebody, worker, sink):
    application = factories.application()
    OutgoingEmail.objects.all().delete()  # of making the scene
    ada = somebody(size=PHONE).is_signed_in_as(application.applicant)
    ada.visit(f"/applications/{application.pk}/review/")
    ada.hands_in()
    ada.reads("We have your application. This page is your receipt; it is also on its way by email.")
    until = time.monotonic() + 60
    while not sink.raw and time.monotonic() < until:
        time.sleep(0.1)
    (message,) = sink.messages
    assert message["To"] == application.applicant.email
    assert message["Subject"].startswith("We received your application (")
    assert worker.poll() is None
    while OutgoingEmail.objects.get().status == "sending" and time.monotonic() < until:
        time.sleep(0.1)  # the worker still has to write down that it was taken
    assert OutgoingEmail.objects.get().status == "sent"
