"""While a proposal waits: other terms, another mentor, more time, what is due, and a word when it came to nothing."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from icalendar import Calendar

from matching import holds
from matching.holds import changes_of
from matching.market import cycle_market
from matching.models import Hold, MoreTime, Pairing
from matching.propose import propose_another
from matching.tasks import lapse_overdue_pairings, tell_staff_what_is_due
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from programs.models import Cycle
from tests import factories

pytestmark = pytest.mark.django_db
CLOSES = datetime(2027, 3, 16, 4, tzinfo=UTC)  # the end of March 15 in New York


def mails(*kinds):
    return {(mail.kind, mail.recipient_id): mail for mail in OutgoingEmail.objects.filter(kind__in=kinds)}


def page_of(name, pairing):
    return reverse(f"admin:matching_{name}", args=[pairing.pk])


@pytest.fixture
def manager(client):
    somebody = factories.staff()
    client.force_login(somebody)
    return somebody


# --- Other terms -----------------------------------------------------------------------------------------------------


def test_a_change_voids_the_yes_says_so_and_asks_both_anew(client, manager):
    pairing = factories.pairing(in_status="confirmed")
    shown = client.get(page_of("terms", pairing)).content.decode()
    assert f"{pairing.mentee} has said yes. That yes will no longer count." in shown

    typed = {**factories.other_terms(pairing), "note": "By phone, please."}
    assert client.post(page_of("terms", pairing), typed).status_code == 302

    changed = Pairing.objects.get(pk=pairing.pk)
    assert (changed.status, changed.version, changed.mentee_yes_at) == ("proposed", 2, None)
    told = mails("PairingChanged")
    assert "Your yes to the earlier terms no longer counts." in told["PairingChanged", pairing.mentee_id].text
    assert "You had not answered yet." in told["PairingChanged", pairing.mentor_id].text
    assert "At least 2 hours a month" in told["PairingChanged", pairing.mentor_id].text
    client.force_login(pairing.mentor)
    read = client.get(pairing.get_absolute_url()).content.decode()
    assert "at least 2 hours a month" in read
    assert "By phone, please." in read
    for person in (pairing.mentor, pairing.mentee):
        changed.say_yes(by=person, received_at=timezone.now(), seen=2)
    assert Pairing.objects.get(pk=pairing.pk).hours_a_month == 2


def test_a_yes_is_to_what_the_page_showed(client):
    pairing = factories.pairing(in_status="proposed")
    client.force_login(pairing.mentee)
    version = client.get(pairing.get_absolute_url()).context["pairing"].version
    pairing.change(by=factories.staff(), **factories.other_terms(pairing))

    late = client.post(pairing.get_absolute_url(), {"answer": "yes", "version": version})

    assert late.status_code == 409
    assert "Staff have changed the proposal since you opened this page." in late.content.decode()
    assert Pairing.objects.get(pk=pairing.pk).status == "proposed"
    again = {"answer": "yes", "version": late.context["pairing"].version}
    assert client.post(pairing.get_absolute_url(), again).status_code == 302
    assert Pairing.objects.get(pk=pairing.pk).status == "confirmed"


def test_no_yes_is_voided_that_nobody_has_seen():
    pairing = factories.pairing(in_status="proposed")
    terms = factories.other_terms(pairing)
    Pairing.objects.get(pk=pairing.pk).say_yes(by=pairing.mentor, received_at=timezone.now())
    with pytest.raises(TransitionRefused, match="Somebody answered or changed this proposal since you looked"):
        pairing.change(by=factories.staff(), **terms)
    with pytest.raises(TransitionRefused, match="Somebody answered or changed"):
        propose_another(pairing, factories.interest(pairing.cycle), by=factories.staff(), why="x", seen=terms["seen"])
    assert Pairing.objects.get(pk=pairing.pk).mentor_yes_at


def test_who_comes_second_hears_nothing_of_a_change_before_their_turn():
    pairing = factories.pairing(factories.cycle(answers_first="mentor"), in_status="proposed")
    pairing.change(by=factories.staff(), **factories.other_terms(pairing))
    pairing.extend(by=factories.staff(), **factories.more_time(pairing))
    assert not OutgoingEmail.objects.filter(recipient=pairing.mentee, kind__startswith="Pairing").exists()
    assert Pairing.objects.get(pk=pairing.pk).mentee_asked_at is None


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({}, "Nothing is different"),
        ({"begins_on": -1}, "A mentorship lies within the term"),
        ({"ends_on": 1}, "A mentorship lies within the term"),
    ],
)
def test_terms_that_cannot_be_are_refused(terms, why):
    pairing = factories.pairing(in_status="proposed")
    same = {**factories.other_terms(pairing), "hours_a_month": pairing.hours_a_month}
    moved = {name: getattr(pairing.cycle, f"term_{name[:-3]}") + timedelta(days=days) for name, days in terms.items()}
    with pytest.raises(TransitionRefused, match=why):
        pairing.change(by=factories.staff(), **{**same, **moved})


def test_a_change_of_the_cycle_changes_no_proposal():
    pairing = factories.pairing(in_status="proposed")
    Cycle.objects.filter(pk=pairing.cycle_id).update(hours_a_month=9)
    for person in (pairing.mentee, pairing.mentor):
        Pairing.objects.get(pk=pairing.pk).say_yes(by=person, received_at=timezone.now())
    final = Pairing.objects.get(pk=pairing.pk)
    assert (final.hours_a_month, final.ends_on) == (1, pairing.ends_on)


# --- Another mentor --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "told"), [("both", {"mentee", "mentor", "new mentor"}), ("mentor", {"mentor", "new mentor"})]
)
def test_another_mentor_is_another_proposal_and_a_yes_no_longer_counts(client, manager, first, told):
    made = factories.cycle(answers_first=first)
    pairing = factories.pairing(made, in_status="proposed", manager=manager)
    if first == "both":
        pairing.say_yes(by=pairing.mentor, received_at=timezone.now())
    other = factories.interest(made, manager=manager)
    before = set(OutgoingEmail.objects.values_list("pk"))

    typed = {"seen": pairing.as_seen, "interest": other.pk, "why": "She asked for someone nearer to her field."}
    assert client.post(page_of("another", pairing), typed).status_code == 302

    old, new = Pairing.objects.get(pk=pairing.pk), Pairing.objects.live().get()
    assert (old.status, new.status, new.interest, new.application) == ("withdrawn", "proposed", other, old.application)
    sent = OutgoingEmail.objects.exclude(pk__in=[pk for (pk,) in before])
    people = {"mentee": old.mentee_id, "mentor": old.mentor_id, "new mentor": other.mentor_id}
    assert set(sent.values_list("recipient", flat=True)) == {people[each] for each in told}
    closed = mails("PairingClosed")["PairingClosed", old.mentor_id].text
    assert ("The yes you gave no longer counts." in closed) is (first == "both")
    assert "nearer to her field" not in closed
    assert str(old.mentee) not in closed


def test_staff_are_offered_only_mentors_who_could_be_proposed(client, manager):
    said_no = factories.pairing(in_status="declined", manager=manager)
    pairing = factories.pairing(in_status="proposed", mentee=said_no.application, manager=manager)
    free, full = (factories.interest(pairing.cycle, manager=manager) for _ in range(2))
    factories.pairing(pairing.cycle, mentor=full, manager=manager)  # a draft, which takes the place

    offered = client.get(page_of("another", pairing)).context["form"].fields["interest"].offers

    assert list(offered) == [free]


def test_nothing_is_taken_back_if_the_other_cannot_be(client, manager):
    pairing = factories.pairing(in_status="proposed", manager=manager)
    full = factories.interest(pairing.cycle, manager=manager)
    factories.pairing(pairing.cycle, mentor=full, manager=manager)
    with pytest.raises(TransitionRefused, match="has no place left"):
        propose_another(pairing, full, by=manager, why="x", seen=pairing.as_seen)
    assert Pairing.objects.get(pk=pairing.pk).status == "proposed"
    assert not mails("PairingClosed")


# --- Whether a pair that staff end may be suggested again --------------------------------------------------------------


def ended(client, pairing, **typed):
    return client.post(page_of("end", pairing), {"why": "They know each other.", **typed}, follow=True).content.decode()


def edge(pairing):
    """Whether suggestions and repairs could give the pair."""
    return cycle_market(pairing.cycle, changes=changes_of(pairing.cycle)).edge(
        pairing.application_id, pairing.interest_id
    )


@pytest.mark.parametrize("status", ["proposed", "confirmed", "final", "active"])
def test_a_pair_that_staff_end_is_ruled_out_with_their_reason(client, manager, status):
    pairing = factories.pairing(in_status=status, manager=manager)

    assert "The pair is ruled out." in ended(client, pairing)

    (ban,) = Hold.objects.standing()
    assert (ban.kind, ban.interest, ban.reason, ban.put_by) == (
        "ban",
        pairing.interest,
        "They know each other.",
        manager,
    )
    assert edge(pairing) is None
    holds.lift(ban, by=manager)
    assert edge(pairing) is not None


@pytest.mark.parametrize("status", ["proposed", "final"])
def test_a_pair_may_be_suggested_again_where_staff_say_so(client, manager, status):
    pairing = factories.pairing(in_status=status, manager=manager)

    assert "may be suggested again" in ended(client, pairing, again="on")

    assert not Hold.objects.exists()
    assert edge(pairing) is not None


def test_a_pinned_pair_that_staff_end_is_pinned_no_longer(client, manager):
    pairing = factories.pairing(in_status="drafted", manager=manager)
    holds.put("pin", pairing.application, pairing.interest, by=manager, reason="They met.")
    pairing.propose(by=manager)

    ended(client, pairing)

    assert list(Hold.objects.standing().values_list("kind", flat=True)) == ["ban"]


def test_a_dropped_draft_and_one_who_leaves_rule_nothing_out(client, manager):
    ended(client, factories.pairing(in_status="drafted", manager=manager))
    left = factories.pairing(in_status="proposed", manager=manager)
    left.interest.withdraw(by=left.mentor)

    assert Pairing.objects.live().count() == 0
    assert not Hold.objects.exists()


@pytest.mark.parametrize(("typed", "held"), [({}, 1), ({"again": "on"}, 0)])
def test_another_mentor_rules_the_first_out_unless_staff_say_otherwise(client, manager, typed, held):
    pairing = factories.pairing(in_status="proposed", manager=manager)
    other = factories.interest(pairing.cycle, manager=manager)

    client.post(page_of("another", pairing), {"seen": pairing.as_seen, "interest": other.pk, "why": "Kin.", **typed})

    assert Pairing.objects.live().get().interest == other
    assert Hold.objects.standing().bans().filter(interest=pairing.interest).count() == held


# --- More time, and what is due --------------------------------------------------------------------------------------


@pytest.fixture
def proposed():
    """Proposed on March 5; answers are due by the end of March 15. A second one of the same cycle beside it."""
    with time_machine.travel(datetime(2027, 3, 5, 17, tzinfo=UTC), tick=False):
        made, manager = factories.cycle(), factories.staff()
        pairing = factories.pairing(made, in_status="proposed", manager=manager)
        factories.pairing(made, in_status="proposed", manager=manager)
        assert pairing.respond_by == CLOSES
        yield pairing


def test_more_time_is_for_one_pairing_and_the_old_date_stays_on_record(client, proposed):
    proposed.say_yes(by=proposed.mentor, received_at=timezone.now())
    manager = factories.staff()
    client.force_login(manager)
    typed = {"last_day": "2027-03-20", "why": "The mentee is on a trip."}
    assert client.post(page_of("more_time", proposed), typed).status_code == 302

    later = datetime(2027, 3, 21, 4, tzinfo=UTC)
    assert Pairing.objects.get(pk=proposed.pk).respond_by == later
    assert list(MoreTime.objects.values_list("old_respond_by", "respond_by")) == [(CLOSES, later)]
    shown = client.get(reverse("admin:matching_pairing_change", args=[proposed.pk])).content.decode()
    assert "Until then 11:59 PM ET on Monday, March 15, 2027" in shown
    told = mails("PairingExtended")
    assert "You can answer until 11:59 PM" in told["PairingExtended", proposed.mentee_id].text
    assert "The other person can answer until 11:59 PM" in told["PairingExtended", proposed.mentor_id].text
    assert not any("trip" in mail.text for mail in told.values())
    with time_machine.travel(CLOSES + timedelta(hours=1), tick=False):
        lapse_overdue_pairings()
    assert Pairing.objects.filter(status="lapsed").count() == 1
    assert Pairing.objects.get(pk=proposed.pk).status == "confirmed"


@pytest.mark.parametrize(
    ("day", "why"), [("2027-03-15", "already"), ("2027-03-01", "already"), ("2031-01-01", "over by then")]
)
def test_less_time_or_time_beyond_the_end_is_refused(client, proposed, day, why):
    client.force_login(factories.staff())
    response = client.post(page_of("more_time", proposed), {"last_day": day, "why": "A trip."})
    assert response.status_code == 422
    assert why in response.content.decode()
    assert not MoreTime.objects.exists()


def test_staff_are_told_once_two_days_before_of_all_that_end_together(proposed):
    proposed.say_yes(by=proposed.mentor, received_at=timezone.now())
    other = Pairing.objects.exclude(pk=proposed.pk).get()
    due = datetime(
        2027, 3, 14, 5, tzinfo=UTC
    )  # two days before by the clock on the wall, which goes forward in between
    for at in (due - timedelta(minutes=1), due, CLOSES - timedelta(hours=5)):
        with time_machine.travel(at, tick=False):
            tell_staff_what_is_due()
            told = OutgoingEmail.objects.filter(kind="PairingsDueSoon")
            assert told.count() == (0 if at < due else 1)
    (mail,) = told
    assert "2 proposals wait for an answer" in mail.text
    assert f"{proposed.mentee} with {proposed.mentor}" in mail.text
    assert f"{other.mentee} with {other.mentor}" in mail.text


def test_the_queue_of_what_is_due_shows_what_it_counts(client, proposed):
    client.force_login(factories.staff())
    address = reverse("admin:matching_pairing_changelist") + "?queue=due"
    assert client.get(address).context["cl"].result_count == 0
    with time_machine.travel(CLOSES - timedelta(days=1)):
        client.force_login(factories.staff())
        assert client.get(address).context["cl"].result_count == 2


# --- A kind word -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "owed"),
    [("declined", {"mentee"}), ("lapsed", {"mentee", "mentor"}), ("withdrawn", {"mentee", "mentor"}), ("proposed", set()),
     ("drafted", set()), ("final", set()), ("ended_early", set())],
)  # fmt: skip
def test_staff_send_a_word_to_who_waits_and_it_says_neither_who_nor_why(client, manager, status, owed):
    pairing = factories.pairing(in_status=status, manager=manager)
    page = client.get(page_of("word", pairing))
    assert {letter["person"] for letter in page.context["letters"]} == {getattr(pairing, side) for side in owed}
    for person in (pairing.mentee, pairing.mentor):
        for _press in range(2):
            client.post(page_of("word", pairing), {"to": person.pk})

    sent = mails("PairingClosed")
    assert {person for _kind, person in sent} == {getattr(pairing, side).pk for side in owed}
    for mail in sent.values():
        for name in ("said no", "No time.", "A mistake.", "answer from", str(pairing.mentee), str(pairing.mentor)):
            assert name not in mail.text.replace(str(mail.recipient), "", 1)


def test_who_left_the_program_is_not_written_to_and_who_never_knew_neither():
    pairing = factories.pairing(in_status="proposed")
    pairing.application.withdraw(by=pairing.mentee)
    assert Pairing.objects.get(pk=pairing.pk).owed_a_word == [pairing.mentor]
    unknown = factories.pairing(factories.cycle(answers_first="mentee"), in_status="declined")
    assert unknown.owed_a_word == []


def test_when_a_mentorship_ends_early_both_read_what_is_next_and_no_reason():
    manager = factories.staff()
    pairing = factories.pairing(in_status="active", manager=manager)
    pairing.application.withdraw(by=pairing.mentee)

    told = mails("MentorshipEnded")
    assert "Nothing more is needed from you." in told["MentorshipEnded", pairing.mentee_id].text
    assert "Staff ask you before they propose anybody else" in told["MentorshipEnded", pairing.mentor_id].text
    assert "withdrew" not in told["MentorshipEnded", pairing.mentor_id].text
    assert "Both have been told, without a reason." in OutgoingEmail.objects.get(kind="PairingNeedsStaff").text


# --- When it is final ------------------------------------------------------------------------------------------------


def test_when_it_is_final_both_find_its_days_and_take_them_to_their_calendars(client):
    pairing = factories.pairing(in_status="final")
    for person, partner in ((pairing.mentee, pairing.mentor), (pairing.mentor, pairing.mentee)):
        client.force_login(person)
        page = client.get(pairing.get_absolute_url()).content.decode()
        assert capfirst(pairing.begins_words) in page
        assert pairing.ends_words in page
        assert f"mailto:{partner.email}" in page
        found = Calendar.from_ical(client.get(f"{pairing.get_absolute_url()}dates.ics").content)
        days = [(str(event["summary"]), event["dtstart"].dt) for event in found.walk("VEVENT")]
        title = f"Mentorship with {partner.full_name}"
        assert days == [(f"{title} begins", pairing.begins_on), (f"{title} ends", pairing.ends_on)]


def test_a_stranger_has_no_calendar_of_it_and_nobody_has_one_before_it_is_final(client):
    pairing = factories.pairing(in_status="confirmed")
    final = factories.pairing(in_status="final")
    client.force_login(pairing.mentee)
    assert client.get(f"{pairing.get_absolute_url()}dates.ics").status_code == 404
    assert client.get(f"{final.get_absolute_url()}dates.ics").status_code == 404
