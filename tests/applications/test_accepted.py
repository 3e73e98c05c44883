"""Every way in which somebody becomes a mentee, and everything that must stand against each."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from applications.models import Application, Decision, PlaceOffer
from applications.models.decisions import decide, verify
from applications.models.offers import free_places
from applications.models.waivers import waive
from applications.release import fingerprint, release
from mentoring.workflow import TransitionRefused
from tests import factories

pytestmark = pytest.mark.django_db

APPLIED = {**factories.VMP_ANSWERS, "membership": "applied"}
LATER = timedelta(days=7)


@pytest.fixture
def manager():
    return factories.staff()


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def tell_all(cycle, manager):
    release(cycle, by=manager, seen=fingerprint(Decision.objects.ready(cycle)))


def waitlisted(row, manager):
    decide(row, "waitlist", by=manager)
    tell_all(row.cycle, manager)
    row.refresh_from_db()


# --- The ways in: each tries to make the person a mentee as well as it can ------------------------------------------------


def decided_on_the_page(row, manager):
    page = f"/admin/applications/application/{row.pk}/decide/"
    client_of(manager).post(page, {"outcome": "accept", "note": "", "seen": row.latest.receipt_number})
    tell_all(row.cycle, manager)


def decided_among_many(row, manager):
    data = {"action": "accept_selected", "_selected_action": [row.pk], "confirmed": "yes"}
    data["seen"] = [row.latest.receipt_number]
    client_of(manager).post("/admin/applications/application/", data)
    tell_all(row.cycle, manager)


def decided_from_the_waitlist(row, manager):
    waitlisted(row, manager)
    decided_on_the_page(row, manager)


def offered_and_taken(row, manager):
    waitlisted(row, manager)
    last_day = (timezone.now() + LATER).date()
    data = {"offer": row.pk, "last_day": last_day, "reason": ""}
    client_of(manager).post(f"/admin/applications/application/waitlist/{row.cycle_id}/", data)
    client_of(row.applicant).post(f"/applications/{row.pk}/place/", {"answer": "take", **factories.CONFIRMED})


def released_without_looking(row, manager):
    """Code that goes past ``decide``: the transition itself, with a released acceptance."""
    factories.told_to_accept(row, manager)
    row.accept(by=manager)


def taken_without_looking(row, manager):
    """Code that goes past ``PlaceOffer.make``."""
    waitlisted(row, manager)
    facts = {"respond_by": timezone.now() + LATER, "offered_by": manager}
    PlaceOffer.objects.create(application=row, **facts)
    row.accept(by=row.applicant)


def written_by_hand(row, manager):
    """No model at all."""
    factories.told_to_accept(row, manager)
    with transaction.atomic():
        Application.objects.filter(pk=row.pk).update(status="accepted", released_at=timezone.now())


WAYS = [
    decided_on_the_page,
    decided_among_many,
    decided_from_the_waitlist,
    offered_and_taken,
    released_without_looking,
    taken_without_looking,
    written_by_hand,
]


# --- What staff must verify ------------------------------------------------------------------------------------------------


def nothing(row, manager):
    return row


def looked_and_not_found(row, manager):
    verify(row, "membership", by=manager, holds=False)


def verified(row, manager):
    verify(row, "membership", by=manager)


def waived(row, manager):
    waive(row, "membership", by=manager, reason="The board said so.")


def verified_for_another_answer(row, manager):
    verify(row, "membership", by=manager)
    hand_in(row, membership_reference="M-7")


def verified_and_the_rest_changed(row, manager):
    verify(row, "membership", by=manager)
    hand_in(row, needs=["women"])


def hand_in(row, **answers):
    row.save_draft(rule_answers=answers)
    row.submit(by=row.applicant, received_at=timezone.now())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("before", "gets_in"),
    [
        (nothing, False),
        (looked_and_not_found, False),
        (verified_for_another_answer, False),
        (verified, True),
        (waived, True),
        (verified_and_the_rest_changed, True),
    ],
)
def test_no_way_in_goes_past_what_staff_must_verify(way, before, gets_in, manager):
    row = factories.application(in_status="submitted", rule_answers=APPLIED)
    before(row, manager)
    row = Application.objects.get(pk=row.pk)
    try:
        way(row, manager)
    except (TransitionRefused, IntegrityError):
        assert not gets_in
    assert Application.objects.get(pk=row.pk).is_accepted is gets_in


# --- What must be told, and in time ------------------------------------------------------------------------------------------


def recorded_and_not_released(row, manager):
    decide(row, "accept", by=manager)


def offered_to_somebody_else(row, manager):
    factories.offer(row.cycle, manager=manager)


def offered_and_taken_back(row, manager):
    if row.status == "waitlisted":
        PlaceOffer.make(row, by=manager, respond_by=timezone.now() + LATER).take_back(by=manager, why="A mistake.")


def released_and_declined_before(row, manager):
    factories.told_to_accept(row, manager)
    Decision.objects.filter(application=row).update(outcome="decline")


@pytest.mark.parametrize("status", ["submitted", "waitlisted"])
@pytest.mark.parametrize(
    "before",
    [
        nothing,
        recorded_and_not_released,
        offered_to_somebody_else,
        offered_and_taken_back,
        released_and_declined_before,
    ],
)
def test_nobody_is_accepted_without_a_released_acceptance_or_an_offer_of_their_own(status, before, manager):
    row = factories.application(in_status=status, manager=manager)
    before(row, manager)
    with pytest.raises(TransitionRefused, match="Nobody is accepted but by a released decision"):
        Application.objects.get(pk=row.pk).accept(by=manager)
    assert Application.objects.get(pk=row.pk).status == status


def test_an_acceptance_of_an_earlier_version_lets_nobody_in(manager):
    row = factories.application(in_status="submitted")
    factories.told_to_accept(row, manager)
    hand_in(row, needs=["women"])
    with pytest.raises(TransitionRefused, match="Nobody is accepted but by a released decision"):
        row.accept(by=manager)


# --- Places ------------------------------------------------------------------------------------------------------------------


def test_a_release_beyond_the_places_goes_out_only_as_staff_saw_it(manager):
    made = factories.cycle(places=2)
    waiting = factories.application(made, in_status="waitlisted", manager=manager)
    for _ in range(2):
        decide(factories.application(made, in_status="submitted"), "accept", by=manager)
    seen = fingerprint(Decision.objects.ready(made))
    offer = PlaceOffer.make(waiting, by=manager, respond_by=timezone.now() + LATER)

    with pytest.raises(TransitionRefused, match="or the places have"):
        release(made, by=manager, seen=seen)

    assert not Application.objects.accepted().exists()
    offer.take_back(by=manager, why="A mistake.")
    release(made, by=manager, seen=seen)
    assert (Application.objects.accepted().count(), free_places(made)) == (2, 0)


def test_a_place_is_not_offered_where_every_one_is_taken_or_offered(manager):
    made = factories.cycle(places=1)
    factories.application(made, in_status="accepted", manager=manager)
    waiting = factories.application(made, in_status="waitlisted", manager=manager)
    with pytest.raises(TransitionRefused, match="Every place of this cycle is taken or offered"):
        PlaceOffer.make(waiting, by=manager, respond_by=timezone.now() + LATER)
