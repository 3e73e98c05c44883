"""A whole year of each program, at its real dates, as its people live it: pages, mails, and the links in the mails."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Group
from playwright.sync_api import expect

from matching.models import Pairing, SuggestionRun
from matching.tasks import begin_and_end_mentorships, compute_run, remind_open_preferences
from mentoring.accounts.models import CareerStage
from mentoring.accounts.roles import MANAGER
from programs import load
from programs.models import Cycle
from tests import factories
from tests.journeys.people import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


def et(*when):
    return datetime(*when, tzinfo=ZoneInfo("America/New_York"))


@dataclass(frozen=True)
class Year:
    """One cycle: what its people read and answer, and when."""

    program: str
    name: str
    label: str
    cycle: str
    begin: str
    deadline: str
    rules: list
    answers: dict
    in_confidence: str
    stage: str
    topic: str
    question: str
    applies: datetime
    decided: datetime
    ranks: datetime
    paired: datetime
    answer_by: str
    term_begins: datetime
    term_over: datetime
    ended: str
    to_verify: str = ""
    typed: tuple = ()  # (label, answer) of the conditions that one types


VMP = Year(
    program="vmp",
    name="Virtual Mentoring Program",
    label="2024",
    cycle="vmp-2024",
    begin="Start your application",
    deadline="11:59 PM ET on Sunday, January 21, 2024",
    rules=[
        "You are a full ASCO member, or submit a membership application together with this application.",
        "You commit at least one hour a month for the whole program period.",
        "All your materials are in English.",
        "You do not need to meet your mentor in person.",
    ],
    answers={
        "Are you a full member of ASCO?": "I have applied for membership, or do so together with this application",
        "Can you give at least one hour a month for the whole term?": "Yes",
        "Will all your materials be in English?": "Yes",
        "Which of these are your needs about?": "Oncologists in training",
        "Do you wish to work alongside your mentor in clinical trials or research?": "No",
        "Are your mentoring goals so specific that they lie outside what the program can offer?": "No",
        "Do you need an in-person part to take part?": "No",
    },
    in_confidence="Which of these are your needs about?",
    to_verify="You are a full ASCO member, or submit a membership application together with this application.",
    stage=CareerStage.FELLOW.label,
    topic="Career planning",
    question="What would you like to have reached by the end of the year, and where would a mentor make the difference?",
    applies=et(2023, 12, 4, 9, 30),
    decided=et(2024, 2, 1, 10),
    ranks=et(2024, 2, 6, 18),
    paired=et(2024, 2, 20, 11),
    answer_by="11:59 PM ET on Friday, March 1, 2024",
    term_begins=et(2024, 3, 1, 9),
    term_over=et(2025, 3, 1, 9),
    ended="This mentorship ended on Saturday, March 1, 2025.",
)
DMP = Year(
    program="dmp",
    name="Diversity Mentoring Program",
    label="2024–25",
    cycle="dmp-2024-25",
    begin="Request a mentor",
    deadline="11:59 PM ET on Monday, April 15, 2024",
    rules=[
        "You are enrolled in a DO or MD program at a U.S. medical school.",
        "You identify yourself as underrepresented in medicine (UIM).",
        "You commit to at least six months, within a term of up to twelve.",
    ],
    answers={
        "Which of these describes you?": "Student in a DO program",
        "Do you identify yourself as underrepresented in medicine, as defined here?": "Yes",
        "Can you commit to at least six months?": "Yes",
        "Will all your materials be in English?": "Yes",
    },
    in_confidence="Do you identify yourself as underrepresented in medicine, as defined here?",
    stage=CareerStage.MEDICAL_STUDENT.label,
    topic="Choosing a specialty",
    question="What draws you to oncology, and what would you like a mentor's help with?",
    applies=et(2024, 2, 29, 20, 15),
    decided=et(2024, 5, 10, 10),
    ranks=et(2024, 5, 17, 8),
    paired=et(2024, 6, 3, 11),
    answer_by="11:59 PM ET on Thursday, June 13, 2024",
    term_begins=et(2024, 7, 1, 9),
    term_over=et(2025, 7, 1, 9),
    ended="This mentorship ended on Tuesday, July 1, 2025.",
    typed=(("At which medical school, if you are enrolled?", "Larkmoor University"),),
)
ADA, BEA, STAFF = "ada@example.org", "bea@example.org", "morgan@example.org"
GOALS = "I would like to find my way, and someone who has gone it."


@pytest.mark.parametrize("year", [VMP, DMP], ids=lambda year: year.program)
def test_a_year(year, somebody, mailbox):
    with time_machine.travel(year.applies) as clock:
        prepare(year)
        ada, bea, morgan = somebody(size=PHONE), somebody(), somebody()
        applies(year, ada, mailbox)
        offers_to_mentor(year, bea, mailbox)
        clock.move_to(year.decided)
        decides(year, morgan, mailbox)
        clock.move_to(year.ranks)
        ranks(year, ada, mailbox)
        clock.move_to(year.paired)
        pairs(year, morgan)
        both_say_yes(year, ada, bea, mailbox)
        clock.move_to(year.term_begins)
        the_term_runs(year, clock, ada, mailbox)


def prepare(year):
    """The two programs, a manager, a few places to work, and mentors beside the one of the story."""
    load.load_all()
    cycle = Cycle.objects.get(slug=year.cycle)
    manager = factories.person("Morgan Manager", email=STAFF, is_staff=True)
    manager.groups.add(Group.objects.get(name=MANAGER))
    factories.institution("Larkmoor University", is_medical_school=True, degrees=["DO"])
    factories.institution("St. Alder Cancer Center")
    for name in ("Cleo Castellan", "Dara D'Orsay"):
        factories.interest(cycle, factories.person(name, degrees="MD"), topics=[year.topic], manager=manager)


def applies(year, ada, mailbox):
    ada.visit("/")
    ada.reads("Find a mentor, or be one", year.name, f"Applications are open until {year.deadline}")
    ada.follow(f"About the program: {year.name}")
    ada.reads("Who may apply", *year.rules)
    ada.follow("Check whether you may apply")
    ada.reads("You need no account, and nobody sees your answers.")
    for question, answer in year.answers.items():
        ada.choose(question, answer)
    for label, answer in year.typed:
        ada.fill(label, answer)
    ada.press("See whether I may apply")
    ada.reads("You can apply", f"Your answers meet every condition of the {year.name}.")
    ada.follow(year.begin)
    ada.reads("To save your application you need an account; your answers come with you.")
    ada.signs_up("Ada Eastmere", ADA, mailbox)
    ada.visit(f"/programs/{year.program}/apply/")
    ada.reads("What you type saves itself. You can stop at any time and go on later, on any device.")
    ada.press(year.begin)
    ada.reads("You have begun an application. It is not handed in yet.", f"The deadline is {year.deadline}")

    ada.follow("Go on: About you")
    fills_in_the_profile(ada, year.stage, "Larkmoor University")
    ada.follow("Go on: Whether the program fits")
    for question, answer in year.answers.items():
        if question != year.in_confidence:
            ada.has_chosen(question, answer)
    for label, answer in year.typed:
        expect(ada.page.get_by_label(label, exact=True)).to_have_value(answer)
    ada.choose(year.in_confidence, year.answers[year.in_confidence])
    ada.press("Save and go back")
    ada.reads("“Whether the program fits” is saved.")

    ada.follow("Go on: Your goals")
    ada.fill(year.question, GOALS)
    ada.choose("What would you like help with?", year.topic)
    ada.page.keyboard.press("Tab")
    ada.reads("Saved ")
    ada.press("Save and go back")
    ada.follow("Go on: Review and hand in")
    ada.reads("Everything is complete. You can hand it in.", GOALS, "Larkmoor University")
    ada.hands_in()
    ada.reads("We have your application. This page is your receipt; it is also on its way by email.")
    number = ada.page.locator("dt:has-text('Receipt number') + dd").inner_text()
    receipt = mailbox.last(ADA, f"We received your application ({number})")
    assert f"We received your application to the {year.name} {year.label} at" in receipt
    assert f"You can change your application and hand it in again until {year.deadline}" in receipt
    ada.visit(mailbox.link(ADA, "We received your application"))
    ada.reads("We received your application at")


def fills_in_the_profile(person, stage, institution):
    person.page.get_by_label("Career stage").select_option(label=stage)
    person.page.get_by_label("Where you work or study").fill(institution)
    person.press("Save and go back")
    person.reads("Your profile is saved.")


def offers_to_mentor(year, bea, mailbox):
    bea.visit(f"/programs/{year.program}/")
    bea.follow("Open the mentor interest form")
    bea.signs_up("Bea Brightwell", BEA, mailbox)
    bea.visit(f"/programs/{year.program}/mentor/")
    bea.reads("Fellows and practicing oncologists are welcome. You say yes or no to each mentee we propose.")
    bea.reads("Please complete your profile first: your career stage, where you work or study.")
    bea.press("Save this form and open my profile")
    fills_in_the_profile(bea, CareerStage.PRACTICING_ONCOLOGIST.label, "St. Alder Cancer Center")
    bea.choose("What you can help with", year.topic)
    bea.fill("A few sentences for mentees", "I answer within a day or two.")
    bea.page.get_by_label("I agree to this").check()
    bea.press("Hand in")
    bea.reads("Thank you. Staff look at your form and tell you by email.")
    assert f"We received your mentor interest form for the {year.name}" in mailbox.last(BEA, "Thank you for offering")


def decides(year, morgan, mailbox):
    """Staff follow the mail about the mentor, then decide and release."""
    morgan.visit(mailbox.link(STAFF, "A mentor interest form waits for you"))
    morgan.signs_in(STAFF, factories.PASSWORD)
    morgan.reads("Mentor interest of Bea Brightwell", "I answer within a day or two.")
    morgan.press("Approve with these places")
    morgan.reads("Approved. The mentor is told by email.")
    assert "with room for 1 mentee." in mailbox.last(BEA, "You are a mentor this year")

    morgan.follow("Waiting", exact=True)
    morgan.follow("Applications to read and decide")
    morgan.follow("Ada Eastmere")
    morgan.reads("Submitted. Received at", GOALS, "Said in confidence")
    if year.to_verify:
        morgan.reads("To verify before acceptance")
        morgan.press("It holds")
        morgan.reads("Verified, and on record.")
    morgan.page.get_by_label("Accept", exact=True).check()
    morgan.press("Record the decision")
    morgan.reads("The decision is recorded. Nobody is told before decisions are released.")
    assert not [each for each in mailbox.to(ADA) if "decision" in each["Subject"]]
    morgan.follow("Release decisions of this cycle")
    morgan.reads("This tells 1 person their decision, on their page and by email. It cannot be taken back.")
    morgan.press("Release 1 decision")
    morgan.press("Release them")
    morgan.reads("The decisions are released, and the mail is on its way.")
    assert "We are glad to tell you that you are accepted" in mailbox.last(ADA, "There is a decision")


def ranks(year, ada, mailbox):
    """The mail says that mentors can be ranked, and its link leads there."""
    remind_open_preferences()
    ada.visit(mailbox.link(ADA, "Please rank the mentors who would suit you"))
    ada.signs_in(ADA)
    ada.reads("Rank mentors", "You have not handed in a list yet.", "Nobody on your list yet")
    for place, name in enumerate(["Cleo Castellan", "Bea Brightwell", "Dara D'Orsay"], start=1):
        ada.press(f"Add to my list: {name}")
        ada.reads(f"Added, choice {place} of 5.")
    ada.press("Move Bea Brightwell up")
    ada.press("Hand in my list")
    ada.reads("We have your list. You can change it until the deadline; what you handed in last counts.")
    ada.reads("Receipt", "We received your list of mentors at")
    order = ada.page.get_by_role("region", name="In your order").get_by_role("listitem").all_inner_texts()
    assert [" ".join(name.split()[:2]).rstrip(",") for name in order] == [
        "Bea Brightwell", "Cleo Castellan", "Dara D'Orsay",
    ]  # fmt: skip
    assert "We received your list of mentors" in mailbox.last(ADA, "We received your list")


def pairs(year, morgan):
    """Suggest, look, propose."""
    morgan.visit("/admin/")
    morgan.signs_in(STAFF, factories.PASSWORD)
    morgan.follow("Mentees without a mentor")
    morgan.follow(f"{year.name} {year.label}")
    morgan.press("Suggest pairs")
    morgan.reads("The suggestion is being computed.", "It waits for its turn")
    compute_run(SuggestionRun.objects.get().pk)
    morgan.reads("Someone from their own list: 1 matched, 1 with someone from their list. Proved to be the best")
    morgan.reads("Bea Brightwell", "Drafted")
    morgan.follow("See what goes out, and propose")
    morgan.reads(f"This shares 1 pair with both sides: 2 emails to 2 people. Each answers by {year.answer_by}")
    morgan.press("Propose 1 pairing")
    morgan.press("Propose it")
    morgan.reads("The pairings are proposed, and their people are being mailed.")


def both_say_yes(year, ada, bea, mailbox):
    said = mailbox.last(ADA, "A mentor is proposed to you: please answer")
    assert f"Please answer by {year.answer_by}" in said
    assert "Bea" not in said, "Who it is stands on the page only"
    answers(ada, ADA, "A mentor is proposed to you", mailbox, "Your proposed mentor: Bea Brightwell")
    ada.reads("Thank you. We have your yes, and wait for the other person's.")
    assert "It is final when the other person says yes too" in mailbox.last(ADA, "Thank you, we have your yes")

    answers(bea, BEA, "A mentee is proposed to you", mailbox, "Your proposed mentee: Ada Eastmere", GOALS)
    bea.reads("Your pairing is final. You find each other's contact here and in an email.", ADA)
    told = mailbox.last(ADA, "Your mentorship is final: you write first")
    assert f"You can reach your mentor at {BEA}." in told
    assert "send calendar appointments" in told
    assert f"You can reach them at {ADA}." in mailbox.last(BEA, "Your mentorship is final")
    for person in (ADA, BEA):
        finals = [each for each in mailbox.to(person) if "is final" in each["Subject"]]
        assert len(finals) == 1


def answers(person, email, subject, mailbox, *reads):
    """Follow the link, sign in if that was long ago, and say yes; nothing is chosen beforehand."""
    person.visit(mailbox.link(email, subject))
    if person.page.get_by_role("heading", name="Sign in").count():
        person.signs_in(email)
    person.reads(*reads)
    assert person.page.locator("input[name=answer]:checked").count() == 0
    person.press("Send my answer")
    person.reads("Please choose yes or no.")
    person.page.get_by_label("Yes, I agree to this pairing").check()
    person.press("Send my answer")


def the_term_runs(year, clock, ada, mailbox):
    begin_and_end_mentorships()
    begin_and_end_mentorships()  # a doubled tick
    pairing = Pairing.objects.get()
    assert pairing.status == "active"
    clock.move_to(year.term_over)
    begin_and_end_mentorships()
    pairing.refresh_from_db()
    assert pairing.status == "completed"
    ada.visit("/home/")
    ada.signs_in(ADA)
    ada.reads("Hello, Ada Eastmere", year.ended)
    assert len(mailbox.to(ADA)) == len({each["Message-ID"] for each in mailbox.to(ADA)})
