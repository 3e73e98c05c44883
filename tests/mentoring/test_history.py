"""Every change of state leaves one row of history, and exactly the mails that belong to it; a change taken back leaves neither."""

import pytest
from django.db import transaction
from django.utils import timezone

from applications.commitments import commitments
from applications.models import Application, MentorInterest, PlaceOffer
from matching.models import Pairing, PreferenceList, SuggestionRun
from matching.ranking import Ranking
from mentoring.accounts.models import ErasureRequest
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused, edges, transition
from tests import factories

pytestmark = pytest.mark.django_db

# What each move writes, to whom it is told: (model, move, from) -> kinds of email. Moves that are not here tell nobody.
MAILS = {
    (Application, "submit", "draft"): ["ApplicationReceived"],
    (Application, "submit", "submitted"): ["ApplicationReceived"],
    (Application, "withdraw", "draft"): ["ApplicationWithdrawn"],
    (Application, "withdraw", "submitted"): ["ApplicationWithdrawn"],
    (Application, "withdraw", "accepted"): ["ApplicationWithdrawn"],
    (Application, "withdraw", "waitlisted"): ["ApplicationWithdrawn"],
    (Application, "restore", "withdrawn"): ["ApplicationRestored"],
    (MentorInterest, "submit", "draft"): ["MentorInterestReceived", "MentorInterestWaiting"],
    (MentorInterest, "submit", "submitted"): ["MentorInterestReceived", "MentorInterestWaiting"],
    (MentorInterest, "submit", "withdrawn"): ["MentorInterestReceived", "MentorInterestWaiting"],
    (MentorInterest, "approve", "submitted"): ["MentorApproved"],
    (MentorInterest, "decline", "submitted"): ["MentorDeclined"],
    (PlaceOffer, "accept", "offered"): ["PlaceAnswered", "PlaceTaken"],
    (PlaceOffer, "decline", "offered"): ["PlaceAnswered"],
    (PlaceOffer, "lapse", "offered"): ["PlaceAnswered", "PlaceLapsed"],
    (PlaceOffer, "take_back", "offered"): ["PlaceTakenBack"],
    (PreferenceList, "submit", "open"): ["PreferencesReceived"],
    (PreferenceList, "submit", "submitted"): ["PreferencesReceived"],
    (Pairing, "propose", "drafted"): ["PairingToMentee", "PairingToMentor"],
    (Pairing, "change", "proposed"): ["PairingChanged", "PairingChanged"],
    (Pairing, "change", "confirmed"): ["PairingChanged", "PairingChanged"],
    (Pairing, "extend", "proposed"): ["PairingExtended", "PairingExtended"],
    (Pairing, "extend", "confirmed"): ["PairingExtended", "PairingExtended"],
    (Pairing, "end_early", "final"): ["MentorshipEnded", "MentorshipEnded", "PairingNeedsStaff"],
    (Pairing, "end_early", "active"): ["MentorshipEnded", "MentorshipEnded", "PairingNeedsStaff"],
    (Pairing, "say_yes", "proposed"): ["PairingConfirmed"],
    (Pairing, "say_yes", "confirmed"): ["PairingFinalMentee", "PairingFinalMentor"],
    (Pairing, "say_no", "proposed"): ["PairingDeclined", "PairingNeedsStaff"],
    (Pairing, "say_no", "confirmed"): ["PairingDeclined", "PairingNeedsStaff"],
    (Pairing, "lapse", "proposed"): ["PairingNeedsStaff"],
    (Pairing, "lapse", "confirmed"): ["PairingNeedsStaff"],
}
MODELS = (Application, ErasureRequest, MentorInterest, PlaceOffer, PreferenceList, Pairing, SuggestionRun)
EVERY_STATE = sorted({(model.__name__, source) for model in MODELS for _move, source, _target in edges(model)})


def preference_list(in_status, manager):
    row = factories.application(in_status="accepted", manager=manager).preference_list
    if in_status == "submitted":
        row.submit(by=row.application.applicant, received_at=timezone.now(), ranking=Ranking(no_preference=True))
    return PreferenceList.objects.get(pk=row.pk)


def run_in(status, manager):
    run = SuggestionRun.objects.create(cycle=factories.cycle(), policy="on_list_first", computed_by=manager)
    if status == "running":
        run.start(by=None)
    return run


def row_in(model, status, manager):
    if model is Application:
        row = factories.application(in_status=status, manager=manager)
        Application.objects.filter(pk=row.pk).update(revision=7)  # something new to hand in
        return row
    if model is PreferenceList:
        return preference_list(status, manager)
    if model is SuggestionRun:
        return run_in(status, manager)
    if model is ErasureRequest:
        return ErasureRequest.objects.create(person=factories.person())
    made = {MentorInterest: factories.interest, Pairing: factories.pairing, PlaceOffer: factories.offer}
    return made[model](in_status=status, manager=manager)


