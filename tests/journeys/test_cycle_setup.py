"""The manager sets up what comes next: last year's program again, and one that nobody thought of."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from playwright.sync_api import expect

from programs.load import load_all
from programs.models import Cycle
from tests import factories
from tests.journeys.people import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


def test_next_year_from_last_year_as_the_readme_says(somebody, site):
    load_all()
    with time_machine.travel(datetime(2024, 9, 2, 10, tzinfo=ZoneInfo("America/New_York"))):
        manager = somebody().is_signed_in_as(factories.staff(name="Morgan Manager"))
        manager.visit("/admin/programs/cycle/")
        manager.follow("Virtual Mentoring Program 2024")
        manager.reads("Published.", "What happened", "Mail that goes out by itself")
        manager.follow("Start the next cycle")
        manager.reads("Sunday, January 21, 2024", "Sunday, January 19, 2025", "Wednesday, November 13, 2024")
        assert Cycle.objects.filter(program__slug="vmp").count() == 1
        manager.fill("Applications: last day", "2025-01-20")
        manager.press("Save the next cycle")

        manager.reads(
            "Virtual Mentoring Program 2025",
            "Not published: only staff see it.",
            "Nothing is missing",
            "What differs from VMP 2024",
            "11:59 PM ET on Monday, January 20, 2025",
        )
        visitor = somebody(size=PHONE).visit("/programs/vmp/")
        visitor.reads("2024")
        visitor.does_not_read("January 20, 2025")

        manager.follow("Publish", exact=True)
        manager.reads("Nobody is mailed.")
        manager.press("Publish VMP 2025")
        manager.reads("Virtual Mentoring Program 2025 is on the public pages.", "Morgan Manager, publish")
        manager.follow("Public page")
        manager.reads("12:00 AM ET on Wednesday, November 13, 2024")


def test_a_program_nobody_thought_of(somebody, site):
    with time_machine.travel(datetime(2026, 1, 10, 10, tzinfo=ZoneInfo("Europe/Berlin"))):
        manager = somebody().is_signed_in_as(factories.staff(name="Morgan Manager"))
        manager.visit("/admin/programs/program/add/")
        for label, text in {
            "Slug:": "apt",
            "Name:": "Alpine Pathology Tandem",
            "Abbreviation:": "APT",
            "Summary:": "Two pathologists look at slides together for a year.",
            "Purpose:": "To see what the other sees.",
            "Audience:": "Pathologists in training",
            "Steps:": "You apply.\nYou are paired.",
            "Mentor invitation:": "Whoever has a microscope is welcome.",
            "Contact name:": "The Alpine office",
            "Contact email:": "office@alps.example.org",
        }.items():
            manager.fill(label, text)
        manager.press("Save", exact=True)

        manager.reads("Now set up its first cycle")
        manager.fill("Label:", "2026")
        manager.fill("Time zone:", "Europe/Berlin")
        manager.fill("First day of the term:", "2026-06-01")
        manager.fill("Last day of the term:", "2027-05-31")
        manager.fill("Applicants hear by:", "2026-04-20")
        set_window(manager, 0, date(2026, 2, 2), date(2026, 3, 31), "12:00")
        set_window(manager, 1, date(2026, 2, 2), date(2026, 4, 10), "12:00")
        set_window(manager, 2, date(2026, 3, 1), date(2026, 5, 10), "12:00")
        manager.press("Save", exact=True)

        manager.reads("Applications must close before preferences open: they close at 12:00 PM Berlin time")
        set_window(manager, 2, date(2026, 4, 21), date(2026, 5, 10), "12:00")
        manager.press("Save", exact=True)
        manager.reads("2 things are missing", "There is no rule that must hold", "There is no question")

        manager.follow("Change", exact=True)
        add_row(manager, "rules", kind="promise", key="microscope", sentence="You have a microscope of your own.")
        add_row(manager, "questions", kind="long", key="why", text="Which slides puzzle you?")
        manager.press("Save", exact=True)
        manager.follow("You have a microscope of your own.")
        manager.page.locator("[name=question]").fill("Have you a microscope of your own?")
        manager.press("Save", exact=True)

        manager.visit(f"/admin/programs/cycle/{Cycle.objects.get(slug='apt-2026').pk}/overview/")
        manager.reads("Nothing is missing")
        manager.follow("Publish", exact=True)
        manager.press("Publish APT 2026")

        visitor = somebody(size=PHONE).visit("/programs/apt/")
        visitor.reads("12:00 PM Berlin time (UTC+2) on Tuesday, March 31, 2026", "You have a microscope of your own.")
        visitor.follow("Check whether you may apply")
        visitor.choose("Have you a microscope of your own?", "Yes")
        visitor.press("See whether I may apply")
        visitor.reads("You can apply")


def set_window(manager, number, first, last, minute):
    for part, value in (("first_day", first.isoformat()), ("last_day", last.isoformat()), ("last_minute", minute)):
        manager.page.locator(f"[name=windows-{number}-{part}]").fill(value)


def add_row(manager, name, *, kind, **texts):
    """A new row below the others; its fields are those of the page without a script, which the add link fills in."""
    rows = manager.page.locator(f"[name={name}-TOTAL_FORMS]")
    number = int(rows.input_value())
    manager.page.locator(f"#{name}-group .add-row a, #{name}-group a.addlink").first.click()
    expect(rows).to_have_value(str(number + 1))
    manager.page.locator(f"[name={name}-{number}-kind]").select_option(kind)
    for field, value in texts.items():
        manager.page.locator(f"[name={name}-{number}-{field}]").fill(value)
