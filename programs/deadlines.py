"""When something is accepted: instants, and how people read them.

A window is half-open: ``[opens_at, closes_at)`` in UTC. "Until 11:59 PM ET on January 21" includes the whole minute, so
``closes_at`` is the first instant that is not accepted, 12:00:00 AM ET on January 22. Staff type days and a last minute in
the cycle's own time zone; nobody types UTC, an offset or an abbreviation.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
END_OF_DAY = time(23, 59)
CLOSED = "closed"

# What people call a zone all year round; "EST" would be wrong for half of it.
GENERIC_NAMES = {
    "America/New_York": "ET",
    "America/Chicago": "CT",
    "America/Denver": "MT",
    "America/Los_Angeles": "PT",
    "UTC": "UTC",
}


def at_local(day, clock, zone):
    """The instant, in UTC, at which clocks in ``zone`` (an IANA name) show ``clock`` on ``day``.

    Raises ValueError, with a sentence for staff, for a time that the zone skips or repeats on that day.
    """
    local = datetime.combine(day, clock, ZoneInfo(zone))
    instant = local.astimezone(UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(
            f"{clock:%I:%M %p} does not exist on {day:%B} {day.day}, {day.year} in {zone}: clocks change then."
        )
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        raise ValueError(
            f"{clock:%I:%M %p} occurs twice on {day:%B} {day.day}, {day.year} in {zone}: clocks change then."
        )
    return instant


def opening(first_day, zone):
    """The first instant of ``first_day`` in ``zone``."""
    return at_local(first_day, time(0), zone)


def closing(last_day, zone, last_minute=END_OF_DAY):
    """The first instant after ``last_minute`` of ``last_day`` in ``zone``: the whole minute is still in time."""
    return at_local(last_day, last_minute, zone) + MINUTE


def accepts(opens_at, closes_at, received_at, grace=timedelta(0)):
    """Whether what the server received at ``received_at`` is in time."""
    return opens_at <= received_at < closes_at + grace


def zone_name(zone, moment):
    """What to call ``zone`` (an IANA name) beside a time: ET, or the city with the offset of that day."""
    if zone in GENERIC_NAMES:
        return GENERIC_NAMES[zone]
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{city} time ({offset(moment, zone)})"


def names_offset(zone):
    """Whether the words for a time in ``zone`` tell the offset already, or have none to tell."""
    return zone not in GENERIC_NAMES or zone == "UTC"


def offset(moment, zone):
    """What ``zone`` is ahead or behind of UTC at that moment: "UTC−5", "UTC+5:30" """
    minutes = round(moment.astimezone(ZoneInfo(zone)).utcoffset() / MINUTE)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def own_words(moment, zone, own):
    """The moment where the viewer is (``own``), beside words in ``zone``; empty where clocks show the same.

    "4:59 AM GMT on Friday, January 22, your time"; the day is left out where it is the same.
    """
    there, here = moment.astimezone(ZoneInfo(zone)), moment.astimezone(ZoneInfo(own))
    if here.replace(tzinfo=None) == there.replace(tzinfo=None):
        return ""
    clock = f"{clock_words(here)} {GENERIC_NAMES.get(own) or offset(moment, own)}"
    if here.date() == there.date():
        return f"{clock} your time"
    return f"{clock} on {here:%A}, {here:%B} {here.day}, your time"


def words_for(moment, zone, own=None):
    """``words`` with what stands beside them: "... on Thursday, January 21, 2027 (UTC−5; 8:59 PM PT your time)".

    ``own`` is the reader's zone, or None where it is not known.
    """
    beside = [
        "" if names_offset(zone) else offset(moment, zone),
        own_words(moment, zone, own) if own else "",
    ]
    told = "; ".join(part for part in beside if part)
    return f"{words(moment, zone)} ({told})" if told else words(moment, zone)


def day_of(moment, zone):
    """The day that it is in ``zone`` (an IANA name) at that moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


def clock_words(local):
    """ "11:59 PM" """
    return f"{local:%I:%M %p}".lstrip("0")


def day_words(day, weekday=True):
    """ "Thursday, January 21, 2027" """
    words = f"{day:%B} {day.day}, {day.year}"
    return f"{day:%A}, {words}" if weekday else words


def words(moment, zone):
    """ "11:59 PM ET on Thursday, January 21, 2027" """
    local = moment.astimezone(ZoneInfo(zone))
    return f"{clock_words(local)} {zone_name(zone, moment)} on {day_words(local)}"


def last_minute(closes_at):
    """The last minute that a window accepts, which is what people are told."""
    return closes_at - MINUTE


def days_left(closes_at, now):
    """How long is left, in words for people, rounded down: "62 days left", "5 hours left", "closed"."""
    left = closes_at - now
    if left <= timedelta(0):
        return CLOSED
    if left.days >= 2:
        return f"{left.days} days left"
    hours = int(left.total_seconds() // 3600)
    if hours >= 2:
        return f"{hours} hours left"
    minutes = int(left.total_seconds() // 60)
    return f"{minutes} minutes left" if minutes >= 2 else "less than two minutes left"


def latest_due(closes_at, zone, days_before, now):
    """The latest reminder that is due: (days before, since when), or None if the first is still to come.

    Counted on the wall clock of ``zone``: "one day before 11:59 PM" is 11:59 PM the day before, also when clocks change.
    """
    moments = moments_before(closes_at, zone, days_before)
    return next(((days, moment) for days, moment in moments if moment <= now), None)


def moments_before(closes_at, zone, days_before):
    """When reminders are due, as (days before, instant), the last one first, on the wall clock of ``zone``."""
    closes = closes_at.astimezone(ZoneInfo(zone))
    return [(days, (closes - timedelta(days=days)).astimezone(UTC)) for days in sorted(days_before)]


def day_bounds(day, zone):
    """The instants at which ``day`` begins and ends in ``zone``, for comparing: where midnight is skipped, the next instant."""
    midnights = [datetime.combine(each, time(0), ZoneInfo(zone)) for each in (day, day + timedelta(days=1))]
    return tuple(midnight.astimezone(UTC) for midnight in midnights)
