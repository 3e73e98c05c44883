"""What a mentor agrees to, in the wording that is kept with the agreement."""

import hashlib


def points(cycle):
    """The sentences of the mentor agreement of this cycle."""
    hours = f"{cycle.hours_a_month} hour{'s' if cycle.hours_a_month > 1 else ''}"
    return [
        f"I give each mentee at least {hours} a month during the term, and we meet online.",
        "I say yes or no to each proposed mentee by the date in the mail.",
        "What a mentee tells me stays between us, unless someone is in danger.",
        "I do not supervise, grade or employ my mentee while we work together.",
        "If I cannot go on, I tell staff, so that my mentee is not left alone.",
    ]


def wording(cycle):
    """The whole text, one point per line."""
    return "\n".join(points(cycle))


def version(cycle):
    """A short name for the wording in force; it changes whenever a word does."""
    return hashlib.sha256(wording(cycle).encode()).hexdigest()[:8]
