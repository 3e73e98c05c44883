"""What is set of a cycle, in words, and where two such accounts differ: this year from last, or now from an hour ago."""

import json
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db.models import ForeignKey

from programs import deadlines

# What is about the row itself and not about the people it is for.
LEFT_OUT = {"id", "published_at"}
NOTHING = "–"


@dataclass(frozen=True)
class Difference:
    part: str
    name: str
    before: str
    after: str

    def __str__(self):
        return f"{self.part}, {self.name}: was {self.before}, is now {self.after}."


def facts(cycle):
    """Everything staff set of the cycle, as {part: {name: words}}. Three queries, or none where they are prefetched."""
    return {
        "Cycle": {"program": cycle.program.name, **dict(_fields(cycle))},
        "Windows": {
            name: value for window in cycle.windows.all() for name, value in _window(window, cycle.time_zone).items()
        },
        "Rules": _rows(cycle.rules.all()),
        "Questions": _rows(cycle.questions.all()),
    }


def facts_of_row(row, part):
    """Everything staff set of one row, in the same shape."""
    return {part: dict(_fields(row))}


def differences(before, after):
    """Where two accounts of ``facts`` differ, in their order."""
    found = []
    for part in after:
        old, new = before.get(part, {}), after[part]
        found += [
            Difference(part, name, old.get(name, NOTHING), new.get(name, NOTHING))
            for name in [*new, *(name for name in old if name not in new)]
            if old.get(name) != new.get(name) and not _belongs_to_a_lone_row(name, old, new)
        ]
    return found


def _belongs_to_a_lone_row(name, old, new):
    """Of a rule or question that only one side has, one line is enough."""
    row, sign, _detail = name.partition(", ")
    return bool(sign) and (row in old) != (row in new)


def _fields(row, left_out=LEFT_OUT):
    for field in row._meta.concrete_fields:
        if field.name not in left_out and not isinstance(field, ForeignKey):
            yield field.verbose_name, _words(row, field)


def _window(window, zone):
    kind = window.get_kind_display()
    opens, last = deadlines.words(window.opens_at, zone), deadlines.last_minute(window.closes_at)
    return {
        f"{kind} open": opens,
        f"{kind} close": deadlines.words(last, zone),
        f"{kind}: grace": plain(window.grace),
    }


def _rows(rows):
    """One line for what each row says, by its key, and one for each of its other settings."""
    found = {}
    for row in rows:
        name = f"“{row.key}”"
        found[name] = row.text
        details = _fields(row, LEFT_OUT | {"key", "sentence", "text"})
        found |= {f"{name}, {detail}": value for detail, value in details}
    return found


def _words(row, field):
    value = getattr(row, field.attname)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return plain(value)


def plain(value):
    """A stored value as people read it."""
    if value is None or value == "" or value == [] or value == {}:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return f"{value // timedelta(minutes=1)} minutes"
    if isinstance(value, date):
        return deadlines.day_words(value)
    if isinstance(value, time):
        return f"{value:%I:%M %p}".lstrip("0")
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)
