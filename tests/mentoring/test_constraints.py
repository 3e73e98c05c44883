"""What the database refuses, by name, to whoever writes: every constraint of our tables is broken once without the models."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import TestCase
from django.utils import timezone

from applications.models import (
    AnswerFile,
    Application,
    Decision,
    MentorInterest,
    Place,
    Submission,
    Verification,
    Waiver,
)
from applications.models.decisions import decide
from applications.models.demographics import Demographics
from applications.models.notes import NextCycleNote
from applications.release import fingerprint, release
from matching.models import (
    Confidant,
    ConfidentialNote,
    Hold,
    MenteeNote,
    MoreTime,
    Pairing,
    Preference,
    PreferenceList,
    Scenario,
    SuggestedPair,
    SuggestionRun,
    Weights,
)
from matching.models.confidences import say_in_confidence
from mentoring import constraints
from mentoring.accounts.models import Affiliation, Alias, ErasureRequest, Institution, User
from mentoring.notifications.models import EmailText, OutgoingEmail
from programs.models import Cycle, Inquiry, Question, Rule, Window
from programs.models.moves import Extension, WindowMove
from tests import factories

OURS = [model for model in apps.get_models() if model.__module__.split(".")[0] in
        ("mentoring", "programs", "applications", "matching")]  # fmt: skip
NAMED = {constraint.name: constraint for model in OURS for constraint in model._meta.constraints}
NOW, MINUTE = timezone.now(), timedelta(minutes=1)


def change(name, /, **values):
    """An UPDATE of the row that the scene calls ``name``."""
    return lambda scene: type(scene[name])._base_manager.filter(pk=scene[name].pk).update(**values)


def copy(name, /, **values):
    """An INSERT of the row once more, but for ``values``; a text names another row of the scene."""

    def insert(scene):
        row = type(scene[name])._base_manager.get(pk=scene[name].pk)
        row.pk = None
        for field, value in values.items():
            setattr(row, field, scene.get(value, value))
        type(row)._base_manager.bulk_create([row])

    return insert


def point(name, field, other):
    """An UPDATE that lets a row's foreign key lead to another row of the scene."""
    return lambda scene: type(scene[name])._base_manager.filter(pk=scene[name].pk).update(**{field: scene[other]})


