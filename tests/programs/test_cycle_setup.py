"""Setting a cycle up in the admin: windows, publishing, next year's, and two people at once."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.models.decisions import decide
from applications.tasks import DAYS_BEFORE
from mentoring.accounts.roles import REVIEWER
from mentoring.audit.models import Event
from programs import compare, deadlines, mail_dates, next_cycle, readiness
from programs.load import load_all
from programs.models import Cycle, Program, Question, Rule, Window, WindowKind
from tests import factories
from tests.programs.admin_forms import as_shown, shown

pytestmark = pytest.mark.django_db
NOW = datetime(2023, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def manager():
    return factories.staff(name="Morgan Manager")


@pytest.fixture
def client(manager):
    return client_of(manager)


@pytest.fixture
def vmp():
    load_all()
    return Cycle.objects.get(slug="vmp-2024")


@pytest.fixture
def draft(vmp):
    """The same, before anybody published it."""
    return draft_of(vmp)


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def draft_of(cycle):
    """The cycle as if nobody had published it."""
    Cycle.objects.filter(pk=cycle.pk).update(published_at=None)
    return Cycle.objects.get(pk=cycle.pk)


def page(cycle, name):
    return f"/admin/programs/cycle/{cycle.pk}/{name}/"


def all_errors(response):
    context = response.context
    found = [str(error) for errors in context["adminform"].form.errors.values() for error in errors]
    for inline in context["inline_admin_formsets"]:
        found += [str(error) for error in inline.formset.non_form_errors()]
        found += [str(each) for form in inline.formset.forms for errors in form.errors.values() for each in errors]
    return found


# --- What is missing, and publishing ---------------------------------------------------------------------------------


def test_the_programs_as_announced_miss_nothing(vmp):
    with time_machine.travel(NOW):
        assert readiness.missing(vmp) == []
        assert readiness.missing(Cycle.objects.get(slug="dmp-2024-25")) == []


def drop_window(cycle, kind):
    cycle.windows.filter(kind=kind).delete()


def set_fields(cycle, **fields):
    Cycle.objects.filter(pk=cycle.pk).update(**fields)


def set_window(cycle, kind, **fields):
    cycle.windows.filter(kind=kind).update(**fields)


BREAKS = {
    "There is no window for applications.": lambda cycle: drop_window(cycle, "applications"),
    "There is no window for mentor interest.": lambda cycle: drop_window(cycle, "mentor_interest"),
    "There is no window for preferences.": lambda cycle: drop_window(cycle, "preferences"),
    "Applications must close before preferences open": lambda cycle: set_window(
        cycle, "preferences", opens_at=datetime(2024, 1, 22, 4, 59, tzinfo=UTC)
    ),
    "There is no day by which applicants hear": lambda cycle: set_fields(cycle, decisions_by=None),
    "Applicants would hear by": lambda cycle: set_fields(cycle, decisions_by=date(2024, 1, 20)),
    "who is accepted on that day could not rank": lambda cycle: set_fields(cycle, decisions_by=date(2024, 2, 20)),
    "before preferences close at": lambda cycle: set_fields(cycle, term_begins=date(2024, 2, 19)),
    "Applications closed already": lambda cycle: set_window(
        cycle, "applications", closes_at=datetime(2023, 11, 30, tzinfo=UTC)
    ),
    "There is no rule that must hold": lambda cycle: cycle.rules.all().delete(),
    "There is no question": lambda cycle: cycle.questions.all().delete(),
    "fewer than two options": lambda cycle: cycle.questions.filter(key="goals").update(kind="one_of"),
    "the list of what mentors can help with is empty": lambda cycle: set_fields(cycle, topics=[]),
    "The program’s text “steps” is empty": lambda cycle: Program.objects.filter(pk=cycle.program_id).update(steps=""),
}


@pytest.mark.parametrize("sentence", BREAKS)
def test_each_thing_that_is_missing_is_said_and_keeps_it_from_being_published(vmp, client, manager, sentence):
    with time_machine.travel(NOW):
        cycle = draft_of(vmp)
        BREAKS[sentence](cycle)
        cycle = Cycle.objects.get(pk=cycle.pk)

        assert any(sentence in each for each in readiness.missing(cycle))

        shown_page = client.get(page(cycle, "publish")).content.decode()
        assert sentence in shown_page
        assert "Publish VMP 2024</button>" not in shown_page
        client.post(page(cycle, "publish"))
        assert not Cycle.objects.published().filter(pk=cycle.pk).exists()
        assert sentence in client.get(page(cycle, "overview")).content.decode()


def test_the_same_instant_is_no_overlap_of_windows(vmp):
    closes = vmp.applications_window.closes_at
    set_window(vmp, "preferences", opens_at=closes)
    assert list(readiness.windows_in_order(vmp)) == []
    set_window(vmp, "preferences", opens_at=closes - timedelta(seconds=1))
    assert len(list(readiness.windows_in_order(Cycle.objects.get(pk=vmp.pk)))) == 1


def test_publishing_is_asked_first_then_done_once_and_kept_on_record(vmp, client, manager):
    with time_machine.travel(NOW, tick=False):
        cycle = draft_of(vmp)
        assert "Publish VMP 2024</button>" in client.get(page(cycle, "publish")).content.decode()
        assert not Cycle.objects.published().filter(pk=cycle.pk).exists(), "Looking publishes nothing"

        client.post(page(cycle, "publish"))
        client.post(page(cycle, "publish"))

        assert Cycle.objects.get(pk=cycle.pk).published_at == NOW
        assert [event.actor_id for event in Event.objects.filter(verb="publish")] == [manager.pk]


def test_reviewers_read_the_cycle_and_change_nothing(vmp):
    reviewer = client_of(factories.staff(REVIEWER))
    cycle = draft_of(vmp)
    read = reviewer.get(page(cycle, "overview"))
    assert read.status_code == 200
    assert page(cycle, "publish") not in read.content.decode()
    assert reviewer.get(page(cycle, "publish")).status_code == 403
    assert reviewer.post(page(cycle, "publish")).status_code == 403
    assert reviewer.get(page(cycle, "next")).status_code == 403


# --- One page tells it all -------------------------------------------------------------------------------------------


def test_one_page_tells_the_whole_cycle(vmp, client):
    set_fields(vmp, places=40)
    with time_machine.travel(NOW):
        text = client.get(page(vmp, "overview")).content.decode()
    for row in [*vmp.rules.all(), *vmp.questions.all()]:
        assert str(row).replace("'", "&#x27;") in text
    for window in vmp.windows.all():
        assert window.closes_words in text
    for words in ("March 2024", "Friday, February 28, 2025", "Thursday, February 15, 2024", "America/New_York"):
        assert words in text
    for words in ("40", "0 and 12", "3 to 5", "fellows and practicing oncologists", "Career planning, "):
        assert words in text


def test_the_mail_dates_are_those_at_which_mail_is_due(vmp):
    """What the page says is what the tasks go by: at the instant, and not a second before, the reminder is due."""
    window = vmp.applications_window
    said = [each.at for each in mail_dates.mail_dates(vmp) if "open drafts" in each.what]
    assert len(said) == len(DAYS_BEFORE)
    for days, moment in zip(sorted(DAYS_BEFORE, reverse=True), said, strict=True):
        zone = vmp.time_zone
        assert deadlines.latest_due(window.closes_at, zone, DAYS_BEFORE, moment) == (days, moment)
        before = deadlines.latest_due(window.closes_at, zone, DAYS_BEFORE, moment - timedelta(seconds=1))
        assert before is None or before[0] != days


def test_places_are_warned_of_before_decisions_are_released(client, manager):
    cycle = factories.cycle()
    factories.application(cycle, in_status="accepted", manager=manager)
    for outcome in ("accept", "accept", "decline"):
        ready = factories.application(cycle, in_status="submitted")
        decide(ready, outcome, by=manager)
    url = f"/admin/applications/application/release/{cycle.pk}/"
    for places, warned in ((0, 0), (3, 0), (2, 1), (1, 2)):
        set_fields(cycle, places=places)
        response = client.get(url)
        assert response.context["beyond"] == warned
        assert ("accepted than there are places" in response.content.decode()) is bool(warned)


# --- The form of a cycle ---------------------------------------------------------------------------------------------


def test_saving_what_is_shown_changes_nothing(vmp, client):
    before = compare.facts(vmp)
    response = client.post(page(vmp, "change"), as_shown(client.get(page(vmp, "change"))))
    assert response.status_code == 302, all_errors(response)
    assert response.url == page(vmp, "overview")
    assert compare.facts(Cycle.objects.get(pk=vmp.pk)) == before


def windows_of(data):
    """The prefix of each window's fields in the page, by kind."""
    return {value: name[: -len("kind")] for name, value in data.items() if name.endswith("-kind") and "windows" in name}


