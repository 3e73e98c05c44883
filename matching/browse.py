"""Finding mentors among those a mentee may have: by words, and by what they let mentees see, with how many each choice leaves."""

from dataclasses import dataclass

from applications.models.mentors import Shown
from matching.criteria import hours_apart

# How far apart two clocks may be, and how it is said.
WITHIN = [("1", "At most 1 hour apart"), ("3", "At most 3 hours apart"), ("6", "At most 6 hours apart")]


@dataclass(frozen=True)
class Facet:
    """One question of the filter, with (value, words, how many mentors it would leave)."""

    name: str
    label: str
    chosen: str
    options: list[tuple[str, str, int]]


def _if_shown(mentor, key, values):
    return {value for value in values if value} if key in mentor.shown else set()


def values_of(mentor, zone):
    """{facet: the values that this mentor has}, of what mentees may see. ``zone`` is the mentee's."""
    hours = hours_apart(zone, mentor.mentor.time_zone) if Shown.TIME_ZONE in mentor.shown else None
    return {
        "topic": _if_shown(mentor, Shown.TOPICS, mentor.topics),
        "specialty": _if_shown(mentor, Shown.SPECIALTY, [mentor.specialty]),
        "stage": _if_shown(mentor, Shown.STAGE, [mentor.mentor.get_career_stage_display()]),
        "language": _if_shown(mentor, Shown.LANGUAGES, mentor.languages),
        "within": {value for value, _words in WITHIN if hours is not None and hours <= int(value)},
    }


FACETS = [
    ("topic", "Can help with"),
    ("specialty", "Specialty"),
    ("stage", "Career stage"),
    ("language", "Language"),
    ("within", "Time zone"),
]


def browse(mentors, asked, zone):
    """(the mentors that fit what is asked, the facets). ``asked`` is what the address says: words, and a value for a facet."""
    found = [mentor for mentor in mentors if has_words(asked.get("words", ""), mentor)]
    values = {mentor.pk: values_of(mentor, zone) for mentor in mentors}
    known = {name: set().union(*(each[name] for each in values.values())) for name, _label in FACETS}
    chosen = {name: asked.get(name, "") for name, _label in FACETS}
    chosen = {name: value for name, value in chosen.items() if value in known[name]}

    def fits(mentor, but=""):
        return all(value in values[mentor.pk][name] for name, value in chosen.items() if name != but)

    facets = []
    for name, label in FACETS:
        others = [mentor for mentor in found if fits(mentor, but=name)]
        words = WITHIN if name == "within" else [(value, value) for value in sorted(known[name])]
        options = [(value, told, sum(value in values[each.pk][name] for each in others)) for value, told in words]
        facets.append(Facet(name, label, chosen.get(name, ""), options))
    return [mentor for mentor in found if fits(mentor)], facets


def has_words(words, mentor):
    """Whether every one of these words is in what mentees read of this mentor."""
    shown = [mentor.mentor.full_name, mentor.place_shown, *(value for _name, value in mentor.facts_shown)]
    shown += [mentor.profile] if Shown.PROFILE in mentor.shown else []
    text = " ".join(shown).casefold()
    return all(word in text for word in words.casefold().split())
