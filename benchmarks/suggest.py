"""How long suggestions take, from rows to rows and solved alone, next to other libraries. Nothing of it is a test.

Each measurement runs in a process of its own, for the peak of its memory. Rows are in a database server of its own, which is
thrown away. The other libraries are in a virtualenv of their own (`.bench/`, from requirements-bench.lock), because the one
called `matching` has the name of an app of ours; where it is missing, they are skipped.
"""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.suggesting.markets import synthetic
from mentoring.stack.testing import postgres, private_folder

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".bench" / "bin" / "python"
SIZES = ((300, 250), (2_000, 1_500), (10_000, 4_000), (50_000, 20_000))
REPEATS = 5
# Seconds after which a measurement is given up, and those of one run beyond which it is not repeated.
PATIENCE, LONG = 300, 30
# The proof over all pairs is for markets that have more than solve directly, and not for a coffee break.
PROVED_OVER_ALL = SIZES[1:3]


def main() -> None:
    """Print everything, size by size."""
    load = os.getloadavg()[0]
    print(f"Medians of {REPEATS}, peak memory of a process of its own. This machine has {os.cpu_count()} cores;")
    print(f"{load:.1f} processes wait for them at the start. Where that is more than a few, read ratios, not seconds.")
    for size in SIZES:
        print(f"\n{size[0]:,} mentees x {size[1]:,} mentors, 5 ranked and 30 other mentors for each mentee")
        solved_alone(*size)
        from_rows(*size)


def solved_alone(mentees: int, mentors: int) -> None:
    """Our solver and the others, over the same arrays, held to the same certificate."""
    ours = report(sys.executable, "pylmcf", mentees, mentors, None)
    for library in ("scipy", "ortools", "highspy"):
        python = sys.executable if library == "scipy" else PEERS
        if Path(python).exists():
            report(python, library, mentees, mentors, ours)
        else:
            print(f"  {library}: skipped, because it is not installed here (PEERS=1 make bench installs it)")
    if PEERS.exists():
        stable_elsewhere(mentees, mentors)
    else:
        print("  matching: skipped, because it is not installed here (PEERS=1 make bench installs it)")


def report(python, library: str, mentees: int, mentors: int, ours: dict | None) -> dict | None:
    """Measure one library, repeated unless it takes long; print a line."""
    command = [str(python), "-m", "benchmarks.suggesting.solving", library, str(mentees), str(mentors)]
    found = answer([*command, "1"])
    if isinstance(found, dict) and found["seconds"] < LONG:
        found = answer([*command, str(REPEATS)])
    if not isinstance(found, dict):
        print(f"  {library:<28}{found}")
        return None
    line = f"  {found['name']:<28}{found['seconds']:>9.4f} s solved and certified {found['memory']:>6.0f} MB"
    if ours:
        same = "the same pairs" if found["pairs"] == ours["pairs"] else "OTHER PAIRS"
        line += f"   {found['seconds'] / ours['seconds']:>5.1f} x, {same}"
    print(line + ("" if found["repeats"] == REPEATS else " (once)"), flush=True)
    if "alternatives" in found:
        print(f"  {'all alternatives of a mentee':<28}{found['alternatives']:>9.4f} s, exact")
    return found


def stable_elsewhere(mentees: int, mentors: int) -> None:
    """The package `matching`, which solves another question (stable, not optimal) over the same lists."""
    market = synthetic(mentees, mentors)
    order = np.lexsort((market.lot, -market.fit, np.where(market.rank > 0, market.rank, 1001), market.mentee))
    wishes = np.split(market.mentor[order], np.searchsorted(market.mentee[order], np.arange(1, mentees)))
    order = np.lexsort((market.lot, -market.fit, market.mentor))
    regard = np.split(market.mentee[order], np.searchsorted(market.mentor[order], np.arange(1, mentors)))
    wanted = [mentor for mentor in range(mentors) if len(regard[mentor])]
    instance = {
        "mentees": {mentee: each.tolist() for mentee, each in enumerate(wishes)},
        "mentors": {mentor: regard[mentor].tolist() for mentor in wanted},
        "places": {mentor: int(market.capacity[mentor]) for mentor in wanted},
    }
    found = answer([str(PEERS), "-I", "benchmarks/suggesting/stable.py"], given=json.dumps(instance))
    told = (
        f"{found['seconds']:>9.4f} s stable, once          {found['memory']:>6.0f} MB"
        if isinstance(found, dict)
        else found
    )
    print(f"  {'matching (stable only)':<28}{told}", flush=True)


def from_rows(mentees: int, mentors: int) -> None:
    """The whole path of a worker, in a database of its own."""
    with private_folder() as folder, postgres(folder) as url:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "mentoring.settings",
            "SECRET_KEY": secrets.token_urlsafe(60),
            "SITE_URL": "http://localhost",
            "EMBEDDED": "1",
        }
        environment.setdefault("REDIS_URL", "redis://127.0.0.1:1")
        environment.setdefault("EMAIL_URL", "smtp://127.0.0.1:1")
        environment["RUN_DIR"] = str(folder)
        rows = [sys.executable, "-m", "benchmarks.suggesting.rows"]
        filled = answer([*rows, "fill", str(mentees), str(mentors)], environment, silent=True)
        if filled is not None:
            print(f"  rows: {filled}")
            return
        told(answer([*rows, "run", str(REPEATS)], environment), "rows to stored suggestions")
        if (mentees, mentors) in PROVED_OVER_ALL:
            told(answer([*rows, "run", "1", "over_all"], environment), "proved over all pairs, once")


def told(found, name: str) -> None:
    """Print what one run from rows took."""
    if not isinstance(found, dict):
        print(f"  {name:<28}{found}")
        return
    phases = ", ".join(f"{phase} {seconds:.2f}" for phase, seconds in found["phases"].items())
    figures = found["figures"]
    print(
        f"  {name:<28}{found['seconds']:>9.4f} s ({phases}) {found['memory']:>6.0f} MB   {figures['matched']:,} matched, "
        f"{figures['on_list']:,} on their list, {figures['pairs_proved']:,} pairs",
        flush=True,
    )


def answer(command, environment=None, given=None, silent=False):
    """What a process says in its last line, read as JSON; a sentence where it fails or takes too long."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"given up after {PATIENCE} s"
    if done.returncode:
        return f"failed: {(done.stderr.strip().splitlines() or ['no word of why'])[-1][:200]}"
    return None if silent else json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
