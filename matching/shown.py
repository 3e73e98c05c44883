"""What the two people of a pairing read of each other, for their page and for the staff who propose it."""

from applications.models.asked import answered
from programs.models import Part


def shared_answers(pairing):
    """What the mentee agreed to let the mentor read, as they were told when they handed in; never an answer to a rule."""
    latest = pairing.application.latest
    rows = answered(latest, Part.QUESTION) if latest else []
    written = [(each.text, each.answer) for each in rows if each.for_mentor]
    why = why_chosen(pairing)
    return [*written, ("Why they would like you as a mentor", why)] if why else written


def why_chosen(pairing):
    """What the mentee wrote of why they would like this mentor, if the mentor may read it; never at which rank."""
    own = getattr(pairing.application, "preference_list", None)
    wishes = own.preferences.all() if own else []
    told = [wish.why for wish in wishes if wish.interest_id == pairing.interest_id and wish.tell_mentor]
    return told[0] if told else ""


def facts_of_mentor(pairing):
    """Where the mentor is, and what they let mentees see, each fact once, as (name, words)."""
    return list(dict([*facts_of(pairing.mentor), *pairing.interest.facts_shown]).items())


def facts_of(person):
    """Where a person is and what they do, as (name, words)."""
    return [
        ("Works or studies at", person.institution_names),
        ("Career stage", person.get_career_stage_display()),
        ("Time zone", person.time_zone.replace("_", " ")),
    ]
