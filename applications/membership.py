"""A membership that somebody applied for together with the application: where it stands, and until when it must be in force."""

from dataclasses import dataclass
from datetime import date

from applications.models import Verification
from programs import deadlines


@dataclass(frozen=True)
class Membership:
    """What was told of it and what staff found. ``due`` is the day by which it must be in force, if the cycle sets one."""

    rule_key: str
    reference: str
    applied_on: date | None
    due: date | None
    check: Verification | None

    @property
    def state(self):
        """ "applied", "in_force" or "not_in_force"."""
        if self.check is None:
            return "applied"
        return "in_force" if self.check.holds else "not_in_force"

    @property
    def sentence(self):
        """Where it stands, with its date, for the person."""
        if self.check and self.check.holds:
            return f"Staff found your membership in force on {self._checked}."
        if self.check:
            by = f" It must be by {deadlines.day_words(self.due)}." if self.due else ""
            return f"Staff looked on {self._checked} and did not find your membership in force.{by}"
        when = f" on {deadlines.day_words(self.applied_on, weekday=False)}" if self.applied_on else ""
        reference = f" (reference {self.reference})" if self.reference else ""
        by = f" It must be in force by {deadlines.day_words(self.due)}." if self.due else ""
        return f"You told us that you applied for membership{when}{reference}.{by} Staff check it before anyone is accepted."

    @property
    def _checked(self):
        zone = self.check.application.cycle.time_zone
        return deadlines.day_words(deadlines.day_of(self.check.verified_at, zone), weekday=False)


def membership_of(application):
    """The membership that the submission in force says was applied for, or None; also where staff do without it."""
    latest = application.latest
    if latest is None:
        return None
    keys = {rule.key for rule in application.cycle.rules.all() if rule.kind == "membership"}
    outcome = next((each for each in latest.verdict if each["key"] in keys and each["state"] == "to_verify"), None)
    if outcome is None or outcome["key"] in application.waived:
        return None
    key, answers = outcome["key"], latest.rule_answers
    checks = application.verifications.filter(rule_key=key).select_related("submission", "application__cycle")
    return Membership(
        key,
        answers.get(f"{key}_reference", ""),
        day(answers.get(f"{key}_applied_on")),
        day(outcome.get("due")),
        next((each for each in checks.order_by("-verified_at") if each.is_about(latest)), None),
    )


def day(text):
    """The date that a form or a rule wrote down, or None."""
    try:
        return date.fromisoformat(text or "")
    except (TypeError, ValueError):
        return None
