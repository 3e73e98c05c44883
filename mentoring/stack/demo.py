"""Demo people and cycles around today, for the embedded mode only. Everyone here is invented.

Whenever it is loaded, the Virtual Mentoring Program accepts applications and the Diversity Mentoring Program is at the pairing
step. Everything is done by the same transitions as in real life, so every rule holds of it.
"""

import io
import random
from datetime import timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from applications.models import Application, Decision, MentorInterest, Outcome
from applications.models.decisions import decide, still_to_verify, verify
from applications.release import fingerprint, release
from matching.models import Pairing
from matching.ranking import Ranking
from mentoring import accounts
from mentoring.accounts.models import CareerStage, Institution, User
from mentoring.accounts.roles import ADMINISTRATOR, MANAGER, REVIEWER
from programs import load
from programs.models import Inquiry

DATA = Path(accounts.__file__).parent / "data"
DEMO_PASSWORD = "maple-harbor-lantern"
DEMO_SIGN_INS = [
    ("applicant@example.org", "an applicant with a draft in the program that is open"),
    ("mentee@example.org", "an accepted mentee who can rank mentors"),
    ("mentor@example.org", "a mentor with a proposed pairing to answer"),
    ("reviewer@example.org", "staff: reads applications"),
    ("manager@example.org", "staff: decides, releases, pairs"),
    ("admin@example.org", "staff: accounts, mail, history"),
]

# (name, parent, country, medical school)
FIRST = ["Amara", "Bashir", "Chloe", "Diego", "Esi", "Farah", "Goran", "Hana", "Imani", "Jonas", "Keisha", "Luca", "Mina", "Noor",
         "Olu", "Paloma", "Quentin", "Rosa", "Selam", "Tomás", "Uma", "Viola", "Wren", "Xiomara", "Yusuf", "Zoë"]  # fmt: skip
LAST = ["Abernethy-Vale", "Brightwell", "Castellan", "D'Orsay", "Eastmere", "Fairweather", "Goldcrest", "Hollowood", "Ingleby",
        "Juniper", "Kestrel", "Lindqvist", "Marchbanks", "Ñandú", "O'Farrow", "Pemberly", "Quill", "Rosewarne", "Silverlake",
        "Thistle", "Underhill", "Vantongeren", "Whitlock", "Yarrow", "Zielony"]  # fmt: skip
ZONES = [
    "America/New_York",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Europe/Madrid",
]
GOALS = [
    "I would like to plan the next three years and learn how others found their place in oncology.",
    "I hope to lead a small team next year and have nobody nearby to talk to about it.",
    "I want to decide between an academic path and community practice, with someone who knows both.",
    "I am preparing my first publication and would be glad of advice on writing and on time.",
]
PROFILES = [
    "I enjoy long-term conversations about careers, and I answer within a day or two.",
    "I trained in two countries and have mentored for many years. Happy to read drafts.",
    "I work in community practice and like to talk about building a life around the work.",
    "My own mentors changed my path; I would like to pass that on.",
]


@transaction.atomic
def load_demo():
    """Load everything, once. Returns False if it is there already."""
    if User.objects.filter(email=DEMO_SIGN_INS[0][0]).exists():
        return False
    load.load_all()
    chance = random.Random(7)
    people = Cast(chance)
    open_cycle(people)
    pairing_cycle(people)
    return True


