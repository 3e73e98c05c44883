"""Real workers, killed at any moment: each email arrives once, or stands on the list of the uncertain.

Nothing here is simulated but the two minutes that a dead worker's lease takes to run out.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from mentoring.celery import app
from mentoring.notifications.models import OutgoingEmail
from tests.notifications.rows import new_person, row

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

EMAILS = 500
WORKER = ["-m", "celery", "-A", "mentoring", "worker", "--concurrency=4", "--loglevel=ERROR"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
# A dispatcher as one would write it without thinking: send, then write down that it was sent.
CARELESS = """
import django
django.setup()
from mentoring.notifications.models import OutgoingEmail
from mentoring.notifications.smtp import MailServer
from django.utils import timezone
with MailServer() as server:
    for email in OutgoingEmail.objects.due().order_by("id"):
        server.connect()
        server.send(email.as_bytes(), email.to_address)
        email.status, email.sent_at = "sent", timezone.now()
        email.save()
"""
# The portal's own, without the worker around it.
CAREFUL = """
import django
django.setup()
from mentoring.notifications.dispatcher import deliver_due
deliver_due()
"""


class Process:
    """A Python process on the test's own database, broker and mail server, with whatever it starts."""

    def __init__(self, log, sink, *arguments):
        url, _, query = os.environ["DATABASE_URL"].partition("?")
        database = f"{url.rpartition('/')[0]}/{connection.settings_dict['NAME']}" + (f"?{query}" if query else "")
        addresses = {"DATABASE_URL": database, "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}"}
        self._popen = subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **addresses, "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]},
            cwd=settings.BASE_DIR,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def children(self):
        listed = Path(f"/proc/{self._popen.pid}/task/{self._popen.pid}/children")
        if listed.exists():
            found = listed.read_text()
        else:  # not Linux
            found = subprocess.run(["pgrep", "-P", str(self._popen.pid)], capture_output=True, text=True).stdout
        return [int(pid) for pid in found.split()]

    def kill_child(self):
        """Kill one of the processes that do the work; the worker starts another. False if there is none yet."""
        children = self.children()
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(random.choice(children), signal.SIGKILL)
        return bool(children)

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait(10)

    def wait(self):
        return self._popen.wait(30)


@pytest.fixture
def start(sink, tmp_path):
    """Start processes; none outlives the test, and what they said is shown when it fails."""
    processes, log = [], tmp_path / "processes.log"

    def run(*arguments):
        processes.append(Process(output, sink, *arguments))
        return processes[-1]

    with log.open("wb") as output:
        yield run
    for process in processes:
        process.kill()
    sys.stdout.write(log.read_text())


@pytest.fixture
def queue():
    """The broker's queue, empty before and after."""
    app.control.purge()
    yield lambda: app.send_task("mentoring.notifications.tasks.deliver_due")
    app.control.purge()


def write_emails(count):
    person = new_person()
    OutgoingEmail.objects.bulk_create([row(person) for _ in range(count)])


def let_leases_run_out():
    OutgoingEmail.objects.filter(status="sending").update(lease_until=timezone.now() - timedelta(seconds=1))
    OutgoingEmail.objects.give_up_lost()


def addresses(status):
    return set(OutgoingEmail.objects.filter(status=status).values_list("to_address", flat=True))


def test_killed_workers_lose_nothing_and_repeat_nothing(sink, start, queue):
    write_emails(EMAILS)
    sink.slow = 0.004
    worker, restarts, kills, next_kill, until = start(*WORKER, *QUIET), 0, 0, 10, time.monotonic() + 120
    while OutgoingEmail.objects.due().exists() and time.monotonic() < until:
        queue()
        time.sleep(random.uniform(0.1, 0.3))
        if len(sink.raw) < next_kill:
            continue  # whoever took over has just begun
        next_kill = len(sink.raw) + random.randint(20, 60)
        if restarts < 1 and len(sink.raw) > EMAILS / 3:
            worker.kill()
            worker, restarts = start(*WORKER, *QUIET), restarts + 1
        else:
            kills += worker.kill_child()
    worker.kill()
    let_leases_run_out()

    arrived, sent, uncertain = Counter(sink.addresses), addresses("sent"), addresses("uncertain")
    assert kills >= 5
    assert restarts == 1
    assert [address for address, times in arrived.items() if times > 1] == []
    assert len(sent) + len(uncertain) == EMAILS
    assert sent <= arrived.keys()
    assert arrived.keys() <= sent | uncertain
    assert len(uncertain) <= kills + 4 * (restarts + 1)  # at most one for each process that was killed


def kill_in_the_gap(sink, start, program):
    """Run the program until the mail server has taken a message the sender does not know of; kill it; run it again."""
    write_emails(3)
    sink.on_message = lambda address: process.kill()
    process = start("-c", program)
    process.wait()
    sink.on_message = None
    let_leases_run_out()
    assert start("-c", program).wait() == 0
    return Counter(sink.addresses)


def test_death_between_delivery_and_answer_is_uncertain(sink, start):
    arrived = kill_in_the_gap(sink, start, CAREFUL)
    assert sorted(arrived.values()) == [1, 1, 1]
    assert len(addresses("uncertain")) == 1
    assert addresses("uncertain") | addresses("sent") == arrived.keys()


def test_without_a_claim_it_would_be_sent_twice(sink, start):
    """The control: the same death, and a dispatcher that marks after sending."""
    assert sorted(kill_in_the_gap(sink, start, CARELESS).values()) == [1, 1, 2]
