"""Real services for the tests: a PostgreSQL and a Valkey of their own for each test run, gone when it ends.

A pytest plugin, named in pyproject.toml by ``-p`` because settings are read before any ``conftest.py``; and a context
manager for ``make test``, whose steps share one pair of servers. What the environment names (DATABASE_URL) is used.
"""

import contextlib
import os
import secrets
import shutil
import signal
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mentoring.stack import environment
from mentoring.stack.postgres import TEST_SPEED, Postgres, server_programs
from mentoring.stack.process import kill_group, send, wait_for
from mentoring.stack.valkey import Valkey

DATABASES_OF_A_BROKER = 16


@contextlib.contextmanager
def services():
    """Start what the environment does not name, and name it there, for the length of the block."""
    with contextlib.ExitStack() as stack:
        variables = {"EMBEDDED": "1", "SECRET_KEY": secrets.token_urlsafe(60), "SITE_URL": "http://testserver"}
        folder = None
        for name, start in (("DATABASE_URL", postgres), ("REDIS_URL", valkey)):
            if not os.environ.get(name):
                folder = folder or stack.enter_context(private_folder())
                variables[name] = stack.enter_context(start(folder))
        if folder:
            # Mail that a test really sends goes nowhere; Django's test runner keeps the rest in memory.
            variables |= {"RUN_DIR": str(folder), "EMAIL_URL": "smtp://127.0.0.1:1"}
        stack.enter_context(environment_with(variables))
        os.environ["REDIS_URL"] = own_broker(os.environ)
        yield


def own_broker(variables):
    """The broker's address for one of several test processes side by side: a database of its own, as PostgreSQL gives it.

    ``PYTEST_XDIST_WORKER`` names the process: gw0, gw1, ...
    """
    worker = variables.get("PYTEST_XDIST_WORKER")
    if not worker:
        return variables["REDIS_URL"]
    address, own = urlsplit(variables["REDIS_URL"]), int(worker.removeprefix("gw")) + 1
    if address.scheme.endswith("+socket"):
        return f"{variables['REDIS_URL']}?virtual_host={own}"
    number = int(address.path.strip("/") or 0) + own
    return address._replace(path=f"/{number % DATABASES_OF_A_BROKER}").geturl()


@contextlib.contextmanager
def environment_with(variables):
    """Variables for this process and its children; what the environment already says stays."""
    added = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextlib.contextmanager
def private_folder():
    """A folder with a short name that the server's account can pass through."""
    folder = Path(tempfile.mkdtemp(prefix="mentoring-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgres(folder):
    run = environment.run_dir()
    run.mkdir(mode=0o711, parents=True, exist_ok=True)
    account = environment.server_account()
    sockets = folder / "sockets"
    sockets.mkdir(mode=0o700)
    environment.give(sockets, account)
    server = Postgres(server_programs(run, account), folder, sockets, account, TEST_SPEED)
    server.create()
    with running(server, folder / "postgres.log"):
        server.create_database()
        yield server.url()


@contextlib.contextmanager
def valkey(folder):
    server = Valkey(folder, folder, durable=False)
    with running(server, folder / "valkey.log"):
        yield server.url()


@contextlib.contextmanager
def running(server, log):
    with log.open("wb") as output:
        process = server.start(output)
    try:
        yield process
    finally:
        send(process, server.stop_signal)
        wait_for([process], 5)
        send(process, signal.SIGQUIT)
        kill_group(process)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config):
    """Before pytest-django reads the settings: it does so in this hook, and wrappers come first."""
    block = services()
    block.__enter__()
    early_config.add_cleanup(lambda: block.__exit__(None, None, None))
    return (yield)
