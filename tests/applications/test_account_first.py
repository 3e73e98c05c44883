"""A visitor who would apply or mentor reads why that takes an account, and comes back once there is one."""

import re

import pytest
from django.utils import timezone

from mentoring.notifications.models import OutgoingEmail
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/programs/vmp/apply/", "To save your application you need an account; your answers come with you."),
        ("/programs/vmp/mentor/", "To save your form you need an account; after that you come back here."),
    ],
)
def test_both_ways_on_lead_back(client, path, sentence):
    factories.cycle("vmp")
    page = client.get(path).content.decode()
    onward = "?next=" + path.replace("/", "%2F")
    assert sentence in page
    assert re.search(rf'href="/account/signup/{re.escape(onward)}">Create account<', page)
    assert re.search(rf'href="/account/login/{re.escape(onward)}">I have an account<', page)


def test_nobody_is_asked_for_an_account_when_it_is_too_late(client):
    factories.move_window(factories.cycle("vmp"), "applications", closes_at=timezone.now())
    page = client.get("/programs/vmp/apply/").content.decode()
    assert "Applications closed at" in page
    assert "/account/signup/?next=" not in page


def test_the_answers_of_the_check_come_along_to_the_application(client):
    factories.cycle("vmp")
    client.post("/programs/vmp/eligibility/", factories.VMP_ANSWERS)
    onward = re.search(r'href="(/account/signup/\?next=[^"]*)"', client.get("/programs/vmp/apply/").content.decode())[1]
    signup = {"name": "Ada", "email": "ada@example.org", "password1": "walnut-ferry", "password2": "walnut-ferry"}
    client.post(onward, {**signup, "next": "/programs/vmp/apply/"})
    link = re.search(r"https?://[^/]+(/account/confirm-email/\S+)", OutgoingEmail.objects.get().text)[1]

    assert client.post(link).url == "/programs/vmp/apply/"
    application = client.post("/programs/vmp/apply/", {"begin": "on"})
    told = client.get(application.url).context["application"].rule_answers
    assert (told["membership"], told["hours"]) == ("full", "yes")


def test_the_script_of_a_page_whose_session_ended_is_not_given_this_page(client):
    factories.cycle("vmp")
    assert client.get("/programs/vmp/mentor/", headers={"X-Requested-With": "autosave"}).status_code == 302
    assert client.post("/programs/vmp/mentor/", {"specialty": "Lungs"}).status_code == 401
