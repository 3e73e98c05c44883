"""Rules that are a statement, answered yes or no."""

from dataclasses import replace

from programs.eligibility.kinds import (
    NO,
    UNANSWERED,
    YES,
    YES_OR_NO,
    Ask,
    Kind,
    Parameter,
    State,
    any_of,
    choice,
    digest,
    kind,
    lines,
    text,
)

REWORDED = "The wording of this statement has changed since you answered. Please read it and answer again."


@kind
class Promise(Kind):
    """Something to agree to, such as an hour a month, or that materials are in English."""

    name, label = "promise", "Something to promise"
    parameters = {"question": Parameter("The question, answered yes or no")}

    def asks(self, rule):
        return [Ask(rule.key, text(rule, "question", self.label), "yes_no", YES_OR_NO)]

    def judge(self, rule, answers):
        match answers.get(rule.key):
            case "yes":
                return State.MET, "You said yes to this."
            case "no":
                return State.NOT_MET, "You said no to this, and the program asks it of everyone."
        return UNANSWERED

    def sentence(self, rule):
        return f"You can answer yes to this: {text(rule, 'question', self.label)}"


@kind
class Attestation(Promise):
    """A statement about oneself in the wording shown. It is taken at its word and never inferred from anything else.

    The yes of a page names the wording that it showed, and holds for that wording only.
    """

    name, label = "attestation", "A statement about oneself, in confidence"
    parameters = {
        "question": Parameter("The statement, answered yes or no"),
        "definition": Parameter("The definition it refers to, quoted, with its source", required=False),
    }
    sensitive = True

    def asks(self, rule):
        question = text(rule, "question", self.label)
        statement = Ask(rule.key, question, "yes_no", YES_OR_NO, help=text(rule, "definition"), statement=True)
        return [replace(statement, options=[(f"{YES}:{digest(statement)[:16]}", "Yes"), (NO, "No")])]

    @property
    def never_waived(self):
        return "It is a statement that people make about themselves. Nobody makes it for them."

    def word_for_word(self, rule):
        return " ".join(part for part in (text(rule, "question", self.label), text(rule, "definition")) if part)

    def judge(self, rule, answers):
        answer, offered = answers.get(rule.key), self.asks(rule)[0].options[0][0]
        if isinstance(answer, str) and answer.startswith(f"{YES}:") and answer != offered:
            return State.UNANSWERED, REWORDED
        state, reason = super().judge(rule, {rule.key: YES if answer == offered else answer})
        return state, "You made this statement about yourself." if state == State.MET else reason


@kind
class Screen(Kind):
    """A question whose yes means that the program is not the right one."""

    name, label = "screen", "What the program is not for"
    parameters = {"question": Parameter("The question; yes means that the program does not fit")}

    def asks(self, rule):
        return [Ask(rule.key, text(rule, "question", self.label), "yes_no", YES_OR_NO)]

    def judge(self, rule, answers):
        match answers.get(rule.key):
            case "no":
                return State.MET, "This does not stand in your way."
            case "yes":
                return State.NOT_MET, "This program is not meant for that, so it would not serve you well."
        return UNANSWERED

    def sentence(self, rule):
        return f"You can answer no to this: {text(rule, 'question', self.label)}"


@kind
class Language(Kind):
    """A language, or any of several, that people write or meet in."""

    name, label = "language", "A language"
    parameters = {
        "languages": Parameter("The languages, one per line; any of them is enough", "lines"),
        "purpose": Parameter(
            "What it is needed for",
            "choice",
            choices=(("materials", "What people hand in is in it"), ("meetings", "People can meet their mentor in it")),
        ),
    }

    def _words(self, rule):
        languages = any_of(lines(rule, "languages") or ["the program's language"])
        return choice(rule, "purpose") == "meetings", languages

    def asks(self, rule):
        meets, languages = self._words(rule)
        question = (
            f"Can you meet your mentor in {languages}?" if meets else f"Will all your materials be in {languages}?"
        )
        return [Ask(rule.key, question, "yes_no", YES_OR_NO)]

    def judge(self, rule, answers):
        meets, languages = self._words(rule)
        match answers.get(rule.key):
            case "yes":
                return State.MET, f"You can meet in {languages}." if meets else f"Your materials are in {languages}."
            case "no":
                return State.NOT_MET, f"The program {'meets' if meets else 'reads materials'} in {languages} only."
        return UNANSWERED

    def sentence(self, rule):
        meets, languages = self._words(rule)
        return f"You can meet your mentor in {languages}." if meets else f"All your materials are in {languages}."
