"""Real threads with real connections, let go at the same instant."""

import contextlib
import threading
from threading import BrokenBarrierError

from django.db import connection
from django.db.models import QuerySet


def run(action, outcome, ready):
    """Do it in this thread; keep what it returned or raised."""
    try:
        with contextlib.suppress(BrokenBarrierError):
            ready.wait(5)
        outcome.append(action())
    except Exception as error:
        outcome.append(error)
    finally:
        connection.close()


def at_once(*actions):
    """Do all at the same instant; a list of what each returned or raised."""
    outcomes, ready = [[] for _ in actions], threading.Barrier(len(actions))
    threads = [
        threading.Thread(target=run, args=(action, outcome, ready))
        for action, outcome in zip(actions, outcomes, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return [outcome[0] for outcome in outcomes]


def start(action, seconds=0.3):
    """Start it in another connection and give it so long to come to where it waits; a function that awaits its outcome."""
    outcome = []
    thread = threading.Thread(target=run, args=(action, outcome, threading.Barrier(1)))
    thread.start()
    thread.join(seconds)

    def finish():
        thread.join(20)
        return outcome[0]

    finish.is_waiting = thread.is_alive()
    return finish


@contextlib.contextmanager
def without_row_locks(monkeypatch):
    """Take every lock on rows away, and bring two threads together wherever one would have been: both have read."""
    meeting = threading.Barrier(2)

    def read_together(rows, **options):
        with contextlib.suppress(BrokenBarrierError):
            meeting.wait(0.5)
        return rows.all()

    with monkeypatch.context() as patched:
        patched.setattr(QuerySet, "select_for_update", read_together)
        yield
