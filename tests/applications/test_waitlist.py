"""The waitlist: a place is offered by a date, taken with the commitments confirmed, and never offered twice."""

import re
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applications.models import Application, Decision, PlaceOffer
from applications.models.decisions import decide, verify
from applications.models.offers import free_places
from applications.release import beyond_the_places, fingerprint, release
from applications.tasks import look_after_offers
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused, edges
from tests import factories
from tests.mentoring.at_once import at_once
from tests.mentoring.moves import reached
from tests.mentoring.test_races import errors, refused, sql

pytestmark = pytest.mark.django_db

EDGES = {
    ("accept", "offered", "accepted"),
    ("decline", "offered", "declined"),
    ("lapse", "offered", "lapsed"),
    ("take_back", "offered", "taken_back"),
}


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def test_the_table_is_the_one_written_here():
    assert edges(PlaceOffer) == EDGES


@pytest.mark.parametrize("status", PlaceOffer.Status.values)
def test_an_offer_is_answered_once(status):
    offer = factories.offer(in_status=status)
    PlaceOffer.objects.filter(pk=offer.pk).update(respond_by=timezone.now() + timedelta(days=1))
    person = {"by": offer.application.applicant, "received_at": timezone.now()}
    moves = {
        "accept": {**person, "confirmed": factories.commitments(offer.application.cycle)},
        "decline": person,
        "lapse": {"by": None},  # there is still time
        "take_back": {"by": factories.staff(), "why": "A mistake."},
    }
    expected = {"accept": "accepted", "decline": "declined", "take_back": "taken_back"} if status == "offered" else {}
    assert reached(offer, moves) == expected


def test_a_place_is_taken_with_every_commitment_confirmed_and_by_that_person_only():
    offer = factories.offer()
    application, address = offer.application, offer.get_absolute_url()
    assert client_of(factories.person()).post(address, {"answer": "take", **factories.CONFIRMED}).status_code == 404
    client = client_of(application.applicant)
    refused = client.post(address, {"answer": "take", "confirm_1": "on", "confirm_2": "on"})
    assert refused.status_code == 409
    assert "To take the place, please confirm: I know that a mentor" in refused.content.decode()
    with pytest.raises(TransitionRefused, match="Only the person to whom the place is offered"):
        offer.accept(by=factories.staff(), received_at=timezone.now(), confirmed=[])

    assert client.post(address, {"answer": "take", **factories.CONFIRMED}).status_code == 302

    taken = PlaceOffer.objects.get()
    assert (taken.status, len(taken.commitments)) == ("accepted", 3)
    assert Application.objects.get(pk=application.pk).status == "accepted"
    assert application.__class__.objects.get(pk=application.pk).preference_list
    (event,) = Event.objects.about(application).filter(verb="accept")
    assert event.actor_id == application.applicant_id


def test_looking_at_the_page_answers_nothing():
    offer = factories.offer()
    page = client_of(offer.application.applicant).get(offer.get_absolute_url()).content.decode()
    assert "checked" not in re.sub(r"<script.*?</script>", "", page)
    assert PlaceOffer.objects.get().status == "offered"


def test_the_time_to_answer_is_when_the_server_received_it():
    offer = factories.offer()
    person, asked = offer.application.applicant, factories.commitments(offer.application.cycle)
    with pytest.raises(TransitionRefused, match="The time to answer ended at"):
        offer.accept(by=person, received_at=offer.respond_by, confirmed=asked)
    with time_machine.travel(offer.respond_by + timedelta(minutes=3)):
        offer.accept(by=person, received_at=offer.respond_by - timedelta(microseconds=1), confirmed=asked)
    assert PlaceOffer.objects.get().status == "accepted"


def test_who_does_not_answer_is_reminded_twice_and_stays_on_the_waitlist_without_blame():
    offer = factories.offer(respond_by=timezone.now() + timedelta(days=7))
    kinds = ["PlaceReminder", "PlaceLapsed"]
    for days in (1, 5.5, 5.6, 6.5, 6.6, 7.1, 7.2):
        with time_machine.travel(offer.offered_at + timedelta(days=days), tick=False):
            look_after_offers()
    told = OutgoingEmail.objects.filter(recipient=offer.application.applicant, kind__in=kinds).order_by("pk")
    assert [each.kind for each in told] == ["PlaceReminder", "PlaceReminder", "PlaceLapsed"]
    assert PlaceOffer.objects.get().status == "lapsed"
    assert Application.objects.get(pk=offer.application_id).status == "waitlisted"


