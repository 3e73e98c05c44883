"""bin/prepare.py, in a tree of its own that needs nothing from the network."""

import json
import shutil
import subprocess
import sys

import pytest

from mentoring.stack.environment import BASE_DIR
from tests.stack.portal import clean_environment

pytestmark = pytest.mark.skipif(not shutil.which("npm"), reason="Without Node, one would have to be downloaded.")
BUILD = "mkdir -p static/dist && cat static/a.css > static/dist/a.css"


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "static").mkdir()
    shutil.copy(BASE_DIR / "bin" / "prepare.py", tmp_path / "bin")
    (tmp_path / "static" / "a.css").write_text("a {}\n")
    (tmp_path / "empty.lock").write_text("# nothing\n")
    package = {"name": "tree", "version": "1.0.0", "scripts": {"build": BUILD}}
    (tmp_path / "package.json").write_text(json.dumps(package))
    lock = {"name": "tree", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": package}}
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    return tmp_path


def prepare(tree, *command):
    return subprocess.run(
        [sys.executable, "bin/prepare.py", "empty.lock", *command], cwd=tree, env=clean_environment(),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_each_step_is_done_once_and_again_when_its_input_changes(tree):
    where = ("-c", "import sys; print(sys.prefix)")
    first = prepare(tree, *where)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Python packages" in first.stdout
    assert "Front-end bundle" in first.stdout
    assert first.stdout.splitlines()[-1] == str(tree / ".venv")

    source, bundle = tree / "static" / "a.css", tree / "static" / "dist"
    source.write_text(source.read_text())
    assert prepare(tree, *where).stdout == f"{tree / '.venv'}\n"
    assert bundle.stat().st_mtime > source.stat().st_mtime

    source.write_text("b {}\n")
    third = prepare(tree, *where).stdout
    assert "Front-end bundle" in third
    assert "packages" not in third
    assert (bundle / "a.css").read_text() == "b {}\n"


def test_a_step_that_fails_says_why_and_nothing_starts(tree):
    (tree / "static" / "a.css").unlink()
    done = prepare(tree, "-c", "print('started')")
    assert done.returncode == 1
    assert "a.css" in done.stderr
    assert "started" not in done.stdout
    assert "Traceback" not in done.stderr
