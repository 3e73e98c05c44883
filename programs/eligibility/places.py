"""Rules about where people are: countries and schools."""

from programs.eligibility.kinds import (
    UNANSWERED,
    YES_OR_NO,
    Ask,
    Kind,
    Parameter,
    State,
    any_of,
    choice,
    kind,
    lines,
    listed,
    options,
    text,
)

SCHOOLS = "schools"


@kind
class Countries(Kind):
    """In, or not in, one of these countries. Asked as a yes or no, so that nobody says more than is needed."""

    name, label = "countries", "In or not in these countries"
    parameters = {
        "countries": Parameter("The countries", "countries"),
        "must_be": Parameter(
            "People must be", "choice", choices=(("in", "in one of these"), ("not_in", "in none of these"))
        ),
        "what": Parameter(
            "What counts", "choice", choices=(("work", "where one works or studies"), ("live", "where one lives"))
        ),
    }

    def _words(self, rule):
        what = "live" if choice(rule, "what") == "live" else "work or study"
        return what, any_of(lines(rule, "countries") or ["a country yet to be named"])

    def _fits(self, rule, is_there):
        return is_there == (choice(rule, "must_be") == "in")

    def asks(self, rule):
        what, named = self._words(rule)
        return [Ask(rule.key, f"Do you {what} in {named}?", "yes_no", YES_OR_NO)]

    def judge(self, rule, answers):
        answer = answers.get(rule.key)
        if answer not in ("yes", "no"):
            return UNANSWERED
        what, named = self._words(rule)
        said = f"You {what} in {named}." if answer == "yes" else f"You do not {what} in {named}."
        return State.MET if self._fits(rule, answer == "yes") else State.NOT_MET, said

    def sentence(self, rule):
        what, named = self._words(rule)
        return f"You {what} in {named}." if choice(rule, "must_be") == "in" else f"You do not {what} in {named}."


@kind
class Enrolled(Kind):
    """In one of these situations at a school on the list; other schools, and unusual situations, are for staff to verify."""

    name, label = "enrolled", "Enrolled at a school on the list"
    parameters = {
        "question": Parameter("The question; empty for “Which of these describes you?”", required=False),
        "degrees": Parameter(
            "Degrees that fit, one per line as value: label; with md or do as the value, the list has only schools that "
            "grant one of them",
            "options",
        ),
        "unsure": Parameter("Situations that staff look into before acceptance", "options", required=False),
    }
    NONE = "none"

    def asks(self, rule):
        situations = [*options(rule, "degrees"), *options(rule, "unsure"), (self.NONE, "None of these")]
        return [
            Ask(rule.key, text(rule, "question", "Which of these describes you?"), "one_of", situations),
            Ask(
                f"{rule.key}_school",
                "At which medical school, if you are enrolled?",
                "listed",
                options_from=(SCHOOLS, *(value.upper() for value, _label in options(rule, "degrees"))),
                required=False,
                with_some=True,
                help="Type a part of its name and choose it. If it is not offered, type its name with city and state; "
                "staff look it up before anyone is accepted.",
                most_characters=200,
            ),
        ]

    def judge(self, rule, answers):
        situation, (school, on_list) = answers.get(rule.key), listed(answers, f"{rule.key}_school")
        for value, label in options(rule, "degrees"):
            if value == situation:
                return self._at(school, on_list, label)
        if situation in [value for value, _label in options(rule, "unsure")]:
            return State.TO_VERIFY, "You may apply. Staff look into this with you before anyone is accepted."
        if situation == self.NONE:
            return State.NOT_MET, f"It takes one of these: {self._degrees(rule)}."
        return UNANSWERED

    def _at(self, school, on_list, label):
        if not school:
            return State.UNANSWERED, "Say at which medical school, too."
        if not on_list:
            return State.TO_VERIFY, "You may apply. Staff look up your school before anyone is accepted."
        return State.MET, f"You answered: {label}, at {school}."

    def _degrees(self, rule):
        return any_of([label for _value, label in options(rule, "degrees")] or ["a degree yet to be named"])

    def sentence(self, rule):
        return f"You are enrolled at a medical school on our list, or at one that staff verify: {self._degrees(rule)}."