# (constraint, what breaks it). NULL stands wherever a column may hold it.
ATTACKS = [
    ("user_email_unique_in_any_case", change("stranger", email="MENTEE@example.org")),
    ("institution_name_unique_in_city", copy("institution", name="GENERAL hospital")),
    ("institution_ror_id_unique", copy("registered", name="Another")),
    ("institution_ror_id_form", change("institution", ror_id="https://x")),
    ("institution_degrees_of_schools", change("institution", degrees=["MD"])),
    ("institution_degrees_of_schools", change("institution", is_medical_school=True, degrees=["DO", "XX"])),
    ("institution_kind_is_known", change("institution", kind="tent")),
    ("alias_once", copy("alias", name="GENERAL")),
    ("institution_not_its_own_parent", change("institution", parent=F("id"))),
    ("institution_country_on_list", change("institution", country="QQ")),
    ("institution_country_on_list", change("institution", country="us")),
    ("affiliation_once", copy("affiliation")),
    # programs
    ("cycle_label_unique_in_program", copy("cycle", slug="again", term_begins=date(2050, 1, 1), term_ends=date(2050, 9, 1))),
    ("cycle_term_ends_after_it_begins", change("cycle", term_ends=F("term_begins"))),
    ("cycle_months_in_order", change("cycle", least_months=13)),
    ("cycle_months_in_order", change("cycle", least_months=0, most_months=0)),
    ("cycle_choices_in_order", change("cycle", least_choices=6)),
    ("cycle_choices_in_order", change("cycle", least_choices=0, most_choices=0)),
    ("cycle_reply_days_at_least_one", change("cycle", reply_days=0)),
    ("cycle_answers_first_is_known", change("cycle", answers_first="nobody")),
    ("cycle_preferences_come_is_known", change("cycle", preferences_come="never")),
    ("cycle_separation_is_known", change("cycle", separation="planet")),
    ("cycle_levels_are_of_institutions", change("cycle", separation="none", separation_levels=0)),
    ("cycle_levels_are_of_institutions", change("cycle", separation_levels=-1)),
    ("cycle_terms_do_not_overlap", copy("cycle", slug="again", label="Again")),
    ("window_one_of_a_kind", copy("window")),
    ("window_closes_after_it_opens", change("window", closes_at=F("opens_at"))),
    ("window_grace_at_most_fifteen_minutes", change("window", grace=timedelta(minutes=15, microseconds=1))),
    ("window_grace_at_most_fifteen_minutes", change("window", grace=timedelta(microseconds=-1))),
    ("window_kind_is_known", change("window", kind="cloakroom")),
    ("window_move_one_for_a_version", copy("window move")),
    ("window_move_is_later", change("window move", new_closes_at=F("old_closes_at"))),
    ("window_move_incident_is_whole", change("window move", incident_ended=NOW)),
    ("window_move_incident_ends_after_it_begins", change("window move", incident_began=NOW)),
    ("window_move_incident_ends_after_it_begins", change("window move", incident_began=NOW, incident_ended=NOW)),
    ("extension_one_for_a_person", copy("extension", email="LATE@example.org")),
    ("rule_key_unique_in_cycle", copy("rule")),
    ("rule_effect_is_known", change("rule", effect="ignored")),
    ("question_key_unique_in_cycle", copy("question")),
    ("question_kind_is_known", change("question", kind="riddle")),
    ("question_file_is_for_staff", change("question", kind="document", for_mentor=True)),
    ("inquiry_status_is_known", change("inquiry", status="lost")),
    ("inquiry_says_who_and_what", change("inquiry", name="")),
    ("inquiry_says_who_and_what", change("inquiry", situation="")),
    ("inquiry_has_one_address", change("inquiry", email="a@example.org, b@example.org")),
    ("inquiry_answered_has_answer", change("inquiry", status="answered")),
    ("inquiry_answered_has_answer", change("inquiry", status="answered", answer_text="Yes.", answered_at=NOW)),
    ("inquiry_answered_has_answer", change("inquiry", answered_at=NOW)),
    ("inquiry_closed_has_reason", change("inquiry", status="closed")),
    ("inquiry_closed_has_reason", change("inquiry", closed_because="Spam.")),
    ("example_expected_is_known", change("example", expected="perhaps")),
    # applications
    ("application_one_in_a_cycle", copy("draft")),
    ("application_status_is_known", change("draft", status="lost")),
    ("answer_file_type_is_known", change("answer file", type="exe")),
    ("application_past_draft_was_submitted", change("draft", status="submitted")),
    ("application_past_draft_was_submitted", change("accepted", submitted_at=None)),
    ("application_accepted_was_told", change("submitted", status="accepted", released_at=NOW)),
    ("application_accepted_was_told", change("waiting", status="accepted")),
    ("application_accepted_was_verified", change("unverified", status="accepted")),
    ("application_decided_was_released", change("submitted", status="declined")),
    ("application_decided_was_released", change("accepted", released_at=None)),
    ("application_withdrawn_has_date", change("draft", status="withdrawn")),
    ("application_withdrawn_has_date", change("draft", withdrawn_at=NOW)),
    ("application_undecided_was_not_released", change("draft", released_at=NOW)),
    ("application_undecided_was_not_released", change("submitted", released_at=NOW)),
    ("next_cycle_note_once", copy("note")),
    ("demographics_once_for_a_person", copy("demographics")),
    ("erasure_request_one_open", copy("erasure")),
    ("erasure_request_status_is_known", change("erasure", status="lost")),
    ("erasure_request_decided_has_date", change("erasure", status="done")),
    ("erasure_request_decided_has_date", change("erasure", decided_at=NOW)),
    ("place_offer_one_open", copy("offer")),
    ("place_offer_status_is_known", change("offer", status="lost")),
    ("place_offer_ended_has_date", change("offer", status="declined")),
    ("place_offer_ended_has_date", change("offer", answered_at=NOW)),
    ("place_offer_accepted_was_confirmed", change("offer", status="accepted", answered_at=NOW)),
    ("place_offer_within_places", lambda scene: (
        change("third cycle", places=1)(scene), copy("offer elsewhere", application_id=scene["waiting"].pk)(scene),
    )),
    ("submission_number_unique", copy("submission", revision=99)),
    ("submission_once_for_a_revision", copy("submission", number=99)),
    ("submission_in_time", copy("submission", number=9, revision=9, received_at=NOW, closes_at=NOW)),
    ("submission_in_time", copy("submission", number=9, revision=9, received_at=NOW + MINUTE, closes_at=NOW, grace=MINUTE)),
    ("wording_kept_once", copy("words")),
    ("wording_part_is_known", copy("words", part="whole")),
    ("wording_of_rule_is_for_staff", copy("words", digest="0", for_mentor=True)),
    ("wording_never_changes", change("words", text="Something else.")),
    ("card_kept_once", copy("card")),
    ("card_never_changes", change("card", sections=[])),
    ("asked_once", copy("asked")),
    ("asked_never_changes", point("asked", "wording", "other words")),
    ("attestation_once_for_a_submission", copy("attestation")),
    ("attestation_never_changes", change("attestation", attested_at=NOW)),
    ("submission_never_changes", change("submission", received_at=NOW)),
    ("submission_never_changes", change("submission", answers={})),
    ("submission_never_changes", lambda scene: Submission.objects.filter(pk=scene["submission"].pk)._raw_delete("default")),
    ("decision_one_unreleased", copy("decision")),
    ("decision_outcome_is_known", change("decision", outcome="perhaps")),
    ("decision_is_whole", change("decision", decided_by=None)),
    ("decision_was_made", change("decision", decided_by=None, decided_at=None)),
    ("verification_once_for_a_rule", copy("verification")),
    ("waiver_one_in_force_for_a_rule", copy("waiver")),
    ("waiver_has_reason", change("waiver", reason="")),
    ("waiver_taken_back_is_whole", change("waiver", taken_back_at=NOW)),
    ("mentor_interest_one_in_a_cycle", copy("interest")),
    ("mentor_interest_status_is_known", change("interest", status="lost")),
    ("mentor_interest_past_draft_was_submitted", change("interest", submitted_at=None)),
    ("mentor_interest_decided_has_date", change("interest", decided_at=None, decided_by=None)),
    ("mentor_interest_decision_is_whole", change("offered", decided_at=NOW)),
    ("mentor_interest_places_in_range", change("interest", places_offered=0)),
    ("mentor_interest_places_in_range", change("interest", places_offered=11)),
    ("mentor_interest_submitted_was_agreed", change("interest", agreed=False)),
    ("mentor_interest_entry_is_whole", change("interest", entered_at=NOW)),
    ("mentor_interest_pause_in_order", change("interest", pause_from=date(2027, 3, 2), pause_until=date(2027, 3, 1))),
    ("mentor_interest_agreement_has_date", change("interest", agreed_at=None)),
    ("mentor_interest_agreement_has_date", change("interest", agreement="")),
    ("user_most_mentees_from_one", change("mentor", most_mentees=0)),
    ("user_limit_covers_live_pairings", change("mentor", most_mentees=2)),
    ("mentor_has_room_in_all", copy("drafted", application="accepted", mentee="mentee", place="full place",
                                    interest="full interest", mentor="full mentor")),
    ("pairing_is_allowed", copy("drafted", application="accepted", mentee="mentee", place="unwanted place",
                                interest="unwanted interest", mentor="unwanted mentor")),
    ("pairing_not_each_others_mentor", copy("drafted", application="accepted", mentee="mentee", place="own mentee's place",
                                            interest="own mentee's interest", mentor="own mentee")),
    ("pairing_not_each_others_mentor", change("discarded way round", status="drafted")),
    ("confidence_once_about_a_person", copy("confidence")),
    ("confidence_about_another", change("confidence", about=F("said_by"))),
    ("confidential_note_says_something", change("confidential note", words="")),
    ("confidants_are_two", change("confidant", number=3)),
    ("place_number_unique", copy("place")),
    ("place_in_use_stays", change("place", retired=True)),
    ("one_role_in_a_cycle", point("submitted", "applicant", "mentor")),
    ("one_role_in_a_cycle", copy("submitted", applicant="mentor")),
    ("one_role_in_a_cycle", point("offered", "mentor", "mentee")),
    ("one_role_in_a_cycle", copy("interest", mentor="mentee")),
    # matching
    ("preference_list_status_is_known", change("list", status="lost")),
    ("preference_list_submitted_has_date", change("list", status="submitted")),
    ("preference_list_submitted_has_date", change("list", submitted_at=NOW)),
    ("preference_one_mentor_for_a_rank", copy("preference", interest="offered")),
    ("preference_one_rank_for_a_mentor", copy("preference", rank=2)),
    ("preference_rank_from_one", change("preference", rank=0)),
    ("suggested_pair_once_in_a_run", copy("suggested")),
    ("weights_in_range", change("weights", hours=11)),
    ("suggestion_run_status_is_known", change("run", status="lost")),
    ("suggestion_run_finished_has_date", change("run", status="done")),
    ("suggestion_run_finished_has_date", change("run", finished_at=NOW)),
    ("scenario_name_unique_in_cycle", copy("scenario", name="THE USUAL", run="another run", chosen_at=None, chosen_by=None)),
    ("scenario_one_chosen_in_cycle", copy("scenario", name="Another", run="another run")),
    ("scenario_choice_is_whole", change("scenario", chosen_at=None)),
    ("scenario_has_name", change("scenario", name="")),
    ("hold_kind_is_known", change("a pin", kind="perhaps")),
    ("hold_lifted_is_whole", change("a pin", lifted_at=NOW)),
    ("hold_has_reason", change("a pin", reason="")),
    ("mentee_note_says_something", change("staff's note", words="")),
    ("hold_one_for_a_pair", copy("a ban", kind="pin")),
    ("hold_one_pin_for_a_mentee", copy("a ban", kind="pin", interest="another", application="drafted mentee")),
    ("hold_in_one_cycle", point("a pin", "cycle", "other cycle")),
    ("hold_in_one_cycle", point("a pin", "interest", "interest elsewhere")),
    ("ban_of_no_live_pair", change("a pin", kind="ban")),
    ("pair_not_ruled_out", copy("drafted", application="accepted", mentee="mentee", place="place of another",
                                interest="another", mentor="another mentor")),
    ("pairing_status_is_known", change("drafted", status="lost")),
    ("pairing_one_for_a_place", copy("drafted", application="accepted", mentee="mentee")),
    ("pairing_one_live_for_a_mentee", copy("drafted", place="free place")),
    ("pairing_of_two_people", change("final", mentor=F("mentee"))),
    ("pairing_final_has_both_yeses", change("final", mentee_yes_at=None)),
    ("pairing_final_has_both_yeses", change("final", mentor_yes_at=None)),
    ("pairing_final_has_both_yeses", change("final", mentee_yes_at=None, mentor_yes_at=None)),
    ("pairing_final_has_both_yeses", change("proposed", status="final", final_at=NOW)),
    ("pairing_final_has_both_yeses", change("proposed", status="active", final_at=NOW, begins_on=NOW, ends_on=NOW)),
    ("pairing_confirmed_has_one_yes", change("proposed", status="confirmed")),
    ("pairing_confirmed_has_one_yes", change("proposed", status="confirmed", mentee_yes_at=NOW, mentor_yes_at=NOW)),
    ("pairing_unanswered_has_no_yes", change("proposed", mentee_yes_at=NOW)),
    ("pairing_unanswered_has_no_yes", change("drafted", mentor_yes_at=NOW)),
    ("pairing_shared_was_proposed", change("drafted", status="proposed")),
    ("pairing_shared_was_proposed", change("proposed", respond_by=None)),
    ("pairing_shared_was_proposed", change("proposed", proposed_at=None)),
    ("pairing_told_since_proposed", change("drafted", mentee_asked_at=NOW)),
    ("pairing_told_since_proposed", change("proposed", mentee_asked_at=None, mentor_asked_at=None)),
    ("pairing_told_both_once_confirmed", change("proposed", status="confirmed", mentee_yes_at=NOW, mentor_asked_at=None)),
    ("pairing_told_both_once_confirmed", change("proposed", status="confirmed", mentor_yes_at=NOW, mentee_asked_at=None)),
    ("pairing_yes_was_asked_for", change("final", mentor_asked_at=None)),
    ("pairing_yes_was_asked_for", change("final", mentee_asked_at=None)),
    ("pairing_terms_are_whole", change("proposed", hours_a_month=0)),
    ("pairing_terms_are_whole", change("proposed", ends_on=None)),
    ("pairing_terms_are_whole", change("proposed", begins_on=None)),
    ("pairing_terms_are_whole", change("final", ends_on=F("begins_on") - timedelta(days=1))),
    ("pairing_declined_by_one", change("proposed", status="declined")),
    ("pairing_declined_by_one", change("final", no_from="mentee")),
    ("more_time_is_later", change("more time", respond_by=F("old_respond_by"))),
    ("pairing_final_has_date", change("final", final_at=None)),
    ("pairing_final_has_date", change("proposed", final_at=NOW)),
    ("pairing_active_has_days", change("final", status="active", begins_on=None)),
    ("pairing_active_has_days", change("final", status="active", ends_on=None)),
    ("pairing_place_in_use", copy("drafted", application="accepted", mentee="mentee", place="retired place")),
    ("pairing_of_its_mentee", point("final", "mentee", "stranger")),
    ("pairing_of_its_mentee", point("final", "application", "draft")),
    ("pairing_of_its_mentor", point("final", "mentor", "stranger")),
    ("pairing_of_its_mentor", point("final", "interest", "offered")),
    ("pairing_of_its_mentee", point("final", "cycle", "other cycle")),
    ("pairing_in_its_place", point("final", "place", "place of another")),
    # notifications
    ("outgoing_email_status", change("mail", status="lost")),
    ("outgoing_email_sent_has_time", change("mail", status="sent")),
    ("outgoing_email_sent_has_time", change("mail", sent_at=NOW)),
    ("outgoing_email_sending_has_lease", change("mail", status="sending")),
    ("outgoing_email_one_address", change("mail", to_address="a@example.org, b@example.org")),
    ("outgoing_email_subject_one_line", change("mail", subject="News\nBcc: all@example.org")),
    ("outgoing_email_message_id_form", change("mail", message_id="none")),
    ("outgoing_email_text_until_sent", change("mail", text="")),
    ("outgoing_email_about_whole", change("mail", about_id="")),
    ("outgoing_email_named", change("mail", kind="")),
    ("outgoing_email_account_or_none", change("mail", without_account=True)),
    ("email_text_once", copy("wording")),
]  # fmt: skip
# Made by our own SQL in migrations, beside those of the models.
OF_OUR_SQL = {
    "place_offer_within_places", "application_accepted_was_told", "application_accepted_was_verified",
    "submission_never_changes", "wording_never_changes", "card_never_changes", "asked_never_changes", "attestation_never_changes",
    "one_role_in_a_cycle", "pairing_place_in_use", "place_in_use_stays", "pairing_of_its_mentee",
    "pairing_of_its_mentor", "pairing_in_its_place", "pairing_is_allowed", "mentor_has_room_in_all",
    "user_limit_covers_live_pairings", "pair_not_ruled_out", "ban_of_no_live_pair", "hold_in_one_cycle",
    "pairing_not_each_others_mentor",
}  # fmt: skip
# No person can break these by any page: only our own code could, so there is nobody to tell in words.
NOT_FOR_PEOPLE = {
    name for name in NAMED if name.endswith(("_is_known", "_status"))
} | {
    "wording_kept_once", "card_kept_once", "asked_once", "attestation_once_for_a_submission",
    "application_past_draft_was_submitted", "application_decided_was_released", "application_withdrawn_has_date",
    "application_undecided_was_not_released", "submission_number_unique", "submission_once_for_a_revision",
    "next_cycle_note_once", "demographics_once_for_a_person",
    "place_offer_ended_has_date", "erasure_request_decided_has_date",
    "decision_is_whole", "decision_was_made", "verification_once_for_a_rule",
    "waiver_taken_back_is_whole",
    "window_move_one_for_a_version", "window_move_incident_is_whole",
    "mentor_interest_past_draft_was_submitted", "mentor_interest_decided_has_date", "mentor_interest_decision_is_whole",
    "mentor_interest_agreement_has_date", "mentor_interest_entry_is_whole",
    "place_number_unique", "preference_list_submitted_has_date", "preference_one_mentor_for_a_rank",
    "preference_one_rank_for_a_mentor", "preference_rank_from_one", "hold_lifted_is_whole", "scenario_choice_is_whole",
    "suggested_pair_once_in_a_run",
    "suggestion_run_finished_has_date",
    "pairing_confirmed_has_one_yes", "pairing_unanswered_has_no_yes", "pairing_shared_was_proposed",
    "pairing_told_since_proposed", "pairing_told_both_once_confirmed", "pairing_declined_by_one",
    "pairing_final_has_date", "pairing_active_has_days", "outgoing_email_sent_has_time",
    "outgoing_email_sending_has_lease", "outgoing_email_one_address", "outgoing_email_subject_one_line",
    "outgoing_email_message_id_form", "outgoing_email_text_until_sent", "outgoing_email_about_whole",
    "outgoing_email_named", "outgoing_email_account_or_none",
}  # fmt: skip


