"""Rows for tests. Each is brought to its status by the real transitions, so it satisfies every rule there is."""

import itertools
from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.utils import timezone

from applications import agreement
from applications.commitments import commitments
from applications.models import Application, Decision, MentorInterest, Outcome, PlaceOffer, Release
from applications.models.decisions import decide, still_to_verify, verify
from applications.release import fingerprint, release
from matching.models import Pairing, PreferenceList
from matching.ranking import Ranking
from mentoring.accounts.models import CareerStage, Institution, User
from mentoring.accounts.roles import MANAGER
from programs import load
from programs.models import Cycle, Window
from programs.readiness import needed

count = itertools.count(1)
PASSWORD = "a-long-enough-password"

VMP_ANSWERS = {"membership": "full", "hours": "yes", "english": "yes", "needs": ["training"], "no_research": "no",
               "within_purview": "no", "online": "no"}  # fmt: skip
# A school on the list, which ``cycle`` puts there for the program that asks for one.
SCHOOL = "Ferncliff Medical College"
DMP_ANSWERS = {"enrolled": "md", "enrolled_school": SCHOOL, "uim": "yes", "six_months": "yes",
               "english": "yes"}  # fmt: skip
# What the page that hands in sends of the commitments.
CONFIRMED = {"confirm_1": "on", "confirm_2": "on", "confirm_3": "on"}
# What ticking the mentor agreement sends, of a cycle that asks for an hour a month.
AGREED = {"agreed": "on", "agreement_version": agreement.version(Cycle(hours_a_month=1))}
ANSWERS = {"goals": "To find my way.", "topics": ["Career planning"]}


def institution(name=None, **facts):
    return Institution.objects.create(name=name or f"Institution {next(count)}", **facts)


def person(name=None, *, at=None, stage=CareerStage.FELLOW, **facts):
    """Someone with a verified address, at an institution of their own unless ``at`` names one."""
    number = next(count)
    email = facts.pop("email", f"person{number}@example.org")
    user = User.objects.create_user(email, PASSWORD, name=name or f"Person {number}", career_stage=stage, **facts)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    user.move_to([at or institution()])
    return user


def staff(role=MANAGER, **facts):
    user = person(is_staff=True, **facts)
    user.groups.add(Group.objects.get(name=role))
    return user


def cycle(program="vmp", *, now=None, **facts):
    """A published cycle whose windows are all open at ``now``; its term begins in forty days, or after the program's last."""
    now = now or timezone.now()
    number = next(count)
    last = Cycle.objects.filter(program__slug=program).order_by("-term_ends").first()
    soon: date = now.date() + timedelta(days=40)
    begins = facts.pop("term_begins", max(soon, last.term_ends + timedelta(days=1)) if last else soon)
    each = {
        "label": f"{begins.year}-{number}",
        "slug": f"{program}-{number}",
        "term_begins": begins,
        "term_ends": begins + timedelta(days=360),
        **facts,
    }
    if program == "dmp":
        Institution.objects.get_or_create(name=SCHOOL, is_medical_school=True, degrees=["MD", "DO"])
    made = load.load_cycle(load.read()[program], each)
    for kind in needed(made):
        Window.objects.create(
            cycle=made, kind=kind, opens_at=now - timedelta(days=10), closes_at=now + timedelta(days=20)
        )
    return Cycle.objects.get(pk=made.pk)


def move_window(made, kind, *, closes_at: datetime, opens_at=None):
    """Close a cycle's window at an instant. The cycle is read anew, because it keeps its windows once read."""
    window = made.windows.get(kind=kind)
    window.closes_at, window.opens_at = closes_at, opens_at or min(window.opens_at, closes_at - timedelta(days=30))
    window.save()
    return Cycle.objects.get(pk=made.pk)


def application(made=None, applicant=None, *, in_status="draft", manager=None, **fields):
    """An application brought to ``in_status`` by its own transitions, complete in every status."""
    made = made or cycle()
    answers = VMP_ANSWERS if made.program.slug == "vmp" else DMP_ANSWERS
    row = Application.objects.create(
        cycle=made, applicant=applicant or person(), **{"rule_answers": answers, "answers": ANSWERS, **fields}
    )
    if made.ranks_while_applying:
        PreferenceList.objects.filter(application=row).update(draft=Ranking(no_preference=True).as_json())
    if in_status == "draft":
        return row
    row.submit(by=row.applicant, received_at=timezone.now())
    if in_status == "withdrawn":
        row.withdraw(by=row.applicant)
    outcomes = {"accepted": Outcome.ACCEPT, "waitlisted": Outcome.WAITLIST, "declined": Outcome.DECLINE}
    if in_status in outcomes:
        tell(row, outcomes[in_status], manager or staff())
    return Application.objects.get(pk=row.pk)


def tell(row, outcome, manager):
    """Decide and release, as staff do, and nothing else of the cycle."""
    for rule in still_to_verify(row):
        verify(row, rule["key"], by=manager)
    decide(row, outcome, by=manager)
    release(row.cycle, by=manager, seen=fingerprint(Decision.objects.ready(row.cycle)))


