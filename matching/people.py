"""The rows that a suggestion is computed from, read in a constant number of queries, and a digest of all of them."""

import hashlib
import json
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from itertools import starmap
from operator import attrgetter

from django.db.models import Count, Q, TextField
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast

from applications.models import Application, MentorInterest, Place, Submission
from matching.capacity import room_in_all
from matching.changes import Changes
from matching.confidences import confidences
from matching.criteria import Side
from matching.models import Pairing, Preference, PreferenceList
from matching.models.weights import weights_of
from matching.querysets import LIVE
from matching.separation import as_sets, forbidden_keys, keys_of
from programs.separation import Words

# Everything that the criteria see of a person; the sets among it are put in order for the digest.
FACTS = attrgetter(*(each.name for each in fields(Side)))


@dataclass(frozen=True)
class People:
    """Everyone in a cycle who is not in a pairing that stands, and what there is between them.

    Pairs are (application id, interest id), but for ``mentors_of``: (mentee, mentor) as persons.
    """

    seed: str
    mentees: list[Side]
    mentors: list[Side]
    # By the cycle's rule of separation, person -> the keys that nobody paired with them may have; person -> their own.
    apart: Words
    must_not_meet: dict[int, set]
    keys: dict[int, set]
    ranks: dict[tuple[int, int], int]
    refused: set[tuple[int, int]]
    # Ruled out by one of the two, in confidence: to compute with, never to show.
    unwanted: set[tuple[int, int]]
    mentors_of: set[tuple[int, int]]
    # Applications of mentees who want a mentor of their own list or none.
    only_listed: set[int]
    kept: set[tuple[int, int]]
    changes: Changes
    weights: dict[str, int]

    @property
    def digest(self):
        """SHA-256 of everything that decides, but for ``kept``, which an earlier suggestion left."""
        said = {
            "seed": self.seed,
            "mentees": list(map(FACTS, self.mentees)),
            "mentors": list(map(FACTS, self.mentors)),
            "must_not_meet": [sorted(self.must_not_meet[each.person]) for each in self.mentees],
            "keys": [sorted(self.keys[each.person]) for each in self.mentors],
            "ranks": sorted(self.ranks.items()),
            "refused": sorted(self.refused),
            "unwanted": sorted(self.unwanted),
            "mentors_of": sorted(self.mentors_of),
            "only_listed": sorted(self.only_listed),
            "changes": self.changes.as_json(),
            "weights": self.weights,
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=cache(sorted)).encode()).hexdigest()


def people_of(cycle, *, reconsider=None, changes=None):
    """Everyone of the cycle.

    A suggestion's own drafts do not stand; nor does a draft by hand of ``reconsider``, the id of an application.
    """
    changes = changes or Changes()
    standing = Pairing.objects.filter(cycle=cycle, status__in=LIVE).exclude(status="drafted", by_hand=False)
    standing = standing.exclude(status="drafted", application=reconsider)
    mentees, mentors = _mentees(cycle, standing), _mentors(cycle, standing, changes)
    asking, offering = [each.person for each in mentees], [each.person for each in mentors]
    pairs = Pairing.objects.filter(cycle=cycle)
    return People(
        seed=cycle.slug,
        mentees=mentees,
        mentors=mentors,
        apart=cycle.apart,
        must_not_meet=as_sets(asking, *forbidden_keys(cycle, asking)),
        keys=as_sets(offering, *keys_of(cycle, offering)),
        ranks=_ranks(cycle, changes.longest_list),
        refused=set(pairs.filter(status__in=["declined", "lapsed"]).values_list("application", "interest")),
        unwanted=confidences(cycle),
        mentors_of=_mentors_of(cycle, set(asking), set(offering)),
        only_listed=set(
            PreferenceList.objects.filter(
                application__cycle=cycle, application__status="accepted", status="submitted", open_to_rest=False
            ).values_list("application", flat=True)
        ),
        kept=set(pairs.filter(status="drafted", by_hand=False).values_list("application", "interest")),
        changes=changes,
        weights={**changes.weights} or weights_of(cycle),
    )


def _mentees(cycle, standing):
    """Accepted, and not in a pairing that stands."""
    rows = Application.objects.accepted().filter(cycle=cycle).exclude(pk__in=standing.values("application"))
    keys = ["specialty", "languages", *cycle.topic_keys]
    latest = (
        Submission.objects.filter(application__cycle=cycle).order_by("application", "-number").distinct("application")
    )
    # As text: many say the same, which is then read once.
    answers = latest.values_list("application", *(Cast(KeyTransform(key, "answers"), TextField()) for key in keys))
    said = {pk: [_said(text) for text in texts] for pk, *texts in answers}
    nothing = [frozenset()] * len(keys)

    def side(pk, person, name, zone, stage):
        specialties, languages, *asked = said.get(pk, nothing)
        return Side(pk, person, name, frozenset().union(*asked), zone, 0, stage, specialties, languages)

    facts = ["pk", "applicant", "applicant__name", "applicant__time_zone", "applicant__career_stage"]
    return list(starmap(side, rows.order_by("pk").values_list(*facts)))


@lru_cache(1000)
def _said(answer):
    """What was answered to a question, one or several, of the answer as JSON."""
    given = json.loads(answer or "null") or []
    return frozenset([given] if isinstance(given, str) else given)


def _mentors(cycle, standing, changes):
    """Taking part, with how many places no standing pairing holds; and those who would, if staff approved them."""
    free = dict(changes.mentors)
    for interest in (
        Place.objects.in_use()
        .filter(interest__cycle=cycle)
        .exclude(pk__in=standing.values("place"))
        .values_list("interest", flat=True)
    ):
        free[interest] = free.get(interest, 0) + 1
    taking_part = Q(pk__in=MentorInterest.objects.taking_part()) | Q(pk__in=list(changes.mentors), status="submitted")
    rows = MentorInterest.objects.filter(taking_part, cycle=cycle).order_by("pk")
    rows = rows.annotate(held=Count("pairings", filter=Q(pairings__in=standing)))
    over_all = room_in_all(cycle, standing)

    def places(pk, person):
        wanted = max(free.get(pk, 0) + changes.more_places.get(pk, 0), 0)
        return min(wanted, over_all.get(person, wanted))

    return [
        Side(
            pk, person, name, frozenset(topics), zone, places(pk, person), stage,
            frozenset(filter(None, [specialty])), frozenset(languages), frozenset(stages), frozenset(wished), held,
        )
        for pk, person, name, topics, zone, stage, specialty, languages, stages, wished, held in rows.values_list(
            "pk", "mentor", "mentor__name", "topics", "mentor__time_zone", "mentor__career_stage", "specialty", "languages",
            "wished_stages", "wished_topics", "held",
        )
    ]  # fmt: skip


def _ranks(cycle, longest):
    rows = Preference.objects.filter(list__application__cycle=cycle, list__application__status="accepted")
    if longest:
        rows = rows.filter(rank__lte=longest)
    wishes = rows.values_list("list__application", "interest", "rank")
    return {(application, interest): rank for application, interest, rank in wishes}


def _mentors_of(cycle, asking, offering):
    """Who is a mentor of whom at present, in any cycle, where the two could be put together here the other way round."""
    live = Pairing.objects.live().filter(mentee__mentor_interests__cycle=cycle, mentor__applications__cycle=cycle)
    found = live.values_list("mentor", "mentee")
    return {(mentee, mentor) for mentee, mentor in found if mentee in asking and mentor in offering}