def test_when_mentors_are_ranked_is_staffs_choice_until_the_cycle_is_published(draft, client):
    data = {**as_shown(client.get(page(draft, "change"))), "preferences_come": "with"}
    assert all_errors(client.post(page(draft, "change"), data)) == [
        "Mentors are ranked with the application, so there is no window for preferences. Please delete it."
    ]
    data[f"{windows_of(data)['preferences']}DELETE"] = "on"
    assert client.post(page(draft, "change"), data).status_code == 302
    Cycle.objects.filter(pk=draft.pk).update(published_at=NOW)

    data = {**as_shown(client.get(page(draft, "change"))), "preferences_come": "after"}
    assert all_errors(client.post(page(draft, "change"), data)) == [
        "This cycle is published: people count on when they rank mentors. Choose this for the next cycle."
    ]


def test_windows_out_of_order_are_refused_with_a_sentence(draft, client):
    data = as_shown(client.get(page(draft, "change")))
    prefix = windows_of(data)["applications"]
    response = client.post(page(draft, "change"), {**data, f"{prefix}last_day": "2024-02-05"})
    (error,) = all_errors(response)
    assert error == (
        "Applications must close before preferences open: they close at 11:59 PM ET on Monday, February 5, 2024, and "
        "preferences open at 12:00 AM ET on Monday, February 5, 2024."
    )