def told_to_accept(row, manager):
    """A released acceptance of an application that has not moved yet: the instant inside a release."""
    batch = Release.objects.create(cycle=row.cycle, released_by=manager)
    facts = {"outcome": Outcome.ACCEPT, "decided_at": timezone.now(), "decided_by": manager}
    return Decision.objects.create(application=row, submission=row.latest, release=batch, **facts)


def offer(made=None, *, in_status="offered", manager=None, respond_by=None):
    """A place offered to somebody on the waitlist, brought to ``in_status`` by its own transitions."""
    manager, now = manager or staff(), timezone.now()
    waiting = application(made, in_status="waitlisted", manager=manager)
    row = PlaceOffer.make(
        waiting, by=manager, respond_by=respond_by or now + timedelta(days=7), reason="Next in order."
    )
    person, all_of_it = {"by": waiting.applicant, "received_at": now}, commitments(waiting.cycle)
    if in_status == "lapsed":
        PlaceOffer.objects.filter(pk=row.pk).update(respond_by=now)
    steps = {
        "accepted": lambda: row.accept(**person, confirmed=all_of_it),
        "declined": lambda: row.decline(**person),
        "lapsed": lambda: row.lapse(by=None),
        "taken_back": lambda: row.take_back(by=manager, why="A mistake."),
    }
    if in_status in steps:
        steps[in_status]()
    return PlaceOffer.objects.get(pk=row.pk)


def interest(made=None, mentor=None, *, in_status="approved", places=1, manager=None, **fields):
    """A mentor interest brought to ``in_status`` by its own transitions."""
    made = made or cycle()
    row = MentorInterest.objects.create(
        cycle=made,
        mentor=mentor or person(degrees="MD"),
        **{
            "agreed": True,
            "places_offered": max(places, 1),
            "topics": ["Career planning"],
            "profile": "Glad to help.",
            **fields,
        },
    )
    if in_status == "draft":
        return row
    row.submit(by=row.mentor, received_at=timezone.now())
    if in_status in ("approved", "paused"):
        row.approve(by=manager or staff(), places=places)
    if in_status == "paused":
        row.pause(by=row.mentor)
    if in_status == "declined":
        row.decline(by=manager or staff())
    if in_status == "withdrawn":
        row.withdraw(by=row.mentor)
    return MentorInterest.objects.get(pk=row.pk)


def pairing(made=None, *, in_status="drafted", mentee=None, mentor=None, manager=None):
    """A pairing brought to ``in_status`` by its own transitions; ``mentee`` and ``mentor`` are an application and an interest."""
    manager = manager or staff()
    made = made or (mentee.cycle if mentee else mentor.cycle if mentor else cycle())
    mentee = mentee or application(made, in_status="accepted", manager=manager)
    mentor = mentor or interest(made, manager=manager)
    row = Pairing.draft(mentee, mentor, by=manager)
    now = timezone.now()
    if in_status == "drafted":
        return row
    row.propose(by=manager)
    mentee_is_second = made.answers_first == "mentor"
    first, second = (row.mentor, row.mentee) if mentee_is_second else (row.mentee, row.mentor)
    says_no = row.mentee if made.answers_first == "mentee" else row.mentor
    steps = {
        "confirmed": [lambda: row.say_yes(by=first, received_at=now)],
        "declined": [lambda: row.say_no(by=says_no, received_at=now, why="No time.")],
        "withdrawn": [lambda: row.withdraw(by=manager, why="A mistake.")],
    }
    both = [lambda: row.say_yes(by=first, received_at=now), lambda: row.say_yes(by=second, received_at=now)]
    steps |= {
        "final": both,
        "active": [*both, row_move(row, "begin")],
        "completed": [*both, row_move(row, "begin"), row_move(row, "complete")],
        "ended_early": [*both, lambda: row.end_early(by=manager, why="Life.")],
        "lapsed": [lambda: make_overdue(row), row_move(row, "lapse")],
    }
    for step in steps.get(in_status, []):
        step()
    return Pairing.objects.get(pk=row.pk)


def row_move(row, name):
    return lambda: getattr(row, name)(by=None)


def other_terms(row):
    """What ``change`` takes, for one more hour a month."""
    begins, ends = row.begins_on or row.cycle.term_begins, row.ends_on or row.cycle.term_ends
    terms = {"hours_a_month": row.cycle.hours_a_month + 1, "begins_on": begins, "ends_on": ends, "note": ""}
    return {"why": "They asked for it.", "seen": row.as_seen, **terms}


def more_time(row):
    """What ``extend`` takes, for three more weeks."""
    return {"why": "On a trip.", "last_day": timezone.now().date() + timedelta(days=row.cycle.reply_days + 21)}


def make_overdue(row):
    """Set the reply-by date to an hour ago."""
    type(row).objects.filter(pk=row.pk).update(respond_by=timezone.now() - timedelta(hours=1))