def broken_by(attack, *arguments):
    """The name of the constraint that refuses; None if nothing does. The transaction stays usable."""
    try:
        with transaction.atomic():
            attack(*arguments)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name or type(error.__cause__).__name__
    return None


class EveryConstraintTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cycle, manager = factories.cycle(), factories.staff()
        mentee, stranger = factories.person(email="mentee@example.org"), factories.person()
        institution = factories.institution("General Hospital")
        affiliation = Affiliation.objects.create(person=stranger, institution=institution)
        accepted = factories.application(cycle, mentee, in_status="accepted", manager=manager)
        submitted = factories.application(cycle, in_status="submitted")
        interest = factories.interest(cycle, manager=manager, places=3)
        another = factories.interest(cycle, manager=manager)
        held = {"cycle": cycle, "reason": "They know each other.", "put_by": manager}
        pairings = {
            name: factories.pairing(cycle, in_status=name, mentor=interest, manager=manager)
            for name in ("drafted", "proposed", "final")
        }
        interest.set_capacity(5, by=manager)
        free, retired = interest.places.order_by("number")[3:]
        retired.retire()
        offered = factories.interest(cycle, in_status="submitted")
        # Another program's mentee is as much as this mentor can take on; and one with whom the mentee would not be paired.
        elsewhere = factories.cycle("dmp")
        full = factories.interest(cycle, manager=manager, most_in_all=1)
        factories.pairing(
            elsewhere,
            mentor=factories.interest(elsewhere, full.mentor, manager=manager, most_in_all=1),
            mentee=factories.application(elsewhere, in_status="accepted", manager=manager),
            manager=manager,
        )
        # Whom the mentee mentors in the other program; and two where the other way round was drafted first, and dropped.
        taught = factories.pairing(
            elsewhere, mentor=factories.interest(elsewhere, mentee, manager=manager), manager=manager
        )
        own = factories.interest(cycle, taught.mentee, manager=manager)
        dropped = factories.pairing(cycle, manager=manager)
        dropped.discard(by=manager)
        factories.pairing(
            elsewhere,
            mentee=factories.application(elsewhere, dropped.mentor, in_status="accepted", manager=manager),
            mentor=factories.interest(elsewhere, dropped.mentee, manager=manager),
            manager=manager,
        )
        unwanted = factories.interest(cycle, manager=manager)
        said = say_in_confidence(cycle, by=mentee, about=unwanted.mentor)
        stated = factories.application(elsewhere, in_status="submitted").latest
        preferences = PreferenceList.objects.get(application=accepted)
        run = SuggestionRun.objects.create(cycle=cycle, policy="on_list_first", computed_by=manager, digest="0")
        window = cycle.windows.first()
        offer, other = factories.offer(cycle, manager=manager), factories.cycle("dmp")
        waitlists = {"third cycle": other, "offer elsewhere": factories.offer(other, manager=manager),
                     "waiting": factories.application(other, in_status="waitlisted", manager=manager)}  # fmt: skip
        applied = {"rule_answers": {**factories.VMP_ANSWERS, "membership": "applied"}}
        unverified = factories.application(cycle, in_status="submitted", **applied)
        decide(unverified, "waitlist", by=manager)
        release(cycle, by=manager, seen=fingerprint(Decision.objects.ready(cycle)))
        factories.told_to_accept(unverified, manager)
        later = {"old_closes_at": window.closes_at, "new_closes_at": window.closes_at + MINUTE}
        cls.scene = {
            "window move": WindowMove.objects.create(window=window, version=9, reason="Snow.", moved_by=manager, **later),
            "extension": Extension.objects.create(window=window, email="late@example.org", closes_at=NOW, reason="Ill.",
                                                  granted_by=manager),
            "cycle": cycle, "other cycle": elsewhere, "window": window,
            "asked": stated.asked.first(), "attestation": stated.attestations.get(), "card": elsewhere.cards.get(),
            "words": elsewhere.wordings.first(), "other words": elsewhere.wordings.last(),
            "rule": cycle.rules.first(), "question": cycle.questions.first(), "example": cycle.examples.first(),
            "mentee": mentee, "stranger": stranger, "mentor": interest.mentor,
            "institution": institution, "affiliation": affiliation, "registered": factories.institution(ror_id="0aaaaaa01"),
            "alias": Alias.objects.create(institution=institution, name="General"),
            "answer file": AnswerFile.objects.create(application=submitted, question="cv", type="pdf", pages=1, size=1),
            "draft": factories.application(cycle), "submitted": submitted, "accepted": accepted,
            "submission": submitted.latest, "interest": interest, "offered": offered,
            "decision": Decision.objects.create(
                application=submitted, submission=submitted.latest, outcome="accept", decided_at=NOW, decided_by=manager
            ),
            "verification": Verification.objects.create(
                application=submitted, submission=submitted.latest, rule_key="hours", verified_by=manager
            ),
            "waiver": Waiver.objects.create(
                application=submitted, rule_key="hours", sentence="An hour.", reason="Ill.", granted_by=manager
            ),
            "full interest": full, "full mentor": full.mentor, "full place": full.places.get(),
            "own mentee's interest": own, "own mentee": own.mentor, "own mentee's place": own.places.get(),
            "discarded way round": dropped,
            "unwanted interest": unwanted, "unwanted mentor": unwanted.mentor, "unwanted place": unwanted.places.get(),
            "confidence": said, "confidant": Confidant.objects.create(number=1, person=manager),
            "confidential note": ConfidentialNote.objects.create(cycle=cycle, said_by=mentee, words="Somebody."),
            "place": interest.places.first(), "place of another": another.places.first(),
            "another": another, "another mentor": another.mentor, "drafted mentee": pairings["drafted"].application,
            "interest elsewhere": factories.interest(factories.cycle("dmp"), manager=manager),
            "scenario": Scenario.objects.create(cycle=cycle, name="The usual", run=run, chosen_at=NOW, chosen_by=manager),
            "another run": SuggestionRun.objects.create(cycle=cycle, policy="on_list_first", computed_by=manager),
            "a pin": Hold.objects.create(application=pairings["drafted"].application, interest=interest, kind="pin", **held),
            "a ban": Hold.objects.create(application=accepted, interest=another, kind="ban", **held),
            "staff's note": MenteeNote.objects.create(application=accepted, words="By phone.", written_by=manager),
            "free place": free, "retired place": retired,
            "note": NextCycleNote.objects.create(person=stranger, program=cycle.program),
            "demographics": Demographics.objects.create(person=stranger, cycle=cycle, sealed="x"),
            "erasure": ErasureRequest.objects.create(person=stranger),
            "offer": offer, **waitlists, "unverified": Application.objects.get(pk=unverified.pk),
            "list": preferences, "preference": Preference.objects.create(list=preferences, rank=1, interest=interest),
            "run": run, "weights": Weights.objects.create(cycle=cycle),
            "suggested": SuggestedPair.objects.create(run=run, application=accepted, because="Fits."),
            "more time": MoreTime.objects.create(
                pairing=pairings["proposed"], old_respond_by=NOW, respond_by=NOW + MINUTE, why="Ill.", given_by=manager
            ),
            "mail": OutgoingEmail.objects.first(),
            "inquiry": Inquiry.ask(cycle.program, by=stranger, name="Sam", email="sam@example.org", situation="May I?"),
            "wording": EmailText.objects.create(kind="Notice", subject="News", body="News."),
            **pairings,
        }  # fmt: skip

    def test_each_constraint_refuses_by_its_name(self):
        for name, attack in ATTACKS:
            with self.subTest(name):
                assert broken_by(attack, self.scene) == name

    def test_the_scene_itself_breaks_nothing(self):
        assert broken_by(lambda: None) is None