def test_a_window_that_outlasts_the_term_is_refused(draft, client):
    data = as_shown(client.get(page(draft, "change")))
    prefix = windows_of(data)["preferences"]
    response = client.post(page(draft, "change"), {**data, f"{prefix}last_day": "2025-03-01"})
    assert "Preferences must close before the term ends" in all_errors(response)[0]


@pytest.mark.parametrize(
    ("field", "day", "minute", "sentence"),
    [
        ("last_minute", "2024-03-10", "02:30", "02:30 AM does not exist on March 10, 2024"),
        ("last_minute", "2024-11-03", "01:30", "01:30 AM occurs twice on November 3, 2024"),
    ],
)
def test_a_minute_that_clocks_skip_or_repeat_is_refused_beside_it(draft, client, field, day, minute, sentence):
    data = as_shown(client.get(page(draft, "change")))
    prefix = windows_of(data)["mentor_interest"]
    data |= {f"{prefix}last_day": day, f"{prefix}last_minute": minute}
    response = client.post(page(draft, "change"), data)
    (error,) = all_errors(response)
    assert error.startswith(sentence)


def test_a_published_deadline_is_not_moved_here(vmp, client):
    data = as_shown(client.get(page(vmp, "change")))
    prefix = windows_of(data)["applications"]
    for day in ("2024-01-20", "2024-01-22"):
        (error,) = all_errors(client.post(page(vmp, "change"), {**data, f"{prefix}last_day": day}))
        assert error.startswith(
            "11:59 PM ET on Sunday, January 21, 2024 is published. Move it on the window’s own page"
        )
    (error,) = all_errors(client.post(page(vmp, "change"), {**data, f"{prefix}DELETE": "on"}))
    assert error == "A published window cannot be deleted: people count on its dates."
    (error,) = all_errors(client.post(page(vmp, "change"), {**data, f"{prefix}grace_minutes": "5"}))
    assert error.startswith("The grace of a published window is changed on the window’s own page")
    assert client.post(page(vmp, "change"), data).status_code == 302


def test_an_overlapping_term_is_refused_beside_the_day(vmp, client):
    data = as_shown(client.get("/admin/programs/cycle/add/"))
    data |= {"program": vmp.program_id, "label": "2025", "term_begins": "2025-02-28", "term_ends": "2026-02-27"}
    response = client.post("/admin/programs/cycle/add/", data)
    errors = response.context["adminform"].form.errors
    assert errors == {"term_begins": ["This term overlaps VMP 2024, from March 1, 2024 to February 28, 2025."]}

    response = client.post("/admin/programs/cycle/add/", {**data, "term_begins": "2025-03-01"})
    assert response.status_code == 302
    assert Cycle.objects.get(label="2025").slug == "vmp-2025"


