"""From rows to the arrays that suggestions are computed over: who may be paired with whom, and how well they fit.

The hard rules leave no edge: another institution (with parents and affiliates), a place free, taking part in this cycle,
not refused before. The criteria of ``fit`` are named here and in the staff's explanation; race, ethnicity and gender are not
among them, and what people say of them is not read here.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from applications.models import Application, MentorInterest, Place, Submission
from matching.models import Pairing, Preference
from matching.querysets import LIVE
from matching.suggest import Market, lots
from mentoring.accounts.models import Affiliation
from mentoring.accounts.models.institutions import related_map

# Parts of the fit, which is 0 to 1000.
TOPICS, HOURS_APART = 700, 300
FARTHEST_HOURS = 12
DAY = 24 * 3600


@dataclass(frozen=True)
class Side:
    """One mentee or mentor as the criteria see them."""

    id: int
    person: int
    name: str
    topics: frozenset
    zone: str
    places: int = 0


@dataclass(frozen=True)
class CycleMarket:
    """The arrays, with the people behind the indices and what the explanation needs."""

    market: Market
    mentees: list[Side]
    mentors: list[Side]
    # What each mentee wished for, and pairs that were refused or lapsed, by ids of application and interest.
    ranks: dict[tuple[int, int], int]
    refused: set[tuple[int, int]]
    digest: str

    def impossible_wishes(self, index):
        """(rank, why) for the mentors on a mentee's list that no hard rule would allow."""
        mentee, mentors = self.mentees[index], {mentor.id: mentor for mentor in self.mentors}
        edges = self.market.mentee == index
        possible = {self.mentors[j].id for j in self.market.mentor[edges]}
        wishes = sorted(
            (rank, interest) for (application, interest), rank in self.ranks.items() if application == mentee.id
        )
        return [(rank, self._why_impossible(mentee, mentors.get(id))) for rank, id in wishes if id not in possible]

    def _why_impossible(self, mentee, mentor):
        if mentor is None:
            return "this mentor does not take part any more"
        if (mentee.id, mentor.id) in self.refused:
            return f"{mentor.name} was proposed before, and it came to nothing"
        return (
            f"{mentor.name} has no place left"
            if not mentor.places
            else f"{mentor.name} is at the mentee's own institutions"
        )


def cycle_market(cycle, *, reconsider=None):
    """The market of everyone in the cycle who is not in a pairing that stands. A constant number of queries.

    A suggestion's own drafts do not stand; nor does a draft by hand of the application ``reconsider`` (its id).
    """
    standing = Pairing.objects.filter(cycle=cycle, status__in=LIVE).exclude(status="drafted", by_hand=False)
    standing = standing.exclude(status="drafted", application=reconsider)
    mentees, mentors = _mentees(cycle, standing), _mentors(cycle, standing)
    mentees_at, mentors_at = _institutions(mentees), _institutions(mentors)
    related = related_map({institution for at in mentees_at.values() for institution in at})
    forbidden = {each.person: set().union(*(related[at] for at in mentees_at[each.person])) for each in mentees}
    refused = set(
        Pairing.objects.filter(cycle=cycle, status__in=["declined", "lapsed"]).values_list("application", "interest")
    )
    ranks = {
        (application, interest): rank
        for application, interest, rank in Preference.objects.filter(list__application__cycle=cycle).values_list(
            "list__application", "interest", "rank"
        )
    }
    kept = set(
        Pairing.objects.filter(cycle=cycle, status="drafted", by_hand=False).values_list("application", "interest")
    )
    edges = [
        (i, j, ranks.get((mentee.id, mentor.id), 0), fit(mentee, mentor), int((mentee.id, mentor.id) in kept))
        for i, mentee in enumerate(mentees)
        for j, mentor in enumerate(mentors)
        if mentor.places
        and mentee.person != mentor.person
        and (mentee.id, mentor.id) not in refused
        and not forbidden[mentee.person] & mentors_at[mentor.person]
    ]
    columns = np.array(edges, dtype=np.int64).reshape(-1, 5).T.copy()
    mentee_index, mentor_index, rank, score, stood = columns
    market = Market(
        mentees=len(mentees),
        capacity=np.array([mentor.places for mentor in mentors], dtype=np.int64),
        mentee=mentee_index,
        mentor=mentor_index,
        rank=rank,
        fit=score,
        lot=lots([mentees[i].id for i in mentee_index], [mentors[j].id for j in mentor_index], cycle.slug),
        kept=stood if kept else None,
    )
    return CycleMarket(market, mentees, mentors, ranks, refused, _digest(market, mentees, mentors))


