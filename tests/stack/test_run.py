"""What `make run` promises about its processes. One story is lived through; each test asks one thing of it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from mentoring.stack.environment import BASE_DIR, read_env, remove_sockets
from tests.stack.portal import UP, Portal, clean_environment, within

pytestmark = pytest.mark.slow


@dataclass
class Story:
    """What was seen while a portal started, lost its children, stopped, started again and was killed."""

    killed: set
    second_run: subprocess.CompletedProcess
    reset_while_running: subprocess.CompletedProcess
    came_back: bool
    answers_again: bool
    seconds_to_stop: float
    exit_code: int
    left_after_stop: list
    rows_after_restart: list
    keys: set
    left_after_kill: bool


@pytest.fixture(scope="module")
def story():
    home = Path(tempfile.mkdtemp(prefix="mentoring-run-"))
    home.chmod(0o711)  # the database server's account must be able to pass
    portal = Portal(home / "run")
    try:
        portal.start()
        yield live(portal)
    finally:
        if portal.process.poll() is None:
            portal.stop(signal.SIGKILL)
        within(10, lambda: not portal.left())
        remove_sockets(portal.folder)
        shutil.rmtree(home)


def live(portal):
    second_run = run(UP, portal)
    reset = run([*UP[:-1], "reset"], portal)
    portal.query("CREATE TABLE kept (word text)")
    portal.query("INSERT INTO kept VALUES ('still here')")
    key = read_env(portal.folder)["SECRET_KEY"]

    before = portal.children()
    for number in before.values():
        os.kill(number, signal.SIGKILL)
    came_back = within(20, lambda: portal.children().keys() == before.keys() and not same(portal, before))
    answers_again = within(20, lambda: attempt(portal.answers))

    seconds = portal.stop()
    left = portal.left()
    exit_code = portal.process.returncode

    portal.start()
    rows = portal.query("SELECT word FROM kept")
    keys = {key, read_env(portal.folder)["SECRET_KEY"]}
    portal.stop(signal.SIGKILL)
    gone = within(8, lambda: not portal.left())
    return Story(
        set(before), second_run, reset, came_back, answers_again, seconds, exit_code, left, rows, keys, not gone
    )  # fmt: skip


def run(command, portal):
    return subprocess.run(
        command, cwd=BASE_DIR, env=portal.environment(), capture_output=True, text=True, check=False, timeout=60
    )


def same(portal, before):
    return set(portal.children().values()) & set(before.values())


def attempt(question):
    try:
        return question()
    except OSError:
        return False


def test_everything_runs_under_one_supervisor(story):
    assert story.killed == {"postgres", "valkey", "mail", "web", "worker", "beat"}


def test_a_killed_child_comes_back(story):
    assert story.came_back
    assert story.answers_again


def test_a_second_run_says_that_one_is_running(story):
    assert story.second_run.returncode == 1
    assert "is running already (process" in story.second_run.stderr
    assert "Traceback" not in story.second_run.stderr


def test_data_are_not_emptied_while_running(story):
    assert story.reset_while_running.returncode == 1
    assert "is running already" in story.reset_while_running.stderr


def test_it_stops_cleanly_within_five_seconds(story):
    assert story.seconds_to_stop < 5
    assert story.exit_code == 0
    assert story.left_after_stop == []


def test_data_and_key_survive_a_restart(story):
    assert story.rows_after_restart == [("still here",)]
    assert len(story.keys) == 1


def test_a_killed_supervisor_leaves_no_orphan(story):
    assert not story.left_after_kill


@pytest.mark.parametrize(
    ("port", "sentence"),
    [("taken", "Choose another, like this: PORT="), ("eighty", "which is no port"), ("70000", "which is no port")],
)
def test_a_port_that_cannot_be_used_is_a_sentence(port, sentence, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1]) if port == "taken" else port
        done = subprocess.run(
            UP, cwd=BASE_DIR, env=clean_environment(RUN_DIR=str(tmp_path), PORT=port),
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("answer", "kept"), [("y\n", False), ("n\n", True), ("\n", True), ("", True)])
def test_reset_empties_only_when_told_yes(answer, kept, tmp_path):
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "1.eml").write_text("Subject: x\n\n")
    done = subprocess.run(
        [sys.executable, "-m", "mentoring.stack", "reset"], cwd=BASE_DIR, env=clean_environment(RUN_DIR=str(tmp_path)),
        input=answer, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mail" / "1.eml").exists() is kept