def test_a_term_that_ends_before_it_begins_is_refused(vmp, client):
    data = as_shown(client.get(page(vmp, "change")))
    response = client.post(page(vmp, "change"), {**data, "term_ends": "2024-02-01"})
    assert "The term must end after it begins." in all_errors(response)


def test_another_zone_keeps_the_days_and_minutes(draft, client):
    data = as_shown(client.get(page(draft, "change")))
    assert client.post(page(draft, "change"), {**data, "time_zone": "Europe/Berlin"}).status_code == 302
    window = Cycle.objects.get(pk=draft.pk).applications_window
    assert window.closes_words == "11:59 PM Berlin time (UTC+1) on Sunday, January 21, 2024"
    assert window.closes_at == datetime(2024, 1, 21, 23, 0, tzinfo=UTC)


def test_a_zone_that_is_none_is_refused(vmp, client):
    data = as_shown(client.get(page(vmp, "change")))
    response = client.post(page(vmp, "change"), {**data, "time_zone": "Eastern"})
    assert all_errors(response) == ["Type an IANA time zone, such as America/New_York."]


def test_a_program_nobody_thought_of_is_set_up_without_code(client):
    """An invented society in Berlin, whose cycle closes at noon and has its own rules and questions."""
    data = as_shown(client.get("/admin/programs/program/add/"))
    data |= {
        "name": "Alpine Pathology Tandem", "abbreviation": "APT", "slug": "apt", "summary": "Two pathologists, one year.",
        "purpose": "To look at slides together.", "audience": "Pathologists", "steps": "You apply.",
        "mentor_invitation": "Everyone is welcome.", "contact_name": "The office", "contact_email": "apt@example.org",
    }  # fmt: skip
    response = client.post("/admin/programs/program/add/", data)
    program = Program.objects.get(slug="apt")
    assert response.url == f"/admin/programs/cycle/add/?program={program.pk}"

    data = as_shown(client.get(response.url))
    assert str(data["program"]) == str(program.pk)
    data |= {
        "label": "2030", "time_zone": "Europe/Berlin", "term_begins": "2030-05-01", "term_ends": "2031-04-30",
        "decisions_by": "2030-04-05", "topics": "Slides,Reports",
        "rules-TOTAL_FORMS": "1", "rules-0-position": "1", "rules-0-key": "microscope", "rules-0-kind": "promise",
        "rules-0-sentence": "You have a microscope.", "rules-0-effect": "must_hold",
        "questions-TOTAL_FORMS": "1", "questions-0-position": "1", "questions-0-key": "why", "questions-0-kind": "long",
        "questions-0-text": "Why?", "questions-0-most_characters": "0",
    }  # fmt: skip
    prefixes = windows_of(data)
    assert set(prefixes) == set(WindowKind.values)
    days = {"applications": ("2030-02-01", "2030-03-15"), "mentor_interest": ("2030-02-01", "2030-03-20"),
            "preferences": ("2030-04-01", "2030-04-15")}  # fmt: skip
    for kind, (first, last) in days.items():
        prefix = prefixes[kind]
        data |= {f"{prefix}first_day": first, f"{prefix}last_day": last, f"{prefix}last_minute": "12:00"}
    response = client.post("/admin/programs/cycle/add/", data)
    assert response.status_code == 302, all_errors(response)

    cycle = Cycle.objects.get(slug="apt-2030")
    assert response.url == page(cycle, "overview")
    window = cycle.applications_window
    assert window.closes_words == "12:00 PM Berlin time (UTC+1) on Friday, March 15, 2030"
    assert window.accepts(datetime(2030, 3, 15, 12, 0, 59, 999999, tzinfo=ZoneInfo("Europe/Berlin")))
    assert not window.accepts(datetime(2030, 3, 15, 12, 1, tzinfo=ZoneInfo("Europe/Berlin")))
    assert client.get("/programs/apt/").status_code == 404, "Nobody sees it before it is published"


