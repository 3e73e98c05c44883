"""Where the embedded stack keeps things, and what it tells Django. No settings are read here: they come from here."""

import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent


class StackError(Exception):
    """The stack cannot start; the text is a sentence for the person who started it."""


def run_dir():
    """The folder of all embedded state, ``.run/`` unless RUN_DIR names another."""
    return Path(os.environ.get("RUN_DIR", BASE_DIR / ".run")).resolve()


def fingerprint(path):
    """A short name for a path, the same at every start."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def package_folder(name):
    """Where an installed package lies. It is not imported: we want its programs, not what its code does on import."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise StackError(f"The package {name} is not installed. `make run` and `make test` install it.")
    return Path(spec.origin).parent


@dataclass(frozen=True)
class Account:
    """The account PostgreSQL runs as when we are root, which it refuses."""

    uid: int
    gid: int

    def reaches(self, path):
        """Whether this account can open the path: a folder on the way may be closed to it."""
        test = subprocess.run(["/bin/sh", "-c", 'test -x "$0"', path], cwd="/", check=False, **self.options())
        return test.returncode == 0

    def options(self):
        """The arguments of ``subprocess`` that make a child run as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account():
    """The account for the database server: none unless we are root; then ``postgres``, else ``nobody``."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StackError("PostgreSQL refuses to run as root, and there is neither a `postgres` nor a `nobody` account.")


def give(path, account):
    """Hand a file or folder to the server's account."""
    if account:
        os.chown(path, account.uid, account.gid)


def server_home(run, account):
    """The folder for the database: ``run``, or one under /var/lib where ``run`` is closed to the server's account."""
    if account is None or account.reaches(run):
        return run
    return Path("/var/lib") / f"mentoring-portal-{fingerprint(run)}"


def socket_path(run):
    """Where the folder for Unix sockets is: a socket's whole path must stay under 108 bytes."""
    parent = tempfile.gettempdir()
    return Path(parent if len(parent) < 60 else "/tmp") / f"mentoring-{os.geteuid()}-{fingerprint(run)}"


def remove_sockets(run):
    """Leave nothing behind in the system's folder for temporary files."""
    shutil.rmtree(socket_path(run), ignore_errors=True)


def socket_dir(run):
    """The private folder for Unix sockets, made if need be."""
    folder = socket_path(run)
    account = server_account()
    owner = account.uid if account else os.geteuid()
    if not folder.exists():
        folder.mkdir(mode=0o700)
        give(folder, account)
    found = folder.lstat()
    if found.st_uid != owner or found.st_mode & 0o077 or folder.is_symlink():
        raise StackError(f"{folder} is not a private folder of ours. Remove it and start again.")
    return folder


def read_env(run):
    """The variables of ``.run/env``; none where there is no such file."""
    try:
        lines = (run / "env").read_text().splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


def write_env(run, variables):
    """Write ``.run/env`` for Django's settings, readable by its owner only."""
    draft = run / "env.new"
    draft.touch(mode=0o600)
    draft.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    draft.replace(run / "env")


def kept_secret_key(run):
    """The key of the last start, so that people stay signed in; a new one at the first."""
    return read_env(run).get("SECRET_KEY") or secrets.token_urlsafe(60)


def remove_data(run):
    """Remove everything the embedded stack has stored; asked for by ``make reset`` only."""
    for folder in ("postgres", "valkey", "mail", "log"):
        shutil.rmtree(run / folder, ignore_errors=True)
    home = server_home(run, server_account())
    if home != run:
        shutil.rmtree(home, ignore_errors=True)
    for file in [run / "sign-ins", *run.glob("beat-schedule*")]:
        file.unlink(missing_ok=True)
