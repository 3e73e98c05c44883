"""A link in a mail only opens a page: robots that follow and submit everything change nothing; a forwarded link names nobody."""

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.test import Client

from matching.models import Pairing
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from tests import factories

pytestmark = pytest.mark.django_db
LINK = re.compile(r"https?://[^/\s]+(/[^\s<>]*)")


class Page(HTMLParser):
    """The links and the forms of a page, with everything filled in, as a thorough scanner would."""

    def __init__(self, text):
        super().__init__()
        self.links, self.forms = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a" and "href" in attrs:
            self.links.append(attrs["href"])
        if tag == "form":
            self.forms.append((attrs.get("action") or "", attrs.get("method", "get").lower(), {}))
        if tag in ("input", "button", "textarea", "select") and attrs.get("name") and self.forms:
            self.forms[-1][2][attrs["name"]] = attrs.get("value") or "yes"


def let_loose(client, start, most=25):
    """Follow every link from these on, with GET and with HEAD, and submit every form. Returns the paths it tried."""
    queue, tried = list(start), set()
    while queue and len(tried) < most:
        path = queue.pop(0).split("#")[0]
        if not path.startswith("/") or path in tried or "logout" in path:
            continue
        tried.add(path)
        client.head(path)
        response = client.get(path, follow=True)
        if "text/html" not in response.headers.get("Content-Type", ""):
            continue
        page = Page(response.content.decode())
        here = response.request["PATH_INFO"]
        for action, method, data in page.forms:
            # Signing up or asking a question is for anybody; what must not move are pairings.
            target = action or here
            if "logout" in target:
                continue  # it would be a stranger from here on
            (client.post if method == "post" else client.get)(target, data)
        for answer in ("yes", "no"):
            client.post(path, {"answer": answer, "version": "1", "why": "A robot."})
        queue += page.links
    return tried


def state():
    """Everything of the pairings, and what was told of them."""
    told = OutgoingEmail.objects.filter(about_type="matching.pairing").count()
    return (
        serialize("json", Pairing.objects.order_by("pk")),
        told,
        Event.objects.filter(verb__startswith="say_").count(),
    )


def links_in_mails():
    return [path for mail in OutgoingEmail.objects.all() for path in LINK.findall(mail.text + mail.html)]


@pytest.mark.parametrize("first", ["both", "mentor", "mentee"])
def test_a_robot_with_every_link_of_every_mail_changes_nothing(first):
    made = factories.cycle(answers_first=first)
    pairings = [factories.pairing(made, in_status=status) for status in ("proposed", "confirmed", "final")]
    before, links = state(), links_in_mails()
    assert pairings[0].get_absolute_url() in {link.split("?")[0] for link in links}

    tried = let_loose(Client(), links)

    assert {pairing.get_absolute_url() for pairing in pairings} <= tried
    assert state() == before


def test_the_same_robot_signed_in_would_have_answered():
    """So the test above can fail."""
    pairing = factories.pairing(in_status="proposed")
    client = Client()
    client.force_login(pairing.mentee)
    let_loose(client, [pairing.get_absolute_url()], most=1)
    assert Pairing.objects.get(pk=pairing.pk).status != "proposed"


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_while_signed_in_changes_nothing_either(method):
    pairing = factories.pairing(in_status="proposed")
    client = Client()
    for person in (pairing.mentee, pairing.mentor):
        client.force_login(person)
        before = state()
        getattr(client, method)(f"{pairing.get_absolute_url()}?answer=yes&version=1")
        assert state() == before


def test_a_form_without_its_token_changes_nothing_though_signed_in():
    pairing = factories.pairing(in_status="proposed")
    client = Client(enforce_csrf_checks=True)
    client.force_login(pairing.mentee)
    before = state()
    assert client.post(pairing.get_absolute_url(), {"answer": "yes", "version": 1}).status_code == 403
    assert state() == before


@pytest.mark.parametrize("status", ["drafted", "proposed", "confirmed", "final", "declined"])
def test_a_forwarded_link_names_nobody(status):
    pairing = factories.pairing(in_status=status)
    path = pairing.get_absolute_url()
    stranger, mentor, staff = factories.person(), factories.interest(pairing.cycle).mentor, factories.staff()
    for person in (None, stranger, mentor, staff):
        client = Client()
        if person:
            client.force_login(person)
        page = client.get(path, follow=True)
        text = page.content.decode() + str(page.redirect_chain)
        for name in (pairing.mentee.name, pairing.mentor.name, pairing.mentee.email, pairing.mentor.email):
            assert name not in text
        assert page.status_code == (404 if person else 200)


def test_nothing_is_chosen_beforehand():
    pairing = factories.pairing(in_status="proposed")
    client = Client()
    client.force_login(pairing.mentor)
    page = client.get(pairing.get_absolute_url()).content.decode()
    assert re.findall(r'<input[^>]+name="answer"[^>]*>', page)
    assert not re.search(r'<input[^>]+name="answer"[^>]*checked', page)
    assert client.post(pairing.get_absolute_url(), {"version": 1}).status_code == 422


# --- With the person's own session ----------------------------------------------------------------------------------------

OURS = [model for model in apps.get_models() if model.__module__.split(".")[0] in
        ("mentoring", "programs", "applications", "matching")]  # fmt: skip


def everything():
    """All rows of the portal's own tables."""
    return {model.__name__: serialize("json", model._base_manager.order_by("pk")) for model in OURS}


@pytest.mark.parametrize("who", ["mentee", "mentor", "manager"])
def test_a_browser_that_fetches_every_link_ahead_with_the_person_s_session_decides_nothing(who):
    """GETs never decide: whatever page one stands on, all that can be reached by links alone leaves every row as it was."""
    manager = factories.staff()
    made = factories.cycle()
    open_one = factories.pairing(made, in_status="proposed", manager=manager)
    factories.pairing(made, in_status="final", manager=manager)
    factories.application(made, in_status="submitted")
    factories.interest(made, in_status="submitted")
    person = {"mentee": open_one.mentee, "mentor": open_one.mentor, "manager": manager}[who]
    client = Client(raise_request_exception=True)
    client.force_login(person)
    start = {"mentee": ["/home/"], "mentor": ["/home/"], "manager": ["/admin/", "/home/"]}[who]
    before = everything()

    tried = fetch_ahead(client, [*start, open_one.get_absolute_url()])

    assert len(tried) > 20
    assert {name for name, rows in everything().items() if rows != before[name]} == set()


def fetch_ahead(client, start, most=150):
    """Follow every link from these on, by HEAD and by GET, as a prefetcher does. Returns the paths it tried."""
    queue, tried, shapes = list(start), set(), Counter()
    while queue and len(tried) < most:
        path = queue.pop(0).split("#")[0]
        shape = re.sub(r"\d+|=[^&]*", "N", path)
        if not path.startswith("/") or path in tried or shapes[shape] > 2:
            continue
        tried.add(path)
        shapes[shape] += 1
        client.head(path)
        response = client.get(path, headers={"Sec-Purpose": "prefetch"}, follow=True)
        if "text/html" in response.headers.get("Content-Type", ""):
            here = response.request["PATH_INFO"]
            queue += [urljoin(here, link) for link in Page(response.content.decode()).links if "://" not in link]
    return tried
