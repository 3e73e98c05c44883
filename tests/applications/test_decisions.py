"""Decisions: nobody outside staff learns of one before its release, and a release tells exactly what staff looked at."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from applications.models import Application, Decision, Outcome, PlaceOffer, Release
from applications.models.decisions import decide, still_to_verify, undecide, verify
from applications.release import fingerprint, release
from mentoring.accounts.roles import AUDITOR, MANAGER, REVIEWER
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from tests import factories

pytestmark = pytest.mark.django_db
TOKEN = re.compile(rb'(csrfmiddlewaretoken" value="|csrf-token" content="|X-CSRFToken": ")[^"]+')


def pages_of(client, application):
    """Everything this applicant can look at, byte for byte, but for the form's own token."""
    own, parts = application.get_absolute_url(), ["", "review/", "receipt/", "withdraw/", "eligibility/", "answers/"]
    public = ["/", "/programs/vmp/", "/programs/vmp/apply/"]
    paths = ["/home/", *[f"{own}{part}" for part in parts], "/account/profile/", *public]
    pages = {path: client.get(path) for path in paths}
    return {
        path: (page.status_code, page.get("Location"), TOKEN.sub(b"", page.content)) for path, page in pages.items()
    }


@pytest.mark.parametrize("status", ["submitted", "waitlisted"])
def test_nothing_an_applicant_sees_changes_before_the_release(client, status):
    made, manager = factories.cycle(decisions_by=date(2030, 2, 15)), factories.staff()
    application = factories.application(made, in_status=status, manager=manager)
    client.force_login(application.applicant)
    mail = OutgoingEmail.objects.count()

    with time_machine.travel(timezone.now(), tick=False):
        before = pages_of(client, application)
        assert {code for code, _location, _content in before.values()} <= {200, 302}
        for outcome in ("accept", "decline"):
            decide(application, outcome, by=manager, note="Between us.")
            assert pages_of(client, application) == before
        undecide(application, by=manager)
        assert pages_of(client, application) == before
    assert OutgoingEmail.objects.count() == mail


def test_the_pages_that_are_compared_do_change_with_a_release(client):
    application, manager = factories.application(in_status="submitted"), factories.staff()
    client.force_login(application.applicant)
    with time_machine.travel(timezone.now(), tick=False):
        before = pages_of(client, application)
        factories.tell(application, Outcome.ACCEPT, manager)
        after = pages_of(client, application)
    assert [path for path in before if before[path] != after[path]][:2] == ["/home/", application.get_absolute_url()]


@pytest.mark.parametrize(
    ("outcome", "status", "mail"),
    [
        ("accept", "accepted", "DecisionAccepted"),
        ("waitlist", "waitlisted", "DecisionWaitlisted"),
        ("decline", "declined", "DecisionDeclined"),
    ],
)
def test_a_release_moves_the_application_and_writes_one_mail(outcome, status, mail):
    application, manager = factories.application(in_status="submitted"), factories.staff()
    decide(application, outcome, by=manager)
    moment = datetime(2027, 2, 1, 12, tzinfo=UTC)

    with time_machine.travel(moment, tick=False):
        batch = release(application.cycle, by=manager, seen=fingerprint(Decision.objects.ready(application.cycle)))

    told = Application.objects.get(pk=application.pk)
    assert (told.status, told.released_at) == (status, moment)
    assert (batch.released_by, [each.outcome for each in batch.decisions.all()]) == (manager, [outcome])
    written = OutgoingEmail.objects.filter(recipient=application.applicant).exclude(kind="ApplicationReceived")
    assert [each.kind for each in written] == [mail]
    assert [each.actor_id for each in Event.objects.filter(verb="release")] == [manager.pk]


def another_outcome(application, manager):
    decide(application, "decline", by=manager)


def decided_anew(application, manager):
    decide(application, "accept", by=manager)


def taken_back(application, manager):
    undecide(application, by=manager)


def one_more(application, manager):
    decide(factories.application(application.cycle, in_status="submitted"), "accept", by=manager)


def withdrawn(application, manager):
    application.withdraw(by=application.applicant)


@pytest.mark.parametrize("change", [another_outcome, decided_anew, taken_back, one_more, withdrawn])
def test_a_release_is_refused_when_the_decisions_changed_since_staff_looked(change):
    made, manager = factories.cycle(), factories.staff()
    first, second = (factories.application(made, in_status="submitted") for _ in range(2))
    decide(first, "accept", by=manager)
    decide(second, "accept", by=manager)
    seen = fingerprint(Decision.objects.ready(made))
    change(first, manager)
    mail = OutgoingEmail.objects.count()

    with pytest.raises(TransitionRefused, match="The decisions have changed since you looked"):
        release(made, by=manager, seen=seen)

    assert not Release.objects.exists()
    assert Application.objects.get(pk=second.pk).status == "submitted"
    assert OutgoingEmail.objects.count() == mail


def test_there_is_nothing_to_release_twice():
    application, manager = factories.application(in_status="submitted"), factories.staff()
    factories.tell(application, Outcome.DECLINE, manager)

    with pytest.raises(TransitionRefused, match="There is no decision to release"):
        release(application.cycle, by=manager, seen="")


