"""Membership of the society."""

from programs import deadlines
from programs.eligibility.kinds import UNANSWERED, Ask, Kind, Parameter, State, any_of, choice, day, kind, options, text


@kind
class Membership(Kind):
    """Membership in one of these categories, or a membership application handed in together with this one."""

    name, label = "membership", "Membership of the society"
    parameters = {
        "society": Parameter("The society's name"),
        "categories": Parameter(
            "Categories that fit, one per line as value: label; empty for full membership", "options", required=False
        ),
        "conjunction": Parameter(
            "Somebody who applies for membership at the same time",
            "choice",
            required=False,
            choices=(("yes", "may apply; staff verify the membership"), ("no", "may not apply yet")),
        ),
        "in_force_by": Parameter("The day by which such a membership must be in force", "date", required=False),
    }
    FULL, APPLIED, NEITHER = "full", "applied", "neither"

    def _categories(self, rule):
        """(value, as a person says it of themselves)"""
        society = text(rule, "society", "the society")
        return options(rule, "categories") or [(self.FULL, f"I am a full member of {society}")]

    def _fitting(self, rule):
        return any_of([label for _value, label in options(rule, "categories")] or ["full member"])

    def _takes_applied(self, rule):
        return choice(rule, "conjunction") == "yes"

    def _by(self, rule):
        """ " by February 15, 2027", or nothing"""
        by = day(rule, "in_force_by")
        return f" by {deadlines.day_words(by, weekday=False)}" if by else ""

    def asks(self, rule):
        society = text(rule, "society", "the society")
        applied = (self.APPLIED, "I have applied for membership, or do so together with this application")
        takes = [applied] if self._takes_applied(rule) else []
        question = f"Are you a {'' if options(rule, 'categories') else 'full '}member of {society}?"
        return [
            Ask(rule.key, question, "one_of", [*self._categories(rule), *takes, (self.NEITHER, self._neither(rule))]),
            Ask(
                f"{rule.key}_reference",
                "Your member number, or the reference of your membership application",
                "short",
                required=False,
                help="Staff use it to find your record. You can add it later.",
                most_characters=60,
            ),
            *([self._applied_on(rule)] if takes else []),
        ]

    def _applied_on(self, rule):
        return Ask(
            f"{rule.key}_applied_on",
            "The day on which you applied for membership, if you are not a member yet",
            "date",
            required=False,
        )

    def _neither(self, rule):
        return (
            "None of these"
            if len(options(rule, "categories")) > 1
            else "Neither"
            if self._takes_applied(rule)
            else "No"
        )

    def judge(self, rule, answers):
        answer = answers.get(rule.key)
        if answer == self.NEITHER:
            return State.NOT_MET, self._why_not(rule)
        if answer == self.APPLIED and self._takes_applied(rule):
            return State.TO_VERIFY, self._to_verify(rule)
        for value, label in self._categories(rule):
            if value == answer:
                named = f"You answered: {label}." if options(rule, "categories") else "You are a full member."
                return State.MET, named
        return UNANSWERED

    def _to_verify(self, rule):
        if by := self._by(rule):
            return f"You may apply now. Your membership must be in force{by}; staff check it before anyone is accepted."
        return "You may apply now. Staff check that your membership has gone through before anyone is accepted."

    def _why_not(self, rule):
        who = f"members: {self._fitting(rule)}" if options(rule, "categories") else "full members"
        if self._takes_applied(rule):
            return f"The program is open to {who}, and to people who apply for membership at the same time."
        return f"The program is open to {who}."

    def sentence(self, rule):
        society = text(rule, "society", "the society")
        own = f"You are a member of {society}: {self._fitting(rule)}"
        if not options(rule, "categories"):
            own = f"You are a full member of {society}"
        if not self._takes_applied(rule):
            return f"{own}."
        by = f", which must be in force{self._by(rule)}" if self._by(rule) else ""
        return f"{own}, or you apply for membership together with this application{by}."

    def due(self, rule):
        return day(rule, "in_force_by")
