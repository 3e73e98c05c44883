"""A whole portal in a folder of its own, started and stopped as a person would, and seen from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg

from mentoring.stack.environment import BASE_DIR, read_env

# What the test run itself was given: a portal of its own must not use it.
OURS = {
    "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "SITE_URL", "EMBEDDED", "RUN_DIR", "DJANGO_SETTINGS_MODULE",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
}  # fmt: skip
UP = [sys.executable, "-m", "mentoring.stack", "up"]


def clean_environment(**variables):
    """The environment of someone who has set nothing but these variables."""
    return {name: value for name, value in os.environ.items() if name not in OURS} | variables


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def within(seconds, condition):
    """Whether the condition came true in that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


class Portal:
    """``mentoring.stack up`` on a free port, with its state in ``folder``."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port = free_port()
        self.process = None

    def environment(self):
        return clean_environment(RUN_DIR=str(self.folder), PORT=str(self.port))

    def start(self):
        """Start, and wait until it says that it is ready; fails with what it said when it does not."""
        output = self.folder.with_suffix(".output")
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                UP, cwd=BASE_DIR, env=self.environment(), stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )
        within(120, lambda: self.process.poll() is not None or "is ready" in output.read_text())
        assert "is ready" in output.read_text(), output.read_text()

    def stop(self, signal_number=signal.SIGTERM):
        """Send the signal. Returns the seconds until the supervisor had ended."""
        began = time.monotonic()
        self.process.send_signal(signal_number)
        self.process.wait(30)
        return time.monotonic() - began

    def children(self):
        """The supervisor's children: process ids by name."""
        names = {"postgres": "/postgres", "valkey": "valkey-server", "mail": "mailsink", "web": "gunicorn",
                 "worker": "\0worker", "beat": "\0beat"}  # fmt: skip
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = {}
        for number in task.read_text().split():
            line = command_line(number)
            found |= {name: int(number) for name, part in names.items() if part in line}
        return found

    def left(self):
        """The processes that still belong to this portal."""
        numbers = [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]
        mine = str(self.folder)
        return [number for number in numbers if mine in command_line(number) or mine in variables_of(number)]

    def answers(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as response:
            return json.load(response)["ready"]

    def mails(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/mail/", timeout=5) as response:
            return response.read().decode()

    def query(self, statement):
        """Run SQL on this portal's database; returns the rows, if there are any."""
        user, _, rest = read_env(self.folder)["DATABASE_URL"].removeprefix("postgres://").partition("@/")
        host, _, name = rest.rpartition("/")
        with psycopg.connect(host=host, dbname=name, user=user, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


def command_line(number):
    return read(f"/proc/{number}/cmdline")


def variables_of(number):
    return read(f"/proc/{number}/environ")


def read(path):
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
