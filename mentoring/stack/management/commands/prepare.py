"""Everything between a started database and a served page, in one process: ``make run`` calls it at every start."""

import contextlib
import hashlib
import json
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from mentoring.stack.demo import DEMO_PASSWORD, DEMO_SIGN_INS


class Command(BaseCommand):
    help = "Bring tables, static files, the programs and the demo people up to date."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--demo-only",
            action="store_true",
            help="Stop before anything is changed if real people are in the database.",
        )

    def handle(self, *, demo_only, **options):
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CommandError(f"The database cannot be reached: {error}") from None
        if demo_only and self.has_real_people():
            raise CommandError(
                "DATABASE_URL names a database with people in it who are not the demo's. `make run` is for trying the "
                "portal out: it has a public password and no second factor. For real people see the README."
            )
        with self.step("Tables"):
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
        with self.step("Static files"):
            collect_static()
        with self.step("Programs"):
            call_command("load_programs", stdout=self.stdout)
        with self.step("Demo people"):
            call_command("demo", stdout=self.stdout)
        sign_ins = settings.RUN_DIR / "sign-ins"
        sign_ins.write_text(json.dumps({"password": DEMO_PASSWORD, "people": DEMO_SIGN_INS}))

    @contextlib.contextmanager
    def step(self, name):
        began = time.monotonic()
        self.stdout.write(f"{name} ...")
        self.stdout.flush()
        yield
        self.stdout.write(f"{name}: ready ({time.monotonic() - began:.1f} s)")
        self.stdout.flush()

    def has_real_people(self):
        people = get_user_model().objects
        if people.model._meta.db_table not in connection.introspection.table_names():
            return False
        return people.exists() and not people.filter(email=DEMO_SIGN_INS[0][0]).exists()


def collect_static():
    """Collect the static files, unless they are the ones collected last time."""
    stamp = settings.RUN_DIR / "static-stamp"
    collected = Path(settings.STATIC_ROOT) / "staticfiles.json"
    sources = static_sources()
    if collected.exists() and stamp.exists() and stamp.read_text() == sources:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(sources)


def static_sources():
    """One word that changes when a static file does."""
    digest = hashlib.sha256(str(settings.STATIC_ROOT).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
