"""A decision and a verification are on what staff looked at: a later version has to be looked at again."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from applications.models import Application, Decision, Outcome
from applications.models.decisions import decide, still_to_verify, verify
from applications.release import fingerprint, release
from mentoring.workflow import TransitionRefused
from tests import factories

pytestmark = pytest.mark.django_db
SEEN = re.compile(r'name="seen" value="([^"]+)"')


def hand_in_again(application, **rule_answers):
    application.save_draft(rule_answers=rule_answers)
    application.submit(by=application.applicant, received_at=timezone.now())


def test_a_decision_on_a_version_that_was_replaced_is_not_released():
    application, manager = factories.application(in_status="submitted"), factories.staff()
    decide(application, Outcome.ACCEPT, by=manager)
    seen = fingerprint(Decision.objects.ready(application.cycle))

    hand_in_again(application, membership_reference="another")

    assert not Decision.objects.ready(application.cycle)
    assert [each.application for each in Decision.objects.outdated(application.cycle)] == [application]
    assert application in Application.objects.awaiting_decision()
    assert application not in Application.objects.awaiting_release()
    with pytest.raises(TransitionRefused):
        release(application.cycle, by=manager, seen=seen)
    decide(application, Outcome.ACCEPT, by=manager)
    assert application in Application.objects.awaiting_release()


@pytest.mark.parametrize(
    ("answers", "left"),
    [({"membership_reference": "another"}, ["membership"]), ({"hours": "yes"}, []), ({"english": "yes", "x": "y"}, [])],
)
def test_a_verification_holds_while_the_answer_is_the_same(answers, left):
    told = {**factories.VMP_ANSWERS, "membership": "applied", "membership_reference": "R-1"}
    application = factories.application(in_status="submitted", rule_answers=told)
    verify(application, "membership", by=factories.staff())

    hand_in_again(application, **{"changed": "something", **answers})

    assert [rule["key"] for rule in still_to_verify(application)] == left


def test_text_written_after_the_close_is_not_handed_in_by_a_request_that_was_held_back():
    application = factories.application(factories.cycle())
    received_at = timezone.now()
    factories.move_window(application.cycle, "applications", closes_at=received_at + timedelta(microseconds=1))

    application.save_draft(answers={"goals": "Written after the close."})

    with pytest.raises(TransitionRefused, match="The deadline was"):
        application.submit(by=application.applicant, received_at=received_at)


def test_the_release_page_says_what_is_left_out_and_that_people_can_still_change(client):
    application, manager = factories.application(in_status="submitted"), factories.staff()
    other = factories.application(application.cycle, in_status="submitted")
    for each in (application, other):
        decide(each, Outcome.ACCEPT, by=manager)
    hand_in_again(application, membership_reference="another")
    client.force_login(manager)

    page = client.get(f"/admin/applications/application/release/{application.cycle_id}/").content.decode()

    assert "Left out: 1 to look at again" in page
    assert "Applicants can still change what they handed in" in page


def test_the_way_to_the_release_is_straight_where_there_is_one_cycle(client):
    application, manager = factories.application(in_status="submitted"), factories.staff()
    decide(application, Outcome.ACCEPT, by=manager)
    client.force_login(manager)

    answer = client.get("/admin/applications/application/release/")

    assert answer.headers["Location"] == f"/admin/applications/application/release/{application.cycle_id}/"


def test_bulk_decisions_say_beforehand_whom_they_cannot_change(client):
    told = {**factories.VMP_ANSWERS, "membership": "applied"}
    ready = factories.application(in_status="submitted")
    unverified = factories.application(ready.cycle, in_status="submitted", rule_answers=told)
    client.force_login(factories.staff())
    chosen = {"action": "accept_selected", "_selected_action": [ready.pk, unverified.pk]}

    page = client.post("/admin/applications/application/", chosen).content.decode()

    assert "Accept 1 application?" in page
    assert "1 cannot, and why" in page
    seen = SEEN.findall(page)
    assert seen == [ready.latest.receipt_number]
    client.post("/admin/applications/application/", {**chosen, "confirmed": "yes", "seen": seen})
    assert [each.application for each in Decision.objects.all()] == [ready]


@pytest.mark.parametrize("outcome", Outcome)
def test_a_decision_on_the_page_is_on_the_version_that_was_on_it(client, outcome):
    application = factories.application(in_status="submitted")
    address = f"/admin/applications/application/{application.pk}"
    client.force_login(factories.staff())
    seen = SEEN.findall(client.get(f"{address}/change/").content.decode())
    hand_in_again(application, needs=["women"])
    said = {"outcome": outcome, "note": "A strong letter, a clear goal."}

    answer = client.post(f"{address}/decide/", {**said, "seen": seen})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert (
        f"{application.applicant} has handed in version 2 since you looked. Please read it before you decide." in page
    )
    assert said["note"] in page
    assert not Decision.objects.exists()
    client.post(f"{address}/decide/", {**said, "seen": SEEN.findall(page)})
    assert Decision.objects.get().submission == application.latest


def test_a_form_that_lacks_something_still_says_which_version_was_looked_at(client):
    application = factories.application(in_status="submitted")
    address = f"/admin/applications/application/{application.pk}/decide/"
    client.force_login(factories.staff())
    seen = application.latest.receipt_number
    hand_in_again(application, needs=["women"])

    page = client.post(address, {"note": "A strong letter.", "seen": seen}).content.decode()

    assert SEEN.findall(page) == [seen]


def test_a_decision_that_does_not_say_which_version_was_looked_at_is_refused(client):
    application = factories.application(in_status="submitted")
    client.force_login(factories.staff())
    client.post(f"/admin/applications/application/{application.pk}/decide/", {"outcome": "accept"})
    assert not Decision.objects.exists()


def test_bulk_decisions_leave_out_what_was_handed_in_again_since_the_page_named_it(client):
    first, second = (factories.application(in_status="submitted") for _ in range(2))
    client.force_login(factories.staff())
    chosen = {"action": "accept_selected", "_selected_action": [first.pk, second.pk]}
    hand_in_again(second, needs=["women"])
    page = client.post("/admin/applications/application/", chosen).content.decode()
    assert f"{first.applicant}, version 1" in page
    assert f"{second.applicant}, version 2" in page
    hand_in_again(second, needs=["underrepresented"])

    data = {**chosen, "confirmed": "yes", "seen": SEEN.findall(page)}
    told = client.post("/admin/applications/application/", data, follow=True).content.decode()

    assert "1 decision recorded." in told
    assert f"1 application left as it was. {second.applicant} has handed in version 3 since you looked." in told
    assert [each.application for each in Decision.objects.all()] == [first]