def test_a_release_leaves_other_cycles_alone():
    one, other = (factories.application(factories.cycle(slug), in_status="submitted") for slug in ("vmp", "dmp"))
    manager = factories.staff()
    decide(other, "accept", by=manager)

    factories.tell(one, Outcome.ACCEPT, manager)

    assert Application.objects.get(pk=other.pk).status == "submitted"
    assert other.decisions.unreleased().count() == 1


def test_someone_on_the_waitlist_can_be_accepted_later():
    application, manager = factories.application(in_status="waitlisted"), factories.staff()

    factories.tell(application, Outcome.ACCEPT, manager)

    assert Application.objects.get(pk=application.pk).status == "accepted"
    assert [each.outcome for each in application.decisions.order_by("pk")] == ["waitlist", "accept"]


@pytest.mark.parametrize(
    ("status", "outcome", "sentence"),
    [
        ("draft", "accept", "is draft: there is nothing to decide"),
        ("accepted", "decline", "is accepted: there is nothing to decide"),
        ("declined", "accept", "is declined: there is nothing to decide"),
        ("withdrawn", "accept", "is withdrawn: there is nothing to decide"),
        ("waitlisted", "waitlist", "is on the waitlist already"),
    ],
)
def test_what_cannot_be_decided(status, outcome, sentence):
    application = factories.application(in_status=status)
    with pytest.raises(TransitionRefused, match=sentence):
        decide(application, outcome, by=factories.staff())


def test_nobody_who_may_not_sign_in_is_accepted():
    """Neither recorded nor released; a no can be told."""
    made, manager = factories.cycle(), factories.staff()
    decided, other = (factories.application(made, in_status="submitted") for _ in range(2))
    decide(decided, "accept", by=manager)
    for each in (decided, other):
        type(each.applicant).objects.filter(pk=each.applicant_id).update(is_active=False)
    told = "may no longer sign in, .+ or first ask an administrator to open the account again"

    with pytest.raises(TransitionRefused, match=told):
        decide(Application.objects.get(pk=other.pk), "accept", by=manager)
    with pytest.raises(TransitionRefused, match=told):
        release(made, by=manager, seen=fingerprint(Decision.objects.ready(made)))
    assert not Application.objects.accepted().exists()
    assert not Release.objects.exists()

    decide(decided, "decline", by=manager)
    release(made, by=manager, seen=fingerprint(Decision.objects.ready(made)))
    assert Application.objects.get(pk=decided.pk).status == "declined"


def test_nobody_decides_on_their_own_application():
    manager = factories.staff()
    application = factories.application(applicant=manager, in_status="submitted")
    with pytest.raises(TransitionRefused, match="Nobody decides on their own application"):
        decide(application, "accept", by=manager)


def test_who_applied_for_membership_is_accepted_only_after_staff_have_verified_it():
    answers = {**factories.VMP_ANSWERS, "membership": "applied"}
    application, manager = factories.application(rule_answers=answers, in_status="submitted"), factories.staff()
    assert [rule["key"] for rule in still_to_verify(application)] == ["membership"]

    with pytest.raises(TransitionRefused, match=r"Verify first, .+ You are a full ASCO member, or submit a membership"):
        decide(application, "accept", by=manager)
    decide(application, "waitlist", by=manager)  # which needs no membership yet
    verify(application, "membership", by=manager, note="Paid today.")
    verify(application, "membership", by=manager)

    assert decide(application, "accept", by=manager).outcome == "accept"
    (event,) = Event.objects.about(application).filter(verb="verify")
    assert (event.actor_id, event.reason, event.details) == (manager.pk, "Paid today.", {"rule": "membership"})
    assert event.sentence == f"{manager}, verify membership: {application}"


@pytest.mark.parametrize("rule", ["us_canada", "no_such_rule", ""])
@pytest.mark.parametrize("found", ["yes", "no"])
def test_a_made_up_form_does_not_say_that_something_was_verified(client, rule, found):
    application = factories.application(in_status="submitted")
    client.force_login(factories.staff())
    address = f"/admin/applications/application/{application.pk}/verify/"
    page = client.post(address, {"rule": rule, "found": found, "note": "So."}, follow=True).content.decode()
    assert "There is nothing to verify here" in page
    assert not re.search(r"Verified, and on record|On record\.", page)
    assert not application.verifications.exists()


