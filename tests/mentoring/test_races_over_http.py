"""Two people at the same instant, over HTTP, against a running server: `make races` runs each of these a thousand times.

Each race is run once more with its protection off, and must then go wrong.
"""

import http.client
import os
import re
from functools import partial
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from matching.models import Pairing
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from tests import factories
from tests.mentoring.at_once import at_once, without_row_locks

pytestmark = pytest.mark.django_db(transaction=True)
RACES = int(os.environ.get("RACES", "30"))
SEEN = re.compile(r'name="seen" value="([^"]+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Browser:
    """Somebody signed in, with a connection that stays open and a form's token at hand."""

    def __init__(self, server, person):
        self.address = urlsplit(server.url)
        client = Client()
        client.force_login(person)
        self.session = self.cookie = (
            f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        )
        self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)

    def open(self, path):
        """Read the page, so that its form can be sent."""
        answer, page = self._ask("GET", path)
        csrf = answer.getheader("Set-Cookie").split(";")[0]
        self.cookie = f"{self.session}; {csrf}"
        self.token = TOKEN.search(page)[1]
        return page

    def send(self, path, **data):
        """(status, page)"""
        answer, page = self._ask("POST", path, urlencode({**data, "csrfmiddlewaretoken": self.token}))
        return answer.status, page

    def _ask(self, method, path, body=None):
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        self.connection.request(method, path, body, {"Cookie": self.cookie, "Referer": self.address.geturl(), **kind})
        answer = self.connection.getresponse()
        return answer, answer.read().decode()


def sql(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


# --- A mentor's last place -------------------------------------------------------------------------------------------


@pytest.fixture
def last_place(live_server):
    """(the mentor, a function that lets two staff choose her for two mentees at once)"""
    made, staff = factories.cycle(), [factories.staff(name=f"Staff {n}") for n in (1, 2)]
    mentor = factories.interest(made, manager=staff[0])
    mentees = [factories.application(made, in_status="accepted", manager=staff[0]) for _ in staff]
    browsers = [Browser(live_server, person) for person in staff]
    paths = [f"/admin/matching/pairing/choose/{mentee.pk}/" for mentee in mentees]

    def race():
        acts = []
        for browser, path in zip(browsers, paths, strict=True):
            seen = SEEN.search(browser.open(f"{path}?interest={mentor.pk}"))[1]
            acts.append(partial(browser.send, path, interest=mentor.pk, seen=seen, reason="She asked for it."))
        return at_once(*acts)

    yield mentor, race
    for browser in browsers:
        browser.connection.close()


def test_of_two_staff_who_give_a_mentors_last_place_one_wins_and_the_other_reads_why(last_place):
    _mentor, race = last_place
    live = Pairing.objects.live()
    for _ in range(RACES):
        outcomes = sorted(race())
        assert [status for status, _page in outcomes] == [302, 409]
        assert "Nothing is saved yet: the workbench has changed since you looked" in outcomes[1][1]
        live.get().discard(by=None)


def test_without_protection_the_last_place_is_overbooked(last_place, monkeypatch):
    _mentor, race = last_place
    index = "pairing_one_for_a_place"
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [index])
        definition = cursor.fetchone()[0]
    sql(f"DROP INDEX {index}")
    try:
        with without_row_locks(monkeypatch):
            race()
        assert Pairing.objects.live().count() == 2
    finally:
        sql("DELETE FROM matching_pairing", definition)


# --- Two yeses -------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_yeses(live_server):
    """(a proposed pairing, a function that lets both say yes at once)"""
    pairing = factories.pairing(in_status="proposed")
    browsers = [Browser(live_server, person) for person in (pairing.mentee, pairing.mentor)]
    path = pairing.get_absolute_url()
    for browser in browsers:
        browser.open(path)

    def race():
        acts = [lambda browser=browser: browser.send(path, answer="yes", version=1) for browser in browsers]
        return at_once(*acts)

    yield pairing, race
    for browser in browsers:
        browser.connection.close()


AGAIN = """
DELETE FROM notifications_outgoingemail WHERE kind IN ('PairingConfirmed', 'PairingFinalMentee', 'PairingFinalMentor');
UPDATE matching_pairing SET status = 'proposed', mentee_yes_at = NULL, mentor_yes_at = NULL, final_at = NULL;
"""


def told():
    kinds = ("PairingFinalMentee", "PairingFinalMentor", "PairingConfirmed")
    return [OutgoingEmail.objects.filter(kind=kind).count() for kind in kinds]


def finals(pairing):
    return Event.objects.about(pairing).filter(verb="say_yes", after="final").count()


def test_two_yeses_at_once_make_one_final_pairing_and_one_mail_each(two_yeses):
    pairing, race = two_yeses
    for number in range(1, RACES + 1):
        assert [status for status, _page in race()] == [302, 302]
        assert Pairing.objects.get(pk=pairing.pk).status == "final"
        assert finals(pairing) == number
        assert told() == [1, 1, 1]
        sql(AGAIN)


def test_without_protection_two_yeses_at_once_are_not_one_final_pairing(two_yeses, monkeypatch):
    pairing, race = two_yeses
    with without_row_locks(monkeypatch):
        for _ in range(20):
            race()
            if Pairing.objects.get(pk=pairing.pk).status != "final" or told() != [1, 1, 1]:
                return
            sql(AGAIN)
    pytest.fail("Both yeses were taken one after the other each time, so nothing protects what the race tests.")
