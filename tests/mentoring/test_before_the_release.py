"""Flip every unreleased decision: each byte, header and query stays the same for everybody outside staff, and for reviewers."""

import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.models import Application, Decision
from applications.models.decisions import decide, still_to_verify, verify
from applications.release import fingerprint, release
from tests import factories
from tests.test_roles import GET, one_of_everything, scene  # noqa: F401 (fixtures)

pytestmark = pytest.mark.django_db
TOKEN = re.compile(rb'(csrfmiddlewaretoken" value="|csrf-token" content="|X-CSRFToken": ")[^"]+')
# Leaving is tried last; the rest of these make something new each time one looks.
LEFT_OUT = {"account_logout", "mfa_activate_totp", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_login_webauthn",
            "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "ready"}  # fmt: skip
OUTSIDE = ["visitor", "owner", "other", "mentor"]


def reachable(person):
    """The addresses that answer this person with a page."""
    return [name for name, cells in GET.items() if cells[person] in {"200", "on"} and name not in LEFT_OUT]


def served(scene, person):  # noqa: F811
    """What each address answers: the status, every header, the body without its token, and how many queries it took."""
    found, client = {}, scene.client(person)
    for name in reachable(person):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(scene.address(name))
        body = b"".join(response.streaming_content) if response.streaming else response.content
        headers = sorted((key, value) for key, value in response.headers.items() if key != "Set-Cookie")
        found[name] = (response.status_code, headers, TOKEN.sub(b"", body), len(queries))
    return found


def flip(outcome, manager):
    """Record this on everything that can be decided. Nothing is released."""
    for application in Application.objects.filter(status__in=["submitted", "waitlisted"], place_offers=None):
        for rule in still_to_verify(application):
            verify(application, rule["key"], by=manager)
        decide(application, outcome, by=manager, note="Between us.")


@pytest.mark.slow
def test_no_byte_header_or_query_outside_staff_depends_on_a_decision_that_is_not_released(scene):  # noqa: F811
    manager = scene.people["manager"]
    made = Application.objects.get(pk=scene.rows["application"]).cycle
    for _ in range(3):
        factories.application(made, in_status="submitted")
    with time_machine.travel(timezone.now(), tick=False):
        before = {person: served(scene, person) for person in OUTSIDE}
        for outcome in ("accept", "decline"):
            flip(outcome, manager)
            for person in OUTSIDE:
                now = served(scene, person)
                assert [name for name in now if now[name] != before[person][name]] == [], (outcome, person)
        # The comparison can fail: a release is seen, by whom it concerns and on their own pages.
        release(made, by=manager, seen=fingerprint(Decision.objects.ready(made)))
        changed = {person: served(scene, person) for person in OUTSIDE}
    for person in ("owner", "other"):
        assert "home" in [name for name in changed[person] if changed[person][name] != before[person][name]]
    assert changed["visitor"] == before["visitor"]


@pytest.mark.slow
def test_what_a_reviewer_gets_does_not_depend_on_what_was_decided_and_why(scene):  # noqa: F811
    """That something is decided they can tell: it has left the queue of what is to be read. What, they cannot."""
    manager = scene.people["manager"]
    made = Application.objects.get(pk=scene.rows["application"]).cycle
    for _ in range(3):
        factories.application(made, in_status="submitted")
    served(scene, "reviewer")  # fills what is read once and kept, which would count as queries
    with time_machine.travel(timezone.now(), tick=False):
        flip("accept", manager)
        accepted = {person: served(scene, person) for person in ("reviewer", "manager")}
        flip("decline", manager)
        declined = {person: served(scene, person) for person in ("reviewer", "manager")}
    changed = {
        person: [name for name in now if now[name] != accepted[person][name]] for person, now in declined.items()
    }
    assert changed["reviewer"] == []
    # The comparison can fail: whoever may see decisions does.
    assert {"admin:applications_application_change", "admin:applications_application_changelist"} <= {
        *changed["manager"]
    }
