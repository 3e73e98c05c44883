"""Rules about how much, how long and how old."""

from programs.eligibility.kinds import (
    UNANSWERED,
    YES_OR_NO,
    Ask,
    Kind,
    Parameter,
    State,
    counted,
    kind,
    number,
    text,
    whole,
)


def limits(rule):
    """(least, most), either of which may be None."""
    return number(rule, "least"), number(rule, "most")


def within(rule, noun):
    """ "at least 2 and at most 5 years" """
    least, most = limits(rule)
    if least is not None and most is not None:
        return f"at least {least} and at most {counted(most, noun)}"
    if least is not None:
        return f"at least {counted(least, noun)}"
    return f"at most {counted(most, noun)}" if most is not None else f"any number of {noun}s"


def fits(rule, given):
    least, most = limits(rule)
    return (least is None or given >= least) and (most is None or given <= most)


@kind
class HoursPromised(Kind):
    """So many hours a month, in the person's own number: matching and mentors can use it."""

    name, label = "hours", "Hours a month promised"
    parameters = {"least": Parameter("Hours a month, at least", "number")}

    def asks(self, rule):
        return [Ask(rule.key, "How many hours a month can you give?", "number", help="In whole hours.")]

    def judge(self, rule, answers):
        given = whole(answers.get(rule.key))
        if given is None:
            return UNANSWERED
        said = f"You can give {counted(given, 'hour')} a month"
        return (
            (State.MET, f"{said}.")
            if fits(rule, given)
            else (State.NOT_MET, f"{said}; it takes {within(rule, 'hour')}.")
        )

    def sentence(self, rule):
        return f"You give {within(rule, 'hour')} a month."


@kind
class YearsSince(Kind):
    """Years since something, as a rule the end of training."""

    name, label = "years_since", "Years since training"
    parameters = {
        "event": Parameter("Since when, as in: you finished your training", required=False),
        "least": Parameter("Years, at least", "number", required=False),
        "most": Parameter("Years, at most", "number", required=False),
    }

    def _event(self, rule):
        return text(rule, "event", "you finished your training").rstrip(".")

    def asks(self, rule):
        question = f"How many years is it since {self._event(rule)}?"
        return [Ask(rule.key, question, "number", help="In whole years. Type 0 if that is still to come.")]

    def judge(self, rule, answers):
        given = whole(answers.get(rule.key))
        if given is None:
            return UNANSWERED
        said = f"It is {counted(given, 'year')} since {self._event(rule)}"
        return (
            (State.MET, f"{said}.")
            if fits(rule, given)
            else (State.NOT_MET, f"{said}; it must be {within(rule, 'year')}.")
        )

    def sentence(self, rule):
        return f"It is {within(rule, 'year')} since {self._event(rule)}."


@kind
class Age(Kind):
    """An age, asked as a yes or no: nobody need say how old they are."""

    name, label = "age", "Age"
    parameters = {
        "least": Parameter("Years of age, at least", "number", required=False),
        "most": Parameter("Years of age, at most", "number", required=False),
    }
    sensitive = True

    def _words(self, rule):
        least, most = limits(rule)
        if least is not None and most is not None:
            return f"between {least} and {most} years old, both included"
        return f"{within(rule, 'year')} old" if least is not None or most is not None else "of any age"

    def asks(self, rule):
        return [
            Ask(rule.key, f"Are you {self._words(rule)}?", "yes_no", YES_OR_NO, help="Your age itself is not asked.")
        ]

    def judge(self, rule, answers):
        match answers.get(rule.key):
            case "yes":
                return State.MET, f"You are {self._words(rule)}."
            case "no":
                return State.NOT_MET, f"The program is for people who are {self._words(rule)}."
        return UNANSWERED

    def sentence(self, rule):
        return f"You are {self._words(rule)}."