def test_rules_are_added_to_an_unpublished_cycle_whatever_its_dates(draft, client):
    """Nobody can have applied, so there is nobody whom a new rule would surprise."""
    data = as_shown(client.get(page(draft, "change")))
    number = int(data["rules-TOTAL_FORMS"])
    data |= {"rules-TOTAL_FORMS": number + 1, f"rules-{number}-position": "9", f"rules-{number}-key": "microscope",
             f"rules-{number}-kind": "promise", f"rules-{number}-sentence": "You have a microscope.",
             f"rules-{number}-effect": "must_hold", f"rules-{number}-any_of": ""}  # fmt: skip
    response = client.post(page(draft, "change"), data)
    assert response.status_code == 302, all_errors(response)
    assert draft.rules.filter(key="microscope").exists()


# --- Two people at once ----------------------------------------------------------------------------------------------


def test_of_two_who_edit_one_cycle_the_second_is_told_and_overwrites_nothing(vmp, client):
    other = client_of(factories.staff(name="Olga Other"))
    first, second = (as_shown(each.get(page(vmp, "change"))) for each in (other, client))

    assert other.post(page(vmp, "change"), {**first, "most_choices": "7"}).status_code == 302
    response = client.post(page(vmp, "change"), {**second, "reply_days": "14"})

    assert response.status_code == 200
    who, change = all_errors(response)
    assert who.startswith("Olga Other changed this cycle while you had it open")
    assert change == "Cycle, mentors a mentee may rank, at most: was 5, is now 7."
    assert "Open it as it is now</a>" in response.content.decode()
    stored = Cycle.objects.get(pk=vmp.pk)
    assert (stored.most_choices, stored.reply_days) == (7, 10)
    assert response.context["adminform"].form["reply_days"].value() == "14", "What was typed is kept"

    again = client.post(page(vmp, "change"), {**second, "reply_days": "14"})
    assert again.status_code == 200, "Pressing again does not overwrite either"
    fresh = as_shown(client.get(page(vmp, "change")))
    assert client.post(page(vmp, "change"), {**fresh, "reply_days": "14"}).status_code == 302
    stored.refresh_from_db()
    assert (stored.most_choices, stored.reply_days) == (7, 14)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda cycle: set_window(cycle, "applications", grace=timedelta(minutes=5)),
         "Windows, Applications: grace: was 0 minutes, is now 5 minutes."),
        (lambda cycle: cycle.rules.filter(key="hours").update(sentence="Two hours."), "is now Two hours."),
        (lambda cycle: cycle.questions.filter(key="goals").delete(), "Questions, “goals”: was What would you like"),
        (lambda cycle: cycle.rules.filter(key="hours").update(position=70), "is now 70."),
    ],
)  # fmt: skip
def test_a_change_of_any_part_of_the_cycle_counts(vmp, client, change, sentence):
    data = as_shown(client.get(page(vmp, "change")))
    change(vmp)
    before = compare.facts(Cycle.objects.get(pk=vmp.pk))
    errors = all_errors(client.post(page(vmp, "change"), data))
    assert any(sentence in error for error in errors), errors
    assert compare.facts(Cycle.objects.get(pk=vmp.pk)) == before


def test_a_form_that_does_not_say_what_it_saw_is_refused(vmp, client):
    data = as_shown(client.get(page(vmp, "change")))
    for seen in ("", data["seen"][:-2] + "xx"):
        assert "open this page again" in all_errors(client.post(page(vmp, "change"), {**data, "seen": seen}))[0]


# --- Next year's cycle -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "years", "later"),
    [
        (date(2024, 3, 1), 1, date(2025, 3, 1)),
        (date(2025, 2, 28), 1, date(2026, 2, 28)),
        (date(2027, 2, 28), 1, date(2028, 2, 29)),
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 28), 1, date(2025, 2, 28)),
        (date(2024, 6, 30), 3, date(2027, 6, 30)),
        (date(2024, 7, 15), 4, date(2028, 7, 15)),
    ],
)
def test_the_term_keeps_its_day_of_the_month_and_the_last_stays_the_last(day, years, later):
    assert next_cycle.same_day(day, years) == later


