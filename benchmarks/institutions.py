"""The whole Research Organization Registry: reading it in, reading it again, and finding an institution among all of them.

The dump is made up, with the size and shape of the real one. Rows are in a database server of its own, which is thrown away; each
load is `manage.py load_institutions` in a process of its own, for the peak of its memory.
"""

import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.organizations import dump
from mentoring.stack.testing import postgres, private_folder

ROOT = Path(__file__).resolve().parent.parent
RECORDS = int(os.environ.get("RECORDS", "115000"))


def main() -> None:
    """Print everything."""
    with private_folder() as folder, postgres(folder) as url:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "SECRET_KEY": secrets.token_urlsafe(60),
            "SITE_URL": "http://testserver",
            "EMBEDDED": "1",
            "RUN_DIR": str(folder),
        }
        environment.setdefault("REDIS_URL", "redis://127.0.0.1:1")
        environment.setdefault("EMAIL_URL", "smtp://127.0.0.1:1")
        path = folder / "dump.json"
        dump.write(path, RECORDS)
        load = os.getloadavg()[0]
        print(f"{os.cpu_count()} cores, {load:.1f} processes wait for them at the start.")
        print(f"{RECORDS:,} organizations, {path.stat().st_size / 1e6:.0f} MB of JSON")
        run(["manage.py", "migrate", "--verbosity=0"], environment)
        for name in ("read in", "read again"):
            begun = time.perf_counter()
            said = run(["-m", "benchmarks.organizations.loading", str(path)], environment)
            *lines, memory = said.splitlines()
            print(
                f"  {name:<12}{time.perf_counter() - begun:>7.1f} s {float(memory):>6.0f} MB   {'; '.join(lines)}",
                flush=True,
            )
        for line in json.loads(run(["-m", "benchmarks.organizations.finding"], environment).splitlines()[-1]):
            print(f"  {line}")


def run(command, environment):
    """What a Python process says; it must end well."""
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


if __name__ == "__main__":
    main()
