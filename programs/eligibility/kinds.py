"""What a kind of rule is: its parameters, what it asks, how it judges, and the sentence it makes."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

YES, NO = "yes", "no"
YES_OR_NO = [(YES, "Yes"), (NO, "No")]
NOT_ANSWERED = "You have not answered this yet."
FOR_MENTOR = "If you are accepted, the mentor we propose to you reads this answer."
FOR_STAFF = "Only staff read this answer."


class State(StrEnum):
    """What one rule comes to."""

    MET = "met"
    TO_VERIFY = "to_verify"
    NOT_MET = "not_met"
    UNANSWERED = "unanswered"
    WAIVED = "waived"  # by staff, for one application


UNANSWERED = State.UNANSWERED, NOT_ANSWERED


@dataclass(frozen=True)
class Ask:
    """One thing to ask a person; forms make a field of it."""

    key: str
    text: str
    kind: str  # yes_no, one_of, listed, several, short, long, number, date, document, portrait
    options: list = field(default_factory=list)  # (value, label) pairs
    help: str = ""
    required: bool = True
    most_characters: int = 0
    # Names a list that is handed in, as ("schools", "MD", "DO"): its options come before the others.
    options_from: tuple = ()
    # Needed with some answers to what stands before it only: the judgement says when it is missing.
    with_some: bool = False
    # One of several conditions of which any is enough.
    alternative: bool = False
    # A statement that people make in exactly these words: the value of its yes, the first option, names them.
    statement: bool = False
    # Whether the mentor reads the answer; None of what is asked by a rule, where pages say nothing of it.
    for_mentor: bool | None = None

    @property
    def readers(self):
        """Who reads the answer, as the person is told beside the question."""
        return {True: FOR_MENTOR, False: FOR_STAFF, None: ""}[self.for_mentor]


def digest(ask):
    """SHA-256, in hexadecimal, of all that a person reads where this is asked; lists kept elsewhere are left out.

    Words that were kept before a mentor could be named as a reader are the same as those for staff only.
    """
    content = [ask.text, ask.help, ask.kind, [list(pair) for pair in ask.options]]
    if ask.for_mentor:
        content.append(ask.readers)
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def as_offered(ask, value):
    """A plain yes to a statement, as examples have it, is one to the words of today."""
    return ask.options[0][0] if ask.statement and value == YES else value


@dataclass(frozen=True)
class Parameter:
    """One setting of a kind, as staff fill it in. Shapes: text, lines, options, number, date, choice, countries."""

    label: str
    shape: str = "text"
    required: bool = True
    choices: tuple = ()  # of a choice; the first holds where nothing is set


KINDS: dict[str, "Kind"] = {}


def kind(cls):
    """Register a kind of rule under its name."""
    KINDS[cls.name] = cls()
    return cls


class Kind:
    """A kind of rule."""

    name = label = ""
    parameters: dict[str, Parameter] = {}
    # Answers that say something of race, ethnicity, gender or age: reviewers see the outcome, never the answer.
    sensitive = False

    def asks(self, rule):
        """What the person is asked."""
        raise NotImplementedError

    def judge(self, rule, answers):
        """(state, reason) for the answers. A choice that was not offered is not among them."""
        raise NotImplementedError

    def sentence(self, rule):
        """What the public page says where staff wrote nothing."""
        raise NotImplementedError

    def word_for_word(self, rule):
        """What the rule card quotes beside the sentence: the exact wording of a statement."""
        return ""

    def due(self, rule):
        """The day by which what staff verify must hold, or None."""
        return None

    @property
    def never_waived(self):
        """Why staff cannot waive such a rule for one person, in a sentence; empty where they can."""
        return "It is answered in confidence, and a waiver would tell the answer." if self.sensitive else ""

    def lacking(self, rule):
        """The labels of the parameters that still must be set."""
        settings = parameters(rule)
        return [each.label for name, each in self.parameters.items() if each.required and settings.get(name) in EMPTY]


EMPTY: tuple = (None, "", [])


# --- What staff set --------------------------------------------------------------------------------------------------


def parameters(rule):
    return rule.parameters if isinstance(rule.parameters, dict) else {}


def text(rule, name, default=""):
    value = parameters(rule).get(name)
    return value.strip() if isinstance(value, str) and value.strip() else default


def number(rule, name):
    """A whole number, or None."""
    return whole(parameters(rule).get(name))


def day(rule, name):
    """A date, or None."""
    try:
        return date.fromisoformat(text(rule, name))
    except ValueError:
        return None


def lines(rule, name):
    """A list of texts."""
    value = parameters(rule).get(name)
    return [line for line in value if isinstance(line, str) and line] if isinstance(value, list) else []


def options(rule, name="options"):
    """The parameter's options as (value, label) pairs. Staff type one per line, ``value: label``."""
    value = parameters(rule).get(name)
    listed = value if isinstance(value, list) else []
    return [tuple(pair) for pair in listed if isinstance(pair, list) and len(pair) == 2 and all(map(_is_text, pair))]


def _is_text(value):
    return isinstance(value, str) and bool(value)


def choice(rule, name):
    """The value that was chosen, or the first that there is."""
    values = [value for value, _label in KINDS[rule.kind].parameters[name].choices]
    return text(rule, name) if text(rule, name) in values else values[0]


# --- What people answer ----------------------------------------------------------------------------------------------


def one_answer(answers, key):
    value = answers.get(key)
    return value if isinstance(value, str) and value.strip() else None


def whole(value):
    """A whole number from what a form or a file gives, or None."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= 10**9 else None
    typed = value.strip() if isinstance(value, str) else ""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 9 else None


def listed(answers, key):
    """(words, whether they are on the list) of what was typed where a list is offered; nothing typed is ("", False)."""
    given = answers.get(key)
    return given if isinstance(given, tuple) else ("", False)


def chosen(answers, key, allowed):
    """The allowed values among a several-of answer."""
    given = answers.get(key)
    given = given if isinstance(given, list) else []
    return [value for value, _label in allowed if value in given]


# --- Words -----------------------------------------------------------------------------------------------------------


def counted(how_many, noun):
    """ "1 hour", "2 hours" """
    return f"{how_many} {noun}{'' if how_many == 1 else 's'}"


def any_of(items):
    """ "a", "a or b", "a, b or c" """
    *first, last = items
    return f"{', '.join(first)} or {last}" if first else last