def _digest(market, mentees, mentors):
    people = json.dumps([[each.id for each in mentees], [each.id for each in mentors]])
    arrays = [market.capacity, market.mentee, market.mentor, market.rank, market.fit]
    return hashlib.sha256(people.encode() + b"".join(array.tobytes() for array in arrays)).hexdigest()


def _mentees(cycle, standing):
    """Accepted, and not in a pairing that stands."""
    rows = Application.objects.accepted().filter(cycle=cycle).exclude(pk__in=standing.values("application"))
    rows = rows.order_by("pk").values_list("pk", "applicant", "applicant__name", "applicant__time_zone")
    keys = set(cycle.questions.filter(kind="topics").values_list("key", flat=True))
    latest = (
        Submission.objects.filter(application__cycle=cycle).order_by("application", "-number").distinct("application")
    )
    answers = dict(latest.values_list("application", "answers"))
    return [Side(pk, person, name, _topics(answers.get(pk, {}), keys), zone) for pk, person, name, zone in rows]


def _topics(answers, keys):
    return frozenset(topic for key in keys for topic in (answers.get(key) or []))


def _mentors(cycle, standing):
    """Taking part, with how many places no standing pairing holds."""
    free = {}
    for interest in (
        Place.objects.in_use()
        .filter(interest__cycle=cycle)
        .exclude(pk__in=standing.values("place"))
        .values_list("interest", flat=True)
    ):
        free[interest] = free.get(interest, 0) + 1
    rows = MentorInterest.objects.taking_part().filter(cycle=cycle).order_by("pk")
    return [
        Side(pk, person, name, frozenset(topics), zone, free.get(pk, 0))
        for pk, person, name, topics, zone in rows.values_list(
            "pk", "mentor", "mentor__name", "topics", "mentor__time_zone"
        )
    ]


def _institutions(sides):
    at = {each.person: set() for each in sides}
    for person, institution in Affiliation.objects.filter(person__in=at).values_list("person", "institution"):
        at[person].add(institution)
    return at


def fit(mentee, mentor):
    """How well two people fit, 0 to 1000: what the mentee asks for and the mentor offers, and hours of the day in common."""
    wanted = len(mentee.topics)
    shared = len(mentee.topics & mentor.topics)
    topics = TOPICS * shared // wanted if wanted else 0
    apart = min(hours_apart(mentee.zone, mentor.zone), FARTHEST_HOURS)
    return topics + HOURS_APART * (FARTHEST_HOURS - apart) // FARTHEST_HOURS


def hours_apart(one, other):
    """Whole hours between two zones in mid-January, so that the answer does not depend on the day it is asked."""
    winter = datetime(2024, 1, 15, 12, tzinfo=UTC)
    difference = winter.astimezone(ZoneInfo(one)).utcoffset() - winter.astimezone(ZoneInfo(other)).utcoffset()
    apart = abs(difference.total_seconds()) % DAY
    return int(min(apart, DAY - apart) // 3600)


ORDINALS = {1: "first", 2: "second", 3: "third"}


def ordinal(rank):
    return ORDINALS.get(rank, f"{rank}th")


def because(mentee, mentor, rank):
    """Why these two, in facts: the rank, what they share, how far apart their clocks are."""
    wish = f"{ordinal(rank)} choice" if rank else "not on the mentee's list"
    shared = sorted(mentee.topics & mentor.topics)
    both = f"both name {', '.join(shared)}" if shared else "no topic in common"
    apart = hours_apart(mentee.zone, mentor.zone)
    clocks = "same hours" if not apart else f"{apart} hour{'s' if apart > 1 else ''} apart"
    told = f"{wish}; {both}; {clocks}"
    return told[:1].upper() + told[1:400]
