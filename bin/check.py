"""`make test`: every check, on one pair of real servers. All are run; the exit code says whether all passed.

The tests write as they go. Beside them run the other checks, one after the other; each is told of when it is done.
"""

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mentoring.stack.testing import services  # noqa: E402 (the folder above must be known first)

PYTHON = [sys.executable, "-m"]
BIN = Path(sys.executable).parent
CHECKS = {
    "lint": [*PYTHON, "ruff", "check"],
    "format": [*PYTHON, "ruff", "format", "--check"],
    "import contracts": [BIN / "lint-imports", "--no-cache"],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "types": [*PYTHON, "mypy"],
    "templates": [*PYTHON, "djlint", "templates", "--lint", "--quiet"],
}
TESTS = [*PYTHON, "pytest", "--numprocesses=auto", "--dist=worksteal"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main():
    passed = {}  # what never ran to its end is not in here, and has failed
    with services():
        beside = threading.Thread(target=run_in_turn, args=(passed,), daemon=True)
        beside.start()
        began = time.monotonic()
        tests = subprocess.run(TESTS, cwd=ROOT, check=False)
        beside.join()
        passed["tests"] = told("tests", tests, began)
    failed = [name for name in (*CHECKS, "tests") if not passed.get(name)]
    if not any(map(shutil.which, BROWSERS)):
        print("\n*** NO BROWSER: the journeys in tests/journeys were SKIPPED. Install Chromium to run them. ***")
    if failed:
        sys.exit(f"\nFailed: {', '.join(failed)}.")
    print("\nEverything passed.")


def run_in_turn(passed):
    for name, argv in CHECKS.items():
        began = time.monotonic()
        check = subprocess.run(argv, cwd=ROOT, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        passed[name] = told(name, check, began)


def told(name, check, began):
    """Print what a check said, in one piece. Returns whether it passed."""
    verdict = "FAILED" if check.returncode else "passed"
    print(f"\n=== {name}\n{check.stdout or ''}=== {name}: {verdict} ({time.monotonic() - began:.1f} s)", flush=True)
    return not check.returncode


if __name__ == "__main__":
    main()
