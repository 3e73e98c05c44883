"""When which mail of a cycle goes out by itself. The apps above add what they send; the cycle's page only asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from programs import deadlines


@dataclass(frozen=True)
class MailDate:
    """A mail of a cycle: when in words, what it is, and the instant if there is one."""

    when: str
    what: str
    at: datetime | None = None


# Each takes a cycle and gives its mail dates.
sources: list[Callable] = []


def mail_dates(cycle):
    """Everything that goes out, by the calendar; what hangs on an event comes last."""
    found = [each for source in sources for each in source(cycle)]
    return sorted((each for each in found if each.at), key=lambda each: each.at) + [
        each for each in found if not each.at
    ]


def at(moment, cycle, what):
    """A mail that goes at an instant."""
    return MailDate(deadlines.words(moment, cycle.time_zone), what, moment)


def reminders(window, days_before, what):
    """The reminders before a window closes."""
    if window is None:
        return []
    moments = deadlines.moments_before(window.closes_at, window.cycle.time_zone, days_before)
    return [at(moment, window.cycle, f"{what}, {span(days)} before the close") for days, moment in moments]


def span(days):
    """ "two weeks", "one day": as people say it."""
    names = {1: "one day", 2: "two days", 7: "one week", 14: "two weeks"}
    return names.get(days, f"{days} days")