@pytest.mark.parametrize(
    ("text", "years", "later"),
    [
        ("2027", 1, "2028"),
        ("2024–25", 1, "2025–26"),
        ("dmp-2024-25", 2, "dmp-2026-27"),
        ("2098–99", 1, "2099–00"),
        ("Summer 2024", 1, "Summer 2025"),
        ("Room 12024", 1, "Room 12024"),
        ("Class of spring", 1, "Class of spring"),
    ],
)
def test_years_in_names_move(text, years, later):
    assert next_cycle.later_years(text, years) == later


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 5))
@settings(max_examples=200)
def test_whole_weeks_keep_the_day_of_the_week_and_stay_within_four_days_of_the_year(day, years):
    days = next_cycle.Days("applications", day, day, time(23, 59), timedelta(0)).later(next_cycle.weeks_of(years))
    assert days.first_day.weekday() == day.weekday()
    assert abs((days.first_day - next_cycle.same_day(day, years)).days) <= 5


@given(
    first=st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    length=st.integers(0, 200),
    minute=st.sampled_from([time(23, 59), time(12, 0), time(17, 30)]),
    zone=st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kolkata", "UTC"]),
    weeks=st.integers(1, 160),
    offset=st.integers(-120, 220 * 24 * 60),
)
@settings(max_examples=300)
def test_whole_weeks_change_no_decision_of_a_window(first, length, minute, zone, weeks, offset):
    """What is handed in so many weeks later by the clock on the wall is decided as it was."""
    last = next_cycle.Days("applications", first, first + timedelta(days=length), minute, timedelta(minutes=3))
    cycle = Cycle(time_zone=zone)
    local = datetime.combine(first, time(0)) + timedelta(minutes=offset, seconds=30)
    later = local + timedelta(weeks=weeks)
    try:
        moments = [deadlines.at_local(each.date(), each.time(), zone) for each in (local, later)]
        windows = [last.window(cycle), last.later(weeks).window(cycle)]
    except ValueError:
        return  # a time that clocks skip or repeat is refused
    assert len({window.accepts(moment) for window, moment in zip(windows, moments, strict=True)}) == 1
    assert len({window.grace for window in windows}) == 1


def next_form(client, cycle, **query):
    response = client.get(page(cycle, "next"), query)
    return response, shown(response.context["form"])


def test_nothing_is_saved_before_the_dates_were_shown(vmp, client):
    response, data = next_form(client, vmp)
    assert Cycle.objects.filter(program=vmp.program).count() == 1
    assert data["label"] == "2025"
    assert data["slug"] == "vmp-2025"
    assert data["term_begins_words"] == "March 2025"
    assert (str(data["term_begins"]), str(data["term_ends"])) == ("2025-03-01", "2026-02-28")
    assert str(data["applications_last_day"]) == "2025-01-19"
    text = response.content.decode()
    assert "Sunday, January 21, 2024" in text
    assert "Sunday, January 19, 2025" in text


def test_staff_choose_the_weeks_and_correct_each_date(vmp, client):
    _response, data = next_form(client, vmp, weeks="53")
    assert str(data["applications_last_day"]) == "2025-01-26"
    response = client.post(page(vmp, "next"), {**data, "applications_last_day": "2025-01-27"})
    made = Cycle.objects.get(slug="vmp-2025")
    assert response.url == page(made, "overview")
    assert made.applications_window.closes_words == "11:59 PM ET on Monday, January 27, 2025"


@pytest.mark.parametrize("weeks", ["", "no", "0", "100000"])
def test_weeks_that_are_none_are_said_and_break_nothing(vmp, client, weeks):
    response, data = next_form(client, vmp, weeks=weeks)
    assert response.status_code == 200
    assert response.context["span"].errors
    assert str(data["applications_last_day"]) == "2025-01-19"


def test_a_copy_differs_in_name_and_dates_alone_and_nobody_sees_it(vmp, client, manager):
    set_window(vmp, "applications", grace=timedelta(minutes=10))
    set_fields(vmp, places=12)
    vmp = Cycle.objects.get(pk=vmp.pk)
    _response, data = next_form(client, vmp)
    client.post(page(vmp, "next"), data)

    made = Cycle.objects.get(slug="vmp-2025")
    changes = compare.differences(compare.facts(vmp), compare.facts(made))
    names = {change.name for change in changes}
    assert names == {
        "label", "slug", "first day of the term", "last day of the term", "when the term begins, in words", "applicants hear by",
        "Applications open", "Applications close", "Mentor interest open", "Mentor interest close", "Preferences open",
        "Preferences close",
    }  # fmt: skip
    assert made.published_at is None
    assert made.places == 12
    assert made.rules.count() == vmp.rules.count() > 0
    assert Event.objects.about(made).get(verb="start_from").actor_id == manager.pk
    assert vmp.rules.count() == 7, "The source keeps its own"
    overview = client.get(page(made, "overview")).content.decode()
    assert "What differs from VMP 2024" in overview
    assert "Not published" in overview


