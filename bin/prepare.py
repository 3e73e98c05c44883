"""Prepare a machine that has only Python for `make run` and `make test`, then become what was asked for.

Standard library only: this runs before anything is installed. A step whose inputs are unchanged is skipped.

    python3 bin/prepare.py LOCK COMMAND...    as in: bin/prepare.py requirements-embedded.lock -m mentoring.stack up
"""

import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN = Path(os.environ.get("RUN_DIR", ROOT / ".run")).resolve()
VENV = ROOT / ".venv"
NODE_VENV = ROOT / ".node"
BENCH_VENV = ROOT / ".bench"  # one of the libraries to compare with is called like an app of ours
BUNDLE = ROOT / "static" / "dist"
OLDEST_NODE = 20
# What the three locks share they agree on, so that the larger one is good for whoever needs the smaller.
LARGEST_LOCK = "requirements-test.lock"

LIBC = ctypes.CDLL(None)


class CannotPrepareError(Exception):
    """The text is a sentence for the person who asked."""


def main(lock, command):
    if "MAKELEVEL" in os.environ:
        end_with_parent()
    if "up" in command:
        refuse_second_run()
    with one_at_a_time():
        problems = []
        assets = threading.Thread(target=noting, args=(prepare_assets, problems), daemon=True)
        assets.start()  # beside the packages: one waits for the network while the other computes
        noting(lambda: prepare_packages(VENV, lock), problems)
        if "benchmarks" in command and os.environ.get("PEERS"):
            noting(lambda: prepare_packages(BENCH_VENV, "requirements-bench.lock"), problems)
        assets.join()
        if problems:
            sys.exit("\n" + "\n".join(problems))
    os.chdir(ROOT)
    # Read-only machines set this; here it would make every start compile everything again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    python = str(VENV / "bin" / "python")
    os.execv(python, [python, *command])


def end_with_parent():
    """When our parent is killed outright, end as well: make for this process, this process for npm and pip."""
    if sys.platform == "linux":
        LIBC.prctl(1, int(signal.SIGTERM))


def refuse_second_run():
    """Say at once, not after a minute of preparation, that the portal cannot start. `up` makes sure of it later."""
    port = os.environ.get("PORT") or "8000"
    RUN.mkdir(mode=0o711, parents=True, exist_ok=True)
    with (RUN / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("The portal is running already. Stop that one first.")
    if port.isdigit():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(port) & 0xFFFF)) == 0:
                sys.exit(f"Port {port} is taken. Choose another, like this: PORT={int(port) + 1} make run")


@contextlib.contextmanager
def one_at_a_time():
    """Two of us at once would install over each other."""
    folder = ROOT / ".run"  # not RUN: what we install into is the same wherever the data are
    folder.mkdir(mode=0o711, exist_ok=True)
    with (folder / "prepare.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another preparation to finish ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def noting(step, problems):
    """Run a step; what goes wrong is noted, so that the step beside it can finish."""
    try:
        step()
    except (CannotPrepareError, OSError) as error:
        problems.append(str(error))


def prepare_packages(venv, lock):
    """A virtualenv with the packages of a lock: their hashes are checked, and nothing is built."""
    stamp = venv / "installed.json"
    wanted = digest(sys.version, (ROOT / lock).read_text())
    installed = read_stamp(stamp)
    if installed.get(lock) == wanted and (venv / "bin" / "python").exists():
        return
    with step(f"Python packages ({lock})"):
        python = venv / "bin" / "python"
        if not works(python, sys.version):
            run(
                [sys.executable, "-m", "venv", "--clear", venv],
                hint="On Debian and Ubuntu, install python3-venv first.",
            )
        run(
            # The lock is whole: nothing to resolve. Most modules are never imported: none is compiled yet.
            [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input", "--no-deps",
             "--no-compile", "--require-hashes", "--only-binary", ":all:", "-r", ROOT / lock],
            hint="Is there a way to the package registry from here?",
        )  # fmt: skip
        site_packages = next(venv.glob("lib/python*/site-packages"))
        (site_packages / "portal.pth").write_text(f"{ROOT}\n")  # so that `pytest` and `celery` find the code
        covered = {lock: wanted}
        if lock == LARGEST_LOCK:
            smaller = ROOT / "requirements-embedded.lock"
            covered[smaller.name] = digest(sys.version, smaller.read_text())
        stamp.write_text(json.dumps(covered))


def prepare_assets():
    """The style sheets, scripts and icons in static/dist."""
    packages = ROOT / "package-lock.json"
    stamp = ROOT / "node_modules" / ".prepared.json"
    done = read_stamp(stamp)
    wanted_packages = digest(packages.read_text())
    wanted_bundle = digest(wanted_packages, *(f"{path} {path.read_bytes()!r}" for path in bundle_sources()))
    if done == {"packages": wanted_packages, "bundle": wanted_bundle} and BUNDLE.is_dir():
        os.utime(BUNDLE)  # no older than its sources, which git may have written anew
        return
    stamp.unlink(missing_ok=True)
    path = node_path()
    env = {**os.environ, "PATH": path}
    npm = shutil.which("npm", path=path)
    if done.get("packages") != wanted_packages:
        with step("Front-end packages (package-lock.json)"):
            run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], env=env, cwd=ROOT)
    with step("Front-end bundle (static/dist)"):
        run([npm, "run", "--silent", "build"], env=env, cwd=ROOT)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(json.dumps({"packages": wanted_packages, "bundle": wanted_bundle}))


def bundle_sources():
    """The files that the bundle is made of."""
    yield ROOT / "package.json"
    for path in sorted((ROOT / "static").rglob("*")):
        if path.is_file() and BUNDLE not in path.parents:
            yield path


def node_path():
    """A PATH on which there is a Node new enough, with npm: the machine's own, else one from a wheel."""
    path = os.environ.get("PATH", os.defpath)
    if shutil.which("npm") and node_version() >= OLDEST_NODE:
        return path
    prepare_packages(NODE_VENV, "requirements-node.lock")
    return f"{NODE_VENV / 'bin'}{os.pathsep}{path}"


def node_version():
    """The major version of the Node on PATH; 0 where there is none."""
    try:
        told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.match(r"v(\d+)\.", told)
    return int(found[1]) if found else 0


def works(python, version):
    """Whether a virtualenv's Python starts and is the one we are."""
    try:
        told = subprocess.run(
            [python, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return told.stdout.strip() == version


def run(argv, hint="", **options):
    """Run a program quietly. Raises CannotPrepareError, with what it said, when it fails."""
    argv = [str(part) for part in argv]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, preexec_fn=end_with_parent, **options)
    if done.returncode:
        shown = " ".join(Path(part).name if os.sep in part else part for part in argv[:5])
        raise CannotPrepareError(f"{shown} ... failed. {hint}\n{done.stdout}{done.stderr}".rstrip())


@contextlib.contextmanager
def step(name):
    say(f"{name} ...")
    began = time.monotonic()
    yield
    say(f"{name}: ready ({time.monotonic() - began:.0f} s)")


def say(text):
    print(text, flush=True)


def digest(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def read_stamp(path):
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 (who has an older one runs this all the same)
        sys.exit(f"This needs Python 3.11 or newer, and {sys.executable} is {sys.version.split()[0]}.")
    try:
        main(sys.argv[1], sys.argv[2:])
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