def test_every_constraint_is_attacked():
    assert {name for name, _attack in ATTACKS} == set(NAMED) | OF_OUR_SQL


def test_every_constraint_has_a_sentence_for_people_or_cannot_be_reached_by_one():
    told = {
        name for name, each in NAMED.items()
        if each.violation_error_message != each.default_violation_error_message
    }  # fmt: skip
    assert set(NAMED) - told == NOT_FOR_PEOPLE
    assert set(constraints._sentences) == {
        "one_role_in_a_cycle", "pairing_outside_one_institution", "affiliation_outside_pending_pairing",
        "institution_outside_pending_pairing", "pairing_place_in_use", "place_in_use_stays", "pairing_is_allowed",
        "mentor_has_room_in_all", "user_limit_covers_live_pairings", "pairing_outside_one_country",
        "pairing_outside_one_region", "cycle_outside_pending_pairing", "institution_not_above_itself",
        "place_offer_within_places", "application_accepted_was_told", "application_accepted_was_verified",
        "pair_not_ruled_out", "ban_of_no_live_pair", "hold_in_one_cycle", "pairing_not_each_others_mentor",
    }  # fmt: skip
    assert all(NAMED[name].violation_error_message.endswith(".") for name in told)
    assert all(sentence.endswith(".") for sentence in constraints._sentences.values())


