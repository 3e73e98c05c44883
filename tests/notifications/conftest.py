from pathlib import Path

import pytest

from mentoring.notifications.email import Email, registry
from mentoring.notifications.tasks import nudge
from tests.notifications.rows import new_person, row
from tests.notifications.sink import Sink

TEXTS = Path(__file__).parent / "texts"


@pytest.fixture
def Notice(settings):
    """A kind of email that only the tests know."""
    engine, *others = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], TEXTS]}, *others]

    class Notice(Email):
        """To anyone, in tests."""

        template = "notice.txt"
        placeholders = {"subject": "the spring term", "thing": "a pen", "link": "https://example.org/1/"}
        reason = "You get this email because a test wrote it."

    yield Notice
    del registry["Notice"]


@pytest.fixture
def notice(Notice, person, outgoing):
    """An unqueued notice about a row whose status is "failed"."""

    def make(recipient=person, about=None, occasion="version-1", scope="", while_status=(), **values):
        Notice.while_status = while_status
        values = {"subject": "the term", "thing": "a pencil", "link": "https://example.org/2/", **values}
        return Notice(recipient, about=about or outgoing(status="failed"), occasion=occasion, scope=scope, **values)

    return make


@pytest.fixture
def person(db):
    return new_person()


@pytest.fixture
def outgoing(person):
    """A row in the outbox."""

    def make(**facts):
        email = row(person, **facts)
        email.save()
        return email

    return make


@pytest.fixture
def sink(settings):
    """A mail server that takes what it is given, unless told otherwise."""
    server = Sink()
    server.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = ""
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _rested(monkeypatch):
    """Each test believes in the broker anew."""
    monkeypatch.setattr(nudge, "resting_until", 0.0)
