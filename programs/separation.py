"""How far apart the mentor and the mentee of a cycle must be: the settings there are, and every sentence that tells of one."""

from dataclasses import dataclass

from django.db import models


class Separation(models.TextChoices):
    INSTITUTION = "institution", "From different institutions"
    COUNTRY = "country", "From different countries"
    REGION = "region", "From different regions of the world"
    NONE = "none", "From anywhere, one institution too"


@dataclass(frozen=True)
class Words:
    """One setting, as pages and mails tell it."""

    rule: str  # a sentence for everyone
    mentors: str  # whom a mentee may have, said to the mentee
    theirs: str  # the same, said to staff
    near: str  # said of a mentor whom a mentee may not have: "Ada Example ..."
    unit: str  # what the two must not share


NONE = Words(
    "Mentor and mentee may be from one institution.", "mentors from anywhere", "mentors from anywhere", "", "place"
)


def words(kind, levels):
    """How to tell of a cycle's setting: its kind, and for institutions how far up their parents (None for the whole family)."""
    if kind == Separation.COUNTRY:
        return _apart("country", "works in the mentee's own country")
    if kind == Separation.REGION:
        return _apart("region of the world", "works in the mentee's own region of the world")
    if kind == Separation.NONE:
        return NONE
    return _apart("institution", "is at the mentee's own institutions", _family(levels))


def _apart(unit, near, family=""):
    return Words(
        f"Mentor and mentee are never from one {unit}{family}.",
        f"mentors from outside your own {unit}",
        f"mentors from outside the mentee's own {unit}",
        near,
        unit,
    )


def _family(levels):
    """What counts as one institution, as the end of a sentence."""
    if levels is None:
        return ", its parents or its affiliates"
    if levels == 0:
        return "; others of one system count as different"
    return f", nor from two that share a parent up to {levels} level{'s' if levels > 1 else ''} above"