# --- No rule lets a NULL slip past -----------------------------------------------------------------------------------

OUR_CHECKS = """
SELECT conrelid::regclass::text, conname, pg_get_expr(conbin, conrelid),
       array_agg(ARRAY[attname::text, format_type(atttypid, NULL), attnotnull::text])
FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)
WHERE contype = 'c' AND conrelid::regclass::text = ANY(%s) GROUP BY 1, 2, 3, conbin, conrelid
"""
SAMPLES = {"timestamp with time zone": "now()", "date": "now()::date", "interval": "interval '1 minute'",
           "boolean": "true", "bigint": "1", "integer": "1", "smallint": "1", "text": "'x'",
           "character varying": "'x'", "jsonb": "'[]'"}  # fmt: skip


def column_values(model, name, kind, not_null):
    """SQL for an array of what the column may hold: every status, a sample, and NULL where it is allowed."""
    if kind.endswith("[]"):
        return f"{name} FROM (VALUES ('{{}}'::{kind}), ('{{x}}')) AS held({name})"
    field = next(each for each in model._meta.concrete_fields if each.column == name)
    values = [f"'{value}'" for value, _label in field.flatchoices] or [SAMPLES[kind]]
    return f"unnest(ARRAY[{', '.join(values if not_null == 'true' else [*values, 'NULL'])}]::{kind}[]) AS {name}"


