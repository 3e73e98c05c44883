"""How well two people fit, 0 to 1000, by named criteria with weights; and the facts of it in words.

Each criterion is a share of what would be perfect, and a fact in words. All pairs are scored at once: a criterion is a few
columns for the mentees and as many rows for the mentors, whose product is its share, so that one product of matrices gives
the scores of everybody with everybody. Everything is a whole number below 2**24, which a float32 holds exactly, so the
result is the same on every machine. Race, ethnicity and gender cannot be criteria: no column of ``Side`` holds them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

PERFECT = 1000
# Parts of one thousandth of the fit. Halves, thirds ... and tenths of it are whole numbers.
UNITS = 5040
FARTHEST_HOURS = 12
DAY = 24 * 3600
STAGES = ["medical_student", "resident", "fellow", "practicing_oncologist"]


@dataclass(frozen=True)
class Side:
    """One mentee or mentor as the criteria see them."""

    id: int
    person: int
    name: str
    topics: frozenset
    zone: str
    places: int = 0
    stage: str = ""
    specialties: frozenset = frozenset()
    languages: frozenset = frozenset()


@dataclass(frozen=True)
class Criterion:
    """One thing to compare. ``share`` is in parts of UNITS, from 0 to UNITS; ``words`` is the fact, empty if there is none."""

    name: str
    label: str
    explanation: str
    share: Callable[[Side, Side], int]
    words: Callable[[Side, Side], str]
    # What of a mentee the share depends on: mentees alike in it are scored once. None where the share is a count of topics.
    of_mentee: Callable[[Side], object] | None


def share_of_topics(mentee, mentor):
    wanted = len(mentee.topics)
    return UNITS // wanted * len(mentee.topics & mentor.topics) if wanted else 0


def topics_in_words(mentee, mentor):
    shared = sorted(mentee.topics & mentor.topics)
    return f"both name {', '.join(shared)}" if shared else "no topic in common"


def share_of_hours(mentee, mentor):
    apart = min(hours_apart(mentee.zone, mentor.zone), FARTHEST_HOURS)
    return UNITS * (FARTHEST_HOURS - apart) // FARTHEST_HOURS


def hours_in_words(mentee, mentor):
    apart = hours_apart(mentee.zone, mentor.zone)
    return "same hours" if not apart else f"{apart} hour{'s' if apart > 1 else ''} apart"


def share_of_specialty(mentee, mentor):
    return UNITS if mentee.specialties & mentor.specialties else 0


def specialty_in_words(mentee, mentor):
    shared = sorted(mentee.specialties & mentor.specialties)
    return f"both in {', '.join(shared)}" if shared else ""


def share_of_language(mentee, mentor):
    return UNITS if mentee.languages & mentor.languages else 0


def language_in_words(mentee, mentor):
    shared = sorted(mentee.languages & mentor.languages)
    return f"both speak {', '.join(shared)}" if shared else ""


def steps_ahead(mentee, mentor):
    """How many career stages the mentor is ahead; None where one of them named none of these."""
    if mentee.stage not in STAGES or mentor.stage not in STAGES:
        return None
    return STAGES.index(mentor.stage) - STAGES.index(mentee.stage)


def share_of_stage(mentee, mentor):
    ahead = steps_ahead(mentee, mentor)
    # The next step knows best what is next; peers help a little.
    return {None: 0, 0: UNITS // 4, 1: UNITS, 2: UNITS * 3 // 4, 3: UNITS // 2}.get(ahead, 0)


def stage_in_words(mentee, mentor):
    ahead = steps_ahead(mentee, mentor)
    if ahead is None or ahead < 0:
        return ""
    return f"{ahead} career stage{'s' if ahead > 1 else ''} ahead" if ahead else "at the same career stage"


CRITERIA = {
    each.name: each
    for each in (
        Criterion(
            "needs",
            "What the mentee asks for and the mentor offers",
            "The share of the topics a mentee asked for that the mentor can help with.",
            share_of_topics,
            topics_in_words,
            None,
        ),
        Criterion(
            "specialty",
            "The same specialty",
            "Whole where both are in one specialty. The mentee’s is the answer to a question with the key “specialty”.",
            share_of_specialty,
            specialty_in_words,
            lambda mentee: mentee.specialties,
        ),
        Criterion(
            "stage",
            "How far ahead the mentor is",
            "Whole for one career stage ahead, three quarters for two, a half for three, a quarter for a peer.",
            share_of_stage,
            stage_in_words,
            lambda mentee: mentee.stage,
        ),
        Criterion(
            "language",
            "A language in common",
            "Whole where they share one. The mentee’s are the answer to a question with the key “languages”.",
            share_of_language,
            language_in_words,
            lambda mentee: mentee.languages,
        ),
        Criterion(
            "hours",
            "Hours of the day in common",
            "Whole in the same hours, less by a twelfth for each hour that their clocks are apart.",
            share_of_hours,
            hours_in_words,
            lambda mentee: mentee.zone,
        ),
    )
}
MOST_WEIGHT = 10
DEFAULT_WEIGHTS = {"needs": 7, "specialty": 0, "stage": 0, "language": 0, "hours": 3}


def thousandths(weights: Mapping[str, int]) -> dict[str, int]:
    """The weights as whole parts of 1000 that add up to it, without those that are off; all off is no criterion at all."""
    on = {name: weights[name] for name in CRITERIA if weights.get(name)}
    total = sum(on.values())
    parts = {name: PERFECT * weight // total for name, weight in on.items()}
    if parts:
        parts[next(iter(parts))] += PERFECT - sum(parts.values())
    return parts


def fit(mentee: Side, mentor: Side, weights: Mapping[str, int]) -> int:
    """How well two people fit, 0 to 1000."""
    parts = thousandths(weights)
    return sum(part * CRITERIA[name].share(mentee, mentor) for name, part in parts.items()) // UNITS


def scorer(mentees: list[Side], mentors: list[Side], weights: Mapping[str, int]) -> Callable[[slice], np.ndarray]:
    """A function from a slice of the mentees to the fits of these with every mentor: int32, shape (mentees, mentors)."""
    columns, rows = [np.zeros((len(mentees), 0))], [np.zeros((0, len(mentors)))]
    for name, part in thousandths(weights).items():
        of_mentee = CRITERIA[name].of_mentee
        column, row = _topics(mentees, mentors) if of_mentee is None else _alike(mentees, mentors, name, of_mentee)
        columns.append(column)
        rows.append(row * part)
    of_mentees = np.hstack(columns).astype(np.float32)
    of_mentors = np.vstack(rows).astype(np.float32)
    return lambda some: (of_mentees[some] @ of_mentors).astype(np.int32) // UNITS


def _topics(mentees, mentors):
    """What a mentee's topic is worth, by mentees and topics; which mentor offers it, by topics and mentors."""
    topics = {topic: index for index, topic in enumerate(sorted(set().union(*(each.topics for each in mentees))))}
    column, row = np.zeros((len(mentees), len(topics))), np.zeros((len(topics), len(mentors)))
    for i, mentee in enumerate(mentees):
        for topic in mentee.topics:
            column[i, topics[topic]] = UNITS // len(mentee.topics)
    for j, mentor in enumerate(mentors):
        for topic in mentor.topics & topics.keys():
            row[topics[topic], j] = 1
    return column, row


