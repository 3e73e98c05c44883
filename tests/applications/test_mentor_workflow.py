"""The life of an offer to mentor: which moves there are, who may make them, and that no other is possible."""

import pytest
from django.utils import timezone

from applications.models import MentorInterest
from mentoring.workflow import TransitionRefused, edges
from tests import factories
from tests.mentoring.moves import reached

pytestmark = pytest.mark.django_db

# The whole table, written out: (transition, from, to).
EDGES = {
    ("submit", "draft", "submitted"),
    ("submit", "submitted", "submitted"),
    ("submit", "withdrawn", "submitted"),
    ("approve", "submitted", "approved"),
    ("decline", "submitted", "declined"),
    ("pause", "approved", "paused"),
    ("resume", "paused", "approved"),
    ("sit_out", "draft", "withdrawn"),
    ("withdraw", "submitted", "withdrawn"),
    ("withdraw", "approved", "withdrawn"),
    ("withdraw", "paused", "withdrawn"),
}


def test_the_table_is_the_one_written_here():
    assert edges(MentorInterest) == EDGES


@pytest.mark.parametrize(
    ("status", "moves"),
    [
        ("draft", {"submit": "submitted", "sit_out": "withdrawn"}),
        ("submitted", {"submit": "submitted", "approve": "approved", "decline": "declined", "withdraw": "withdrawn"}),
        ("approved", {"pause": "paused", "withdraw": "withdrawn"}),
        ("paused", {"resume": "approved", "withdraw": "withdrawn"}),
        ("declined", {}),
        ("withdrawn", {"submit": "submitted"}),
    ],
)
def test_a_move_is_possible_only_from_where_the_table_says(status, moves):
    interest = factories.interest(in_status=status)
    mentor, manager = {"by": interest.mentor}, {"by": factories.staff()}
    every = {"submit": {**mentor, "received_at": timezone.now()}, "withdraw": mentor, "pause": mentor, "sit_out": mentor,
             "resume": mentor, "approve": {**manager, "places": 2}, "decline": manager}  # fmt: skip

    assert reached(interest, every) == moves


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"stage": "resident"}, "Mentors in this program are fellows and practicing oncologists."),
        ({"stage": "medical_student"}, "Mentors in this program are fellows and practicing oncologists."),
    ],
)
def test_only_fellows_and_practicing_oncologists_mentor(facts, sentence):
    interest = factories.interest(mentor=factories.person(**facts), in_status="draft")

    with pytest.raises(TransitionRefused, match=sentence):
        interest.submit(by=interest.mentor, received_at=timezone.now())


def test_nobody_approves_their_own_offer():
    manager = factories.staff()
    interest = factories.interest(mentor=manager, in_status="submitted")

    with pytest.raises(TransitionRefused, match="Nobody approves their own mentor interest"):
        interest.approve(by=manager, places=1)


def test_a_mentor_who_withdraws_and_comes_back_is_looked_at_again():
    interest = factories.interest(in_status="withdrawn")

    interest.submit(by=interest.mentor, received_at=timezone.now())

    assert (interest.status, interest.decided_at, interest.decided_by) == ("submitted", None, None)


@pytest.mark.parametrize("places", [1, 10])
def test_a_mentor_is_approved_with_one_to_ten_places(places):
    interest = factories.interest(in_status="submitted")
    interest.approve(by=factories.staff(), places=places)
    assert interest.capacity == places


@pytest.mark.parametrize(
    ("places", "sentence"),
    [
        (-1, "A mentor needs at least one place"),
        (0, "A mentor needs at least one place"),
        (11, "between 0 and 10 places"),
    ],
)
def test_a_mentor_is_not_approved_with_fewer_or_more(places, sentence):
    interest = factories.interest(in_status="submitted")
    with pytest.raises(TransitionRefused, match=sentence):
        interest.approve(by=factories.staff(), places=places)
    assert MentorInterest.objects.get(pk=interest.pk).status == "submitted"


def test_a_place_in_use_is_not_taken_away():
    made, manager = factories.cycle(), factories.staff()
    interest = factories.interest(made, places=3, manager=manager)
    for _ in range(2):
        factories.pairing(made, mentor=interest, manager=manager)

    interest.set_capacity(2, by=manager)
    with pytest.raises(TransitionRefused, match="2 of this mentor's places are in use, so there cannot be only 1"):
        interest.set_capacity(1, by=manager)

    assert MentorInterest.objects.get(pk=interest.pk).capacity == 2


def changes_the_offer(interest):
    interest.places_offered = 3
    interest.save()
    interest.submit(by=interest.mentor, received_at=timezone.now())


def leaves(interest):
    interest.withdraw(by=interest.mentor)


def becomes_a_student(interest):
    type(interest.mentor).objects.filter(pk=interest.mentor_id).update(career_stage="medical_student")


def may_not_sign_in(interest):
    type(interest.mentor).objects.filter(pk=interest.mentor_id).update(is_active=False)


@pytest.mark.parametrize(
    ("meanwhile", "sentence"),
    [
        (changes_the_offer, "has changed the offer since you looked. Please look again."),
        (leaves, "This mentor interest is withdrawn"),
        (becomes_a_student, "says otherwise now."),
        (may_not_sign_in, "may no longer sign in, so could not answer."),
    ],
)
def test_a_mentor_is_approved_only_as_staff_saw_them(client, meanwhile, sentence):
    interest = factories.interest(in_status="submitted")
    client.force_login(factories.staff())
    page = client.get(f"/admin/applications/mentorinterest/{interest.pk}/change/").content.decode()
    assert f'name="seen" value="{interest.version}"' in page
    before = MentorInterest.objects.get(pk=interest.pk).version
    meanwhile(interest)

    answer = client.post(
        f"/admin/applications/mentorinterest/{interest.pk}/decide/",
        {"move": "approve", "places": 1, "seen": before},
        follow=True,
    )

    assert sentence in answer.content.decode()
    assert MentorInterest.objects.get(pk=interest.pk).status in ("submitted", "withdrawn")


@pytest.mark.parametrize("move", ["approve", "decline"])
def test_a_mentor_is_answered_only_on_the_offer_that_staff_looked_at(client, move):
    interest = factories.interest(in_status="submitted")
    client.force_login(factories.staff())
    address = f"/admin/applications/mentorinterest/{interest.pk}"
    page = client.get(f"{address}/change/").content.decode()
    assert page.count(f'name="seen" value="{interest.version}"') == 2
    before = interest.version
    changes_the_offer(interest)

    for seen in ({"seen": before}, {}):
        page = client.post(f"{address}/decide/", {"move": move, "places": 1, **seen}, follow=True).content.decode()
        assert "has changed the offer since you looked. Please look again." in page
        assert MentorInterest.objects.get(pk=interest.pk).status == "submitted"
    client.post(f"{address}/decide/", {"move": move, "places": 1, "seen": interest.version})
    assert MentorInterest.objects.get(pk=interest.pk).status == {"approve": "approved", "decline": "declined"}[move]
