"""Where allauth meets the portal: mail through the outbox, second-factor secrets encrypted."""

import base64
import hashlib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django.utils.crypto import get_random_string


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This email address and password do not fit together.",
    }

    def send_mail(self, template_prefix, email, context):
        """Write the message to the outbox, like every other mail."""
        from mentoring.notifications.email import queue_account_mail

        known = {
            "email": email,
            "site_name": settings.SITE_NAME,
            "new_password_url": settings.SITE_URL + reverse("account_reset_password"),
        }
        message = self.render_mail(template_prefix, email, {**context, **known})
        queue_account_mail(
            context.get("user"), email, template_prefix.rsplit("/", 1)[-1], message.subject, message.body
        )

    def send_account_already_exists_mail(self, email):
        """Take as long as a new account would, whose password is hashed: the time must not tell who has an account."""
        make_password(get_random_string(12))
        super().send_account_already_exists_mail(email)


def _cipher():
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [hashlib.sha256(b"mentoring.mfa:" + secret.encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


class MFAAdapter(DefaultMFAAdapter):
    """Keeps second-factor secrets encrypted with a key made of SECRET_KEY; allauth would keep them in clear."""

    def encrypt(self, text):
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _cipher().decrypt(encrypted_text.encode()).decode()
