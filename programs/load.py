"""From the file of programs to rows: what is missing is added, and nothing that is there is touched."""

import tomllib
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from programs import deadlines
from programs.models import Cycle, Example, Program, Question, Rule, Window, WindowKind

FILE = Path(__file__).parent / "data" / "programs.toml"
OWN_TABLES = ("defaults", "rule", "question", "example", "cycle")


def read():
    """The programs of the file, by slug."""
    return {program["slug"]: program for program in tomllib.loads(FILE.read_text())["program"]}


@transaction.atomic
def load_all():
    """Load every program of the file with its cycles. Returns the names of the cycles that were new."""
    return [str(cycle) for data in read().values() for each in data["cycle"] if (cycle := load_cycle(data, each))]


def load_program(data):
    """The program, made if there is none of this slug."""
    facts = {key: _trimmed(value) for key, value in data.items() if key not in (*OWN_TABLES, "slug")}
    return Program.objects.get_or_create(slug=data["slug"], defaults=facts)[0]


def load_cycle(data, each):
    """A new cycle of the program with windows, rules, questions and examples; None if one of this slug is there.

    ``each`` gives label, slug, term_begins, term_ends, and for every kind of window its first and last day.
    """
    program = load_program(data)
    if Cycle.objects.filter(slug=each["slug"]).exists():
        return None
    kinds = WindowKind.values
    own = {key: value for key, value in each.items() if key not in kinds}
    cycle = Cycle.objects.create(program=program, published_at=timezone.now(), **{**data["defaults"], **own})
    for kind in kinds:
        if kind in each:
            first, last = each[kind]
            opens, closes = deadlines.opening(first, cycle.time_zone), deadlines.closing(last, cycle.time_zone)
            Window.objects.create(cycle=cycle, kind=kind, opens_at=opens, closes_at=closes)
    tables = ((Rule, data["rule"]), (Question, data["question"]), (Example, data.get("example", [])))
    for model, rows in tables:
        model.objects.bulk_create(model(cycle=cycle, position=position, **row) for position, row in enumerate(rows, 1))
    return cycle


def _trimmed(value):
    return value.strip() if isinstance(value, str) else value
