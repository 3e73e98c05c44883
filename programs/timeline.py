"""The dates of a cycle in the order of the calendar, as its public page shows them."""

from dataclasses import dataclass
from datetime import datetime

from programs import deadlines
from programs.models import WindowKind

TITLES = {
    WindowKind.APPLICATIONS: "Applications",
    WindowKind.MENTOR_INTEREST: "Mentors sign up",
    WindowKind.PREFERENCES: "Accepted mentees rank mentors",
    WindowKind.PAIRING_REPLIES: "Mentees and mentors answer proposals",
}


@dataclass(frozen=True)
class Span:
    """Something that lasts from one instant to another, with the words for it."""

    begins: datetime
    ends: datetime
    title: str
    words: str
    # The deadline that the words name, and its zone, so that the viewer's own time can stand beside it.
    moment: datetime | None = None
    zone: str = ""

    def step(self, now):
        """The span as the timeline component takes it."""
        state = "done" if self.ends <= now else "now" if self.begins <= now else "next"
        facts = {"title": self.title, "date_text": self.words, "moment": self.moment, "zone": self.zone}
        return {**facts, "show_left": state == "now", "state": state}


def timeline(cycle, now):
    """The steps of a cycle's timeline: windows, decisions and term, by when they begin and end."""
    spans = [_window_span(window) for window in cycle.windows.all()]
    if cycle.decisions_by:
        spans.append(_decisions_span(cycle))
    spans.append(_term_span(cycle))
    return [span.step(now) for span in sorted(spans, key=lambda span: (span.begins, span.ends))]


def _window_span(window):
    first = deadlines.day_words(window.opens_at.astimezone(window.cycle.zone).date(), weekday=False)
    words = f"From {first} until {window.closes_words}"
    return Span(window.opens_at, window.closes_at, TITLES[window.kind], words, window.closes.at, window.cycle.time_zone)


def _decisions_span(cycle):
    begins, ends = _day(cycle, cycle.decisions_by)
    return Span(begins, ends, "Applicants hear from us", f"By {deadlines.day_words(cycle.decisions_by)}")


def _term_span(cycle):
    first = cycle.term_begins_words or deadlines.day_words(cycle.term_begins, weekday=False)
    last = deadlines.day_words(cycle.term_ends, weekday=False)
    begins, ends = _day(cycle, cycle.term_begins)[0], _day(cycle, cycle.term_ends)[1]
    return Span(begins, ends, "Mentoring", f"From {first} until {last} at the latest")


def _day(cycle, day):
    return deadlines.opening(day, cycle.time_zone), deadlines.closing(day, cycle.time_zone)