class Cast:
    """The invented people, and where they work."""

    def __init__(self, chance):
        self.chance, self.password, self.named = chance, make_password(DEMO_PASSWORD), 0
        # As the society would load the registry's own file and its list of schools.
        call_command("load_institutions", DATA / "sample_institutions.json", stdout=io.StringIO())
        call_command("load_schools", DATA / "sample_schools.csv", stdout=io.StringIO())
        self.institutions = {each.name: each for each in Institution.objects.order_by("pk")}
        self.reviewer = self.staff("reviewer@example.org", "Robin Reviewer", REVIEWER)
        self.manager = self.staff("manager@example.org", "Morgan Manager", MANAGER)
        self.admin = self.staff("admin@example.org", "Alex Administrator", ADMINISTRATOR)

    def person(self, stage, *, email=None, name=None, schools=False, **facts):
        """A new person with a verified address, at an institution chosen by chance."""
        self.named += 1
        name = name or f"{FIRST[self.named % len(FIRST)]} {LAST[self.named * 7 % len(LAST)]}"
        user = User.objects.create(
            email=email or f"person{self.named}@example.org",
            name=name,
            career_stage=stage,
            time_zone=self.chance.choice(ZONES),
            password=self.password,
            **facts,
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        at = [each for each in self.institutions.values() if each.is_medical_school or not schools]
        user.move_to([self.chance.choice(at)])
        return user

    def staff(self, email, name, role):
        user = User.objects.create(
            email=email, name=name, is_staff=True, password=self.password, time_zone="America/New_York"
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        user.groups.add(Group.objects.get(name=role))
        return user

    def mentor(self, cycle, *, received_at, email=None, name=None, approved=True):
        """Someone who offered to mentor, approved unless told otherwise."""
        stage = self.chance.choice(
            [CareerStage.FELLOW, CareerStage.PRACTICING_ONCOLOGIST, CareerStage.PRACTICING_ONCOLOGIST]
        )
        person = self.person(
            stage, email=email, name=name, degrees=self.chance.choice(["MD", "MD, PhD", "DO", "MD, MPH"])
        )
        interest = MentorInterest.objects.create(
            cycle=cycle,
            mentor=person,
            places_offered=self.chance.choice([1, 1, 2]),
            topics=sorted(self.chance.sample(cycle.topics, 3)),
            specialty=self.chance.choice(
                ["Breast oncology", "Thoracic oncology", "Lymphoma", "Pediatric oncology", "Palliative care"]
            ),
            languages=self.chance.choice([["English"], ["English", "Spanish"], ["English", "French"]]),
            profile=self.chance.choice(PROFILES),
            agreed=True,
        )
        interest.submit(by=person, received_at=received_at)
        if approved:
            interest.approve(by=self.manager, places=interest.places_offered)
        return interest

    def application(self, cycle, person, *, rule_answers, received_at=None):
        """An application with answers, handed in if it was received at some time."""
        answers = {"goals": self.chance.choice(GOALS), "topics": sorted(self.chance.sample(cycle.topics, 2))}
        application = Application.objects.create(
            cycle=cycle, applicant=person, rule_answers=rule_answers, answers=answers
        )
        if received_at:
            application.submit(by=person, received_at=received_at)
        return application


def a_cycle(program, label, *, term_begins, **windows):
    """A cycle of a program of the file, on other days."""
    data = load.read()[program]
    ends = term_begins.replace(year=term_begins.year + 1) - timedelta(days=1)
    each = {"label": label, "slug": f"{program}-{label}", "term_begins": term_begins, "term_ends": ends, **windows}
    return load.load_cycle(data, each)


def around(today, first, last):
    return today + timedelta(days=first), today + timedelta(days=last)


def first_of_month(day):
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def open_cycle(people):
    """The Virtual Mentoring Program, accepting applications."""
    today = timezone.localdate()
    begins = first_of_month(today + timedelta(days=70))
    cycle = a_cycle(
        "vmp",
        str(begins.year),
        term_begins=begins,
        decisions_by=today + timedelta(days=50),
        applications=around(today, -20, 33),
        mentor_interest=around(today, -20, 45),
        preferences=around(today, 51, 62),
    )
    answers = {"membership": "full", "hours": "yes", "english": "yes", "needs": ["training"], "no_research": "no",
               "within_purview": "no", "online": "no"}  # fmt: skip
    draft = people.person(CareerStage.FELLOW, email="applicant@example.org", name="Ana Applicant", degrees="MD")
    people.application(cycle, draft, rule_answers={"membership": "full", "hours": "yes"})
    stages = [CareerStage.FELLOW, CareerStage.PRACTICING_ONCOLOGIST, CareerStage.RESIDENT]
    for number in range(19):
        person = people.person(people.chance.choice(stages), degrees="MD")
        told = {**answers, "membership": "applied"} if number % 6 == 5 else answers
        received_at = None if number % 5 == 4 else timezone.now() - timedelta(days=18 - number * 0.7)
        people.application(cycle, person, rule_answers=told, received_at=received_at)
    for number in range(8):
        people.mentor(cycle, received_at=timezone.now() - timedelta(days=10 - number), approved=number % 2 == 0)
    questions(people, cycle.program)


def questions(people, program):
    """One answered, one that waits for staff since three days."""
    texts = [
        ("Nina Newcomer", "I move to another hospital in May. Can I still take part?"),
        (
            "Theo Thomas",
            "I finish my residency in June. Is the program for me?\n\nI would like to talk about a fellowship.",
        ),
    ]
    for number, (name, situation) in enumerate(texts):
        email = f"{name.split()[0].lower()}@example.org"
        inquiry = Inquiry.ask(program, by=None, name=name, email=email, situation=situation)
        if number == 0:
            inquiry.answer(
                by=people.manager, text="Yes. Where you work in May does not matter; tell us the new place then."
            )
        Inquiry.objects.filter(pk=inquiry.pk).update(asked_at=timezone.now() - timedelta(days=3, hours=2))


def pairing_cycle(people):
    """The Diversity Mentoring Program: decisions released, preferences open, some pairs proposed."""
    today = timezone.localdate()
    begins = first_of_month(today + timedelta(days=15))
    cycle = a_cycle(
        "dmp",
        f"{begins.year}-{(begins.year + 1) % 100}",
        term_begins=begins,
        decisions_by=today - timedelta(days=22),
        applications=around(today, -110, -50),
        mentor_interest=around(today, -110, 8),
        preferences=around(today, -21, 6),
    )
    mentors = [
        people.mentor(cycle, received_at=timezone.now() - timedelta(days=30), approved=number < 14)
        for number in range(16)
    ]
    mentors.insert(
        0,
        people.mentor(
            cycle, received_at=timezone.now() - timedelta(days=31), email="mentor@example.org", name="Maya Mentor"
        ),
    )
    applications = a_class(people, cycle)
    for number, application in enumerate(applications):
        outcome = Outcome.DECLINE if number % 10 == 8 else Outcome.WAITLIST if number % 10 == 9 else Outcome.ACCEPT
        for rule in still_to_verify(application):
            verify(application, rule["key"], by=people.manager, note="Looked into by email.")
        decide(application, outcome, by=people.manager)
    release(cycle, by=people.manager, seen=fingerprint(Decision.objects.ready(cycle)))
    accepted = Application.objects.accepted().filter(cycle=cycle).exclude(applicant__email="mentee@example.org")
    rank_mentors(people, accepted.order_by("pk")[:11])
    propose_some(people, cycle, accepted.order_by("-pk"))


def a_class(people, cycle):
    """Twenty applicants who handed in, the demo's mentee among them."""
    statement = next(ask for ask in cycle.rule_asks if ask.statement)
    answers = {statement.key: statement.options[0][0], "six_months": "yes", "english": "yes"}
    received_at = timezone.now() - timedelta(days=60)
    applications = []
    for number in range(20):
        known = {"email": "mentee@example.org", "name": "Mika Mentee"} if number == 0 else {}
        person = people.person(CareerStage.MEDICAL_STUDENT, schools=True, **known)
        school = person.affiliations.get().institution
        situation = "resident" if number % 9 == 4 else school.degrees[0].lower()
        told = {**answers, "enrolled": situation, "enrolled_school": school.name}
        applications.append(people.application(cycle, person, rule_answers=told, received_at=received_at))
    return applications


def rank_mentors(people, applications):
    """Most mentees have handed in a list."""
    for application in applications:
        mentors = [mentor.pk for mentor in application.preference_list.eligible_mentors()]
        chosen = people.chance.sample(mentors, min(len(mentors), people.chance.randint(2, 5)))
        application.preference_list.submit(
            by=application.applicant, received_at=timezone.now(), ranking=Ranking(chosen)
        )


def propose_some(people, cycle, applications):
    """The demo's mentor and one other have a proposal to answer."""
    first = MentorInterest.objects.get(cycle=cycle, mentor__email="mentor@example.org")
    others = MentorInterest.objects.taking_part().filter(cycle=cycle).exclude(pk=first.pk).order_by("-pk")
    applications = list(applications)
    for interest in (first, others[0]):
        for application in applications:
            if interest in application.preference_list.eligible_mentors():
                pairing = Pairing.draft(
                    application, interest, by=people.manager, because="Chosen by hand for the demo."
                )
                pairing.propose(by=people.manager)
                applications.remove(application)
                break
