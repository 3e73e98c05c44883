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
    options,
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
    """Enrolled for one of these degrees at a school on the list; a school that is not on it is for staff to verify."""

    name, label = "enrolled", "Enrolled at a school on the list"
    parameters = {"degrees": Parameter("Degrees that fit, one per line as value: label", "options")}
    NONE, UNLISTED = "none", "unlisted"

    def asks(self, rule):
        degrees = [*options(rule, "degrees"), (self.NONE, "None of these")]
        return [
            Ask(rule.key, "Which degree are you enrolled for?", "one_of", degrees),
            Ask(
                f"{rule.key}_school",
                "At which medical school?",
                "select",
                [(self.UNLISTED, "My school is not on this list")],
                options_from=SCHOOLS,
            ),
            Ask(
                f"{rule.key}_unlisted",
                "Your school, where it is not on the list",
                "short",
                required=False,
                help="With its city and state. Staff look into it before anyone is accepted.",
                most_characters=200,
            ),
        ]

    def judge(self, rule, answers):
        degree, school = answers.get(rule.key), answers.get(f"{rule.key}_school")
        if degree == self.NONE:
            return State.NOT_MET, f"It takes enrollment for {self._degrees(rule)}, and you named neither."
        labels = dict(options(rule, "degrees"))
        if not isinstance(degree, str) or degree not in labels or not isinstance(school, str) or not school:
            return UNANSWERED
        if school == self.UNLISTED:
            return State.TO_VERIFY, "You may apply. Staff look up your school before anyone is accepted."
        return State.MET, f"You are enrolled for {labels[degree]} at {school}."

    def _degrees(self, rule):
        return any_of([label for _value, label in options(rule, "degrees")] or ["a degree yet to be named"])

    def sentence(self, rule):
        return (
            f"You are enrolled for {self._degrees(rule)} at a medical school on our list, or staff verify your school."
        )
