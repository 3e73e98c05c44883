"""What the account pages say, in our own words."""

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


def signs_in(client, person, password):
    typed = {"login": person.email, "password": password}
    return client.post(reverse("account_login"), typed, follow=True).content.decode()


def test_signing_in_says_so():
    assert "<p>You are signed in.</p>" in signs_in(Client(), factories.person(), factories.PASSWORD)


def test_a_wrong_password_is_told_of_without_saying_which_of_the_two_is_wrong():
    page = signs_in(Client(), factories.person(), "not-the-password")
    assert "This email address and password do not fit together." in page


@pytest.fixture
def used_link():
    """A person whose address is confirmed, and the link that confirmed it."""
    person = factories.person()
    key = EmailConfirmationHMAC(EmailAddress.objects.get(user=person)).key
    return person, reverse("account_confirm_email", args=[key])


def test_a_used_link_says_that_the_address_is_confirmed(used_link):
    person, link = used_link
    client = Client()
    client.force_login(person)
    page = client.get(link).content.decode()
    assert "This address is confirmed already" in page
    assert f'href="{reverse("home")}">Go to your home page' in page


def test_a_used_link_tells_a_stranger_nothing(used_link):
    assert "This link no longer works" in Client().get(used_link[1]).content.decode()


def test_a_dead_link_is_dead_while_an_address_waits_to_be_confirmed(used_link):
    person, link = used_link
    EmailAddress.objects.create(user=person, email="second@example.org", verified=False)
    client = Client()
    client.force_login(person)
    assert "This link no longer works" in client.get(link).content.decode()
