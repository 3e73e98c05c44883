""" "Not this person", said in confidence: what it bans, and that nothing tells of it."""

import pytest

from matching.confidences import confidences
from matching.market import cycle_market
from matching.models import Confidant, Confidence, ConfidentialNote, Pairing
from matching.models.confidences import say_in_confidence
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from tests import factories

pytestmark = pytest.mark.django_db
NOTHING_OF_WHY = "These two cannot be paired under the rules of this cycle."


def two(**facts):
    """An accepted mentee and a mentor of one cycle."""
    made, manager = factories.cycle(), factories.staff()
    return factories.application(made, in_status="accepted", manager=manager), factories.interest(
        made, manager=manager, **facts
    )


@pytest.mark.parametrize("speaker", ["mentee", "mentor"])
def test_it_bans_the_pair_from_both_sides_and_tells_nobody(speaker):
    mentee, mentor = two()
    people = [mentee.applicant, mentor.mentor]
    by, about = people if speaker == "mentee" else reversed(people)
    before = Event.objects.count(), OutgoingEmail.objects.count()

    said = say_in_confidence(mentee.cycle, by=by, about=about, words="We have met.")

    assert (Event.objects.count(), OutgoingEmail.objects.count()) == before
    assert confidences(mentee.cycle) == {(mentee.pk, mentor.pk)}
    assert len(cycle_market(mentee.cycle).market.mentee) == 0
    with pytest.raises(TransitionRefused, match=NOTHING_OF_WHY):
        Pairing.draft(mentee, mentor, by=factories.staff())
    # The mentee's own no takes the mentor off the page; the mentor's would tell the mentee.
    assert mentee.preference_list.eligible_mentors().exists() == (speaker == "mentor")

    said.take_back()
    assert confidences(mentee.cycle) == set()
    assert Pairing.draft(mentee, mentor, by=factories.staff()).status == "drafted"


def test_what_was_said_in_one_cycle_holds_in_the_next_and_in_no_stranger_s():
    mentee, mentor = two()
    say_in_confidence(mentee.cycle, by=mentee.applicant, about=mentor.mentor)
    later, manager = factories.cycle("dmp"), factories.staff()
    again = factories.application(later, mentee.applicant, in_status="accepted", manager=manager)
    same = factories.interest(later, mentor.mentor, manager=manager)
    factories.interest(later, manager=manager)

    assert confidences(later) == {(again.pk, same.pk)}
    assert confidences(factories.cycle()) == set()


def test_drafts_of_the_two_are_dropped_and_what_is_shared_is_theirs_to_answer():
    mentee, mentor = two(places=2)
    draft = factories.pairing(mentee=mentee, mentor=mentor)
    shared = factories.pairing(mentor=mentor, in_status="proposed")

    say_in_confidence(mentee.cycle, by=mentee.applicant, about=mentor.mentor)
    with pytest.raises(TransitionRefused, match="Answer it with no"):
        say_in_confidence(mentee.cycle, by=mentor.mentor, about=shared.mentee)

    assert Pairing.objects.get(pk=draft.pk).status == "withdrawn"
    assert Event.objects.about(draft).first().reason == "The rules of the cycle do not allow it any more."
    assert Confidence.objects.count() == 1


# --- As many as a mentor can take on, over all programs -----------------------------------------------------------------


def test_a_limit_over_all_programs_holds_wherever_the_pairing_is_made():
    mentee, mentor = two(places=3, most_in_all=1)
    other, manager = factories.cycle("dmp"), factories.staff()
    there = factories.interest(other, mentor.mentor, places=2, most_in_all=1, manager=manager)
    assert cycle_market(mentee.cycle).mentors[0].places == 1
    factories.pairing(other, mentor=there, in_status="proposed", manager=manager)

    with pytest.raises(TransitionRefused, match="as many mentees as they can take on at one time, over all programs"):
        Pairing.draft(mentee, mentor, by=manager)

    assert cycle_market(mentee.cycle).mentors[0].places == 0
    assert not mentee.preference_list.eligible_mentors().exists()


def test_a_lower_limit_than_what_is_in_use_says_what_to_do_and_breaks_no_pair():
    _mentee, mentor = two(places=3)
    pairs = [factories.pairing(mentor=mentor, in_status="final") for _pair in range(2)]

    with pytest.raises(TransitionRefused, match="Their pairings stay"):
        mentor.mentor.limit_mentees(1, by=mentor.mentor)

    mentor.mentor.refresh_from_db()
    assert mentor.mentor.most_mentees is None
    assert {Pairing.objects.get(pk=pair.pk).status for pair in pairs} == {"final"}


# --- The pages ---------------------------------------------------------------------------------------------------------


def page_of(client, person, cycle, **data):
    client.force_login(person)
    address = f"/confidence/{cycle.pk}/"
    return client.post(address, data) if data else client.get(address)


def test_a_mentee_names_a_mentor_and_takes_it_back(client):
    mentee, mentor = two()

    assert page_of(client, mentee.applicant, mentee.cycle, about=mentor.mentor.pk).status_code == 302
    assert confidences(mentee.cycle) == {(mentee.pk, mentor.pk)}
    assert mentor.mentor.name in page_of(client, mentee.applicant, mentee.cycle).content.decode()
    said = Confidence.objects.get()
    assert page_of(client, mentor.mentor, mentee.cycle, take_back=said.pk).status_code == 404  # not theirs
    page_of(client, mentee.applicant, mentee.cycle, take_back=said.pk)
    assert confidences(mentee.cycle) == set()


def test_a_mentor_can_name_those_they_met_here_and_nobody_learns_who_takes_part(client):
    mentee, mentor = two()
    past = factories.pairing(mentor=mentor, in_status="declined").mentee

    refused = page_of(client, mentor.mentor, mentee.cycle, about=mentee.applicant.pk)

    assert refused.status_code == 422
    assert list(refused.context["form"].fields["about"].queryset) == [past]
    assert mentee.applicant.name not in refused.content.decode()


def test_two_named_people_read_it_and_nobody_else_not_even_who_may_do_everything(client):
    mentee, mentor = two()
    page_of(client, mentor.mentor, mentee.cycle, words="My nephew applied, I would not want that.")
    reader, boss = factories.staff(), factories.staff(is_superuser=True)
    Confidant.objects.create(number=1, person=reader)
    address = "/admin/matching/confidant/read/"

    client.force_login(boss)
    assert client.get(address).status_code == 404
    assert (
        client.post(address, {"note": ConfidentialNote.objects.get().pk, "email": "x@example.org"}).status_code == 404
    )
    client.force_login(reader)
    assert "My nephew applied" in client.get(address).content.decode()
    client.post(address, {"note": ConfidentialNote.objects.get().pk, "email": mentee.applicant.email})

    assert confidences(mentee.cycle) == {(mentee.pk, mentor.pk)}
    assert [event.verb for event in Event.objects.filter(actor_id=reader.pk).exclude(verb="move")] == [
        "read_confidences"
    ]
    assert not Event.objects.filter(reason__contains="nephew").exists()
    for path in (f"/admin/matching/confidant/?q={mentor.mentor.name}", "/admin/audit/event/?q=nephew"):
        client.force_login(boss)
        assert "My nephew" not in client.get(path).content.decode()