@pytest.mark.parametrize("again", [False, True])
def test_what_was_verified_by_mistake_is_corrected_on_record(client, again):
    """Also where the version that was looked into was replaced since by one that says the same."""
    answers = {**factories.VMP_ANSWERS, "membership": "applied"}
    application, manager = factories.application(rule_answers=answers, in_status="submitted"), factories.staff()
    verify(application, "membership", by=manager, note="Paid today.")
    if again:
        application.save_draft(rule_answers={"needs": ["women"]})
        application.submit(by=application.applicant, received_at=timezone.now())
    client.force_login(manager)
    address = f"/admin/applications/application/{application.pk}"
    page = client.get(f"{address}/change/").content.decode()
    assert f"Holds</span> {application.verifications.get().sentence}" in re.sub(r"\s+", " ", page)
    assert "Why it does not hold after all" in page
    correct = {"rule": "membership", "found": "no"}

    page = client.post(f"{address}/verify/", correct, follow=True).content.decode()
    assert "Say why it does not hold after all." in page
    assert still_to_verify(application) == []
    page = client.post(f"{address}/verify/", {**correct, "note": "Another of that name."}, follow=True).content.decode()

    assert "Why it does not hold after all" not in page
    assert [rule["key"] for rule in still_to_verify(application)] == ["membership"]
    assert not application.verifications.filter(holds=True).exists()
    (event,) = Event.objects.about(application).filter(verb="verify_not")
    assert (event.actor_id, event.reason) == (manager.pk, "Another of that name.")
    assert OutgoingEmail.objects.filter(kind="MembershipNotInForce").count() == 1


@pytest.mark.parametrize(
    ("relied_on", "sentence"),
    [
        ("recorded", "An acceptance is recorded, or"),
        ("offered", "An acceptance is recorded, or"),
        ("accepted", "accepted: what was"),
    ],
)
def test_what_somebody_has_relied_on_is_not_corrected(relied_on, sentence):
    answers = {**factories.VMP_ANSWERS, "membership": "applied"}
    status = {"recorded": "submitted", "offered": "waitlisted", "accepted": "accepted"}[relied_on]
    application, manager = factories.application(rule_answers=answers, in_status=status), factories.staff()
    verify(application, "membership", by=manager)
    if relied_on == "recorded":
        decide(application, "accept", by=manager)
    if relied_on == "offered":
        PlaceOffer.make(application, by=manager, respond_by=timezone.now() + timedelta(days=3))

    with pytest.raises(TransitionRefused, match=sentence):
        verify(application, "membership", by=manager, note="Another of that name.", holds=False)

    assert still_to_verify(application) == []


# --- Who on staff sees a decision before its release ------------------------------------------------------------------


@pytest.mark.parametrize(("role", "may"), [(REVIEWER, False), (MANAGER, True), (AUDITOR, True)])
def test_a_decision_that_is_not_released_is_shown_to_managers_and_auditors_only(client, role, may):
    application = factories.application(in_status="submitted")
    decide(application, "decline", by=factories.staff(), note="Between us.")
    client.force_login(factories.staff(role))

    one = client.get(f"/admin/applications/application/{application.pk}/change/").content.decode()
    listed = client.get("/admin/applications/application/").content.decode()

    assert (f"{Outcome.DECLINE.label}, not released" in one) is may
    assert ("Between us." in one) is may
    assert (f"{Outcome.DECLINE.label}, not released" in listed) is may
    assert ("Submitted" in one) is not may
    assert ("For the release of its decision" in listed) is may


def test_an_address_does_not_select_for_a_reviewer_what_waits_for_its_release(client):
    application = factories.application(in_status="submitted")
    decide(application, "accept", by=factories.staff())
    other = factories.application(application.cycle, in_status="submitted")
    client.force_login(factories.staff(REVIEWER))

    shown = client.get("/admin/applications/application/?queue=release").context["cl"].queryset

    assert {*shown} == {application, other}


# --- What is said in confidence --------------------------------------------------------------------------------------


@pytest.fixture
def confiding():
    """A submitted application that names a need which tells something of the person."""
    return factories.application(
        rule_answers={**factories.VMP_ANSWERS, "needs": ["women", "underrepresented"]}, in_status="submitted"
    )


SECRETS = ["Women in oncology", "Populations underrepresented in medicine"]


@pytest.mark.parametrize("role", [REVIEWER, MANAGER, AUDITOR])
def test_nobody_sees_on_the_page_what_was_said_in_confidence(client, confiding, role):
    client.force_login(factories.staff(role))
    page = client.get(f"/admin/applications/application/{confiding.pk}/change/").content.decode()

    assert "Said in confidence" in page
    assert not any(secret in page for secret in SECRETS)
    assert not Event.objects.filter(verb="look_at_confidential").exists()


@pytest.mark.parametrize(("role", "may"), [(REVIEWER, False), (AUDITOR, False), (MANAGER, True)])
def test_only_who_must_verify_may_look_and_each_look_is_on_record(client, confiding, role, may):
    person = factories.staff(role)
    client.force_login(person)
    page = client.post(f"/admin/applications/application/{confiding.pk}/confidential/")

    assert page.status_code == (200 if may else 403)
    assert all(secret in page.content.decode() for secret in SECRETS) is may
    looks = Event.objects.about(confiding).filter(verb="look_at_confidential")
    assert [look.actor_id for look in looks] == [person.pk] * may


def test_following_a_link_to_what_was_said_in_confidence_shows_nothing(client, confiding):
    client.force_login(factories.staff())
    assert client.get(f"/admin/applications/application/{confiding.pk}/confidential/").status_code == 302
    assert not Event.objects.filter(verb="look_at_confidential").exists()
