"""Rules that let people choose from options that staff wrote."""

from programs.eligibility.kinds import UNANSWERED, Ask, Kind, Parameter, State, any_of, chosen, kind, options, text

CONTRADICTION = "You chose “None of these” together with others. Leave one or the other."


@kind
class OneOfThese(Kind):
    """One of several situations, some of which fit; with more than one question it is two rules."""

    name, label = "one_of", "One of these situations or stages"
    parameters = {
        "question": Parameter("The question"),
        "options": Parameter("Answers that fit, one per line as value: label", "options"),
        "others": Parameter("Answers that do not fit", "options", required=False),
        "unsure": Parameter("Answers that staff look into before acceptance", "options", required=False),
    }

    def asks(self, rule):
        every = options(rule) + options(rule, "unsure") + options(rule, "others")
        return [Ask(rule.key, text(rule, "question", self.label), "one_of", every)]

    def judge(self, rule, answers):
        answer = answers.get(rule.key)
        for name in ("options", "unsure", "others"):
            for value, label in options(rule, name):
                if value == answer:
                    return self._found(name, label)
        return UNANSWERED

    def _found(self, name, label):
        if name == "unsure":
            return State.TO_VERIFY, "You may apply. Staff look into this with you before anyone is accepted."
        return State.MET if name == "options" else State.NOT_MET, f"You answered: {label}."

    def sentence(self, rule):
        fitting = any_of([f"“{label}”" for _value, label in options(rule)] or ["nothing yet"])
        return f"{text(rule, 'question', self.label)} Answers that fit: {fitting}."


@kind
class Needs(Kind):
    """At least one of the needs that the program exists for."""

    name, label = "needs", "At least one of these needs"
    parameters = {
        "question": Parameter("The question"),
        "options": Parameter("The needs, one per line as value: label", "options"),
    }
    NONE = "none"
    # A need such as "women in oncology" tells something of the person.
    sensitive = True

    def asks(self, rule):
        every = [*options(rule), (self.NONE, "None of these")]
        question = text(rule, "question", self.label)
        return [Ask(rule.key, question, "several", every, help="Choose all that apply.")]

    def judge(self, rule, answers):
        found, none = chosen(answers, rule.key, options(rule)), chosen(answers, rule.key, [(self.NONE, "")])
        if found and none:
            return State.UNANSWERED, CONTRADICTION
        if found:
            labels = dict(options(rule))
            return State.MET, "You named: " + "; ".join(labels[value] for value in found) + "."
        if none:
            return State.NOT_MET, "The program exists for these needs, and you named none of them."
        return UNANSWERED

    def sentence(self, rule):
        listed = "; ".join(label for _value, label in options(rule)) or "none yet"
        return f"You have at least one of the needs that the program exists for: {listed}."
