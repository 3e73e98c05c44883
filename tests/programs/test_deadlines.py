"""Instants and how people read them: half-open windows, whole last minutes, clocks that change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs import deadlines
from programs.models import Window

NY = "America/New_York"
zones = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))
# Every day of these years, and more often those on which something happens.
special_days = st.sampled_from(
    [
        date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2100, 2, 28),
        date(2023, 12, 31), date(2024, 1, 1),
        date(2024, 3, 10), date(2024, 11, 3), date(2024, 3, 31), date(2024, 10, 27), date(2024, 4, 7),
        date(2011, 12, 30), date(2018, 11, 4), date(2024, 4, 26),
    ]
)  # fmt: skip
days = st.one_of(st.dates(date(2000, 1, 1), date(2100, 12, 31)), special_days)
minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
moments = st.integers(0, 10**15).map(lambda micro: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=micro))


def local(instant, zone):
    return instant.astimezone(ZoneInfo(zone))


# --- From what staff type to an instant ------------------------------------------------------------------------------


@settings(max_examples=400, deadline=None)
@given(day=days, last_minute=st.one_of(st.just(time(23, 59)), minutes), zone=zones)
def test_the_whole_last_minute_is_in_time_and_nothing_after_it(day, last_minute, zone):
    try:
        closes = deadlines.closing(day, zone, last_minute)
    except ValueError:
        return
    first_second_of_it = closes - timedelta(minutes=1)
    assert local(first_second_of_it, zone).replace(tzinfo=None) == datetime.combine(day, last_minute)
    assert closes.tzinfo is UTC
    opens = closes - timedelta(days=1)
    assert deadlines.accepts(opens, closes, closes - timedelta(microseconds=1))
    assert not deadlines.accepts(opens, closes, closes)


@settings(max_examples=400, deadline=None)
@given(day=days, zone=zones)
def test_a_window_opens_with_the_first_instant_of_its_day(day, zone):
    try:
        opens = deadlines.opening(day, zone)
    except ValueError:
        return
    assert local(opens, zone).replace(tzinfo=None) == datetime.combine(day, time(0))
    assert local(opens - timedelta(microseconds=1), zone).date() < day
    assert deadlines.accepts(opens, opens + timedelta(days=1), opens)
    assert not deadlines.accepts(opens, opens + timedelta(days=1), opens - timedelta(microseconds=1))


@settings(max_examples=400, deadline=None)
@given(day=days, clock=minutes, zone=zones)
def test_a_time_is_refused_exactly_when_clocks_skip_or_repeat_it(day, clock, zone):
    wanted = datetime.combine(day, clock)
    naive_utc = datetime.combine(day, clock, UTC)
    # Every offset in use within a day of it; the clock shows this time once for each that leads back to it.
    offsets = {local(naive_utc + timedelta(hours=hours), zone).utcoffset() for hours in range(-27, 28)}
    instants = {
        naive_utc - offset for offset in offsets if local(naive_utc - offset, zone).replace(tzinfo=None) == wanted
    }
    if len(instants) == 1:
        assert {deadlines.at_local(day, clock, zone)} == instants
    else:
        with pytest.raises(ValueError, match="clocks change then"):
            deadlines.at_local(day, clock, zone)


@pytest.mark.parametrize(
    ("day", "clock", "zone", "sentence"),
    [
        (date(2024, 3, 10), time(2, 30), NY, "02:30 AM does not exist on March 10, 2024 in America/New_York"),
        (date(2024, 11, 3), time(1, 30), NY, "01:30 AM occurs twice on November 3, 2024 in America/New_York"),
        (date(2018, 11, 4), time(0), "America/Sao_Paulo", "12:00 AM does not exist on November 4, 2018"),
        (date(2011, 12, 30), time(12), "Pacific/Apia", "12:00 PM does not exist on December 30, 2011"),
    ],
)
def test_staff_are_told_which_time_does_not_exist_or_occurs_twice(day, clock, zone, sentence):
    with pytest.raises(ValueError, match=sentence):
        deadlines.at_local(day, clock, zone)


@pytest.mark.parametrize(
    ("day", "zone", "closes"),
    [
        (date(2024, 1, 21), NY, datetime(2024, 1, 22, 5, tzinfo=UTC)),  # standard time
        (date(2024, 4, 15), NY, datetime(2024, 4, 16, 4, tzinfo=UTC)),  # daylight time
        (date(2024, 3, 10), NY, datetime(2024, 3, 11, 4, tzinfo=UTC)),  # the day of 23 hours
        (date(2024, 11, 3), NY, datetime(2024, 11, 4, 5, tzinfo=UTC)),  # the day of 25 hours
        (date(2024, 2, 29), NY, datetime(2024, 3, 1, 5, tzinfo=UTC)),
        (date(2023, 12, 31), NY, datetime(2024, 1, 1, 5, tzinfo=UTC)),
        (date(2024, 1, 21), "Asia/Kathmandu", datetime(2024, 1, 21, 18, 15, tzinfo=UTC)),
    ],
)
def test_the_end_of_a_day_in_its_zone(day, zone, closes):
    assert deadlines.closing(day, zone) == closes


# --- In time or not --------------------------------------------------------------------------------------------------


@given(
    opens=moments,
    length=st.timedeltas(timedelta(microseconds=1), timedelta(days=100)),
    after=st.timedeltas(timedelta(days=-1), timedelta(days=102)),
    grace=st.timedeltas(timedelta(0), timedelta(minutes=15)),
)
def test_a_grace_moves_the_end_and_nothing_else(opens, length, after, grace):
    received = opens + after
    accepted = deadlines.accepts(opens, opens + length, received, grace)
    assert accepted == (timedelta(0) <= after < length + grace)
    assert Window(opens_at=opens, closes_at=opens + length, grace=grace).accepts(received) == accepted


# --- As people read it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        (datetime(2027, 1, 22, 4, 59, tzinfo=UTC), NY, "11:59 PM ET on Thursday, January 21, 2027"),
        (datetime(2024, 4, 16, 3, 59, tzinfo=UTC), NY, "11:59 PM ET on Monday, April 15, 2024"),
        (datetime(2023, 11, 15, 5, 0, tzinfo=UTC), NY, "12:00 AM ET on Wednesday, November 15, 2023"),
        (datetime(2024, 2, 29, 17, 5, tzinfo=UTC), NY, "12:05 PM ET on Thursday, February 29, 2024"),
        (datetime(2024, 7, 1, 16, 0, tzinfo=UTC), "America/Los_Angeles", "9:00 AM PT on Monday, July 1, 2024"),
        (datetime(2024, 7, 1, 16, 0, tzinfo=UTC), "UTC", "4:00 PM UTC on Monday, July 1, 2024"),
        (datetime(2024, 7, 1, 16, 0, tzinfo=UTC), "Asia/Kolkata",
         "9:30 PM Kolkata time (UTC+5:30) on Monday, July 1, 2024"),
        (datetime(2024, 7, 1, 16, 0, tzinfo=UTC), "America/St_Johns",
         "1:30 PM St Johns time (UTC−2:30) on Monday, July 1, 2024"),
    ],
)  # fmt: skip
def test_words(instant, zone, words):
    assert deadlines.words(instant, zone) == words


@settings(deadline=None)
@given(day=days, zone=zones)
def test_people_are_told_the_last_minute_and_never_midnight_of_the_next_day(day, zone):
    try:
        closes = deadlines.closing(day, zone)
    except ValueError:
        return
    told = deadlines.words(deadlines.last_minute(closes), zone)
    assert told.startswith("11:59 PM ")
    assert told.endswith(f" on {day:%A}, {day:%B} {day.day}, {day.year}")


DEADLINE = datetime(2027, 1, 22, 4, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "own", "words"),
    [
        (DEADLINE, NY, None, "11:59 PM ET on Thursday, January 21, 2027 (UTC−5)"),
        (DEADLINE, NY, NY, "11:59 PM ET on Thursday, January 21, 2027 (UTC−5)"),
        # Another zone whose clocks show the same.
        (DEADLINE, NY, "America/Toronto", "11:59 PM ET on Thursday, January 21, 2027 (UTC−5)"),
        (DEADLINE, NY, "America/Los_Angeles", "11:59 PM ET on Thursday, January 21, 2027 (UTC−5; 8:59 PM PT your time)"),
        (DEADLINE, NY, "Europe/Berlin",
         "11:59 PM ET on Thursday, January 21, 2027 (UTC−5; 5:59 AM UTC+1 on Friday, January 22, your time)"),
        (DEADLINE, "Asia/Kolkata", None, "10:29 AM Kolkata time (UTC+5:30) on Friday, January 22, 2027"),
        (DEADLINE, "Asia/Kolkata", NY,
         "10:29 AM Kolkata time (UTC+5:30) on Friday, January 22, 2027 (11:59 PM ET on Thursday, January 21, your time)"),
        (DEADLINE, "UTC", None, "4:59 AM UTC on Friday, January 22, 2027"),
        # The offset is that of the day of the deadline, not of today.
        (datetime(2027, 7, 2, 3, 59, tzinfo=UTC), NY, None, "11:59 PM ET on Thursday, July 1, 2027 (UTC−4)"),
    ],
)  # fmt: skip
def test_words_with_the_offset_of_the_day_and_the_readers_own_time(moment, zone, own, words):
    assert deadlines.words_for(moment, zone, own) == words


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=62, hours=23), "62 days left"),
        (timedelta(days=2), "2 days left"),
        (timedelta(days=2) - timedelta(seconds=1), "47 hours left"),
        (timedelta(hours=2), "2 hours left"),
        (timedelta(hours=2) - timedelta(seconds=1), "119 minutes left"),
        (timedelta(minutes=2), "2 minutes left"),
        (timedelta(minutes=2) - timedelta(seconds=1), "less than two minutes left"),
        (timedelta(microseconds=1), "less than two minutes left"),
        (timedelta(0), "closed"),
        (timedelta(days=-3), "closed"),
    ],
)
def test_how_long_is_left_is_rounded_down(left, words):
    now = datetime(2024, 1, 1, tzinfo=UTC)
    assert deadlines.days_left(now + left, now) == words


# --- Reminders -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # 11:59 PM ET on Thursday, March 14, 2024 has passed by the first instant of the 15th, four days after clocks
        # went forward: a week before is midnight on the 8th in standard time, two days before is in daylight time.
        (datetime(2024, 3, 1, 4, 59, 59, tzinfo=UTC), None),
        (datetime(2024, 3, 1, 5, 0, tzinfo=UTC), (14, datetime(2024, 3, 1, 5, tzinfo=UTC))),
        (datetime(2024, 3, 8, 4, 59, 59, tzinfo=UTC), (14, datetime(2024, 3, 1, 5, tzinfo=UTC))),
        (datetime(2024, 3, 8, 5, 0, tzinfo=UTC), (7, datetime(2024, 3, 8, 5, tzinfo=UTC))),
        (datetime(2024, 3, 13, 4, 0, tzinfo=UTC), (2, datetime(2024, 3, 13, 4, tzinfo=UTC))),
        (datetime(2024, 3, 14, 3, 59, 59, tzinfo=UTC), (2, datetime(2024, 3, 13, 4, tzinfo=UTC))),
        (datetime(2024, 3, 14, 4, 0, tzinfo=UTC), (1, datetime(2024, 3, 14, 4, tzinfo=UTC))),
    ],
)
def test_a_reminder_is_due_by_the_clock_on_the_wall_also_when_clocks_change(now, due):
    closes = deadlines.closing(date(2024, 3, 14), NY)
    assert deadlines.latest_due(closes, NY, (14, 7, 2, 1), now) == due


@settings(max_examples=200, deadline=None)
@given(day=days, zone=zones, before=st.integers(1, 30))
def test_a_reminder_is_due_at_the_same_time_of_day_as_the_deadline_where_there_is_one(day, zone, before):
    try:
        closes = deadlines.closing(day, zone)
        wanted = deadlines.at_local(local(closes, zone).date() - timedelta(days=before), time(0), zone)
    except ValueError:
        return
    assert deadlines.latest_due(closes, zone, (before,), wanted) == (before, wanted)
    assert deadlines.latest_due(closes, zone, (before,), wanted - timedelta(microseconds=1)) is None
