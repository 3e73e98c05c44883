"""What stands on the workbench of a cycle: its mentees and their lists, its mentors and their places, who is with whom.

It is read once for each page, in a constant number of queries, and changes nothing. Ranks stand here: for staff only.
"""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery

from applications.models import Application, MentorInterest, Submission
from matching.criteria import ordinal
from matching.models import Hold, MenteeNote, Pairing, Preference
from matching.querysets import LIVE, OPEN
from mentoring.accounts.models import Affiliation

# What came of a mentee's list, in the order of the picture: (name in addresses, words, tone).
OUTCOMES = [
    ("first", "First choice", "first"),
    ("second", "Second choice", "second"),
    ("third", "Third choice", "third"),
    ("lower", "Lower choice", "lower"),
    ("any", "Matched, without a list", "any"),
    ("off", "Not on their list", "off"),
    ("none", "Nobody yet", "none"),
]
BY_RANK = {1: "first", 2: "second", 3: "third"}
STATES = {
    "": "Nobody yet",
    "drafted": "Drafted",
    "proposed": "Waits for both",
    "confirmed": "Waits for one",
    "final": "Final",
    "active": "Under way",
}
TONES = {"drafted": "now", "proposed": "wait", "confirmed": "wait", "final": "good", "active": "good"}


@dataclass
class Mentor:
    """One mentor of the cycle: the offer's id, how many places, who has one, and how many mentees want them."""

    id: int
    person: int
    name: str
    status: str
    topics: list[str]
    homes: list[str]
    places: int
    mentees: list["Mentee"] = field(default_factory=list)
    wanted: int = 0
    first_choices: int = 0

    @property
    def taken(self):
        return len(self.mentees)

    @property
    def free(self):
        return max(self.places - self.taken, 0) if self.status == "approved" else 0

    @property
    def is_unused(self):
        return self.status == "approved" and self.places > 0 and not self.mentees

    @property
    def is_sought(self):
        """More mentees want them than there are places."""
        return self.wanted > self.places

    @property
    def takes_part(self):
        return self.status == "approved"


@dataclass
class Mentee:
    """One accepted mentee: the list handed in, best first, and the live pairing, if there is one."""

    id: int
    person: int
    name: str
    homes: list[str]
    topics: list[str]
    has_list: bool
    no_preference: bool
    choices: list[Mentor]
    pairing: int | None = None
    mentor: Mentor | None = None
    status: str = ""
    by_hand: bool = False
    # The mentors whom staff pinned this mentee to, and ruled out for this mentee: at most one, and any number.
    pins: list[Mentor] = field(default_factory=list)
    bans: list[Mentor] = field(default_factory=list)
    # What staff wrote down about this mentee, the latest first.
    notes: list[str] = field(default_factory=list)

    @property
    def rank(self):
        """Which choice of theirs the mentor is: 1 for the first, 0 if not on their list or if there is no mentor."""
        return self.rank_of(self.mentor)

    def rank_of(self, mentor):
        return self.choices.index(mentor) + 1 if mentor in self.choices else 0

    @property
    def outcome(self):
        return self.outcome_with(self.mentor)

    def outcome_with(self, mentor):
        """What came of the list, if this were the mentor (or None for nobody)."""
        if mentor is None:
            return "none"
        if not self.choices:
            return "any"
        rank = self.rank_of(mentor)
        return BY_RANK.get(rank, "lower") if rank else "off"

    def loss_with(self, mentor):
        """How far from the best for this mentee: 0 is a first choice, or anybody where there is no list."""
        worst = len(self.choices)
        if mentor is None:
            return worst + 2
        return (self.rank_of(mentor) or worst + 1) - 1 if self.choices else 0

    @property
    def outcome_words(self):
        return self.words_with(self.mentor)

    def words_with(self, mentor):
        """ "second choice", "not on their list"; nothing for nobody, or where there is no list"""
        if mentor is None or not self.choices:
            return ""
        rank = self.rank_of(mentor)
        return f"{ordinal(rank)} choice" if rank else "not on their list"

    @property
    def is_pinned(self):
        return bool(self.pins)

    @property
    def lost_pin(self):
        """Staff pinned this mentee to a mentor whom they do not have."""
        return bool(self.pins) and self.mentor not in self.pins

    @property
    def state_words(self):
        return STATES[self.status]

    @property
    def tone(self):
        return TONES.get(self.status, "")

    @property
    def is_draft(self):
        return self.status == "drafted"

    @property
    def may_change(self):
        """Nobody outside staff knows of it yet."""
        return self.status in ("", "drafted")

    @property
    def waits(self):
        return self.status in OPEN

    @property
    def marked_choices(self):
        """(rank, mentor, whether it is the mentor they have)"""
        return [(rank, mentor, mentor is self.mentor) for rank, mentor in enumerate(self.choices, 1)]


@dataclass
class Board:
    """Everyone of one cycle, by name."""

    mentees: list[Mentee]
    mentors: list[Mentor]
    # Every offer of the cycle by its id, also those who do not take part.
    offers: dict[int, Mentor]

    def anyone(self, interest_id):
        """The mentor of an offer, whether or not they take part; None for None."""
        return self.offers.get(interest_id)

    def mentee(self, application_id):
        return next((each for each in self.mentees if each.id == application_id), None)

    def mentor(self, interest_id):
        return next((each for each in self.mentors if each.id == interest_id), None)

    @property
    def version(self):
        """A name for who is with whom, what staff hold together or apart, and the places: two who look see the same or not."""
        said = [
            (each.id, each.mentor and each.mentor.id, each.status, each.by_hand, _ids(each.pins), _ids(each.bans))
            for each in sorted(self.mentees, key=lambda each: each.id)
        ]
        said += [(each.id, each.status, each.places) for each in sorted(self.mentors, key=lambda each: each.id)]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    @property
    def drafts(self):
        return [each for each in self.mentees if each.is_draft]

    @property
    def lost_pins(self):
        return [each for each in self.mentees if each.lost_pin]

    @property
    def waiting(self):
        return [each for each in self.mentees if each.waits]

    @property
    def settled(self):
        return [each for each in self.mentees if each.status in ("final", "active")]

    @property
    def places(self):
        return sum(each.places for each in self.taking_part)

    @property
    def taking_part(self):
        return [each for each in self.mentors if each.takes_part]

    @property
    def unused(self):
        return [each for each in self.mentors if each.is_unused]

    @property
    def handed_in(self):
        return sum(each.has_list for each in self.mentees)

    @property
    def unmatched(self):
        return sum(each.mentor is None for each in self.mentees)

    @property
    def without_list(self):
        return len(self.mentees) - self.handed_in


