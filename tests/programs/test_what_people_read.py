"""What a cycle calls things, whom people write to about it, and until when they answer a proposal."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from programs import deadlines, next_cycle, readiness
from programs.load import load_all
from programs.models import Cycle, Window
from tests import factories

pytestmark = pytest.mark.django_db

CALLED = {
    "apply_label": "Ask for a place",
    "eligibility_title": "May you take part",
    "answers_title": "About your work",
    "mentor_title": "Mentor with us",
    "mentor_label": "Offer a place",
    "contact_name": "The Auckland office",
    "contact_email": "office@auckland.example.org",
}


def test_pages_say_what_the_cycle_calls_things_and_whom_to_write_to(client):
    cycle = factories.cycle("vmp", **CALLED)
    public = client.get("/programs/vmp/").content.decode()
    for name in ("apply_label", "mentor_title", "mentor_label", "contact_name", "contact_email"):
        assert CALLED[name] in public
    assert cycle.program.contact_email not in public
    application = factories.application(cycle)
    client.force_login(application.applicant)
    own = client.get(application.get_absolute_url()).content.decode()
    assert "May you take part" in own
    assert "About your work" in own
    assert "About your work" in client.get(f"{application.get_absolute_url()}answers/").content.decode()
    application.submit(by=application.applicant, received_at=factories.timezone.now())
    receipt = client.get(f"{application.get_absolute_url()}receipt/").content.decode()
    assert "About your work" in receipt
    assert "office@auckland.example.org" in receipt


def test_without_words_of_its_own_a_cycle_says_what_its_program_says(client):
    cycle = factories.cycle("dmp")
    public = client.get("/programs/dmp/").content.decode()
    assert "Request a mentor" in public
    assert cycle.program.contact_email in public
    assert cycle.contact == (cycle.contact.__class__)(cycle.program.contact_name, cycle.program.contact_email)


# --- Until when a proposal is answered -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closes", "last_day"),
    [
        (None, date(2024, 2, 20)),
        (date(2024, 2, 25), date(2024, 2, 20)),
        (date(2024, 2, 15), date(2024, 2, 15)),
        # It has closed when the proposal is made: then the days count.
        (date(2024, 2, 9), date(2024, 2, 20)),
    ],
)
def test_the_window_for_replies_cuts_the_days_short_and_never_lengthens_them(closes, last_day):
    load_all()
    cycle = Cycle.objects.get(slug="vmp-2024")
    if closes:
        opens = deadlines.opening(date(2024, 2, 1), cycle.time_zone)
        until = deadlines.closing(closes, cycle.time_zone)
        Window.objects.create(cycle=cycle, kind="pairing_replies", opens_at=opens, closes_at=until)
    asked_at = datetime(2024, 2, 10, 15, tzinfo=UTC)
    assert cycle.reply_by(asked_at) == deadlines.closing(last_day, cycle.time_zone)


@time_machine.travel(datetime(2023, 12, 1, 12, tzinfo=UTC))
def test_a_cycle_needs_no_window_for_replies_and_one_is_in_order():
    load_all()
    cycle = Cycle.objects.get(slug="vmp-2024")
    assert readiness.missing(cycle) == []
    opens = deadlines.opening(date(2024, 2, 1), cycle.time_zone)
    window = Window(cycle=cycle, kind="pairing_replies", opens_at=opens, closes_at=opens + timedelta(days=1))
    (told,) = readiness.out_of_order(cycle, [*cycle.windows.all(), window])
    assert told.startswith("Pairing replies must close after preferences do")


# --- Days in rules ---------------------------------------------------------------------------------------------------


def test_the_day_by_which_a_membership_is_in_force_moves_with_the_next_cycle():
    load_all()
    source = Cycle.objects.get(slug="vmp-2024")
    rule = source.rules.get(key="membership")
    rule.parameters["in_force_by"] = "2024-02-12"
    rule.save()
    client = Client()
    client.force_login(factories.staff())
    here = f"/admin/programs/cycle/{source.pk}/next/"
    page = client.get(here)
    assert "Monday, February 12, 2024 becomes Monday, February 10, 2025." in page.content.decode()
    form = page.context["form"]
    client.post(here, {name: form[name].value() for name in form.fields})
    copied = Cycle.objects.get(slug="vmp-2025").rules.get(key="membership")
    assert copied.parameters == {"society": "ASCO", "in_force_by": "2025-02-10"}
    rule.refresh_from_db()
    assert rule.parameters["in_force_by"] == "2024-02-12"
    assert next_cycle.weeks_of(1) == 52


def test_none_of_these_together_with_others_is_refused_in_words(client):
    factories.cycle("vmp")
    told = client.post("/programs/vmp/eligibility/", {**factories.VMP_ANSWERS, "needs": ["none", "women"]})
    assert "You chose “None of these” together with others." in told.content.decode()
    application = factories.application(rule_answers={**factories.VMP_ANSWERS, "needs": ["none", "women"]})
    (problem,) = application.problems()
    assert problem[1] == "needs"
    assert "together with others" in problem[2]


# --- "Summer 2024" ---------------------------------------------------------------------------------------------------


@time_machine.travel(datetime(2024, 3, 1, 12, tzinfo=UTC))
def test_a_season_is_said_as_such_until_a_day_is_set(client):
    load_all()
    cycle = Cycle.objects.get(slug="dmp-2024-25")
    pages = ["/programs/dmp/", "/programs/dmp/rules/"]
    for _ in range(2):
        told = [client.get(page).content.decode() for page in pages]
        calendar = client.get("/programs/dmp/dates.ics").content.decode()
        if cycle.term_begins_words:
            assert all("Summer 2024" in text and "July 1, 2024" not in text for text in told)
            assert "the term begins" not in calendar
        else:
            assert all("July 1, 2024" in text and "Summer 2024" not in text for text in told)
            assert "20240701" in calendar
        Cycle.objects.filter(pk=cycle.pk).update(term_begins_words="")
        cycle.refresh_from_db()


def test_a_proposal_says_the_season_too():
    cycle = factories.cycle(term_begins_words="Summer 2030")
    pairing = factories.pairing(cycle, in_status="proposed")
    assert pairing.begins_words == "in Summer 2030"
    assert ", from Summer 2030 to " in pairing.terms_words
    Cycle.objects.update(term_begins_words="")
    pairing = type(pairing).objects.get(pk=pairing.pk)
    assert pairing.begins_words == f"on {deadlines.day_words(cycle.term_begins)}"
