"""Mail about signing in: in our words, in our look, with links that work; and nothing that tells who has an account."""

import re
from datetime import timedelta
from pathlib import Path

import allauth
import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.utils import timezone

from mentoring.accounts.models import User
from mentoring.notifications.models import OutgoingEmail
from tests import factories
from tests.mentoring.hashing import CountingHasher

pytestmark = pytest.mark.django_db

STOCK = Path(allauth.__path__[0]) / "templates"
# Codes by email are switched off; nothing in allauth sends email_confirm.
NEVER_SENT = {"account/email/login_code", "account/email/password_reset_code", "account/email/email_confirm"}
KINDS = sorted(
    {
        f"{app}/email/{path.name.removesuffix('_subject.txt')}"
        for app in ("account", "mfa", "usersessions")
        for path in (STOCK / app / "email").glob("*_subject.txt")
    }
    - {"account/email/base"}
    - NEVER_SENT
)
LINK = "https://mentoring.example.org/secret-link/"
CONTEXT = {
    **dict.fromkeys(("activate_url", "password_reset_url", "signup_url"), LINK),
    "user_agent": "Buy now",
    **{name: f"{name}@example.org" for name in ("from_email", "to_email", "deleted_email")},
}
FIELDS = {"name": "Win a prize", "password1": factories.PASSWORD, "password2": factories.PASSWORD}


def sign_up(client, email):
    response = client.post("/account/signup/", {**FIELDS, "email": email})
    assert response.status_code == 302
    return OutgoingEmail.objects.latest("pk")


def link_in(mail):
    return re.search(rf"{re.escape('http://testserver')}\S+", mail.text)[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_is_in_our_own_words(kind):
    own = Path(settings.BASE_DIR) / "templates"
    assert (own / f"{kind}_subject.txt").is_file()
    assert (own / f"{kind}_message.txt").is_file()
    person = factories.person("Win a prize")

    get_adapter().send_mail(kind, person.email, {**CONTEXT, "user": person})

    mail = OutgoingEmail.objects.latest("pk")
    body = mail.html.split("</style>")[1]
    for text in (mail.subject, mail.text, body):
        assert "prize" not in text
        assert "Buy now" not in text
        assert not re.search(r"!(?!DOCTYPE)", text)
        assert not re.search(r"\bon \.|from !|\{\{|\{%|&amp;#", text)
    assert settings.SITE_NAME in mail.text
    assert "Hello," in mail.text
    href = re.search(r'<a class="button" href="([^"]+)"', body)[1]
    assert href in (LINK, settings.SITE_URL + "/account/password/reset/")
    assert f":\n{href}\n" in mail.text


def test_signing_up_with_the_link_of_the_mail_works(client):
    mail = sign_up(client, "ada@example.org")

    page = client.get(link_in(mail))
    client.post(link_in(mail))

    assert mail.kind == "AccountEmailConfirmationSignup"
    assert page.status_code == 200
    assert User.objects.get(email="ada@example.org").emailaddress_set.get().verified


def test_a_new_password_with_the_link_of_the_mail_works(client):
    person = factories.person()
    client.post("/account/password/reset/", {"email": person.email})
    mail = OutgoingEmail.objects.latest("pk")

    page = client.get(link_in(mail), follow=True)
    client.post(page.redirect_chain[-1][0], dict.fromkeys(("password1", "password2"), "another-long-password"))

    person.refresh_from_db()
    assert mail.kind == "AccountPasswordResetKey"
    assert person.check_password("another-long-password")
    assert OutgoingEmail.objects.latest("pk").kind == "AccountPasswordReset"


def test_secret_links_are_erased_from_both_parts(client):
    mail = sign_up(client, "ada@example.org")
    assert link_in(mail) in mail.html
    OutgoingEmail.objects.update(status="sent", sent_at=timezone.now() - timedelta(hours=2))

    OutgoingEmail.objects.purge_account_mail()

    mail.refresh_from_db()
    assert (mail.text, mail.html) == ("", "")


def test_the_time_of_signing_up_does_not_tell_who_has_an_account(client, settings):
    known = factories.person()
    settings.PASSWORD_HASHERS = ["tests.mentoring.hashing.CountingHasher"]
    counts = {}
    for email in ("new@example.org", known.email):
        before = CountingHasher.count
        mail = sign_up(client, email)
        counts[mail.kind] = CountingHasher.count - before

    assert counts == {"AccountEmailConfirmationSignup": 1, "AccountAccountAlreadyExists": 1}
