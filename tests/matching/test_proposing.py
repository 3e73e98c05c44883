"""Proposing: both sides learn of a pairing at once, nobody learns of a draft, and what goes out is what staff looked at."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from matching.models import Pairing
from matching.propose import fingerprint, propose_drafts
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from tests import factories

pytestmark = pytest.mark.django_db
TOKEN = re.compile(rb'csrfmiddlewaretoken" value="[^"]+')


def looked(cycle):
    return fingerprint(Pairing.objects.drafts_of(cycle))


def pages_of(client, person, paths):
    client.force_login(person)
    return [TOKEN.sub(b"", client.get(path).content) for path in paths]


def test_neither_side_sees_anything_of_a_draft(client):
    made, manager = factories.cycle(), factories.staff()
    mentee, mentor = factories.application(made, in_status="accepted", manager=manager), factories.interest(made)
    sides = {
        mentee.applicant: ["/home/", mentee.get_absolute_url(), mentee.preference_list.get_absolute_url()],
        mentor.mentor: ["/home/", mentor.get_absolute_url()],
    }
    mail = OutgoingEmail.objects.count()
    with time_machine.travel(timezone.now(), tick=False):
        before = [pages_of(client, person, paths) for person, paths in sides.items()]
        draft = Pairing.draft(mentee, mentor, by=manager)
        assert [pages_of(client, person, paths) for person, paths in sides.items()] == before
        draft.discard(by=manager)
        assert [pages_of(client, person, paths) for person, paths in sides.items()] == before
    assert OutgoingEmail.objects.count() == mail
    for person in sides:
        client.force_login(person)
        assert client.get(draft.get_absolute_url()).status_code == 404


def test_both_sides_are_asked_and_have_until_the_end_of_the_tenth_day():
    pairing = factories.pairing()
    with time_machine.travel(datetime(2027, 3, 5, 20, 30, tzinfo=UTC), tick=False):
        propose_drafts(pairing.cycle, by=factories.staff(), seen=looked(pairing.cycle))

    pairing.refresh_from_db()
    # The tenth day is over at midnight in New York, where clocks have gone forward in between.
    assert pairing.respond_by == datetime(2027, 3, 16, 4, tzinfo=UTC)
    assert pairing.respond_by_words == "11:59 PM ET on Monday, March 15, 2027"
    told = OutgoingEmail.objects.filter(kind__startswith="PairingTo").order_by("kind")
    assert [(mail.kind, mail.recipient, mail.expires_at) for mail in told] == [
        ("PairingToMentee", pairing.mentee, pairing.respond_by),
        ("PairingToMentor", pairing.mentor, pairing.respond_by),
    ]


def discarded(cycle, manager):
    Pairing.objects.drafts_of(cycle).first().discard(by=manager)


def one_more(cycle, manager):
    factories.pairing(cycle, manager=manager)


def another_mentor(cycle, manager):
    draft = Pairing.objects.drafts_of(cycle).first()
    draft.discard(by=manager)
    Pairing.draft(draft.application, factories.interest(cycle, manager=manager), by=manager)


@pytest.mark.parametrize("change", [discarded, one_more, another_mentor])
def test_nothing_is_proposed_when_the_drafts_changed_since_staff_looked(change):
    made, manager = factories.cycle(), factories.staff()
    for _ in range(2):
        factories.pairing(made, manager=manager)
    seen = looked(made)
    change(made, manager)

    with pytest.raises(TransitionRefused, match="The drafts have changed since you looked"):
        propose_drafts(made, by=manager, seen=seen)

    assert set(Pairing.objects.live().values_list("status", flat=True)) == {"drafted"}
    assert not OutgoingEmail.objects.filter(kind__startswith="PairingTo").exists()


def test_a_chosen_draft_is_proposed_and_the_others_stay_unknown(client):
    made, manager = factories.cycle(), factories.staff()
    chosen, other = factories.pairing(made, manager=manager), factories.pairing(made, manager=manager)
    path = f"/admin/matching/pairing/workbench/{made.pk}/propose/"
    client.force_login(manager)
    shown = client.get(path, {"draft": chosen.pk}).content.decode()
    assert chosen.mentee.name in shown
    assert other.mentee.name not in shown
    assert "1 other draft stays" in shown

    seen = fingerprint([chosen])
    client.post(path, {"draft": [chosen.pk, other.pk], "seen": seen})
    assert Pairing.objects.get(pk=chosen.pk).status == "drafted", "What was looked at is not what was asked for"
    client.post(path, {"draft": chosen.pk, "seen": seen})

    assert Pairing.objects.get(pk=chosen.pk).status == "proposed"
    assert Pairing.objects.get(pk=other.pk).status == "drafted"
    told = OutgoingEmail.objects.filter(kind__startswith="PairingTo").values_list("recipient", flat=True)
    assert set(told) == {chosen.mentee_id, chosen.mentor_id}
    with pytest.raises(TransitionRefused, match="There is no drafted pairing to propose"):
        propose_drafts(made, by=manager, seen=seen, ids=[chosen.pk])


def test_staff_read_just_what_the_two_will_read(client):
    made, manager = factories.cycle(), factories.staff()
    pairing = factories.pairing(made, manager=manager)
    client.force_login(manager)
    page = client.get(f"/admin/matching/pairing/workbench/{made.pk}/propose/")
    reads = page.context["reads"]
    propose_drafts(made, by=manager, seen=page.context["seen"])

    sent = {mail.kind: (mail.subject, mail.text, mail.html) for mail in OutgoingEmail.objects.all()}
    assert reads["to_mentee"] == sent["PairingToMentee"]
    assert reads["to_mentor"] == sent["PairingToMentor"]
    client.force_login(pairing.mentor)
    assert client.get(pairing.get_absolute_url()).context["shared_answers"] == reads["shared_answers"]
    assert "To find my way." in page.content.decode()


def test_all_are_proposed_or_none():
    made, manager = factories.cycle(), factories.staff()
    fine, other = factories.pairing(made, manager=manager), factories.pairing(made, manager=manager)
    # As it would be had the mentor paused without the drafts being dropped.
    type(other.interest).objects.filter(pk=other.interest_id).update(status="paused")

    with pytest.raises(TransitionRefused, match="is not taking new mentees"):
        propose_drafts(made, by=manager, seen=looked(made))

    assert Pairing.objects.get(pk=fine.pk).status == "drafted"
    assert not OutgoingEmail.objects.filter(kind__startswith="PairingTo").exists()


def test_who_pauses_keeps_what_was_shared_and_loses_what_was_drafted():
    made, manager = factories.cycle(), factories.staff()
    mentor = factories.interest(made, places=2, manager=manager)
    shared = factories.pairing(made, in_status="proposed", mentor=mentor, manager=manager)
    drafted = factories.pairing(made, mentor=mentor, manager=manager)

    mentor.pause(by=mentor.mentor)

    assert Pairing.objects.get(pk=shared.pk).status == "proposed"
    assert Pairing.objects.get(pk=drafted.pk).status == "withdrawn"


@pytest.mark.parametrize("leaves", ["mentee", "mentor"])
@pytest.mark.parametrize(
    ("status", "after"),
    [("drafted", "withdrawn"), ("proposed", "withdrawn"), ("confirmed", "withdrawn"), ("final", "ended_early"),
     ("active", "ended_early"), ("completed", "completed")],
)  # fmt: skip
def test_who_leaves_leaves_the_pairing_and_frees_the_other(leaves, status, after):
    pairing = factories.pairing(in_status=status)
    side = pairing.application if leaves == "mentee" else pairing.interest

    side.withdraw(by=pairing.mentee if leaves == "mentee" else pairing.mentor)

    assert Pairing.objects.get(pk=pairing.pk).status == after
    assert not Pairing.objects.live().exists()


@pytest.mark.parametrize("by", ["staff", "a stranger"])
def test_nobody_answers_for_another(by):
    pairing = factories.pairing(in_status="proposed")
    person = factories.staff() if by == "staff" else factories.person()
    for answer in (pairing.say_yes, pairing.say_no):
        with pytest.raises(TransitionRefused, match="Only the mentee and the mentor answer for themselves"):
            answer(by=person, received_at=timezone.now())


def test_a_second_yes_of_the_same_person_is_no_second_side():
    pairing = factories.pairing(in_status="confirmed")
    with pytest.raises(TransitionRefused, match="You have said yes already"):
        pairing.say_yes(by=pairing.mentee, received_at=timezone.now())
    assert Pairing.objects.get(pk=pairing.pk).status == "confirmed"


def test_the_final_mails_give_each_the_others_contact_and_the_refusal_tells_neither():
    pairing = factories.pairing(in_status="final")
    mails = {mail.kind: mail for mail in OutgoingEmail.objects.filter(kind__startswith="PairingFinal")}
    assert pairing.mentor.email in mails["PairingFinalMentee"].text
    assert pairing.mentee.email in mails["PairingFinalMentor"].text

    refused = factories.pairing(in_status="declined")
    mails = OutgoingEmail.objects.filter(kind__startswith="Pairing").order_by("kind")
    assert [mail.kind for mail in mails.filter(recipient=refused.mentor)] == ["PairingDeclined", "PairingToMentor"]
    assert [mail.kind for mail in mails.filter(recipient=refused.mentee)] == ["PairingToMentee"]


def test_two_who_were_refused_are_not_drafted_again():
    pairing = factories.pairing(in_status="declined")
    with pytest.raises(TransitionRefused, match="were proposed before, and one of them said no"):
        Pairing.draft(pairing.application, pairing.interest, by=factories.staff())


def mentee_gone(pairing):
    type(pairing.application).objects.filter(pk=pairing.application_id).update(
        status="withdrawn", withdrawn_at=timezone.now()
    )


def mentor_paused(pairing):
    type(pairing.interest).objects.filter(pk=pairing.interest_id).update(status="paused")


def mentee_may_not_sign_in(pairing):
    type(pairing.mentee).objects.filter(pk=pairing.mentee_id).update(is_active=False)


def mentor_may_not_sign_in(pairing):
    type(pairing.mentor).objects.filter(pk=pairing.mentor_id).update(is_active=False)


@pytest.mark.parametrize(
    ("meanwhile", "sentence"),
    [
        (mentee_gone, "is not an accepted mentee any more"),
        (mentor_paused, "is not taking new mentees"),
        (mentee_may_not_sign_in, "may no longer sign in, so could not answer"),
        (mentor_may_not_sign_in, "may no longer sign in, so could not answer"),
    ],
)
def test_a_draft_is_proposed_only_to_two_who_can_still_answer(meanwhile, sentence):
    """As it would be had the draft not been dropped by what happened."""
    pairing, manager = factories.pairing(), factories.staff()
    meanwhile(pairing)
    with pytest.raises(TransitionRefused, match=sentence):
        pairing.propose(by=manager)
    assert Pairing.objects.get(pk=pairing.pk).status == "drafted"
