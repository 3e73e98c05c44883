"""Staff waive a rule for one application: what it changes, what it never does, who may, who is told, and who reads what."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applications import tasks
from applications.membership import membership_of
from applications.models import Application, IncompleteApplication, Waiver
from applications.models.decisions import awaiting_verification, decide, still_to_verify
from applications.models.waivers import take_back, waive
from mentoring.accounts.roles import ADMINISTRATOR, AUDITOR, MANAGER, REVIEWER
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.portal import erasure
from mentoring.workflow import TransitionRefused
from programs import deadlines
from programs.eligibility import KINDS, judge
from programs.models import Effect, Inquiry, Rule
from tests import factories

pytestmark = pytest.mark.django_db
NOT_A_MEMBER = {**factories.VMP_ANSWERS, "membership": "neither"}
APPLIED = {**factories.VMP_ANSWERS, "membership": "applied"}
WHY, TOLD = "Her membership lapsed while she was ill.", "You need not be a member this year."


def on_page(person, address, **data):
    client = Client()
    client.force_login(person)
    response = client.post(address, data) if data else client.get(address)
    return response.content.decode()


def hand_in(application):
    application.submit(by=application.applicant, received_at=timezone.now())
    return Application.objects.get(pk=application.pk)


def mails(*kinds):
    return OutgoingEmail.objects.filter(kind__in=kinds)


@pytest.fixture
def manager():
    return factories.staff(name="Morgan Manager")


@pytest.fixture
def draft():
    return factories.application(rule_answers=NOT_A_MEMBER)


@pytest.fixture
def handed_in(draft, manager):
    waive(draft, "membership", by=manager, reason=WHY)
    return hand_in(draft)


# --- What it changes --------------------------------------------------------------------------------------------------

MEMBER = Rule(key="membership", kind="membership", parameters={"society": "ASCO"})
VERIFIED = Rule(key="english", kind="promise", parameters={"question": "Will it?"}, effect=Effect.STAFF_VERIFY)
STATED = Rule(key="uim", kind="attestation", parameters={"question": "Do you?"})
NEEDS = Rule(key="needs", kind="needs", parameters={"options": [["women", "Women in oncology"]]})
EITHER = [
    Rule(key="membership", kind="membership", any_of="who", parameters={"society": "ASCO"}),
    Rule(key="english", kind="promise", any_of="who", parameters={"question": "Will it?"}),
]


@pytest.mark.parametrize(
    ("rules", "answers", "without", "waived"),
    [
        # A waiver stands in for what is not met ...
        ([MEMBER], {"membership": "neither"}, "not_met", "waived"),
        # ... and for what staff would have to verify.
        ([MEMBER], {"membership": "applied"}, "to_verify", "waived"),
        ([VERIFIED], {"english": "yes"}, "to_verify", "waived"),
        ([VERIFIED], {"english": "no"}, "not_met", "waived"),
        # It takes nothing away from whoever meets the rule, and it never answers a question.
        ([MEMBER], {"membership": "full"}, "met", "met"),
        ([MEMBER], {}, "unanswered", "unanswered"),
        ([MEMBER], {"membership": "no such answer"}, "unanswered", "unanswered"),
        # Of alternatives all count together.
        (EITHER, {"membership": "neither", "english": "no"}, "not_met", "waived"),
        (EITHER, {"membership": "neither", "english": "yes"}, "met", "met"),
        # What people state about themselves, or answer in confidence, is never waived.
        ([STATED], {"uim": "no"}, "not_met", "not_met"),
        ([NEEDS], {"needs": ["none"]}, "not_met", "not_met"),
        ([MEMBER, STATED], {"membership": "neither", "uim": "no"}, "not_met", "waived"),
    ],
)
def test_what_a_rule_comes_to_with_a_waiver_and_without(rules, answers, without, waived):
    said = {rule.key: "Staff waived this." for rule in rules}
    assert judge(rules, answers).outcomes[0].state == without
    outcome = judge(rules, answers, waived=said).outcomes[0]
    assert outcome.state == waived
    assert (outcome.reason == "Staff waived this.") is (waived == "waived")
    # Another rule's waiver changes nothing.
    assert judge(rules, answers, waived={"another": "Staff waived this."}) == judge(rules, answers)


def test_alternatives_of_which_one_is_in_confidence_are_not_waived():
    either = [Rule(key="a", kind="membership", any_of="who", parameters={"society": "ASCO"}),
              Rule(key="b", kind="attestation", any_of="who", parameters={"question": "Do you?"})]  # fmt: skip
    verdict = judge(either, {"a": "neither", "b": "no"}, waived={"a": "Staff waived this."})
    assert [outcome.state for outcome in verdict.outcomes] == ["not_met"]


def test_no_kind_whose_answers_are_in_confidence_can_be_waived():
    assert {name for name, kind in KINDS.items() if kind.never_waived} == {"attestation", "needs", "age"}
    assert all(kind.never_waived for kind in KINDS.values() if kind.sensitive)


def test_with_a_waiver_it_can_be_handed_in_and_the_submission_says_so(draft, manager):
    with pytest.raises(IncompleteApplication):
        hand_in(draft)

    waive(draft, "membership", by=manager, reason=WHY, told=TOLD)
    submission = hand_in(draft).latest

    states = {outcome["key"]: outcome["state"] for outcome in submission.verdict}
    assert states == {key: "waived" if key == "membership" else "met" for key in factories.VMP_ANSWERS}
    (outcome,) = submission.waived
    assert outcome["reason"] == f"Staff waived this for this application on {Waiver.objects.get().granted_on}."
    # The person is on record with what they said, and the receipt covers it.
    assert submission.rule_answers["membership"] == "neither"
    assert submission.is_unaltered
    assert still_to_verify(submission.application) == []


def test_it_holds_for_one_application_and_one_rule(draft, manager):
    waive(draft, "membership", by=manager, reason=WHY)
    with pytest.raises(IncompleteApplication):
        hand_in(factories.application(draft.cycle, rule_answers=NOT_A_MEMBER))
    with pytest.raises(IncompleteApplication):
        hand_in(factories.application(factories.cycle("vmp"), draft.applicant, rule_answers=NOT_A_MEMBER))
    draft.save_draft(rule_answers={"online": "yes"})
    with pytest.raises(IncompleteApplication):
        hand_in(draft)


def test_what_was_to_be_verified_need_not_be_once_it_is_waived(manager):
    application = factories.application(rule_answers=APPLIED, in_status="submitted")
    assert list(awaiting_verification()) == [application]
    assert membership_of(application)

    waive(application, "membership", by=manager, reason=WHY)

    application = Application.objects.get(pk=application.pk)
    assert still_to_verify(application) == []
    assert not awaiting_verification()
    assert membership_of(application) is None
    assert decide(application, "accept", by=manager).outcome == "accept"
    # What was handed in stays as it was judged.
    assert {each["state"] for each in application.latest.verdict if each["key"] == "membership"} == {"to_verify"}


def test_nobody_is_reminded_of_a_membership_that_is_waived(manager):
    cycle = factories.cycle()
    due = deadlines.day_of(timezone.now(), cycle.time_zone) + timedelta(days=60)
    rule = cycle.rules.get(key="membership")
    rule.parameters = {**rule.parameters, "in_force_by": due.isoformat()}
    rule.save()
    waived, other = (factories.application(cycle, rule_answers=APPLIED, in_status="submitted") for _ in range(2))
    waive(waived, "membership", by=manager, reason=WHY)

    with time_machine.travel(deadlines.closing(due, cycle.time_zone) - timedelta(days=2)):
        tasks.remind_of_memberships()

    assert [mail.recipient for mail in mails("MembershipDue")] == [other.applicant]


def test_a_change_of_another_rule_counts_whom_a_waiver_lets_in(draft, manager):
    waive(draft, "membership", by=manager, reason=WHY)
    client = Client()
    client.force_login(manager)
    address = f"/admin/programs/rule/{draft.cycle.rules.get(key='needs').pk}/change/"
    form = client.get(address).context["adminform"].form
    data = {name: form[name].field.prepare_value(form[name].value()) or "" for name in form.fields}

    sentences = client.post(address, {**data, "options": "women: Women in oncology"}).context["sentences"]

    assert sentences == ["1 draft meets the rules now and no longer would."]


# --- What it never does -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("uim", "It is a statement that people make about themselves. Nobody makes it for them."),
        ("goals", "This cycle has no such rule."),
    ],
)
def test_no_statement_is_waived_and_no_question(key, sentence, manager):
    application = factories.application(factories.cycle("dmp"), rule_answers={**factories.DMP_ANSWERS, "uim": "no"})
    with pytest.raises(TransitionRefused, match=sentence):
        waive(application, key, by=manager, reason=WHY)
    # Not even a row that is there by another way makes the statement.
    Waiver.objects.create(application=application, rule_key=key, sentence="", reason=WHY, granted_by=manager)
    with pytest.raises(IncompleteApplication):
        hand_in(application)
    assert not mails("RuleWaived")


def test_it_moves_no_deadline(draft, manager):
    waive(draft, "membership", by=manager, reason=WHY)
    with (
        time_machine.travel(draft.window.closes_at + timedelta(minutes=1)),
        pytest.raises(TransitionRefused, match="The deadline was"),
    ):
        hand_in(draft)


def test_nothing_is_promised_to_whom_the_deadline_has_passed(draft, manager):
    with time_machine.travel(draft.window.closes_at + timedelta(minutes=1)):
        with pytest.raises(TransitionRefused, match="a waiver moves no deadline"):
            waive(draft, "membership", by=manager, reason=WHY)
        # Handed in, with something to verify: that can be waived until it is decided.
        with time_machine.travel(draft.window.opens_at):
            application = factories.application(draft.cycle, rule_answers=APPLIED, in_status="submitted")
        with pytest.raises(TransitionRefused, match="There is nothing to verify here"):
            waive(application, "online", by=manager, reason=WHY)
        waive(application, "membership", by=manager, reason=WHY)
        assert "You need do nothing." in mails("RuleWaived").get().text


@pytest.mark.parametrize("status", ["accepted", "declined", "withdrawn"])
def test_nothing_is_waived_once_it_is_over(status, manager):
    with pytest.raises(TransitionRefused, match="there is nothing to waive"):
        waive(factories.application(in_status=status), "membership", by=manager, reason=WHY)


def test_nobody_waives_for_themselves_or_without_a_reason_or_twice(draft, manager):
    own = factories.application(draft.cycle, manager, rule_answers=NOT_A_MEMBER)
    with pytest.raises(TransitionRefused, match="Nobody waives a rule for themselves"):
        waive(own, "membership", by=manager, reason=WHY)
    with pytest.raises(TransitionRefused, match="Say why"):
        waive(draft, "membership", by=manager, reason="  ")
    waive(draft, "membership", by=manager, reason=WHY)
    with pytest.raises(TransitionRefused, match="It is waived already"):
        waive(draft, "membership", by=manager, reason=WHY)
    assert mails("RuleWaived").count() == Waiver.objects.count() == 1


# --- Taking it back ---------------------------------------------------------------------------------------------------


def test_taken_back_the_rule_counts_again_and_can_be_waived_anew(draft, manager):
    waiver = waive(draft, "membership", by=manager, reason=WHY)

    take_back(waiver, by=manager, reason="It was meant for somebody else.")

    with pytest.raises(IncompleteApplication):
        hand_in(draft)
    assert mails("WaiverTakenBack").get().recipient == draft.applicant
    with pytest.raises(TransitionRefused, match="taken back already"):
        take_back(waiver, by=manager, reason="Again.")
    waive(draft, "membership", by=manager, reason=WHY)
    assert hand_in(draft).latest.waived
    assert [event.verb for event in Event.objects.about(draft).filter(actor_id=manager.pk)] == [
        "waive",
        "take_back_waiver",
        "waive",
    ]


def test_it_stays_once_the_application_was_handed_in_with_it(handed_in, manager):
    with pytest.raises(TransitionRefused, match="was handed in with this waiver"):
        take_back(handed_in.waivers.get(), by=manager, reason="On second thoughts.")


def test_it_stays_once_an_acceptance_rests_on_it(manager):
    application = factories.application(rule_answers=APPLIED, in_status="submitted")
    waiver = waive(application, "membership", by=manager, reason=WHY)
    decide(application, "accept", by=manager)
    with pytest.raises(TransitionRefused, match="An acceptance is recorded"):
        take_back(waiver, by=manager, reason="On second thoughts.")
    decide(application, "waitlist", by=manager)
    take_back(waiver, by=manager, reason="On second thoughts.")
    assert [rule["key"] for rule in still_to_verify(Application.objects.get(pk=application.pk))] == ["membership"]


# --- Who is told, and what is on record -------------------------------------------------------------------------------


def test_the_person_is_told_and_the_reason_is_on_record_and_stays_with_staff(draft, manager):
    waive(draft, "membership", by=manager, reason=WHY, told=TOLD)

    mail = mails("RuleWaived").get()
    assert mail.recipient == draft.applicant
    rule = draft.cycle.rules.get(key="membership").text
    told = " ".join(mail.text.split())
    assert all(words in told for words in (rule, TOLD, "The deadline does not move", draft.window.closes_words))
    (event,) = Event.objects.about(draft).filter(verb="waive")
    assert (event.actor_id, event.reason, event.details) == (manager.pk, WHY, {"rule": "membership"})
    assert event.sentence == f"{manager}, waive membership: {draft}"
    assert WHY not in mail.text


@pytest.mark.parametrize("part", ["", "eligibility/", "review/"])
def test_the_person_reads_what_was_waived_and_when_and_not_why(draft, manager, part):
    address = f"{draft.get_absolute_url()}{part}"
    assert "have waived" not in on_page(draft.applicant, address)
    waiver = waive(draft, "membership", by=manager, reason=WHY, told=TOLD)

    shown = on_page(draft.applicant, address)

    assert "Staff have waived a condition for you" in shown
    assert f"{waiver.sentence} Waived on {waiver.granted_on}, for this application only." in shown
    assert TOLD in shown
    assert WHY not in shown
    assert "things to look at" not in shown
    take_back(waiver, by=manager, reason="A mistake.")
    assert "have waived" not in on_page(draft.applicant, address)


def test_the_receipt_says_it_on_the_page_and_as_a_document(handed_in):
    receipt = f"{handed_in.get_absolute_url()}receipt/"
    (outcome,) = handed_in.latest.waived
    assert f"{outcome['sentence']} {outcome['reason']}" in on_page(handed_in.applicant, receipt)
    told = on_page(handed_in.applicant, "/account/data/download.json")
    assert outcome["reason"] in told
    assert "Conditions that staff waived for you" in told
    assert WHY not in told


@pytest.mark.parametrize(("role", "reads_why"), [(REVIEWER, False), (MANAGER, True), (AUDITOR, True)])
def test_who_reads_the_application_reads_that_a_rule_was_waived(handed_in, role, reads_why):
    shown = on_page(factories.staff(role), f"/admin/applications/application/{handed_in.pk}/change/")
    assert 'pill tone-now">Waived<' in shown
    assert handed_in.latest.waived[0]["reason"] in shown
    assert "By Morgan Manager on" in shown
    assert (WHY in shown) is reads_why
    assert ("Waive a rule for this application" in shown) is (role == MANAGER)


# --- The staff's pages ------------------------------------------------------------------------------------------------


@pytest.fixture
def client_of_manager(manager):
    client = Client()
    client.force_login(manager)
    return client


def test_what_is_sent_was_read_first(client_of_manager, draft):
    address = f"/admin/applications/application/{draft.pk}/waive/"
    said = {"rule": "membership", "reason": WHY, "told": TOLD}

    looked = client_of_manager.post(address, {**said, "move": "look"})

    assert TOLD in looked.content.decode()
    assert WHY in looked.content.decode(), "What was typed is still there"
    assert not mails("RuleWaived")
    # Somebody who sends what they have not read is shown it first.
    for seen in ("", looked.context["seen"]):
        again = client_of_manager.post(address, {**said, "told": "Something else.", "move": "waive", "seen": seen})
        assert "Nothing is waived yet" in again.content.decode()
    assert not Waiver.objects.exists()

    done = client_of_manager.post(address, {**said, "move": "waive", "seen": looked.context["seen"]}, follow=True)

    assert "The rule is waived." in done.content.decode()
    waiver = Waiver.objects.get()
    assert (waiver.reason, waiver.told, waiver.sentence) == (WHY, TOLD, draft.cycle.rules.get(key="membership").text)
    # The text is the one that was read; a line of the real mail also says why it came.
    read = [line for line in looked.context["mail"][1].splitlines() if "/applications/" not in line]
    assert [line for line in mails("RuleWaived").get().text.splitlines() if "/applications/" not in line] == read


def test_without_a_rule_or_a_reason_it_says_what_is_missing(client_of_manager, draft):
    response = client_of_manager.post(f"/admin/applications/application/{draft.pk}/waive/", {"move": "look"})
    assert response.status_code == 422
    assert response.content.decode().count("Please answer this.") >= 2


def test_the_page_of_a_draft_shows_nothing_that_is_written_in_it(client_of_manager, draft):
    draft.save_draft(answers={"goals": "To become a lighthouse keeper."})
    page = client_of_manager.get(f"/admin/applications/application/{draft.pk}/waive/")
    met = factories.application(draft.cycle)
    same = client_of_manager.get(f"/admin/applications/application/{met.pk}/waive/")

    assert "lighthouse" not in page.content.decode()
    offered = [choice for choice, _label in page.context["form"].fields["rule"].choices]
    assert offered == ["membership", "hours", "english", "no_research", "within_purview", "online"]
    # Nor does it tell whether a rule is met.
    assert [choice for choice, _label in same.context["form"].fields["rule"].choices] == offered
    assert page.context["kept"] == same.context["kept"]
    assert [why for _sentence, why in page.context["kept"]] == [
        "It is answered in confidence, and a waiver would tell the answer."
    ]


def test_an_application_is_found_by_its_persons_address(client_of_manager, draft):
    over = factories.application(factories.cycle("dmp"), draft.applicant, in_status="withdrawn")
    found = client_of_manager.get("/admin/applications/application/waivers/", {"email": draft.applicant.email.upper()})
    assert found.context["found"] == [draft]
    assert over not in found.context["found"]
    nobody = client_of_manager.get("/admin/applications/application/waivers/", {"email": "nobody@example.org"})
    assert "Nobody with this address has begun" in nobody.content.decode()


def test_what_is_waived_is_listed_until_the_term_ends(client_of_manager, draft, manager):
    waiver = waive(draft, "membership", by=manager, reason=WHY)
    address = "/admin/applications/application/waivers/"
    assert [*client_of_manager.get(address).context["waivers"]] == [waiver]
    take_back(waiver, by=manager, reason="A mistake.")
    assert not client_of_manager.get(address).context["waivers"]


def test_it_is_taken_back_on_a_page_that_shows_what_is_sent(client_of_manager, draft, manager):
    waiver = waive(draft, "membership", by=manager, reason=WHY)
    address = f"/admin/applications/application/waivers/{waiver.pk}/take-back/"
    assert "A condition counts for you again" in client_of_manager.get(address).content.decode()
    assert client_of_manager.post(address, {"reason": ""}).status_code == 422
    assert client_of_manager.post(address, {"reason": "A mistake."}).status_code == 302
    assert not Waiver.objects.in_force()
    assert "taken back already" in client_of_manager.get(address).content.decode()


def test_a_question_and_a_refused_attempt_lead_to_the_waiver(client_of_manager, draft):
    on_page(draft.applicant, f"{draft.get_absolute_url()}review/", **factories.CONFIRMED)
    window = client_of_manager.get(f"/admin/programs/window/{draft.cycle.applications_window.pk}/change/")
    assert f"/admin/applications/application/{draft.pk}/waive/" in window.content.decode()

    person = draft.applicant
    asked = Inquiry.ask(draft.cycle.program, by=person, name="Ada", email=person.email, situation="May I all the same?")
    page = client_of_manager.get(f"/admin/programs/inquiry/{asked.pk}/change/").content.decode()
    assert f"/admin/applications/application/waivers/?email={quote(person.email)}" in page


def test_erasing_a_person_leaves_that_a_rule_was_waived_and_no_word_of_why(draft, manager):
    waive(draft, "membership", by=manager, reason=WHY, told=TOLD)
    draft.withdraw(by=draft.applicant)
    request = draft.applicant.erasure_requests.create(words="")
    erasure.erase(request, by=factories.staff(ADMINISTRATOR))
    waiver = Waiver.objects.get()
    assert (waiver.reason, waiver.told) == ("Erased.", "")
    # Nor where history repeats it, which stays with who did it and when.
    history = Event.objects.about(draft)
    assert [event.actor_name for event in history.filter(verb="waive")] == ["Morgan Manager"]
    assert not history.exclude(reason="").exists()
    assert not mails("RuleWaived").filter(text__contains="waived").exists()