def _ids(rows):
    return sorted(each.id for each in rows)


def read(cycle):
    """The board of a cycle, in five queries."""
    homes = _homes(cycle)
    mentors = {each.id: each for each in _mentors(cycle, homes)}
    mentees = {each.id: each for each in _mentees(cycle, mentors, homes)}
    live = Pairing.objects.filter(cycle=cycle, status__in=LIVE).order_by("pk")
    for pk, application, interest, status, by_hand in live.values_list(
        "pk", "application", "interest", "status", "by_hand"
    ):
        mentee, mentor = mentees.get(application), mentors[interest]
        if mentee is not None:
            mentee.pairing, mentee.mentor, mentee.status, mentee.by_hand = pk, mentor, status, by_hand
            mentor.mentees.append(mentee)
    for mentee in mentees.values():
        for rank, mentor in enumerate(mentee.choices, 1):
            mentor.wanted += 1
            mentor.first_choices += rank == 1
    shown = [each for each in mentors.values() if each.takes_part or each.mentees]
    return Board(sorted(mentees.values(), key=by_name), sorted(shown, key=by_name), mentors)


def by_name(row):
    return row.name.casefold(), row.id


def _homes(cycle):
    """person -> the names of their institutions, for everybody of the cycle"""
    mentees = Application.objects.accepted().filter(cycle=cycle).values("applicant")
    mentors = MentorInterest.objects.filter(cycle=cycle).values("mentor")
    rows = Affiliation.objects.filter(Q(person__in=mentees) | Q(person__in=mentors)).order_by("institution__name")
    homes = defaultdict(list)
    for person, name in rows.values_list("person", "institution__name"):
        homes[person].append(name)
    return homes


def _mentors(cycle, homes):
    rows = MentorInterest.objects.filter(cycle=cycle).exclude(status="draft")
    rows = rows.annotate(with_places=Count("places", filter=Q(places__retired=False)))
    return [
        Mentor(pk, person, name, status, topics, homes[person], places)
        for pk, person, name, status, topics, places in rows.values_list(
            "pk", "mentor", "mentor__name", "status", "topics", "with_places"
        )
    ]


def _mentees(cycle, mentors, homes):
    latest = Submission.objects.filter(application=OuterRef("pk")).order_by("-number")
    asked = {
        f"with_topics_{n}": Subquery(latest.values(f"answers__{key}")[:1]) for n, key in enumerate(cycle.topic_keys)
    }
    chosen = Preference.objects.filter(list__application=OuterRef("pk")).order_by("rank")
    held = Hold.objects.standing().filter(application=OuterRef("pk")).values("interest")
    rows = Application.objects.accepted().filter(cycle=cycle).annotate(
        with_choices=ArraySubquery(chosen.values("interest")),
        with_pins=ArraySubquery(held.pins()),
        with_bans=ArraySubquery(held.bans()),
        with_notes=ArraySubquery(MenteeNote.objects.filter(application=OuterRef("pk")).values("words")),
        **asked,
    )  # fmt: skip
    names = ["pk", "applicant", "applicant__name", "with_choices", "with_pins", "with_bans", "with_notes"]
    names += ["preference_list__status", "preference_list__no_preference", *asked]
    return [
        Mentee(
            id=pk,
            person=person,
            name=name,
            homes=homes[person],
            topics=sorted({topic for answer in topics for topic in answer or []}),
            has_list=status == "submitted",
            no_preference=bool(any_will_do),
            choices=[mentors[choice] for choice in choices],
            pins=[mentors[pin] for pin in pins],
            bans=[mentors[ban] for ban in bans],
            notes=notes,
        )
        for pk, person, name, choices, pins, bans, notes, status, any_will_do, *topics in rows.values_list(*names)
    ]


def picture(mentees, after=None):
    """The outcome as the parts of one bar: [{name, label, tone, value, share, start}], share and start in percent.

    ``after`` is {application id: Mentor or None}, where it is not what stands.
    """
    count = Counter(each.outcome_with(after[each.id] if after else each.mentor) for each in mentees)
    total, start, parts = max(len(mentees), 1), 0.0, []
    for name, label, tone in OUTCOMES:
        share = 100 * count[name] / total
        parts.append(
            {"name": name, "label": label, "tone": tone, "value": count[name],
             "share": round(share, 2), "start": round(start, 2)}
        )  # fmt: skip
        start += share
    return parts


def outcome_of(run):
    """What a run gave, as rows of bars: how many got which choice, as it was computed."""
    given = run.figures["by_rank"]
    rows = [
        {"label": f"{ordinal(rank).capitalize()} choice", "value": n, "tone": "good"} for rank, n in enumerate(given, 1)
    ]
    rows.append({"label": "Not on their list", "value": run.figures["off_list"], "tone": "wait"})
    rows.append({"label": "Nobody", "value": run.figures["unmatched"], "tone": "bad"})
    return rows
