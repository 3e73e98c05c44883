"""How well two people fit, 0 to 1000, by named criteria with weights; and the facts of it in words.

Each criterion is a share of what would be perfect, and a fact in words. All pairs are scored at once: a criterion is a few
columns for the mentees and as many rows for the mentors, whose product is its share, so that one product of matrices gives
the scores of everybody with everybody. Everything is a whole number below 2**24, which a float32 holds exactly, so the
result is the same on every machine. Race, ethnicity and gender cannot be criteria: no column of ``Side`` holds them.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
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
    # Whom a mentor would rather have; of a mentee they are empty.
    wished_stages: frozenset = frozenset()
    wished_topics: frozenset = frozenset()
    # How many mentees a mentor has already in this cycle.
    held: int = 0


@dataclass(frozen=True)
class Criterion:
    """One thing to compare.

    ``share`` is in parts of UNITS, from 0 to UNITS; ``words`` is the fact, empty if there is none. ``columns`` gives the shares
    of everybody with everybody as two matrices to multiply: mentees by columns, and columns by mentors.
    """

    name: str
    label: str
    explanation: str
    share: Callable[[Side, Side], int]
    words: Callable[[Side, Side], str]
    columns: Callable[[list[Side], list[Side]], tuple[np.ndarray, np.ndarray]]


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


def share_of_wishes(mentee, mentor):
    """Half for the stage and half for the topics that the mentor wishes; the whole for the one, where only that is named."""
    stages, topics = mentor.wished_stages, mentor.wished_topics
    if not stages and not topics:
        return UNITS
    of_stage = UNITS // 2 if mentee.stage in stages else 0
    of_topics = UNITS // (2 * len(mentee.topics)) * len(mentee.topics & topics) if mentee.topics else 0
    return (of_stage + of_topics) * (1 if stages and topics else 2)


def wishes_in_words(mentee, mentor):
    met = [mentee.stage in mentor.wished_stages, bool(mentee.topics & mentor.wished_topics)]
    return "as the mentor wishes" if any(met) else ""


def topics_of(sides):
    """Each topic that one of them names, with its column."""
    return {topic: index for index, topic in enumerate(sorted(set().union(*(each.topics for each in sides))))}


def columns_of_topics(mentees, mentors):
    topics = topics_of(mentees)
    column, row = np.zeros((len(mentees), len(topics))), np.zeros((len(topics), len(mentors)))
    for i, mentee in enumerate(mentees):
        for topic in mentee.topics:
            column[i, topics[topic]] = UNITS // len(mentee.topics)
    for j, mentor in enumerate(mentors):
        for topic in mentor.topics & topics.keys():
            row[topics[topic], j] = 1
    return column, row


def columns_of_wishes(mentees, mentors):
    topics, stages = topics_of(mentees), sorted({each.stage for each in mentees})
    column = np.zeros((len(mentees), len(topics) + len(stages)))
    row = np.zeros((len(topics) + len(stages), len(mentors)))
    for i, mentee in enumerate(mentees):
        column[i, len(topics) + stages.index(mentee.stage)] = 1
        for topic in mentee.topics:
            column[i, topics[topic]] = UNITS // (2 * len(mentee.topics))
    for j, mentor in enumerate(mentors):
        alone = 1 if mentor.wished_stages and mentor.wished_topics else 2
        anybody = not mentor.wished_stages and not mentor.wished_topics
        for topic in mentor.wished_topics & topics.keys():
            row[topics[topic], j] = alone
        for at, stage in enumerate(stages, len(topics)):
            row[at, j] = UNITS if anybody else UNITS // 2 * alone if stage in mentor.wished_stages else 0
    return column, row


def share_of_spread(mentee, mentor):
    """Of the mentor's next mentee; those after have less still (``Market.spread``). Rounded up: never less than their part."""
    return -(-UNITS // (1 + mentor.held))


def spread_in_words(mentee, mentor):
    return "" if not mentor.held else f"has {mentor.held} mentee{'s' if mentor.held > 1 else ''} already"


def by_kind(share, kind_of):
    """Columns for a criterion that looks at one fact of each: a column for each kind of mentee, and few kinds of mentors."""

    def columns(mentees, mentors):
        kinds: dict[object, int] = {}
        kind = [kinds.setdefault(kind_of(mentee), len(kinds)) for mentee in mentees]
        column = np.zeros((len(mentees), len(kinds)))
        column[np.arange(len(mentees)), kind] = 1
        examples = dict(zip(kind, mentees, strict=True))
        row = [shares_with(examples[which], mentors) for which in range(len(kinds))]
        return column, np.array(row).reshape(len(kinds), len(mentors))

    def shares_with(mentee, mentors):
        known: dict[object, int] = {}
        for mentor in mentors:
            if kind_of(mentor) not in known:
                known[kind_of(mentor)] = share(mentee, mentor)
        return [known[kind_of(mentor)] for mentor in mentors]

    return columns


def specialties(side):
    return side.specialties


def languages(side):
    return side.languages


CRITERIA = {
    each.name: each
    for each in (
        Criterion(
            "needs",
            "What the mentee asks for and the mentor offers",
            "The share of the topics a mentee asked for that the mentor can help with.",
            share_of_topics,
            topics_in_words,
            columns_of_topics,
        ),
        Criterion(
            "specialty",
            "The same specialty",
            "Whole where both are in one specialty. The mentee’s is the answer to a question with the key “specialty”.",
            share_of_specialty,
            specialty_in_words,
            by_kind(share_of_specialty, specialties),
        ),
        Criterion(
            "stage",
            "How far ahead the mentor is",
            "Whole for one career stage ahead, three quarters for two, a half for three, a quarter for a peer.",
            share_of_stage,
            stage_in_words,
            by_kind(share_of_stage, lambda side: side.stage),
        ),
        Criterion(
            "language",
            "A language in common",
            "Whole where they share one. The mentee’s are the answer to a question with the key “languages”.",
            share_of_language,
            language_in_words,
            by_kind(share_of_language, languages),
        ),
        Criterion(
            "wishes",
            "Whom the mentor would rather mentor",
            "The career stages and topics a mentor wishes; whole for a mentor who named none.",
            share_of_wishes,
            wishes_in_words,
            columns_of_wishes,
        ),
        Criterion(
            "hours",
            "Hours of the day in common",
            "Whole in the same hours, less by a twelfth for each hour that their clocks are apart.",
            share_of_hours,
            hours_in_words,
            by_kind(share_of_hours, lambda side: side.zone),
        ),
        Criterion(
            "spread",
            "The load spread over the mentors",
            "Whole for a mentor’s first mentee, a half for the second, a third for the third, and so on.",
            share_of_spread,
            spread_in_words,
            by_kind(share_of_spread, lambda side: side.held),
        ),
    )
}
MOST_WEIGHT = 10
DEFAULT_WEIGHTS = {"needs": 7, "specialty": 0, "stage": 0, "language": 0, "wishes": 0, "hours": 3, "spread": 0}


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


def met(pairs: list[tuple[Side, Side]]) -> dict[str, int]:
    """criterion -> what these pairs have of what would be perfect by it, in percent, on average; empty without a pair."""
    if not pairs:
        return {}
    mentees, mentors = zip(*pairs, strict=True)
    shares = {name: sum(map(each.share, mentees, mentors)) for name, each in CRITERIA.items()}
    nth = Counter((mentor.id, mentor.held) for mentor in mentors)
    shares["spread"] = sum(UNITS // (held + n) for (_id, held), more in nth.items() for n in range(1, more + 1))
    return {name: 100 * share // (UNITS * len(pairs)) for name, share in shares.items()}


class Scores:
    """The fits of everybody with everybody: asked for a slice of the mentees, or for some pairs."""

    def __init__(self, mentees: list[Side], mentors: list[Side], weights: Mapping[str, int]):
        columns, rows = [np.zeros((len(mentees), 0))], [np.zeros((0, len(mentors)))]
        for name, part in thousandths(weights).items():
            column, row = CRITERIA[name].columns(mentees, mentors)
            columns.append(column)
            rows.append(row * part)
        self._of_mentees = np.hstack(columns).astype(np.float32)
        self._of_mentors = np.vstack(rows).astype(np.float32)

    def of(self, mentees: np.ndarray, mentors: np.ndarray) -> np.ndarray:
        """Of these mentees with these mentors: int32, shape (mentees, mentors)."""
        fits = (self._of_mentees[mentees] @ self._of_mentors[:, mentors]).astype(np.int32)
        fits //= UNITS
        return fits

    def of_pairs(self, mentee: np.ndarray, mentor: np.ndarray) -> np.ndarray:
        """Of these pairs: int64."""
        sums = np.einsum("ij,ij->i", self._of_mentees[mentee], self._of_mentors.T[mentor])
        return sums.astype(np.int64) // UNITS


def because(mentee: Side, mentor: Side, rank: int, weights: Mapping[str, int]) -> str:
    """Why these two, in facts: the rank, and what the criteria that are on found."""
    wish = f"{ordinal(rank)} choice" if rank else "not on the mentee's list"
    facts = [CRITERIA[name].words(mentee, mentor) for name in CRITERIA if weights.get(name)]
    told = "; ".join([wish, *filter(None, facts)])
    return told[:1].upper() + told[1:400]


ORDINALS = {1: "first", 2: "second", 3: "third"}


def ordinal(rank):
    return ORDINALS.get(rank, f"{rank}th")


@cache
def hours_apart(one, other):
    """Whole hours between two zones in mid-January, so that the answer does not depend on the day it is asked."""
    winter = datetime(2024, 1, 15, 12, tzinfo=UTC)
    difference = winter.astimezone(ZoneInfo(one)).utcoffset() - winter.astimezone(ZoneInfo(other)).utcoffset()
    apart = abs(difference.total_seconds()) % DAY
    return int(min(apart, DAY - apart) // 3600)