def test_the_next_of_the_next_comes_after_every_other(vmp, client):
    for label in ("2025", "2026"):
        _response, data = next_form(client, vmp)
        assert data["label"] == label
        assert client.post(page(vmp, "next"), data).status_code == 302
    terms = sorted(Cycle.objects.filter(program=vmp.program).values_list("term_begins", "term_ends"))
    assert all(ends < begins for (_first, ends), (begins, _last) in pairwise(terms))


def test_what_cannot_be_is_refused_before_it_is_copied(vmp, client):
    _response, data = next_form(client, vmp)
    wrong = [
        ({"term_begins": "2025-02-01"}, "This term overlaps VMP 2024"),
        ({"applications_last_day": "2025-02-20"}, "Applications must close before preferences open"),
        ({"applications_last_day": "2024-01-01"}, "A window must close after it opens."),
        ({"mentor_interest_last_day": "2025-03-09", "mentor_interest_last_minute": "02:30"}, "does not exist"),
        ({"label": "2024"}, "This program has a cycle of this name already."),
        ({"slug": "dmp-2024-25"}, "already exists"),
        ({"applications_first_day": ""}, "This field is required."),
    ]
    for typed, sentence in wrong:
        response = client.post(page(vmp, "next"), {**data, **typed})
        assert response.status_code == 422, typed
        assert sentence in response.content.decode(), typed
    assert Cycle.objects.filter(program=vmp.program).count() == 1


def test_texts_that_name_an_old_year_are_marked(vmp, client):
    vmp.rules.filter(key="hours").update(way_out="Write to us before March 2024.")
    vmp.questions.filter(key="goals").update(help="Founded in 1998, and 12024 is no year.")
    response, data = next_form(client, vmp)
    marked = [(where, years) for where, _text, years in response.context["old_years"]]
    assert marked == [("Rule “hours”", "2024"), ("Question “goals”", "1998")]
    client.post(page(vmp, "next"), data)
    overview = client.get(page(Cycle.objects.get(slug="vmp-2025"), "overview"))
    assert [where for where, _text, _years in overview.context["old_years"]] == ["Rule “hours”", "Question “goals”"]


# --- As many queries with two as with two thousand -------------------------------------------------------------------


def test_pages_take_as_many_queries_with_two_thousand_cycles_as_with_two(vmp, client):
    pages = [
        "/",
        "/programs/vmp/",
        "/admin/programs/cycle/",
        page(vmp, "overview"),
        page(vmp, "change"),
        page(vmp, "next"),
    ]
    few = [queries(client, each) for each in pages]
    many_programs(vmp)
    assert Cycle.objects.count() > 2000
    assert [queries(client, each) for each in pages] == few


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def many_programs(cycle):
    """200 programs of ten cycles each, with windows, rules and questions, written in bulk."""
    programs = Program.objects.bulk_create(
        Program(name=f"Program {n}", abbreviation=f"P{n}", slug=f"p{n}", summary="One.", purpose="One.",
                contact_name="A", contact_email="a@example.org")
        for n in range(200)
    )  # fmt: skip
    cycles = Cycle.objects.bulk_create(
        Cycle(program=program, label=f"{2020 + n}", slug=f"{program.slug}-{2020 + n}", published_at=NOW,
              term_begins=date(2020 + n, 3, 1), term_ends=date(2021 + n, 2, 27))
        for program in programs for n in range(10)
    )  # fmt: skip
    opens = datetime(2019, 11, 1, tzinfo=UTC)
    Window.objects.bulk_create(
        Window(cycle=each, kind=kind, opens_at=opens.replace(year=each.term_begins.year - 1),
               closes_at=opens.replace(year=each.term_begins.year - 1) + timedelta(days=60))
        for each in cycles for kind in WindowKind.values
    )  # fmt: skip
    Rule.objects.bulk_create(
        Rule(cycle=each, key="hours", kind="promise", sentence="An hour.", parameters={"question": "An hour?"})
        for each in cycles
    )
    Question.objects.bulk_create(Question(cycle=each, key="goals", kind="long", text="Goals?") for each in cycles)