def test_an_offer_ends_with_the_application():
    offer = factories.offer()
    Application.objects.get(pk=offer.application_id).withdraw(by=offer.application.applicant)
    assert PlaceOffer.objects.get().status == "taken_back"
    assert not OutgoingEmail.objects.filter(kind="PlaceTakenBack").exists()


def test_a_decision_and_an_offer_do_not_cross():
    manager = factories.staff()
    offer = factories.offer(manager=manager)
    with pytest.raises(TransitionRefused, match="the answer is still to come"):
        decide(Application.objects.get(pk=offer.application_id), "decline", by=manager)
    other = factories.application(offer.application.cycle, in_status="waitlisted", manager=manager)
    decide(other, "decline", by=manager)
    with pytest.raises(TransitionRefused, match="waits for its release"):
        PlaceOffer.make(other, by=manager, respond_by=timezone.now() + timedelta(days=1))


# --- Places ----------------------------------------------------------------------------------------------------------------


def two_waiting_for_one_place(manager):
    made = factories.cycle(places=2)
    factories.application(made, in_status="accepted", manager=manager)
    return made, [factories.application(made, in_status="waitlisted", manager=manager) for _ in range(2)]


def test_a_place_given_back_can_be_offered_again():
    manager = factories.staff()
    made, (first, second) = two_waiting_for_one_place(manager)
    later = timezone.now() + timedelta(days=3)
    offer = PlaceOffer.make(first, by=manager, respond_by=later)
    assert free_places(made) == 0
    ready = decide(factories.application(made, in_status="submitted"), "accept", by=manager)
    assert beyond_the_places(made, list(Decision.objects.filter(pk=ready.pk))) == 1
    with pytest.raises(TransitionRefused, match="Every place of this cycle is taken or offered"):
        PlaceOffer.make(second, by=manager, respond_by=later)
    offer.decline(by=first.applicant, received_at=timezone.now())
    assert PlaceOffer.make(second, by=manager, respond_by=later).is_open


@pytest.mark.django_db(transaction=True)
def test_two_staff_who_offer_the_last_place_at_once_never_offer_it_twice():
    manager = factories.staff()
    _made, waiting = two_waiting_for_one_place(manager)
    later = timezone.now() + timedelta(days=3)
    offers = [lambda row=row: PlaceOffer.make(row, by=manager, respond_by=later) for row in waiting]
    for _race in range(10):
        outcomes = at_once(*offers)
        assert errors(outcomes) == []
        assert len(refused(outcomes)) == 1
        PlaceOffer.objects.open().get().take_back(by=manager, why="Again.")
    # Without the trigger both get it.
    sql("ALTER TABLE applications_placeoffer DISABLE TRIGGER place_offer_within_places")
    try:
        assert refused(at_once(*offers)) == []
        assert PlaceOffer.objects.open().count() == 2
    finally:
        sql("ALTER TABLE applications_placeoffer ENABLE TRIGGER place_offer_within_places")


# --- Staff -----------------------------------------------------------------------------------------------------------------


def test_staff_order_the_waitlist_and_offer_a_place_and_the_person_learns_neither_order_nor_reason():
    manager = factories.staff()
    _made, (first, second) = two_waiting_for_one_place(manager)
    client = client_of(manager)
    address = f"/admin/applications/application/waitlist/{first.cycle_id}/"
    assert client.post(address, {"order": "on", f"rank_{first.pk}": "2", f"rank_{second.pk}": "1"}).status_code == 302
    page = client.get(address).content.decode()
    assert page.index(f'name="rank_{second.pk}"') < page.index(f'name="rank_{first.pk}"')

    data = {"offer": second.pk, "last_day": (timezone.now() + timedelta(days=9)).date(), "reason": "Writes well."}
    assert client.post(address, data).status_code == 302

    offer = PlaceOffer.objects.get()
    assert (offer.application, offer.reason) == (second, "Writes well.")
    assert OutgoingEmail.objects.filter(kind="PlaceOffered", recipient=second.applicant).count() == 1
    person = client_of(second.applicant)
    for path in ("/home/", second.get_absolute_url(), offer.get_absolute_url()):
        read = person.get(path).content.decode()
        assert "Writes well." not in read
        assert offer.respond_by_words in read
    assert client.post(address, {"take_back": second.pk}).status_code == 302
    assert PlaceOffer.objects.get().status == "taken_back"


