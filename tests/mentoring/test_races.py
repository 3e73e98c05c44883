"""Two at the same instant, on real connections. Each race is run once more with its protection off, and must then go wrong."""

import contextlib

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from applications.models import Application, Decision, MentorInterest, Place, Release, Submission, Waiver
from applications.models.decisions import decide
from applications.models.waivers import take_back, waive
from applications.release import fingerprint, release
from matching.models import Pairing, SuggestionRun
from matching.querysets import LIVE
from matching.solve import solve
from mentoring.accounts.models import Affiliation
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused, lock, transition
from tests import factories
from tests.mentoring.at_once import at_once, start, without_row_locks

pytestmark = pytest.mark.django_db(transaction=True)


def sql(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextlib.contextmanager
def without_index(name, cleanup):
    """Drop a unique index or constraint, and put it back after ``cleanup`` has removed what broke it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef, tablename FROM pg_indexes WHERE indexname = %s", [name])
        definition, table = cursor.fetchone()
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
        constraint = cursor.fetchone()
    sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}" if constraint else f"DROP INDEX {name}")
    try:
        yield
    finally:
        sql(cleanup, f"ALTER TABLE {table} ADD CONSTRAINT {name} {constraint[0]}" if constraint else definition)


def refused(outcomes):
    return [each for each in outcomes if isinstance(each, TransitionRefused)]


def errors(outcomes):
    return [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, TransitionRefused)]


def mails(*kinds):
    return OutgoingEmail.objects.filter(kind__in=kinds).count()


# --- Places and mentees ----------------------------------------------------------------------------------------------


def write_pairing(application, interest, place):
    """The row as a count, read first, would have it written: no lock, no second look."""
    Pairing.objects.create(cycle=application.cycle, application=application, interest=interest, place=place,
                           mentee=application.applicant, mentor=interest.mentor)  # fmt: skip


def test_two_staff_who_draft_the_last_place_of_a_mentor_never_overbook():
    made, manager = factories.cycle(), factories.staff()
    mentor = factories.interest(made, manager=manager)
    mentees = [factories.application(made, in_status="accepted", manager=manager) for _ in range(2)]
    live = Pairing.objects.live()

    for _race in range(30):
        outcomes = at_once(*[lambda mentee=mentee: Pairing.draft(mentee, mentor, by=manager) for mentee in mentees])
        assert errors(outcomes) == []
        assert [str(each) for each in refused(outcomes)] == [f"{mentor.mentor} has no place left."]
        live.get().discard(by=manager)

    # Without any lock the index alone holds ...
    place = mentor.places.get()
    writes = [lambda mentee=mentee: write_pairing(mentee, mentor, place) for mentee in mentees]
    assert [type(each) for each in errors(at_once(*writes))] == [IntegrityError]
    live.get().discard(by=manager)
    # ... and without the index both get the place.
    with without_index("pairing_one_for_a_place", "DELETE FROM matching_pairing"):
        at_once(*writes)
        assert live.count() == 2


def test_two_staff_who_draft_one_mentee_to_two_mentors_never_make_two_pairs():
    made, manager = factories.cycle(), factories.staff()
    mentee = factories.application(made, in_status="accepted", manager=manager)
    mentors = [factories.interest(made, manager=manager) for _ in range(2)]
    live = Pairing.objects.live()

    for _race in range(10):
        outcomes = at_once(*[lambda mentor=mentor: Pairing.draft(mentee, mentor, by=manager) for mentor in mentors])
        assert errors(outcomes) == []
        assert [str(each) for each in refused(outcomes)] == [
            f"{mentee.applicant}: This mentee has a live pairing already."
        ]
        live.get().discard(by=manager)

    with without_index("pairing_one_live_for_a_mentee", "DELETE FROM matching_pairing"):
        at_once(*[lambda mentor=mentor: write_pairing(mentee, mentor, mentor.places.get()) for mentor in mentors])
        assert live.count() == 2


def test_a_place_is_not_taken_and_retired_at_once(monkeypatch):
    made, manager = factories.cycle(), factories.staff()
    mentor = factories.interest(made, manager=manager)
    mentee = factories.application(made, in_status="accepted", manager=manager)
    overbooked = Place.objects.filter(retired=True, pairings__status__in=LIVE)

    def retire_while_drafting():
        with transaction.atomic():
            Pairing.draft(mentee, mentor, by=manager)
            retiring = start(lambda: MentorInterest.objects.get(pk=mentor.pk).set_capacity(0, by=manager))
            assert retiring.is_waiting
        return retiring()

    assert "1 of this mentor's places are in use" in str(retire_while_drafting())
    assert not overbooked.exists()

    Pairing.objects.live().get().discard(by=manager)
    with without_row_locks(monkeypatch):
        assert "A live pairing holds this place." in str(retire_while_drafting())
        assert not overbooked.exists()

        Pairing.objects.live().get().discard(by=manager)
        sql("ALTER TABLE applications_place DISABLE TRIGGER place_guard")
        try:
            assert retire_while_drafting() is None
            assert overbooked.exists()
        finally:
            sql("ALTER TABLE applications_place ENABLE TRIGGER place_guard")


# --- Answers ---------------------------------------------------------------------------------------------------------


def test_two_yeses_at_the_same_instant_make_one_final_pairing_and_one_pair_of_mails(monkeypatch):
    pairings = [factories.pairing(in_status="proposed", manager=(manager := factories.staff())) for _ in range(1)]
    pairings += [factories.pairing(pairings[0].cycle, in_status="proposed", manager=manager) for _ in range(3)]
    *raced, control = pairings
    now = timezone.now()

    def both_say_yes(pairing):
        people = [pairing.mentee, pairing.mentor]
        return at_once(
            *[lambda by=by: Pairing.objects.get(pk=pairing.pk).say_yes(by=by, received_at=now) for by in people]
        )

    for pairing in raced:
        assert both_say_yes(pairing) == [None, None]
        assert Pairing.objects.get(pk=pairing.pk).status == "final"
    assert (mails("PairingFinalMentee"), mails("PairingFinalMentor"), mails("PairingConfirmed")) == (3, 3, 3)

    with without_row_locks(monkeypatch):
        for _race in range(20):
            both_say_yes(control)
            lost = Pairing.objects.get(pk=control.pk)
            if lost.status == "confirmed":
                break
            Pairing.objects.filter(pk=control.pk).update(
                status="proposed", mentee_yes_at=None, mentor_yes_at=None, final_at=None
            )
        assert [lost.mentee_yes_at, lost.mentor_yes_at].count(None) == 1  # a yes was lost


def test_a_mentee_who_leaves_while_the_mentor_says_yes_has_left():
    """The answer comes first and is not committed yet when the withdrawal looks."""
    pairing = factories.pairing(in_status="confirmed")
    with transaction.atomic():
        pairing.say_yes(by=pairing.mentor, received_at=timezone.now())
        leaving = start(lambda: Application.objects.get(pk=pairing.application_id).withdraw(by=pairing.mentee))
        assert leaving.is_waiting

    assert leaving() is None
    assert Application.objects.get(pk=pairing.application_id).status == "withdrawn"
    assert Pairing.objects.get(pk=pairing.pk).status == "ended_early"


def test_a_mentee_who_leaves_while_staff_propose_has_left_and_nobody_waits_in_a_ring():
    made, manager = factories.cycle(), factories.staff()
    mentor = factories.interest(made, manager=manager, places=6)
    pairings = [factories.pairing(made, mentor=mentor, manager=manager) for _ in range(4)]

    for pairing in pairings[:3]:
        outcomes = at_once(
            lambda pairing=pairing: Pairing.objects.get(pk=pairing.pk).propose(by=manager),
            lambda pairing=pairing: Application.objects.get(pk=pairing.application_id).withdraw(by=pairing.mentee),
        )
        assert errors(outcomes) == []
        assert outcomes[1] is None
        assert Application.objects.get(pk=pairing.application_id).status == "withdrawn"
        assert Pairing.objects.get(pk=pairing.pk).status == "withdrawn"

    # Had a proposal locked the pairing before the application, they would have.
    pairing = pairings[3]
    with transaction.atomic():
        lock(pairing)
        leaving = start(lambda: Application.objects.get(pk=pairing.application_id).withdraw(by=pairing.mentee))
        try:
            with transaction.atomic():
                lock(Application.objects.get(pk=pairing.application_id))
            rings = 0
        except OperationalError:
            rings = 1
    rings += isinstance(leaving(), OperationalError)
    assert rings == 1


# --- Handing in ------------------------------------------------------------------------------------------------------


def test_a_double_click_hands_in_once_and_sends_one_receipt(monkeypatch):
    made = factories.cycle()
    now = timezone.now()

    def double_click(application):
        def submit():
            return Application.objects.get(pk=application.pk).submit(by=application.applicant, received_at=now)

        return at_once(submit, submit)

    for _race in range(3):
        application = factories.application(made)
        outcomes = double_click(application)
        assert errors(outcomes) == []
        assert [str(each) for each in refused(outcomes)] == [
            "You have handed this in already. Nothing has changed since."
        ]
    assert (Submission.objects.count(), mails("ApplicationReceived")) == (3, 3)

    keys = "submission_number_unique", "submission_once_for_a_revision"
    with (
        without_row_locks(monkeypatch),
        without_index(keys[0], "TRUNCATE applications_submission CASCADE"),
        without_index(keys[1], "TRUNCATE applications_submission CASCADE"),
    ):
        for _race in range(20):
            double_click(application := factories.application(made))
            if application.submissions.count() == 2:
                break
        assert application.submissions.count() == 2


def test_a_waiver_is_not_taken_back_while_an_application_is_handed_in_with_it(monkeypatch):
    made, manager, now = factories.cycle(), factories.staff(), timezone.now()

    def both():
        """Hand in and take back at once: (the outcomes, whether it is handed in with a waiver that is not there)."""
        draft = factories.application(made, rule_answers={**factories.VMP_ANSWERS, "membership": "neither"})
        waiver = waive(draft, "membership", by=manager, reason="Ill.")
        # As the page has it: read with its waivers, before the button is pressed.
        written = Application.objects.prefetch_related("waivers").get(pk=draft.pk)
        outcomes = at_once(
            lambda: written.submit(by=draft.applicant, received_at=now),
            lambda: take_back(Waiver.objects.get(pk=waiver.pk), by=manager, reason="A mistake."),
        )
        return outcomes, draft.submissions.exists() and not draft.waivers.in_force().exists()

    for _race in range(10):
        outcomes, is_without = both()
        assert errors(outcomes) == []
        assert len(refused(outcomes)) == 1
        assert not is_without

    with without_row_locks(monkeypatch):
        assert any(both()[1] for _race in range(20))


def test_a_rule_that_two_waive_at_once_is_waived_once():
    manager, draft = factories.staff(), factories.application()
    waivers = [lambda: waive(Application.objects.get(pk=draft.pk), "membership", by=manager, reason="Ill.")] * 2
    outcomes = at_once(*waivers)
    assert errors(outcomes) == []
    assert len(refused(outcomes)) == 1
    assert (Waiver.objects.count(), mails("RuleWaived")) == (1, 1)


def test_a_double_click_on_the_mentor_form_makes_one_offer():
    made, person = factories.cycle(), factories.person(degrees="MD")
    typed = {
        "places_offered": 2,
        "topics": ["Leadership"],
        "languages": "English",
        "profile": "Glad.",
        **factories.AGREED,
    }

    def hand_in():
        client = Client(raise_request_exception=False)
        client.force_login(person)
        return client.post(f"/programs/{made.program.slug}/mentor/", typed).status_code

    assert at_once(hand_in, hand_in) == [302, 302]
    assert MentorInterest.objects.get(mentor=person).status == "submitted"


def test_a_mentor_who_saves_the_form_while_staff_approve_stays_approved():
    interest = factories.interest(in_status="submitted")
    typed = {
        "places_offered": 2,
        "topics": ["Leadership"],
        "languages": "English",
        "profile": "New.",
        **factories.AGREED,
    }
    client = Client()
    client.force_login(interest.mentor)

    with transaction.atomic():
        interest.approve(by=factories.staff(), places=1)
        saving = start(lambda: client.post(f"/mentoring/{interest.pk}/", typed).status_code, 1)
        assert saving.is_waiting

    assert saving() == 409
    kept = MentorInterest.objects.get(pk=interest.pk)
    assert (kept.status, kept.profile, kept.decided_at is None) == ("approved", "Glad to help.", False)


# --- Institutions ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def guards_that_do_not_lock():
    """The same checks by the same triggers, but for the locks that let two of them see each other."""
    names = ["affiliation_guard", "institution_guard", "pairing_guard", "pairing_not_refused", "pairing_not_ruled_out"]
    originals = []
    for name in [*names, "pairing_one_way"]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_get_functiondef('{name}'::regproc)")
            originals.append(cursor.fetchone()[0])
        sql("\n".join(line for line in originals[-1].splitlines() if "PERFORM" not in line))
    try:
        yield
    finally:
        sql(*originals)


def together(pairing_of):
    """Whether the two are in a live pairing inside one institution."""
    application, interest = pairing_of
    shared = Affiliation.objects.filter(person=interest.mentor).values("institution")
    return (
        Pairing.objects.live().filter(application=application, interest=interest).exists()
        and Affiliation.objects.filter(person=application.applicant, institution__in=shared).exists()
    )


def test_a_move_to_the_partners_institution_and_a_draft_at_once_never_both_stand():
    made, manager = factories.cycle(), factories.staff()
    mentor = factories.interest(made, manager=manager, places=10)
    (theirs,) = mentor.mentor.institutions.all()

    def another_mentee():
        return factories.application(made, in_status="accepted", manager=manager)

    for _race in range(3):
        mentee = another_mentee()
        outcomes = at_once(
            lambda mentee=mentee: Pairing.draft(mentee, mentor, by=manager),
            lambda mentee=mentee: mentee.applicant.move_to([theirs]),
        )
        assert errors(outcomes) == []
        assert not together((mentee, mentor))

    def draft_then_move(mentee):
        with transaction.atomic():
            Pairing.draft(mentee, mentor, by=manager)
            moving = start(lambda: mentee.applicant.move_to([theirs]))
        return moving()

    def move_then_draft(mentee):
        with transaction.atomic():
            mentee.applicant.move_to([theirs])
            drafting = start(lambda: Pairing.draft(mentee, mentor, by=manager))
        return drafting()

    for order, sentence in [
        (draft_then_move, "A pairing that waits for an answer stands against this change"),
        (move_then_draft, "These two belong to one institution"),
    ]:
        outcome = order(mentee := another_mentee())
        assert isinstance(outcome, TransitionRefused)
        assert sentence in str(outcome)
        assert not together((mentee, mentor))
    with guards_that_do_not_lock():
        for order in (draft_then_move, move_then_draft):
            order(mentee := another_mentee())
            assert together((mentee, mentor))


def test_two_institutions_that_merge_while_people_of_theirs_are_paired_never_both_happen():
    manager = factories.staff()
    mentee = factories.application(in_status="accepted", manager=manager)
    mentor = factories.interest(mentee.cycle, manager=manager)
    (one,), (other,) = mentee.applicant.institutions.all(), mentor.mentor.institutions.all()

    def merge():
        one.parent = other
        one.save()

    with transaction.atomic():
        Pairing.draft(mentee, mentor, by=manager)
        merging = start(merge)
        assert merging.is_waiting
    assert "institution_outside_pending_pairing" in merging().__cause__.diag.constraint_name

    with guards_that_do_not_lock():
        Pairing.objects.live().get().discard(by=manager)
        with transaction.atomic():
            Pairing.draft(mentee, mentor, by=manager)
            merging = start(merge)
        assert merging() is None


# --- Each other's mentor ----------------------------------------------------------------------------------------------


def test_two_people_drafted_as_each_others_mentor_at_once_in_two_programs_never_both_stand():
    made, other, manager = factories.cycle(), factories.cycle("dmp"), factories.staff()

    def both_ways():
        mentee = factories.application(made, in_status="accepted", manager=manager)
        mentor = factories.interest(made, manager=manager)
        back = factories.application(other, mentor.mentor, in_status="accepted", manager=manager)
        return (mentee, mentor), (back, factories.interest(other, mentee.applicant, manager=manager))

    def draft(pair):
        return Pairing.draft(*pair, by=manager)

    for _race in range(5):
        outcomes = at_once(*[lambda pair=pair: draft(pair) for pair in both_ways()])
        assert errors(outcomes) == []
        assert [str(each).partition(": ")[2] for each in refused(outcomes)] == [
            "One of these two is to mentor the other already, so it cannot be the other way round too."
        ]

    def one_while_the_other():
        one, back = both_ways()
        with transaction.atomic():
            draft(one)
            drafting = start(lambda: draft(back))
        return drafting()

    assert isinstance(one_while_the_other(), TransitionRefused)
    with guards_that_do_not_lock():
        assert isinstance(one_while_the_other(), Pairing)


# --- Staff at once ---------------------------------------------------------------------------------------------------


def test_two_staff_who_suggest_at_once_take_turns(monkeypatch):
    made, manager = factories.cycle(), factories.staff()
    for _ in range(3):
        factories.interest(made, manager=manager)
        factories.application(made, in_status="accepted", manager=manager)

    def suggest():
        return solve(made, "on_list_first", by=manager)

    outcomes = at_once(suggest, suggest)

    first, second = SuggestionRun.objects.order_by("pk")
    assert errors(outcomes) == refused(outcomes) == []
    assert first.digest == second.digest
    assert list(first.pairs.values_list("application", "interest")) == list(
        second.pairs.values_list("application", "interest")
    )
    drafts = Pairing.objects.live().values_list("application", "interest")
    assert sorted(drafts) == sorted(second.pairs.values_list("application", "interest"))

    def suggest_anew():
        for draft in Pairing.objects.filter(status="drafted"):
            draft.discard(by=manager)
        return at_once(suggest, suggest)

    with without_row_locks(monkeypatch):
        assert any(refused(outcomes) or errors(outcomes) for outcomes in (suggest_anew() for _ in range(20)))


def test_two_staff_who_release_at_once_tell_each_decision_once(monkeypatch):
    manager, other = factories.staff(), factories.staff()

    def race():
        made = factories.cycle()
        for _ in range(3):
            decide(factories.application(made, in_status="submitted"), "accept", by=manager)
        seen = fingerprint(Decision.objects.ready(made))
        before = mails("DecisionAccepted")
        outcomes = at_once(*[lambda by=by: release(made, by=by, seen=seen) for by in (manager, other)])
        return outcomes, mails("DecisionAccepted") - before, Release.objects.filter(cycle=made).count()

    for _race in range(2):
        outcomes, told, releases = race()
        assert errors(outcomes) == []
        assert [str(each) for each in refused(outcomes)] == ["There is no decision to release."]
        assert (told, releases) == (3, 1)

    # With neither the locks nor the check of where each application stands, everybody is told twice.
    accept = transition("submitted", "accepted", to="accepted")(Application.accept.__wrapped__)
    monkeypatch.setattr(Application, "accept", accept)
    with without_row_locks(monkeypatch):
        assert any(race()[1:] == (6, 2) for _ in range(20))


def test_a_decision_changed_while_others_are_released_waits_in_no_ring():
    manager = factories.staff()
    application = factories.application(in_status="submitted")
    decide(application, "accept", by=manager)
    seen = fingerprint(Decision.objects.ready(application.cycle))

    with transaction.atomic():
        lock(application)
        releasing = start(lambda: release(application.cycle, by=manager, seen=seen))
        assert releasing.is_waiting
        decide(application, "decline", by=manager)

    assert isinstance(releasing(), TransitionRefused)
    assert Application.objects.get(pk=application.pk).status == "submitted"
    assert mails("DecisionAccepted", "DecisionDeclined") == 0


def test_a_decision_made_while_the_applicant_hands_in_again_is_refused(monkeypatch):
    manager = factories.staff()

    def race():
        application = factories.application(in_status="submitted")
        application.save_draft(rule_answers={"needs": ["women"]})
        seen = [application.latest.receipt_number]
        with transaction.atomic():
            application.submit(by=application.applicant, received_at=timezone.now())
            deciding = start(
                lambda: decide(Application.objects.get(pk=application.pk), "accept", by=manager, seen=seen)
            )
        return deciding(), Decision.objects.filter(application=application).count()

    outcome, decisions = race()
    assert "has handed in version 2 since you looked" in str(outcome)
    assert decisions == 0

    # Without the lock it is read before the other has committed, and the decision is on what nobody will read again.
    with without_row_locks(monkeypatch):
        assert race()[1] == 1
