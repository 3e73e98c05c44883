"""Beside each deadline stand the zone's offset on that day, the viewer's own time, and how long is left; with no script."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine

from mentoring.accounts.models import CareerStage
from mentoring.accounts.roles import AUDITOR
from programs import load
from programs.models.moves import extend, move
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2023, 12, 31, 5, 30, tzinfo=UTC)
DEADLINE = "11:59 PM ET on Sunday, January 21, 2024"


@pytest.fixture(autouse=True)
def as_announced():
    load.load_all()
    with time_machine.travel(NOW, tick=False):
        yield


def read(client, address):
    """The words of a page, as somebody without a script reads them."""
    source = re.sub(r"<[^>]*\shidden[^>]*>[^<]*</[^>]*>", "", client.get(address).content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", "", source)).split())


@pytest.mark.parametrize("address", ["/", "/programs/vmp/"])
def test_a_visitor_reads_the_offset_and_how_long_is_left(client, address):
    assert f"{DEADLINE} (UTC−5) 21 days left" in read(client, address)


@pytest.mark.parametrize(
    ("zone", "beside"),
    [
        ("America/Los_Angeles", "(UTC−5; 8:59 PM PT your time)"),
        ("Pacific/Auckland", "(UTC−5; 5:59 PM UTC+13 on Monday, January 22, your time)"),
        ("America/New_York", "(UTC−5)"),
    ],
)
def test_whoever_is_signed_in_reads_their_own_time_too(client, zone, beside):
    client.force_login(factories.person(time_zone=zone))
    assert f"{DEADLINE} {beside} 21 days left" in read(client, "/programs/vmp/")


def test_a_zone_that_nobody_chose_is_not_called_theirs(client):
    client.force_login(factories.person(time_zone="Europe/Berlin", stage=""))
    assert f"{DEADLINE} (UTC−5) 21 days left" in read(client, "/programs/vmp/")


def test_their_application_and_the_home_page_say_the_same(client):
    person = factories.person(time_zone="America/Los_Angeles", stage=CareerStage.FELLOW)
    cycle = load.Cycle.objects.get(slug="vmp-2024")
    application = factories.application(cycle, person)
    client.force_login(person)
    beside = f"{DEADLINE} (UTC−5; 8:59 PM PT your time) 21 days left"
    for address in ("/home/", application.get_absolute_url(), f"{application.get_absolute_url()}eligibility/"):
        assert beside in read(client, address)


def test_staff_read_it_where_they_set_it(client):
    client.force_login(factories.staff(time_zone="America/Los_Angeles"))
    window = load.Cycle.objects.get(slug="vmp-2024").applications_window
    pages = (f"/admin/programs/window/{window.pk}/change/", f"/admin/programs/cycle/{window.cycle_id}/overview/")
    for address in pages:
        assert f"{DEADLINE} (UTC−5; 8:59 PM PT your time) 21 days left" in read(client, address)


def test_a_notice_an_extension_and_the_word_of_the_end_say_it_as_other_dates_do(client):
    window = load.Cycle.objects.get(slug="vmp-2024").applications_window
    staff = factories.staff(time_zone="America/Los_Angeles")
    move(window, window.closes_at + timedelta(days=1), by=staff, reason="A storm.")
    extend(window, "late@example.org", window.closes_at + timedelta(days=2), by=staff, reason="A birth.")
    assert "moved to 11:59 PM ET on Monday, January 22, 2024 (UTC−5), for everyone." in read(client, "/programs/vmp/")
    client.force_login(staff)
    assert "11:59 PM ET on Wednesday, January 24, 2024 (UTC−5; 8:59 PM PT your time)" in read(
        client, f"/admin/programs/window/{window.pk}/change/"
    )
    draft = factories.application(window.cycle, factories.person(time_zone="America/Los_Angeles"))
    client.force_login(draft.applicant)
    page = unescape(client.get(f"{draft.get_absolute_url()}eligibility/").content.decode())
    deadline = "11:59 PM ET on Monday, January 22, 2024 (UTC−5; 8:59 PM PT your time)"
    assert f'data-passed="The deadline, {deadline}, has passed.' in page


def test_the_page_of_a_cycle_leads_those_who_may_see_them_to_the_counts(client):
    cycle = load.Cycle.objects.get(slug="vmp-2024")
    for staff, leads in ((factories.staff(AUDITOR), True), (factories.staff(), False)):
        client.force_login(staff)
        page = client.get(f"/admin/programs/cycle/{cycle.pk}/overview/").content.decode()
        assert (f"/admin/applications/application/demographics/{cycle.pk}/" in page) is leads