@pytest.mark.django_db
def test_no_check_is_ever_neither_true_nor_false():
    """A CHECK that comes to NULL is held to be satisfied, so none may."""
    tables = {model._meta.db_table: model for model in OURS}
    with connection.cursor() as cursor:
        cursor.execute(OUR_CHECKS, [list(tables)])
        checks = cursor.fetchall()
        assert len(checks) > 60
        for table, name, expression, columns in checks:
            rows = ", ".join(f"(SELECT {column_values(tables[table], *column)}) {column[0]}_s" for column in columns)
            cursor.execute(f"SELECT count(*) FILTER (WHERE ({expression}) IS NULL) FROM {rows}")
            assert (name, cursor.fetchone()[0]) == (name, 0)


@pytest.mark.django_db
def test_nothing_that_must_be_unique_or_point_somewhere_together_may_be_null():
    """NULLs count as different in a unique index, and switch a foreign key over several columns off."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT indexrelid::regclass::text FROM pg_index JOIN pg_attribute ON attrelid = indrelid
                AND attnum = ANY(indkey) WHERE indisunique AND NOT attnotnull AND indrelid::regclass::text = ANY(%(ours)s)
            UNION
            SELECT conname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)
            WHERE NOT attnotnull AND conrelid::regclass::text = ANY(%(ours)s)
                AND (contype = 'x' OR (contype = 'f' AND cardinality(conkey) > 1))
            """,
            {"ours": [model._meta.db_table for model in OURS]},
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "column"),
    [
        (Application, "status"), (MentorInterest, "status"), (PreferenceList, "status"), (Pairing, "status"),
        (OutgoingEmail, "status"), (Submission, "received_at"), (Submission, "closes_at"), (Submission, "grace"),
        (Window, "closes_at"), (Window, "grace"), (Place, "retired"), (Pairing, "place_id"), (Cycle, "term_ends"),
        (Rule, "effect"), (Question, "kind"), (Institution, "name"), (User, "email"),
    ],
)  # fmt: skip
def test_the_columns_that_rules_are_about_are_never_null(model, column):
    field = next(each for each in model._meta.concrete_fields if each.column == column)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attnotnull FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s",
            [model._meta.db_table, column],
        )
        assert cursor.fetchone() == (True,)
    assert not field.null


# --- History ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET reason = 'Never said'",
        "UPDATE audit_event SET at = now()",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "TRUNCATE audit_event CASCADE",
    ],
)
def test_history_is_only_ever_added_to(statement):
    factories.person()  # which leaves a row: moved to an institution
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL mentoring.history_may_be_emptied = 'off'")
        assert broken_by(cursor.execute, statement) == "audit_event_append_only"


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE audit_event SET reason = ''", "DELETE FROM audit_event"])
def test_a_database_that_may_be_emptied_still_does_not_let_history_change(statement):
    factories.person()
    with connection.cursor() as cursor:
        assert broken_by(cursor.execute, statement) == "audit_event_append_only"


# --- What a form asks before the database has to -----------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("days", [0, -1, -400])
def test_a_term_that_ends_before_it_begins_is_told_in_words(days):
    cycle = factories.cycle()
    cycle.term_ends = cycle.term_begins + timedelta(days=days)
    with pytest.raises(ValidationError, match="The term must end after it begins"):
        cycle.full_clean()
