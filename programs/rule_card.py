"""Everything of a cycle that will be enforced, in words, with the version that submissions are judged by."""

import hashlib
import json
from dataclasses import dataclass

from programs import deadlines
from programs.eligibility.kinds import KINDS, counted
from programs.models import AnswersFirst, KeptCard

TITLES = {"applications": "Applications", "mentor_interest": "Mentor interest forms", "preferences": "Preferences",
          "pairing_replies": "Answers to proposed pairings"}  # fmt: skip


@dataclass(frozen=True)
class Card:
    """The sections as (title, sentences), and a short digest of all that is enforced."""

    sections: list
    version: str


def card(cycle):
    """The card of a cycle as its rows are now."""
    sections = [
        ("Who may apply", [_condition(each) for each in cycle.conditions]),
        *([("Statements, word for word", statements)] if (statements := _statements(cycle)) else []),
        ("Dates", [_window(window) for window in cycle.windows.all()]),
        ("Term and commitment", _term(cycle)),
        ("Mentors and pairings", _limits(cycle)),
    ]
    return Card(sections, _digest([sections, [_settings(rule) for rule in cycle.rules.all() if rule.is_enforced]]))


def keep(cycle):
    """The card as it is now, kept word for word: what was shown, or judged by, can be read again for good."""
    now = card(cycle)
    return KeptCard.objects.get_or_create(cycle=cycle, version=now.version, defaults={"sections": now.sections})[0]


def version(cycle):
    """Ten hexadecimal digits: another if anything that is enforced, or its words, changes."""
    return card(cycle).version


def _digest(content):
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:10]


def _settings(rule):
    return [rule.key, rule.kind, rule.parameters, rule.effect, rule.any_of, rule.way_out]


def _condition(condition):
    said = [condition.sentence]
    verified = [rule for rule in condition.rules if rule.staff_verify]
    if verified:
        which = "" if len(verified) == len(condition.rules) else f" ({'; '.join(rule.text for rule in verified)})"
        said.append(f"Staff verify this before anyone is accepted{which}.")
    return " ".join(said)


def _statements(cycle):
    """The wording of each statement that people make about themselves."""
    enforced = [rule for condition in cycle.conditions for rule in condition.rules]
    return [words for rule in enforced if (words := KINDS[rule.kind].word_for_word(rule))]


def _window(window):
    kind = TITLES.get(window.kind, window.get_kind_display())
    until = window.closes_words_for(None)
    return f"{kind} are accepted from {window.opens_words} until {until}, that whole minute included."


def _term(cycle):
    said = [
        cycle.term_words,
        f"Every mentorship ends by {cycle.term_ends_words}.",
        f"Mentor and mentee give at least {counted(cycle.hours_a_month, 'hour')} a month.",
    ]
    if cycle.decisions_by:
        said.append(f"Applicants hear by {deadlines.day_words(cycle.decisions_by)}.")
    return said


def _limits(cycle):
    return [
        f"{'With the application one' if cycle.ranks_while_applying else 'A mentee'} ranks at least "
        f"{counted(cycle.least_choices, 'mentor')} and at most {cycle.most_choices}, or has no preference.",
        f"Mentors are {cycle.mentor_stage_words}.",
        cycle.apart.rule,
        _answers(cycle),
    ]


def _answers(cycle):
    days = counted(cycle.reply_days, "day")
    if cycle.answers_first == AnswersFirst.BOTH:
        return f"Both have {days} to say yes to a pairing. It is final when both have."
    first, second = ("mentor", "mentee") if cycle.answers_first == AnswersFirst.MENTOR else ("mentee", "mentor")
    return (
        f"The {first} has {days} to say yes to a pairing. Only then the {second} hears of it, and has {days} too. "
        "It is final when both have said yes."
    )