def arguments(row, move, manager):
    """(who moves, the other arguments) for a move that is allowed."""
    now = {"received_at": timezone.now()}
    if isinstance(row, Pairing):
        details = {"say_yes": now, "say_no": now, "withdraw": {"why": "Withdrew."}, "end_early": {"why": "Life."}}
        details |= {"change": factories.other_terms(row), "extend": factories.more_time(row)}
        by = {"say_yes": row.mentor, "say_no": row.mentor, "lapse": None, "begin": None, "complete": None}
        return by.get(move, manager), details.get(move, {})
    if isinstance(row, ErasureRequest):
        return row.person if move == "take_back" else manager, {"why": "Not yet."} if move == "refuse" else {}
    if isinstance(row, PlaceOffer):
        person = row.application.applicant
        details = {"accept": {**now, "confirmed": commitments(row.application.cycle)}, "decline": now}
        details["take_back"] = {"why": "A mistake."}
        return {"lapse": None, "take_back": manager}.get(move, person), details.get(move, {})
    if isinstance(row, PreferenceList):
        return row.application.applicant, {**now, "ranking": Ranking(no_preference=True)}
    if isinstance(row, SuggestionRun):
        return None, {"finish": {"answer": {"digest": "0"}}, "fail": {"why": "No worker."}}.get(move, {})
    person = row.mentor if isinstance(row, MentorInterest) else row.applicant
    details = {"submit": now, "approve": {"places": 1}}
    return manager if move in ("approve", "decline", "accept", "waitlist") else person, details.get(move, {})


@pytest.mark.parametrize(("model", "source"), EVERY_STATE)
def test_each_move_leaves_one_row_of_history_and_its_mails_and_taken_back_leaves_neither(model, source):
    model = {each.__name__: each for each in MODELS}[model]
    manager = factories.staff()
    row = row_in(model, source, manager)
    if isinstance(row, Application) and row.latest:
        factories.told_to_accept(row, manager)
    moves = {}
    for move, begin, target in edges(model):
        if begin == source:
            moves.setdefault(move, set()).add(target)
    assert moves
    for move, targets in moves.items():
        history, mail = set(Event.objects.values_list("pk")), set(OutgoingEmail.objects.values_list("pk"))
        with transaction.atomic():
            fresh = model.objects.get(pk=row.pk)
            if move == "lapse":
                factories.make_overdue(fresh)
            by, details = arguments(fresh, move, manager)

            getattr(fresh, move)(by=by, **details)

            (event,) = Event.objects.about(fresh).exclude(pk__in=[pk for (pk,) in history])
            assert (event.verb, event.before, event.after in targets) == (move, source, True)
            assert (event.actor_id, event.actor_name) == ((by.pk, str(by)) if by else (None, "The portal"))
            assert event.reason == details.get("why", "")
            written = OutgoingEmail.objects.exclude(pk__in=[pk for (pk,) in mail])
            assert sorted(written.values_list("kind", flat=True)) == MAILS.get((model, move, source), [])
            transaction.set_rollback(True)
        assert set(Event.objects.values_list("pk")) == history
        assert set(OutgoingEmail.objects.values_list("pk")) == mail


def test_a_refused_move_leaves_no_trace():
    pairing = factories.pairing(in_status="final")
    history, mail = Event.objects.count(), OutgoingEmail.objects.count()

    with pytest.raises(TransitionRefused, match=r"This pairing is final, so it can no longer .+ \(say no\)"):
        pairing.say_no(by=pairing.mentee, received_at=timezone.now(), why="Too late.")

    assert (Event.objects.count(), OutgoingEmail.objects.count()) == (history, mail)


def test_what_was_changed_on_the_instance_without_saving_is_dropped_by_a_move():
    interest = factories.interest(in_status="approved")
    interest.profile = "Never saved."

    interest.pause(by=interest.mentor)

    assert MentorInterest.objects.get(pk=interest.pk).profile == "Glad to help."


def test_a_move_acts_on_the_row_as_it_is_and_not_as_it_was_read():
    interest = factories.interest(in_status="submitted")
    stale = MentorInterest.objects.get(pk=interest.pk)
    interest.approve(by=factories.staff(), places=1)

    with pytest.raises(TransitionRefused, match="This mentor interest is approved"):
        stale.decline(by=factories.staff())


def test_a_move_that_breaks_a_constraint_is_refused_with_its_sentence():
    made = factories.cycle()
    interest = factories.interest(made, in_status="approved")
    application = factories.application(made, applicant=interest.mentor)

    with pytest.raises(TransitionRefused, match="A person is a mentee or a mentor in one cycle, never both"):
        application.submit(by=application.applicant, received_at=timezone.now())

    assert Application.objects.get(pk=application.pk).status == "draft"


def test_a_move_can_only_lead_where_its_table_says():
    interest = factories.interest(in_status="submitted")

    def wander(self, *, by):
        return "draft"

    with pytest.raises(ValueError, match="led to 'draft', which is not one of"):
        transition("submitted", to=("approved", "declined"))(wander)(interest, by=None)


def test_a_person_is_mentee_in_one_program_and_mentor_in_another():
    person = factories.person()
    application = factories.application(factories.cycle("vmp"), person, in_status="submitted")
    interest = factories.interest(factories.cycle("dmp"), person, in_status="approved")

    assert (application.status, interest.status) == ("submitted", "approved")
