"""`make test`: every check, on one pair of real servers. All are run; the exit code says whether all passed."""

import shutil
import subprocess
import sys
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
    "tests": [*PYTHON, "pytest", "--numprocesses=auto", "--dist=worksteal"],
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main():
    failed = []
    with services():
        for name, argv in CHECKS.items():
            print(f"\n=== {name}", flush=True)
            began = time.monotonic()
            if subprocess.run(argv, cwd=ROOT, check=False).returncode:
                failed.append(name)
            print(
                f"=== {name}: {'FAILED' if name in failed else 'passed'} ({time.monotonic() - began:.1f} s)", flush=True
            )
    if not any(map(shutil.which, BROWSERS)):
        print("\n*** NO BROWSER: the journeys in tests/journeys were SKIPPED. Install Chromium to run them. ***")
    if failed:
        sys.exit(f"\nFailed: {', '.join(failed)}.")
    print("\nEverything passed.")


if __name__ == "__main__":
    main()
