"""What the apps write emails with: a small class for each kind, in the app's ``emails.py``.

    class ApplicationReceived(Email):
        \"""To the applicant, when an application is submitted.\"""

        template = "applications/email/received.txt"
        placeholders = {"program": "Virtual Mentoring Program", "link": "https://mentoring.example.org/applications/1/"}
        reason = "You get this email because you applied."

    ApplicationReceived(person, about=application, occasion="version-2", program="...", link="...").queue()

``README.md`` says what the texts can do.
"""

import hashlib
import logging
import re
import uuid
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.template import Engine, TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.encoding import punycode

from mentoring.notifications import texts
from mentoring.notifications.models import EmailText, OutgoingEmail, new_message_id
from mentoring.notifications.tasks import nudge

logger = logging.getLogger(__name__)

# What every text may say, with an example for previews.
COMMON = {"name": "Ada Lovelace", "site_name": "Mentoring Programs"}
# The kinds of email there are, by the name of their class.
registry: dict[str, type["Email"]] = {}


@dataclass(frozen=True)
class Correspondent:
    """Somebody without an account, who can be written to all the same."""

    name: str
    email: str

    def __str__(self):
        return self.name

    @property
    def key(self):
        """What names this address in a dedupe key, which is shorter than the longest address."""
        return hashlib.sha256(self.email.lower().encode()).hexdigest()


class Email:
    """One event, told to one person. The docstring of a subclass tells staff to whom it goes, and when."""

    # The shipped text, below templates/.
    template = ""
    # The states its subject must still be in when the email leaves; empty for any.
    while_status: tuple[str, ...] = ()
    # Each placeholder with an example of its value.
    placeholders: dict[str, str] = {}
    # The sentence at the foot that says why the person gets it.
    reason = ""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if not cls.template:
            return
        known = registry.get(cls.__name__)
        if known and known.__module__ != cls.__module__:
            raise TypeError(f"Two kinds of email are called {cls.__name__}: {known.__module__} and {cls.__module__}.")
        registry[cls.__name__] = cls

    def __init__(self, recipient, *, about, occasion, scope="", **values):
        """``occasion`` sets this event apart from others of the kind about the same row, as in "version-2".

        ``scope`` is the cycle's short name: it chooses staff's wording and lets them filter. ``recipient`` is a user, or a
        ``Correspondent``.
        """
        self.recipient, self.about, self.occasion, self.scope, self.values = recipient, about, occasion, scope, values

    @classmethod
    def known(cls):
        """Every placeholder a text of this kind may use, with an example."""
        return {**COMMON, "site_name": settings.SITE_NAME, **cls.placeholders}

    @classmethod
    def label(cls):
        """ "ApplicationReceived" in words."""
        return kind_in_words(cls.__name__)

    @classmethod
    def purpose(cls):
        """To whom it goes, and when: the docstring, for staff."""
        return " ".join((cls.__doc__ or "").split())

    @classmethod
    def shipped(cls):
        """The shipped subject and body."""
        return texts.split_source(_source(cls.template))

    @classmethod
    def errors(cls, subject, body):
        """What is wrong with a wording for this kind: {"subject": [...], "body": [...]}, only what is wrong."""
        known = cls.known()
        found = {"subject": texts.subject_errors(subject, known), "body": texts.body_errors(body, known)}
        if not any(found.values()):
            try:
                texts.render(subject, body, known)
            except texts.TextError as error:
                found["body"] = [str(error)]
        return {field: errors for field, errors in found.items() if errors}

    @classmethod
    def wording(cls, scope):
        """The subject and body in force: the cycle's own, else staff's for every cycle, else the shipped one."""
        own = EmailText.objects.most_specific(cls.__name__, scope)
        if own is None:
            return cls.shipped()
        if errors := cls.errors(own.subject, own.body):
            # A wording from before the placeholders changed must not stand in the way of the event itself.
            logger.error("The wording %s no longer fits, the shipped one is used: %s", own, errors)
            return cls.shipped()
        return own.subject, own.body

    @classmethod
    def preview(cls, subject, body):
        """(subject, text, html) with the example values. Raises TextError."""
        return cls._parts(texts.render(subject, body, cls.known()))

    def queue(self, *, expires_at=None, not_before=None):
        """Write the email into the outbox, in the caller's transaction: the row, or None if it was there already.

        Raises RuntimeError outside a transaction, ValueError for a placeholder without a value.
        """
        if not connection.in_atomic_block:
            raise RuntimeError("An email is queued inside the transaction of its event.")
        key = self.dedupe_key
        if OutgoingEmail.objects.filter(dedupe_key=key).exists():
            return None
        subject, text, html = self._parts(texts.render(*self.wording(self.scope), self._checked_values()))
        return _put(
            kind=type(self).__name__,
            dedupe_key=key,
            **_addressed_to(self.recipient),
            subject=subject,
            text=text,
            html=html,
            about_type=self.about._meta.label_lower,
            about_id=str(self.about.pk),
            while_status=list(self.while_status),
            scope=self.scope,
            expires_at=expires_at,
            not_before=not_before or timezone.now(),
        )

    def as_read(self):
        """(subject, text, html) just as this person would get it, for staff to read first. Nothing is queued."""
        return self._parts(texts.render(*self.wording(self.scope), self._checked_values()))

    @property
    def dedupe_key(self):
        about = self.about
        to = self.recipient.key if isinstance(self.recipient, Correspondent) else self.recipient.pk
        parts = [type(self).__name__, about._meta.label_lower, about.pk, self.occasion, to]
        if any(part in (None, "") for part in parts):
            raise ValueError(f"{type(self).__name__} needs a saved subject, a saved recipient and an occasion.")
        return ":".join(map(str, parts))

    def _checked_values(self):
        if stray := self.values.keys() - self.placeholders.keys():
            raise ValueError(f"{type(self).__name__} knows no {', '.join(sorted(stray))}.")
        values = {"name": str(self.recipient), "site_name": settings.SITE_NAME, **self.values}
        empty = [name for name in self.known() if values.get(name) is None or not texts.clean(values[name])]
        if empty:
            raise ValueError(f"{type(self).__name__} has no value for {', '.join(empty)}.")
        return values

    @classmethod
    def _parts(cls, rendered):
        context = {
            "subject": rendered.subject,
            "blocks": rendered.blocks,
            "site_name": settings.SITE_NAME,
            "site_url": settings.SITE_URL,
            "reason": cls.reason,
        }
        footer = [cls.reason, f"{settings.SITE_NAME}, {settings.SITE_URL}"]
        text = rendered.as_plain_text([line for line in footer if line])
        return rendered.subject, text, render_to_string("email/layout.html", context)


