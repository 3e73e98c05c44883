"""Keeps the children running: one that ends comes back, and all end when we do."""

import signal
import time
from dataclasses import dataclass, field

from mentoring.stack import process
from mentoring.stack.environment import StackError

# The stages in which children stop, each with the seconds, from the first signal on, after which it is ended by force.
# What an earlier stage does not need, a later one has. All of it stays under the five seconds that people wait.
STAGES = {"work": 2.2, "services": 2.8, "database": 4.2}


def say(text):
    print(text, flush=True)


class Stop(BaseException):
    """We were told to stop. Nobody who catches errors may catch this."""


@dataclass
class Child:
    """One program to keep running.

    ``start`` takes the open log and returns the process. ``stage`` says when it stops: work first, the database last.
    """

    name: str
    start: object
    stage: str = "work"
    stop_signal: int = signal.SIGTERM
    last_signal: int = signal.SIGKILL
    running: object = field(default=None, repr=False)
    started_at: float = 0.0
    back_at: float | None = None
    delay: float = 0.0


class Supervisor:
    """Starts children in the order they are added, starts again what ends, and stops them all in the reverse order."""

    slowest = 10.0  # seconds between attempts, at the most
    settled = 30.0  # seconds after which a child is held to have started well

    def __init__(self, logs):
        self.logs = logs
        self.children = []
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)

    def add(self, child):
        """Start a child and keep it running from now on."""
        self._start(child)
        self.children.append(child)
        return child.running

    def watch(self, pause=0.2):
        """Keep the children running. Returns never: ``Stop`` ends it."""
        while True:
            self.look()
            time.sleep(pause)

    def look(self):
        """One look at the children: note who ended, start who is due."""
        now = time.monotonic()
        for child in self.children:
            if child.back_at is not None:
                if now >= child.back_at:
                    self._start_again(child)
            elif child.running.poll() is not None:
                self._ended(child, now)

    def stop(self):
        """End all children, stage by stage. A second Ctrl-C does not cut it short: it is under five seconds anyway."""
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, signal.SIG_IGN)
        began = time.monotonic()
        for stage, seconds in STAGES.items():
            children = [child for child in self.children if child.stage == stage and child.running]
            for child in children:
                process.send(child.running, child.stop_signal)
            process.wait_for([child.running for child in children], began + seconds - time.monotonic())
            for child in children:
                process.send(child.running, child.last_signal)
            process.wait_for([child.running for child in children], 0.3)
            for child in children:
                process.kill_group(child.running)

    def _start(self, child):
        path = self.logs / f"{child.name}.log"
        with path.open("ab") as log:
            try:
                child.running = child.start(log)
            except StackError as error:
                raise StackError(f"{error} Its log, {path}, ends like this:\n{tail(path)}") from None
        child.started_at = time.monotonic()
        child.back_at = None

    def _ended(self, child, now):
        code = child.running.returncode
        process.kill_group(child.running)  # what it had started must not live on beside its successor
        lived_well = now - child.started_at > self.settled
        child.delay = 0.5 if lived_well else min(self.slowest, child.delay * 2 or 0.5)
        child.back_at = now + child.delay
        how = f"signal {-code}" if code < 0 else f"code {code}"
        say(f"{child.name} ended ({how}). Starting it again in {child.delay:g} s.")

    def _start_again(self, child):
        try:
            self._start(child)
        except (StackError, OSError) as error:
            child.delay = min(self.slowest, child.delay * 2)
            child.back_at = time.monotonic() + child.delay
            say(f"{error}\nTrying again in {child.delay:g} s.")


def stop_on_signals():
    """From now on Ctrl-C, SIGTERM and a closed terminal raise ``Stop`` wherever we are."""

    def stop(signal_number, frame):
        raise Stop

    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, stop)


def tail(path, lines=15):
    """The last lines of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
