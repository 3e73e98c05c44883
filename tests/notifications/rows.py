"""People and outbox rows for these tests."""

import secrets

from django.contrib.auth import get_user_model

from mentoring.notifications.models import OutgoingEmail, new_message_id


def new_person(name="Ana Ñandú"):
    return get_user_model().objects.create(name=name, email=f"{secrets.token_hex(8)}@example.org")


def row(person, **facts):
    """An outbox row about the person it goes to, unsaved."""
    about = {"about_type": person._meta.label_lower, "about_id": str(person.pk)}
    defaults = {
        "kind": "Notice",
        "dedupe_key": secrets.token_hex(8),
        "recipient": person,
        "to_address": f"{secrets.token_hex(8)}@example.org",
        "subject": "News",
        "text": "News.\n",
        "message_id": new_message_id(),
    }
    email = OutgoingEmail(**{**defaults, **about, **facts})
    email.date = email.queued_at
    return email
