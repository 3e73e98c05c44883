"""Emails of the portal itself."""

from django.urls import reverse

from mentoring.links import absolute
from mentoring.notifications.email import Email


class ErasureRefused(Email):
    """To a person who asked to be erased, when staff say why it cannot be done."""

    template = "mentoring/email/erasure_refused.txt"
    reason = "You get this because you asked us to erase what we hold about you."
    while_status = ("refused",)
    placeholders = {
        "why": "You take part in a program until June.",
        "link": "https://mentoring.example.org/account/data/",
    }

    @classmethod
    def of(cls, row):
        link = absolute(reverse("account_data"))
        return cls(row.person, about=row, occasion="refused", why=row.answer, link=link)
