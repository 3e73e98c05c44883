"""What happens around a proposal while it is open: nothing illegal, nothing lost, staff told; for each order of answers."""

import pytest
from django.utils import timezone

from matching.models import Pairing
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from tests import factories

pytestmark = pytest.mark.django_db


def mentor_moves(pairing, manager):
    pairing.mentor.move_to(list(pairing.mentee.institutions.all()))


def mentee_moves(pairing, manager):
    pairing.mentee.move_to(list(pairing.mentor.institutions.all()))


def capacity_is_lowered(pairing, manager):
    with pytest.raises(TransitionRefused, match="1 of this mentor's places are in use"):
        pairing.interest.set_capacity(0, by=manager)


def mentee_withdraws(pairing, manager):
    pairing.application.withdraw(by=pairing.mentee)


def mentor_withdraws(pairing, manager):
    pairing.interest.withdraw(by=pairing.mentor)


def mentor_pauses(pairing, manager):
    pairing.interest.pause(by=pairing.mentor)


# event, in which state -> the state after it, whether the place is free then, how many mails staff get
TABLE = [
    (mentor_moves, "proposed", "withdrawn", True, 1),
    (mentor_moves, "confirmed", "withdrawn", True, 1),
    (mentee_moves, "proposed", "withdrawn", True, 1),
    (mentee_moves, "confirmed", "withdrawn", True, 1),
    (capacity_is_lowered, "proposed", "proposed", False, 0),
    (capacity_is_lowered, "confirmed", "confirmed", False, 0),
    (mentee_withdraws, "proposed", "withdrawn", True, 1),
    (mentee_withdraws, "confirmed", "withdrawn", True, 1),
    (mentor_withdraws, "proposed", "withdrawn", True, 1),
    (mentor_withdraws, "confirmed", "withdrawn", True, 1),
    (mentor_pauses, "proposed", "proposed", False, 0),
    (mentor_pauses, "confirmed", "confirmed", False, 0),
]


@pytest.mark.parametrize("first", ["both", "mentor", "mentee"])
@pytest.mark.parametrize(("event", "status", "after", "is_free", "told"), TABLE)
def test_what_comes_of_it(first, event, status, after, is_free, told):
    manager = factories.staff()
    pairing = factories.pairing(factories.cycle(answers_first=first), in_status=status, manager=manager)
    asked = {person: pairing.asked_at(person) for person in (pairing.mentee, pairing.mentor)}
    yeses = {person: pairing.said_yes_at(person) for person in asked}
    mails = OutgoingEmail.objects.exclude(recipient=manager).filter(about_type="matching.pairing").count()

    event(pairing, manager)

    pairing = Pairing.objects.get(pk=pairing.pk)
    assert pairing.status == after
    assert {person: pairing.said_yes_at(person) for person in asked} == yeses, "no yes is lost or made up"
    assert {person: pairing.asked_at(person) for person in asked} == asked, "nobody is asked because of it"
    assert pairing.place.is_free is is_free
    assert OutgoingEmail.objects.filter(kind="PairingNeedsStaff", recipient=manager).count() == told
    others = OutgoingEmail.objects.exclude(recipient=manager).filter(about_type="matching.pairing").count()
    assert others == mails, "the two are told nothing by the portal itself"
    if after == "withdrawn":
        assert pairing.end_reason
        for person in asked:
            with pytest.raises(TransitionRefused):
                pairing.say_yes(by=person, received_at=timezone.now())
    else:
        # It can still come to both yeses.
        for person in pairing.unanswered():
            pairing.say_yes(by=person, received_at=timezone.now())
        for person in pairing.unanswered():
            pairing.say_yes(by=person, received_at=timezone.now())
        assert Pairing.objects.get(pk=pairing.pk).status == "final"
