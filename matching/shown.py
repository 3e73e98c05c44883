"""What the two people of a pairing read of each other, for their page and for the staff who propose it."""

from applications.models.asked import answered
from programs.models import Part


def shared_answers(pairing):
    """What the mentee wrote for mentors to read: the answers to the cycle's questions, never those about rules."""
    latest = pairing.application.latest
    return [(each.text, each.answer) for each in answered(latest, Part.QUESTION)] if latest else []


def facts_of(person):
    """Where a person is and what they do, as (name, words)."""
    return [
        ("Works or studies at", person.institution_names),
        ("Career stage", person.get_career_stage_display()),
        ("Time zone", person.time_zone.replace("_", " ")),
    ]