def _alike(mentees, mentors, name, of_mentee):
    """Which kind each mentee is of; what the share of each kind is with each mentor."""
    kinds, share = {}, CRITERIA[name].share
    kind = [kinds.setdefault(of_mentee(mentee), len(kinds)) for mentee in mentees]
    column = np.zeros((len(mentees), len(kinds)))
    column[np.arange(len(mentees)), kind] = 1
    examples = {which: mentee for mentee, which in zip(mentees, kind, strict=True)}
    row = np.array([_shares(examples[which], mentors, share, name) for which in range(len(kinds))])
    return column, row.reshape(len(kinds), len(mentors))


def _shares(mentee, mentors, share, name):
    """The mentors alike in what the criterion looks at are asked once: there are few zones, stages and specialties."""
    looked_at = CRITERIA[name].of_mentee
    known = {}
    for mentor in mentors:
        if looked_at(mentor) not in known:
            known[looked_at(mentor)] = share(mentee, mentor)
    return [known[looked_at(mentor)] for mentor in mentors]


def because(mentee: Side, mentor: Side, rank: int, weights: Mapping[str, int]) -> str:
    """Why these two, in facts: the rank, and what the criteria that are on found."""
    wish = f"{ordinal(rank)} choice" if rank else "not on the mentee's list"
    facts = [CRITERIA[name].words(mentee, mentor) for name in thousandths(weights)]
    told = "; ".join([wish, *filter(None, facts)])
    return told[:1].upper() + told[1:400]


ORDINALS = {1: "first", 2: "second", 3: "third"}


def ordinal(rank):
    return ORDINALS.get(rank, f"{rank}th")


def hours_apart(one, other):
    """Whole hours between two zones in mid-January, so that the answer does not depend on the day it is asked."""
    winter = datetime(2024, 1, 15, 12, tzinfo=UTC)
    difference = winter.astimezone(ZoneInfo(one)).utcoffset() - winter.astimezone(ZoneInfo(other)).utcoffset()
    apart = abs(difference.total_seconds()) % DAY
    return int(min(apart, DAY - apart) // 3600)