def queue_account_mail(user, to_address, prefix, subject, text):
    """Write a mail about signing in, which allauth rendered, into the outbox. Raises TextError for a broken template.

    ``user`` is None where the address has no account; ``prefix`` is allauth's name for the mail, as in
    "account/email/password_reset_key"; ``text`` is in the language of ``texts``. Each call is a mail of its own. Works in a
    transaction and outside one.
    """
    kind = "Account" + prefix.rpartition("/")[2].title().replace("_", "")
    one_line = " ".join(texts.clean(subject).split())
    subject, text, html = Email._parts(texts.Rendered(one_line, texts.parse(texts.clean(text))))
    with transaction.atomic():
        return _put(
            kind=kind,
            dedupe_key=f"{kind}:{uuid.uuid4()}",
            recipient=user,
            without_account=user is None,
            to_address=to_address,
            subject=subject,
            text=text,
            html=html,
        )


def kind_in_words(kind):
    """ "ApplicationReceived" as "Application received"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", kind).capitalize()


def as_delivered(address):
    """An address as mail servers take it. Raises UnicodeError for a domain that has no such form."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{punycode(domain)}"


def _addressed_to(recipient):
    if isinstance(recipient, Correspondent):
        return {"recipient": None, "without_account": True, "to_address": recipient.email}
    return {"recipient": recipient, "to_address": recipient.email}


def _put(*, to_address, **fields):
    now = timezone.now()
    row = OutgoingEmail(message_id=new_message_id(), date=now, to_address=as_delivered(to_address), **fields)
    row.queued_at, row.next_attempt_at = now, row.not_before
    OutgoingEmail.objects.bulk_create([row], ignore_conflicts=True)
    row = OutgoingEmail.objects.filter(message_id=row.message_id).first()
    if row and row.not_before <= timezone.now():
        transaction.on_commit(partial(nudge, row.pk), robust=True)
    return row


def _source(name):
    """A template's file as it is, not compiled: it is written in the language of ``texts``, not in Django's."""
    engine = Engine.get_default()
    for loader in engine.template_loaders:
        for origin in loader.get_template_sources(name):
            try:
                return origin.loader.get_contents(origin)
            except TemplateDoesNotExist:
                continue
    raise TemplateDoesNotExist(name)
