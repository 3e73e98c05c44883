"""May this person apply? The kinds of rules there are, and what a set of answers comes to.

Rules are rows of a cycle: a kind from this registry, its parameters, the sentence that the public reads, and its effect.
The public page, the self-check, the application and the staff's view all come from the same rows, so they cannot disagree.
To add a kind: one class here, registered by ``@kind``, and one test.

Everything here is a pure function of rules and answers: no query, no clock, no request. Answers are a flat dict of plain
JSON values by the key of what was asked; anything may be missing or malformed, and counts as not answered.
"""

from dataclasses import dataclass, field
from enum import StrEnum

YES, NO = "yes", "no"
YES_OR_NO = [(YES, "Yes"), (NO, "No")]


class State(StrEnum):
    """What one rule comes to."""

    MET = "met"
    TO_VERIFY = "to_verify"
    NOT_MET = "not_met"
    UNANSWERED = "unanswered"


@dataclass(frozen=True)
class Ask:
    """One thing to ask a person; forms make a field of it."""

    key: str
    text: str
    kind: str  # yes_no, one_of, several, short, long, number, date
    options: list = field(default_factory=list)  # (value, label) pairs
    help: str = ""
    required: bool = True
    most_characters: int = 0


@dataclass(frozen=True)
class Outcome:
    """What one rule comes to for one person, with the reason in words and what would change it."""

    key: str
    sentence: str
    state: State
    reason: str
    way_out: str = ""
    sensitive: bool = False

    def as_json(self):
        return {**self.__dict__, "state": str(self.state)}


@dataclass(frozen=True)
class Verdict:
    """What all rules come to together."""

    outcomes: list[Outcome]

    def _in(self, state):
        return [outcome for outcome in self.outcomes if outcome.state == state]

    @property
    def not_met(self):
        return self._in(State.NOT_MET)

    @property
    def unanswered(self):
        return self._in(State.UNANSWERED)

    @property
    def to_verify(self):
        return self._in(State.TO_VERIFY)

    @property
    def may_submit(self):
        """Every rule is met, or will be verified by staff before acceptance."""
        return not self.not_met and not self.unanswered


KINDS: dict[str, "Kind"] = {}


def kind(cls):
    """Register a kind of rule under its name."""
    KINDS[cls.name] = cls()
    return cls


class Kind:
    """A kind of rule. ``parameters`` names what staff set, as {name: (label, "text" | "lines" | "options")}."""

    name = label = ""
    parameters: dict[str, tuple[str, str]] = {}
    # Answers that say something of race, ethnicity or gender: reviewers see the outcome, never the answer.
    sensitive = False

    def asks(self, rule):
        """What the person is asked."""
        raise NotImplementedError

    def judge(self, rule, answers):
        """(state, reason) for answers in which something was given."""
        raise NotImplementedError


def options(rule, name="options"):
    """The parameter's options as (value, label) pairs. Staff type one per line, ``value: label``."""
    return [tuple(option) for option in rule.parameters.get(name, [])]


def one_answer(answers, key):
    value = answers.get(key)
    return value if isinstance(value, str) and value.strip() else None


def chosen(answers, key, allowed):
    """The allowed values among a several-of answer."""
    given = answers.get(key)
    given = given if isinstance(given, list) else []
    return [value for value, _label in allowed if value in given]


@kind
class Promise(Kind):
    """Something to agree to, such as an hour a month, or that materials are in English."""

    name, label = "promise", "Something to promise"
    parameters = {"question": ("The question, answered yes or no", "text")}

    def asks(self, rule):
        return [Ask(rule.key, rule.parameters["question"], "yes_no", YES_OR_NO)]

    def judge(self, rule, answers):
        match one_answer(answers, rule.key):
            case "yes":
                return State.MET, "You said yes to this."
            case "no":
                return State.NOT_MET, "You said no to this, and the program asks it of everyone."
        return State.UNANSWERED, "You have not answered this yet."


@kind
class Attestation(Promise):
    """A statement about oneself in the wording shown. It is taken at its word and never inferred from anything else."""

    name, label = "attestation", "A statement about oneself, in confidence"
    parameters = {
        "question": ("The statement, answered yes or no", "text"),
        "definition": ("The definition it refers to, quoted, with its source", "text"),
    }
    sensitive = True

    def asks(self, rule):
        help_text = rule.parameters.get("definition", "")
        return [Ask(rule.key, rule.parameters["question"], "yes_no", YES_OR_NO, help=help_text)]

    def judge(self, rule, answers):
        state, reason = super().judge(rule, answers)
        return state, "You made this statement about yourself." if state == State.MET else reason


