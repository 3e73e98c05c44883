"""The manager sets up what comes next: last year's program again, and one that nobody thought of."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from playwright.sync_api import expect

from programs import load
from programs.models import Cycle, Rule
from tests import factories
from tests.journeys.people import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


VMP_2027 = {
    "label": "2027", "slug": "vmp-2027", "term_begins": date(2027, 3, 1), "term_ends": date(2028, 2, 29),
    "term_begins_words": "March 2027", "decisions_by": date(2027, 2, 12),
    "applications": [date(2026, 11, 15), date(2027, 1, 21)],
    "mentor_interest": [date(2026, 11, 15), date(2027, 2, 12)],
    "preferences": [date(2027, 2, 5), date(2027, 2, 19)],
}  # fmt: skip


def test_next_year_from_last_year_as_the_readme_says(somebody, site):
    with time_machine.travel(datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("America/New_York"))):
        load.load_cycle(load.read()["vmp"], VMP_2027)
    with time_machine.travel(datetime(2027, 9, 1, 10, tzinfo=ZoneInfo("America/New_York"))):
        manager = somebody().is_signed_in_as(factories.staff(name="Morgan Manager"))
        manager.visit("/admin/programs/cycle/")
        manager.follow("Virtual Mentoring Program 2027")
        manager.reads("Published.", "What happened", "Mail that goes out by itself")
        manager.follow("Start the next cycle")
        manager.reads("Thursday, January 21, 2027", "Thursday, January 20, 2028", "Sunday, November 14, 2027")
        assert Cycle.objects.filter(program__slug="vmp").count() == 1
        manager.fill("Applications: last day", "2028-01-21")
        manager.press("Save the next cycle")

        manager.reads(
            "Virtual Mentoring Program 2028",
            "Not published: only staff see it.",
            "Nothing is missing",
            "What differs from VMP 2027",
            "11:59 PM ET on Friday, January 21, 2028",
        )
        visitor = somebody(size=PHONE).visit("/programs/vmp/")
        visitor.reads("2027")
        visitor.does_not_read("January 21, 2028")

        manager.follow("Publish", exact=True)
        manager.reads("Nobody is mailed.")
        manager.press("Publish VMP 2028")
        manager.reads("Virtual Mentoring Program 2028 is on the public pages.", "Morgan Manager, publish")
        manager.follow("Public page")
        manager.reads("12:00 AM ET on Sunday, November 14, 2027", "March 2028")


def test_a_program_nobody_thought_of(somebody, site):
    with time_machine.travel(datetime(2026, 1, 10, 10, tzinfo=ZoneInfo("Pacific/Auckland"))):
        manager = somebody().is_signed_in_as(factories.staff(name="Morgan Manager"))
        manager.visit("/admin/programs/program/add/")
        for label, text in {
            "Slug:": "apt",
            "Name:": "Aotearoa Pathology Tandem",
            "Abbreviation:": "APT",
            "Summary:": "Two pathologists look at slides together for a year.",
            "Purpose:": "To see what the other sees.",
            "Audience:": "Pathologists in training",
            "Steps:": "You apply.\nYou are paired.",
            "Mentor invitation:": "Whoever has a microscope is welcome.",
            "Contact name:": "The Auckland office",
            "Contact email:": "office@auckland.example.org",
        }.items():
            manager.fill(label, text)
        manager.press("Save", exact=True)

        manager.reads("Now set up its first cycle")
        manager.fill("Label:", "2026")
        manager.fill("Time zone:", "Pacific/Auckland")
        manager.fill("First day of the term:", "2026-06-01")
        manager.fill("Last day of the term:", "2027-05-31")
        manager.fill("Applicants hear by:", "2026-04-20")
        manager.fill("Button to apply:", "Ask for a tandem")
        set_window(manager, 0, date(2026, 2, 2), date(2026, 3, 31), "12:00")
        set_window(manager, 1, date(2026, 2, 2), date(2026, 4, 10), "12:00")
        set_window(manager, 2, date(2026, 3, 1), date(2026, 5, 10), "12:00")
        manager.press("Save", exact=True)

        manager.reads("Applications must close before preferences open: they close at 12:00 PM Auckland time")
        set_window(manager, 2, date(2026, 4, 21), date(2026, 5, 10), "12:00")
        manager.press("Save", exact=True)
        manager.reads("2 things are missing", "There is no rule that must hold", "There is no question")

        manager.follow("Change", exact=True)
        add_row(manager, "rules", kind="promise", key="microscope", sentence="You have a microscope of your own.")
        add_row(manager, "rules", kind="language", key="language")
        add_row(manager, "questions", kind="long", key="why", text="Which slides puzzle you?")
        manager.press("Save", exact=True)
        manager.follow("You have a microscope of your own.")
        manager.page.locator("[name=question]").fill("Have you a microscope of your own?")
        manager.press("Save", exact=True)
        manager.visit(f"/admin/programs/rule/{Rule.objects.get(key='language').pk}/change/")
        manager.page.locator("[name=languages]").fill("English\nte reo Māori")
        manager.press("Save", exact=True)

        manager.visit(f"/admin/programs/cycle/{Cycle.objects.get(slug='apt-2026').pk}/overview/")
        manager.reads("Nothing is missing")
        manager.follow("Publish", exact=True)
        manager.press("Publish APT 2026")

        visitor = somebody(size=PHONE).visit("/programs/apt/")
        visitor.reads(
            "12:00 PM Auckland time (UTC+13) on Tuesday, March 31, 2026",
            "You have a microscope of your own.",
            "All your materials are in English or te reo Māori.",
            "The Auckland office",
        )
        visitor.follow("Check whether you may apply")
        visitor.choose("Have you a microscope of your own?", "Yes")
        visitor.choose("Will all your materials be in English or te reo Māori?", "Yes")
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
