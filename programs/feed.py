"""A program's dates as a calendar that other calendars subscribe to; an event moves when its date moves."""

from datetime import timedelta

from django.conf import settings
from icalendar import Calendar, Event

from mentoring.links import absolute
from programs import deadlines
from programs.models import WindowKind

NAMES = {
    WindowKind.APPLICATIONS: "applications",
    WindowKind.MENTOR_INTEREST: "mentor interest forms",
    WindowKind.PREFERENCES: "ranking of mentors",
    WindowKind.PAIRING_REPLIES: "answers to proposed pairings",
}


def calendar(program, cycles):
    """The feed of these cycles of a program, as bytes. Each event keeps its UID for good; SEQUENCE rises with each move."""
    feed = Calendar()
    feed.add("prodid", "-//Mentoring portal//Dates//EN")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", f"{program.name}: dates")
    feed.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
    for cycle in cycles:
        for window in cycle.windows.all():
            feed.add_component(_opening(program, cycle, window))
            feed.add_component(_closing(program, cycle, window))
        # "Summer 2024" is no day of a calendar.
        if not cycle.term_begins_words:
            feed.add_component(_day(program, cycle, "term", cycle.term_begins, f"{cycle.short_name}: the term begins"))
        feed.add_component(_day(program, cycle, "end", cycle.term_ends, f"{cycle.short_name}: the term ends"))
    return feed.to_ical()


def _event(program, uid, title, at, *, stamp, sequence=0):
    event = Event()
    event.add("uid", f"{uid}@{settings.SITE_URL.split('//')[-1]}")
    event.add("dtstamp", stamp)
    event.add("sequence", sequence)
    event.add("summary", title)
    event.add("dtstart", at)
    event.add("url", absolute(program.get_absolute_url()))
    event.add("transp", "TRANSPARENT")
    return event


def _opening(program, cycle, window):
    title = f"{cycle.short_name}: {NAMES[window.kind]} open"
    day = window.opens_at.astimezone(cycle.zone).date()
    return _event(program, f"window-{window.pk}-opens", title, day, stamp=cycle.published_at)


def _closing(program, cycle, window):
    """The deadline itself, as an instant: calendars show it in their own zone."""
    title = f"{cycle.short_name}: {NAMES[window.kind]} close at {window.closes_words}"
    last, sequence = deadlines.last_minute(window.closes_at), window.version - 1
    event = _event(program, f"window-{window.pk}-closes", title, last, stamp=cycle.published_at, sequence=sequence)
    event.add("dtend", window.closes_at)
    return event


def _day(program, cycle, what, day, title):
    return _event(program, f"cycle-{cycle.pk}-{what}", title, day, stamp=cycle.published_at)