@kind
class Screen(Kind):
    """A question whose yes means that the program is not the right one."""

    name, label = "screen", "What the program is not for"
    parameters = {"question": ("The question; yes means that the program does not fit", "text")}

    def asks(self, rule):
        return [Ask(rule.key, rule.parameters["question"], "yes_no", YES_OR_NO)]

    def judge(self, rule, answers):
        match one_answer(answers, rule.key):
            case "no":
                return State.MET, "This does not stand in your way."
            case "yes":
                return State.NOT_MET, "This program is not meant for that, so it would not serve you well."
        return State.UNANSWERED, "You have not answered this yet."


@kind
class Membership(Kind):
    """Full membership, or a membership application handed in together with this one."""

    name, label = "membership", "Membership of the society"
    parameters = {"society": ("The society's name", "text")}
    FULL, APPLIED, NEITHER = "full", "applied", "neither"

    def asks(self, rule):
        society = rule.parameters["society"]
        choices = [
            (self.FULL, f"I am a full member of {society}"),
            (self.APPLIED, "I have applied for membership, or do so together with this application"),
            (self.NEITHER, "Neither"),
        ]
        return [
            Ask(rule.key, f"Are you a full member of {society}?", "one_of", choices),
            Ask(
                f"{rule.key}_reference",
                "Your member number, or the reference of your membership application",
                "short",
                required=False,
                help="Staff use it to find your record. You can add it later.",
                most_characters=60,
            ),
        ]

    def judge(self, rule, answers):
        match one_answer(answers, rule.key):
            case self.FULL:
                return State.MET, "You are a full member."
            case self.APPLIED:
                return (
                    State.TO_VERIFY,
                    "You may apply now. Staff check that your membership has gone through before anyone is accepted.",
                )
            case self.NEITHER:
                return (
                    State.NOT_MET,
                    "The program is open to full members, and to people who apply for membership at the same time.",
                )
        return State.UNANSWERED, "You have not answered this yet."


@kind
class OneOfThese(Kind):
    """One of several situations, some of which fit; with more than one question it is two rules."""

    name, label = "one_of", "One of these"
    parameters = {
        "question": ("The question", "text"),
        "options": ("Answers that fit, one per line as value: label", "options"),
        "others": ("Answers that do not fit", "options"),
        "unsure": ("Answers that staff look into before acceptance", "options"),
    }

    def asks(self, rule):
        every = options(rule) + options(rule, "unsure") + options(rule, "others")
        return [Ask(rule.key, rule.parameters["question"], "one_of", every)]

    def judge(self, rule, answers):
        answer = one_answer(answers, rule.key)
        if answer in dict(options(rule)):
            return State.MET, f"You answered: {dict(options(rule))[answer]}."
        if answer in dict(options(rule, "unsure")):
            return State.TO_VERIFY, "You may apply. Staff look into this with you before anyone is accepted."
        if answer in dict(options(rule, "others")):
            return State.NOT_MET, f"You answered: {dict(options(rule, 'others'))[answer]}."
        return State.UNANSWERED, "You have not answered this yet."


@kind
class Needs(Kind):
    """At least one of the needs that the program exists for."""

    name, label = "needs", "At least one of these needs"
    parameters = {
        "question": ("The question", "text"),
        "options": ("The needs, one per line as value: label", "options"),
    }
    NONE = "none"
    # A need such as "women in oncology" tells something of the person.
    sensitive = True

    def asks(self, rule):
        every = [*options(rule), (self.NONE, "None of these")]
        return [Ask(rule.key, rule.parameters["question"], "several", every, help="Choose all that apply.")]

    def judge(self, rule, answers):
        if found := chosen(answers, rule.key, options(rule)):
            labels = dict(options(rule))
            return State.MET, "You named: " + "; ".join(labels[value] for value in found) + "."
        if chosen(answers, rule.key, [(self.NONE, "")]):
            return State.NOT_MET, "The program exists for these needs, and you named none of them."
        return State.UNANSWERED, "You have not answered this yet."


def judge(rules, answers):
    """The verdict of a cycle's rules on one person's answers. Total: no answer raises."""
    return Verdict([_outcome(rule, answers) for rule in rules if rule.is_enforced])


def _outcome(rule, answers):
    rule_kind = KINDS[rule.kind]
    state, reason = rule_kind.judge(rule, answers)
    if state == State.MET and rule.staff_verify:
        state, reason = State.TO_VERIFY, f"{reason} Staff verify this before anyone is accepted."
    way_out = rule.way_out if state == State.NOT_MET else ""
    return Outcome(rule.key, rule.sentence, state, reason, way_out, rule_kind.sensitive)


def asks(rules):
    """Everything to ask a person for these rules, in order."""
    return [ask for rule in rules if rule.is_enforced for ask in KINDS[rule.kind].asks(rule)]


def sensitive_keys(rules):
    """The keys whose answers are kept from everyone who need not verify them."""
    return {ask.key for rule in rules if KINDS[rule.kind].sensitive for ask in KINDS[rule.kind].asks(rule)}


def in_words(ask, value):
    """An answer as people read it."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    labels = dict(ask.options)
    return "; ".join(labels.get(item, item) if isinstance(item, str) else str(item) for item in items)
