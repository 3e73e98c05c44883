"""The windows of the two programs as they were announced, and the queryset that must agree with them."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from programs.load import load_all
from programs.models import Cycle, Window
from programs.views import current_cycles
from tests import factories

pytestmark = pytest.mark.django_db
MICRO = timedelta(microseconds=1)


def at(text):
    return datetime.fromisoformat(text)


@pytest.fixture
def programs():
    load_all()


@pytest.mark.parametrize(
    ("slug", "received", "accepted"),
    [
        ("vmp-2024", "2023-11-15T04:59:59.999999+00:00", False),
        ("vmp-2024", "2023-11-15T05:00:00+00:00", True),
        ("vmp-2024", "2024-01-22T04:59:59.999999+00:00", True),
        ("vmp-2024", "2024-01-22T05:00:00+00:00", False),
        ("dmp-2024-25", "2024-02-16T04:59:59.999999+00:00", False),
        ("dmp-2024-25", "2024-02-16T05:00:00+00:00", True),
        ("dmp-2024-25", "2024-04-16T03:59:59.999999+00:00", True),
        ("dmp-2024-25", "2024-04-16T04:00:00+00:00", False),
    ],
)
def test_applications_are_accepted_just_as_announced(programs, slug, received, accepted):
    cycle = Cycle.objects.get(slug=slug)
    assert cycle.applications_window.accepts(at(received)) is accepted
    assert Cycle.objects.accepting("applications", at(received)).filter(slug=slug).exists() is accepted


@pytest.mark.parametrize(
    ("slug", "opens", "closes"),
    [
        ("vmp-2024", "12:00 AM ET on Wednesday, November 15, 2023", "11:59 PM ET on Sunday, January 21, 2024"),
        ("dmp-2024-25", "12:00 AM ET on Friday, February 16, 2024", "11:59 PM ET on Monday, April 15, 2024"),
    ],
)
def test_the_announced_dates_in_words(programs, slug, opens, closes):
    window = Cycle.objects.get(slug=slug).applications_window
    assert (window.opens_words, window.closes_words) == (opens, closes)


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        ("2023-11-15T04:59:59+00:00", "Opens at 12:00 AM ET on Wednesday, November 15, 2023."),
        ("2023-11-20T12:00:00+00:00", "Open until 11:59 PM ET on Sunday, January 21, 2024 (62 days left)."),
        ("2024-01-22T04:59:30+00:00",
         "Open until 11:59 PM ET on Sunday, January 21, 2024 (less than two minutes left)."),
        ("2024-01-22T05:00:00+00:00", "Closed at 11:59 PM ET on Sunday, January 21, 2024."),
    ],
)  # fmt: skip
def test_everyone_reads_the_same_sentence_about_the_window(programs, client, now, sentence):
    with time_machine.travel(at(now), tick=False):
        assert Cycle.objects.get(slug="vmp-2024").status_sentence == sentence
        page = client.get("/programs/vmp/").content.decode()
    assert ("/programs/vmp/apply/" in page) is sentence.startswith("Open until")


def test_loading_again_adds_and_changes_nothing(programs):
    Window.objects.filter(cycle__slug="vmp-2024", kind="applications").update(closes_at=at("2024-01-29T05:00:00+00:00"))
    before = list(Window.objects.values_list("pk", "closes_at"))

    assert load_all() == []

    assert list(Window.objects.values_list("pk", "closes_at")) == before


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2024-01-10T12:00:00+00:00", "Virtual Mentoring Program"),
        ("2024-04-01T12:00:00+00:00", "Diversity Mentoring Program"),
    ],
)
def test_the_program_that_takes_applications_stands_first(programs, now, first):
    with time_machine.travel(at(now), tick=False):
        assert current_cycles()[0].program.name == first


class AcceptingTest(TestCase):
    """``Window.objects.accepting`` and ``Window.accepts`` are one rule written twice, in SQL and in Python."""

    @classmethod
    def setUpTestData(cls):
        cls.window = factories.cycle().windows.get(kind="applications")

    @settings(max_examples=60, deadline=None)
    @given(
        closes=st.integers(0, 10**15).map(lambda micro: datetime(2000, 1, 1, tzinfo=UTC) + micro * MICRO),
        length=st.timedeltas(MICRO, timedelta(days=200)),
        grace=st.one_of(st.just(timedelta(0)), st.timedeltas(timedelta(0), timedelta(minutes=15))),
        edge=st.sampled_from(["opens", "closes", "closes with grace"]),
        off=st.sampled_from([-MICRO, timedelta(0), MICRO, timedelta(seconds=-1), timedelta(seconds=1)]),
    )
    def test_the_queryset_agrees_with_the_method_at_every_edge(self, closes, length, grace, edge, off):
        window = self.window
        window.opens_at, window.closes_at, window.grace = closes - length, closes, grace
        window.save()
        received = {"opens": window.opens_at, "closes": closes, "closes with grace": closes + grace}[edge] + off

        found = Window.objects.accepting(received).filter(pk=window.pk).exists()

        assert found == Window.objects.get(pk=window.pk).accepts(received) == window.accepts(received)


def test_the_grace_is_not_told_to_people(client):
    cycle = factories.cycle()
    now = datetime.now(UTC)
    cycle = factories.move_window(cycle, "applications", closes_at=now)
    cycle.windows.filter(kind="applications").update(grace=timedelta(minutes=10))
    window = Cycle.objects.get(pk=cycle.pk).applications_window

    with time_machine.travel(now + timedelta(minutes=5), tick=False):
        assert window.accepts(now + timedelta(minutes=5))
        assert not window.is_open()
        assert "10 minutes" not in client.get("/programs/vmp/").content.decode()
        assert window.status_sentence == f"Closed at {window.closes_words}."


@pytest.mark.parametrize(
    ("begun", "most_months", "term_ends", "last_day"),
    [
        (date(2024, 3, 1), 12, date(2025, 2, 28), date(2025, 2, 28)),
        (date(2024, 3, 1), 12, date(2025, 6, 30), date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2026, 1, 1), date(2025, 2, 27)),
        (date(2024, 1, 31), 1, date(2026, 1, 1), date(2024, 2, 28)),
        (date(2023, 12, 15), 1, date(2026, 1, 1), date(2024, 1, 14)),
        (date(2024, 12, 1), 12, date(2025, 2, 28), date(2025, 2, 28)),
    ],
)
def test_a_mentorship_lasts_the_most_months_and_never_past_the_term(begun, most_months, term_ends, last_day):
    assert Cycle(most_months=most_months, term_ends=term_ends).end_of_mentorship(begun) == last_day