def test_an_offer_without_a_date_is_refused_and_shown_again():
    manager = factories.staff()
    _made, (first, _second) = two_waiting_for_one_place(manager)
    address = f"/admin/applications/application/waitlist/{first.cycle_id}/"
    assert client_of(manager).post(address, {"offer": first.pk, "last_day": ""}).status_code == 422
    assert not PlaceOffer.objects.exists()


# --- What staff verify first -------------------------------------------------------------------------------------------------


@pytest.fixture
def unverified():
    """On the waitlist, with a membership that nobody has looked up."""
    row = factories.application(rule_answers={**factories.VMP_ANSWERS, "membership": "applied"}, in_status="submitted")
    manager = factories.staff()
    decide(row, "waitlist", by=manager)
    release(row.cycle, by=manager, seen=fingerprint(Decision.objects.ready(row.cycle)))
    return Application.objects.get(pk=row.pk)


MEMBERSHIP = "You are a full ASCO member, or submit a membership"


def test_a_place_is_offered_only_to_whom_staff_have_verified(unverified):
    manager, later = factories.staff(), timezone.now() + timedelta(days=3)
    client, address = client_of(manager), f"/admin/applications/application/waitlist/{unverified.cycle_id}/"
    page = client.get(address).content.decode()
    assert f"Verify first: {MEMBERSHIP}" in page
    assert "Nobody can be offered a place now." in page
    assert f'<option value="{unverified.pk}">' not in page
    refused = client.post(address, {"offer": unverified.pk, "last_day": later.date()})
    assert refused.status_code == 409
    assert f"Verify first, for the {unverified}: {MEMBERSHIP}" in refused.content.decode()
    assert not PlaceOffer.objects.exists()

    verified = factories.application(unverified.cycle, in_status="waitlisted", manager=manager)
    page = client.get(address).content.decode()
    assert f'<option value="{verified.pk}">' in page
    assert "1 person is left out until staff verify" in page

    verify(unverified, "membership", by=manager)
    assert PlaceOffer.make(unverified, by=manager, respond_by=later).is_open
    assert "Verify first" not in client.get(address).content.decode()


def test_a_place_offered_before_staff_verified_is_taken_once_they_have(unverified):
    manager, later = factories.staff(), timezone.now() + timedelta(days=3)
    offer = PlaceOffer.objects.create(application=unverified, offered_by=manager, respond_by=later)
    client, address = client_of(unverified.applicant), offer.get_absolute_url()
    told = f"Staff still have to verify something before you can take the place: {MEMBERSHIP}"

    page = client.get(address).content.decode()
    assert (told in page, "Take the place</button>" in page, "no longer suits me" in page) == (True, False, True)
    refused = client.post(address, {"answer": "take", **factories.CONFIRMED})
    assert (refused.status_code, refused.content.decode().count(told)) == (409, 1)
    assert PlaceOffer.objects.get().is_open

    verify(unverified, "membership", by=manager)
    assert client.post(address, {"answer": "take", **factories.CONFIRMED}).status_code == 302
    assert Application.objects.get(pk=unverified.pk).status == "accepted"


def test_no_place_is_offered_to_somebody_who_may_not_sign_in():
    waiting = factories.application(in_status="waitlisted")
    type(waiting.applicant).objects.filter(pk=waiting.applicant_id).update(is_active=False)
    with pytest.raises(TransitionRefused, match="may no longer sign in, so could not answer"):
        PlaceOffer.make(waiting, by=factories.staff(), respond_by=timezone.now() + timedelta(days=3))


def test_a_place_is_offered_and_answered_within_the_term():
    waiting, manager = factories.application(in_status="waitlisted"), factories.staff()
    cycle = waiting.cycle
    midnight = datetime.combine(cycle.term_ends + timedelta(days=1), time(), tzinfo=cycle.zone)

    with pytest.raises(TransitionRefused, match="The term's last day is"):
        PlaceOffer.make(waiting, by=manager, respond_by=midnight + timedelta(minutes=1))
    assert not PlaceOffer.objects.exists()
    assert PlaceOffer.make(waiting, by=manager, respond_by=midnight).is_open


@pytest.mark.parametrize("people", [1, 6])
def test_the_waitlist_asks_as_much_of_the_database_for_many_as_for_one(people, django_assert_num_queries):
    made, manager = factories.cycle(), factories.staff()
    for _ in range(people):
        answers = {**factories.VMP_ANSWERS, "membership": "applied"}
        factories.application(made, rule_answers=answers, in_status="waitlisted", manager=manager)
    client = client_of(manager)
    client.get("/admin/")
    with django_assert_num_queries(12):
        client.get(f"/admin/applications/application/waitlist/{made.pk}/")
