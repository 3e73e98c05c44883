"""Who answers first, by the cycle's setting: who comes second is told nothing, anywhere, before the first has said yes."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from matching.models import Pairing
from matching.propose import fingerprint, propose_drafts
from matching.tasks import lapse_overdue_pairings, remind_open_pairings, remind_open_preferences
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.portal.cards import cards_for
from mentoring.workflow import TransitionRefused
from programs.models import Cycle
from tests import factories

pytestmark = pytest.mark.django_db
TOKEN = re.compile(rb'csrfmiddlewaretoken" value="[^"]+')
NOBODY, BOTH = set(), {"mentee", "mentor"}

# The whole table: who answers first, what each then says -> the state, and who has been told of it.
TABLE = [
    ("both", "", "proposed", BOTH),
    ("both", "mentee yes", "confirmed", BOTH),
    ("both", "mentor yes", "confirmed", BOTH),
    ("both", "mentee yes, mentor yes", "final", BOTH),
    ("both", "mentor yes, mentee yes", "final", BOTH),
    ("both", "mentee no", "declined", BOTH),
    ("both", "mentor no", "declined", BOTH),
    ("both", "mentee yes, mentor no", "declined", BOTH),
    ("mentor", "", "proposed", {"mentor"}),
    ("mentor", "mentee yes", "refused", {"mentor"}),
    ("mentor", "mentee no", "refused", {"mentor"}),
    ("mentor", "mentor no", "declined", {"mentor"}),
    ("mentor", "nobody answers", "lapsed", {"mentor"}),
    ("mentor", "staff withdraw", "withdrawn", {"mentor"}),
    ("mentor", "mentor yes", "confirmed", BOTH),
    ("mentor", "mentor yes, mentee yes", "final", BOTH),
    ("mentor", "mentor yes, mentee no", "declined", BOTH),
    ("mentor", "mentor yes, nobody answers", "lapsed", BOTH),
    ("mentee", "", "proposed", {"mentee"}),
    ("mentee", "mentor yes", "refused", {"mentee"}),
    ("mentee", "mentor no", "refused", {"mentee"}),
    ("mentee", "mentee no", "declined", {"mentee"}),
    ("mentee", "nobody answers", "lapsed", {"mentee"}),
    ("mentee", "staff withdraw", "withdrawn", {"mentee"}),
    ("mentee", "mentee yes", "confirmed", BOTH),
    ("mentee", "mentee yes, mentor yes", "final", BOTH),
    ("mentee", "mentee yes, mentor no", "declined", BOTH),
    ("mentee", "mentee yes, nobody answers", "lapsed", BOTH),
]


def says(pairing, what):
    pairing = Pairing.objects.get(pk=pairing.pk)
    who, _, answer = what.partition(" ")
    if what == "nobody answers":
        factories.make_overdue(pairing)
        pairing.lapse(by=None)
    elif what == "staff withdraw":
        pairing.withdraw(by=factories.staff(), why="A mistake.")
    else:
        move = pairing.say_yes if answer == "yes" else pairing.say_no
        move(by=getattr(pairing, who), received_at=timezone.now())


@pytest.mark.parametrize(("first", "moves", "status", "told"), TABLE)
def test_what_comes_of_each_answer_and_who_knows_of_it(client, first, moves, status, told):
    pairing = factories.pairing(factories.cycle(answers_first=first), in_status="proposed")
    refused = False
    for what in filter(None, moves.split(", ")):
        try:
            says(pairing, what)
        except TransitionRefused:
            refused = True

    pairing = Pairing.objects.get(pk=pairing.pk)
    assert pairing.status == ("proposed" if refused else status)
    assert refused is (status == "refused")
    mailed = set(OutgoingEmail.objects.filter(kind__startswith="Pairing").values_list("recipient", flat=True))
    for side in BOTH:
        person = getattr(pairing, side)
        knows = side in told
        client.force_login(person)
        assert client.get(pairing.get_absolute_url()).status_code == (200 if knows else 404)
        assert bool([card for card in cards_for(person) if card["url"] == pairing.get_absolute_url()]) is knows
        assert (person.pk in mailed) is knows


@pytest.mark.parametrize("second", ["mentee", "mentor"])
@pytest.mark.parametrize("ends", ["no", "lapse", "withdrawal"])
def test_who_comes_second_never_notices_what_ended_before(client, second, ends):
    first = "mentor" if second == "mentee" else "mentee"
    made, manager = factories.cycle(answers_first=first), factories.staff()
    mentee, mentor = factories.application(made, in_status="accepted", manager=manager), factories.interest(made)
    sides = {
        "mentee": (mentee.applicant, ["/home/", mentee.get_absolute_url(), mentee.preference_list.get_absolute_url()]),
        "mentor": (mentor.mentor, ["/home/", mentor.get_absolute_url()]),
    }
    person, paths = sides[second]

    def sees():
        client.force_login(person)
        return [TOKEN.sub(b"", client.get(path).content) for path in paths]

    with time_machine.travel(timezone.now(), tick=False):
        mail, before = OutgoingEmail.objects.filter(recipient=person).count(), sees()
        draft = Pairing.draft(mentee, mentor, by=manager)
        propose_drafts(made, by=manager, seen=fingerprint(Pairing.objects.drafts_of(made)))
        assert sees() == before, "while the first thinks it over"
        says(draft, {"no": f"{first} no", "lapse": "nobody answers", "withdrawal": "staff withdraw"}[ends])
        assert sees() == before, "after it came to nothing"
    assert OutgoingEmail.objects.filter(recipient=person).count() == mail
    if second == "mentee":
        remind_open_preferences()
        assert OutgoingEmail.objects.filter(recipient=person, kind="PreferencesOpen").exists(), "asked as ever"


def test_who_comes_second_has_a_whole_span_of_their_own():
    with time_machine.travel(datetime(2027, 3, 5, 20, 30, tzinfo=UTC), tick=False):
        pairing = factories.pairing(factories.cycle(answers_first="mentor"), in_status="proposed")
    assert pairing.respond_by == datetime(2027, 3, 16, 4, tzinfo=UTC)
    with time_machine.travel(datetime(2027, 3, 14, 20, tzinfo=UTC), tick=False):
        pairing.say_yes(by=pairing.mentor, received_at=timezone.now())

    asked = OutgoingEmail.objects.get(kind="PairingToMentee")
    assert pairing.respond_by_words == "11:59 PM ET on Wednesday, March 24, 2027"
    assert pairing.respond_by_words in asked.text
    assert asked.expires_at == pairing.respond_by
    assert pairing.respond_by_words in OutgoingEmail.objects.get(kind="PairingConfirmed").text

    with time_machine.travel(datetime(2027, 3, 16, 5, tzinfo=UTC), tick=False):
        remind_open_pairings()
        lapse_overdue_pairings()
        assert Pairing.objects.get(pk=pairing.pk).status == "confirmed"
    with time_machine.travel(datetime(2027, 3, 23, 5, tzinfo=UTC), tick=False):
        remind_open_pairings()
    reminded = OutgoingEmail.objects.filter(kind="PairingReminder").values_list("recipient", flat=True)
    assert list(reminded) == [pairing.mentee_id]


def test_a_lapse_names_only_who_was_asked():
    pairing = factories.pairing(factories.cycle(answers_first="mentor"), in_status="lapsed")
    assert pairing.end_reason == f"No answer from {pairing.mentor}."
    assert Event.objects.about(pairing).filter(verb="lapse").exists()


def test_who_comes_second_reads_that_their_yes_makes_it_final(client):
    pairing = factories.pairing(factories.cycle(answers_first="mentor"), in_status="confirmed")
    client.force_login(pairing.mentee)
    page = client.get(pairing.get_absolute_url()).content.decode()
    assert "Staff propose a mentor to you, who has said yes." in page
    at_once = factories.pairing(in_status="proposed")
    at_once.say_yes(by=at_once.mentee, received_at=timezone.now())
    client.force_login(at_once.mentor)
    assert "who has said yes" not in client.get(at_once.get_absolute_url()).content.decode()


def test_nothing_goes_out_when_the_setting_changed_since_staff_looked():
    pairing = factories.pairing()
    seen = fingerprint(Pairing.objects.drafts_of(pairing.cycle))
    Cycle.objects.filter(pk=pairing.cycle_id).update(answers_first="mentor")
    with pytest.raises(TransitionRefused, match="changed since you looked"):
        propose_drafts(Cycle.objects.get(pk=pairing.cycle_id), by=factories.staff(), seen=seen)


def test_staff_read_that_the_other_hears_of_it_only_later(client):
    made, manager = factories.cycle(answers_first="mentor"), factories.staff()
    factories.pairing(made, manager=manager)
    client.force_login(manager)
    page = client.get(f"/admin/matching/pairing/workbench/{made.pk}/propose/").content.decode()
    assert "This shares 1 pair with the mentor: 1 email to 1 person." in page
    assert "If the mentor says no, the mentee never hears of it." in page


def test_a_setting_changed_while_a_proposal_is_open_leaves_nobody_unasked():
    pairing = factories.pairing(factories.cycle(answers_first="mentor"), in_status="proposed")
    Cycle.objects.filter(pk=pairing.cycle_id).update(answers_first="both")
    says(pairing, "mentor yes")
    says(pairing, "mentee yes")
    assert Pairing.objects.get(pk=pairing.pk).status == "final"


def test_the_setting_is_the_next_cycles_too_and_is_told(client):
    made = factories.cycle(answers_first="mentor")
    client.force_login(factories.staff())
    assert "The mentor first" in client.get(f"/admin/programs/cycle/{made.pk}/overview/").content.decode()
    rules = client.get("/programs/vmp/rules/").content.decode()
    assert (
        "The mentor has 10 days to say yes to a pairing. Only then the mentee hears of it, and has 10 days too."
        in rules
    )


def test_a_mentor_whom_another_mentee_may_get_first_stays_on_every_list():
    """A place that only a mentor knows to be asked for is not taken in the eyes of mentees."""
    made, manager = factories.cycle(answers_first="mentor"), factories.staff()
    pairing = factories.pairing(made, in_status="proposed", manager=manager)
    other = factories.application(made, in_status="accepted", manager=manager)
    assert pairing.interest in other.preference_list.eligible_mentors()
    says(pairing, "mentor yes")
    assert pairing.interest not in other.preference_list.eligible_mentors()
