"""A form that is sent after the session ended: what was typed comes back, and only to whoever typed it here."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db
TYPED = {"version": "0", "goals": "Line one.\r\n“Two” <b>& three", "topics": ["Leadership", "Career planning"]}
OURS = "http://testserver"


@pytest.fixture
def draft():
    return factories.application(answers={})


@pytest.fixture
def address(draft):
    return reverse("applications:section", args=[draft.pk, "answers"])


def strict_client(*, user=None):
    """A browser whose tokens are checked, and which has one."""
    client = Client(enforce_csrf_checks=True)
    if user:
        client.force_login(user)
    client.get("/home/" if user else "/account/login/")
    assert client.cookies[settings.CSRF_COOKIE_NAME].value
    return client


def hidden(response):
    """The posted fields that the page carries."""
    return response.context["fields"]


def test_what_was_typed_comes_back_when_signed_out(address):
    response = Client().post(address, TYPED)
    assert response.status_code == 401
    assert response.headers["Cache-Control"] == "no-store"
    assert ("goals", TYPED["goals"]) in hidden(response)
    assert [value for name, value in hidden(response) if name == "topics"] == TYPED["topics"]
    page = response.content.decode()
    assert "What you typed is not saved yet." in page
    assert "Line one.\r\n“Two” &lt;b&gt;&amp; three" in page
    assert f'action="{address}"' in page
    assert '<a href="/account/login/?next=/home/" target="_blank"' in page


def test_what_was_typed_in_the_profile_comes_back():
    response = Client().post("/account/profile/", {"name": "Ada", "degrees": "MD", "next": "/applications/1/"})
    assert response.status_code == 401
    assert ("degrees", "MD") in hidden(response)
    assert 'action="/account/profile/"' in response.content.decode()


@pytest.mark.parametrize("path", ["/account/password/change/", "/account/email/"])
def test_nothing_of_an_account_page_comes_back(path):
    response = Client().post(path, {"name": "Ada", "oldpassword": "secret-of-ada"})
    assert response.status_code == 302
    assert response.url.startswith("/account/login/")


def test_nothing_of_a_staff_page_comes_back():
    response = Client().post("/admin/programs/cycle/", {"note": "of staff"})
    assert b"of staff" not in response.content
    assert response.status_code == 302


def test_the_script_that_saves_is_sent_to_sign_in(address):
    response = Client().post(address, TYPED, headers={"X-Requested-With": "autosave"})
    assert response.status_code == 302


def test_a_stale_token_from_our_own_page_gets_a_fresh_one(draft, address):
    client = strict_client(user=draft.applicant)
    stale = {**TYPED, "csrfmiddlewaretoken": "a" * 64}
    response = client.post(address, stale, headers={"Origin": OURS})
    assert response.status_code == 403
    assert "Please press the button once more" in response.content.decode()
    fresh = {**TYPED, "csrfmiddlewaretoken": str(response.context["csrf_token"])}
    assert client.post(address, fresh, headers={"Origin": OURS}).status_code == 302
    draft.refresh_from_db()
    assert draft.answers["goals"] == TYPED["goals"].replace("\r\n", "\n")


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "https://testserver", "http://testserver:81", None]
)
def test_another_site_never_gets_a_token_for_its_form(draft, address, origin):
    client = strict_client(user=draft.applicant)
    headers = {"Origin": origin} if origin else {}
    response = client.post(address, {**TYPED, "csrfmiddlewaretoken": "a" * 64}, headers=headers)
    assert response.status_code == 403
    assert "Please send the form again" in response.content.decode()
    assert b"Line one." not in response.content
    assert b"button once more" not in response.content


def test_whoever_is_signed_out_gets_no_token_for_a_stale_one(address):
    client = strict_client()
    response = client.post(address, {**TYPED, "csrfmiddlewaretoken": "a" * 64}, headers={"Origin": OURS})
    assert response.status_code == 403
    assert b"Line one." not in response.content
