"""Next year's cycle from last year's: which dates it would have, and the copy.

The term keeps its days of the month, one year or more later, and a month's last day stays the last. Windows and the day by which
applicants hear move by whole weeks, so that a Sunday stays a Sunday.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from django.db import transaction

from mentoring.audit.models import record
from programs import deadlines
from programs.eligibility.kinds import KINDS, day
from programs.models import Cycle, Window

# What is copied with a cycle, by the names of its relations; each row is copied whole.
COPIED = ("rules", "questions", "examples")
WEEKS_A_YEAR = 365.2425 / 7
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:([-–])(\d\d))?(?!\d)")


@dataclass(frozen=True)
class Days:
    """A window as staff type it: first day, last day, last minute."""

    kind: str
    first_day: date
    last_day: date
    last_minute: time
    grace: timedelta

    def later(self, weeks):
        span = timedelta(weeks=weeks)
        return replace(self, first_day=self.first_day + span, last_day=self.last_day + span)

    def window(self, cycle):
        """The window of that cycle. Raises ValueError, with a sentence, for a time that its zone skips or repeats."""
        return Window(
            cycle=cycle,
            kind=self.kind,
            opens_at=deadlines.opening(self.first_day, cycle.time_zone),
            closes_at=deadlines.closing(self.last_day, cycle.time_zone, self.last_minute),
            grace=self.grace,
        )


def days_of(window):
    """A window in the wall clock of its cycle."""
    zone = window.cycle.zone
    last = deadlines.last_minute(window.closes_at).astimezone(zone)
    first = window.opens_at.astimezone(zone).date()
    return Days(window.kind, first, last.date(), last.time(), window.grace)


def years_on(cycle):
    """How many years later the next cycle is: the first whose term begins after every other of the program."""
    last = Cycle.objects.filter(program=cycle.program_id).order_by("-term_ends").values_list("term_ends", flat=True)[0]
    years = 1
    while same_day(cycle.term_begins, years) <= last:
        years += 1
    return years


def weeks_of(years):
    """The whole number of weeks nearest to so many years: 52, 104, 157, ..."""
    return round(years * WEEKS_A_YEAR)


def same_day(day, years):
    """The same day of the month so many years later; the last of a month stays the last."""
    year = day.year + years
    last = monthrange(year, day.month)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return day.replace(year=year, day=last if is_last else min(day.day, last))


def later_years(text, years):
    """The text with every year in it so many years later: "Summer 2024" and "2024–25" too."""

    def moved(found):
        year, dash, second = found.groups()
        return f"{int(year) + years}" + (f"{dash}{(int(second) + years) % 100:02}" if dash else "")

    return YEAR.sub(moved, text)


def proposal(cycle, years, weeks):
    """The next cycle, not saved: all settings of this one, on its own days."""
    fields = [field.attname for field in Cycle._meta.concrete_fields if not field.primary_key]
    settings = {name: getattr(cycle, name) for name in fields}
    span = timedelta(weeks=weeks)
    settings |= {
        "label": later_years(cycle.label, years),
        "slug": later_years(cycle.slug, years),
        "published_at": None,
        "term_begins": same_day(cycle.term_begins, years),
        "term_ends": same_day(cycle.term_ends, years),
        "term_begins_words": later_years(cycle.term_begins_words, years),
        "decisions_by": cycle.decisions_by and cycle.decisions_by + span,
    }
    new = Cycle(**settings)
    new.program = cycle.program
    return new


def with_later_days(rule, weeks):
    """The rule with each day in its settings so many whole weeks later. Not to be saved but in a copy."""
    for name, parameter in KINDS[rule.kind].parameters.items():
        if parameter.shape == "date" and (then := day(rule, name)):
            rule.parameters = {**rule.parameters, name: (then + timedelta(weeks=weeks)).isoformat()}
    return rule


def moved_days(cycle, weeks):
    """(rule, the day by which it must hold now, that day in the copy) for each rule that has one."""
    rules = [(rule, rule.due) for rule in cycle.rules.all()]
    return [(rule.text, due, due + timedelta(weeks=weeks)) for rule, due in rules if due]


@transaction.atomic
def copy(source, new, windows, *, by, weeks=0):
    """Save the new cycle with its windows and everything the source asks, the days in rules ``weeks`` later."""
    new.save(force_insert=True)
    Window.objects.bulk_create([_of(window, new) for window in windows])
    for name in COPIED:
        rows = list(getattr(source, name).all())
        for row in rows:
            row.pk, row._state.adding = None, True
            if name == "rules":
                with_later_days(row, weeks)
            _of(row, new)
        type(source)._meta.get_field(name).related_model.objects.bulk_create(rows)
    record("start_from", new, by=by, source=str(source))
    return new


def _of(row, cycle):
    row.cycle = cycle
    return row
