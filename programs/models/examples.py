"""People as staff imagine them, and what should come out: the rules are tried on them before a cycle is published."""

from django.db import models

from mentoring.constraints import one_of
from programs import eligibility
from programs.models.cycle import Cycle

# What an imagined person answers where a list is kept elsewhere: whatever is on it today, it is on it.
ON_THE_LIST = "Any school on the list"


class Expected(models.TextChoices):
    MAY = "may", "May apply"
    VERIFY = "verify", "May apply, staff verify"
    MAY_NOT = "may_not", "May not apply"


class Example(models.Model):
    """One imagined person, answering as in the self-check, with the outcome that staff expect."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="examples")
    position = models.PositiveSmallIntegerField(default=0)
    description = models.CharField("who this is", max_length=200, help_text='As in "second-year resident in Ohio".')
    answers = models.JSONField(default=dict, blank=True)
    expected = models.CharField("what should come out", max_length=20, choices=Expected)

    class Meta:
        ordering = ["position", "id"]
        constraints = [one_of("expected", Expected, name="example_expected_is_known")]

    def __str__(self):
        return self.description

    @property
    def verdict(self):
        return eligibility.judge(self.cycle.rules.all(), self.answers, lists_of(self.cycle))

    @property
    def came_to(self):
        """What the rules come to; None while a question that decides is not answered."""
        verdict = self.verdict
        if verdict.not_met:
            return Expected.MAY_NOT
        if verdict.unanswered:
            return None
        return Expected.VERIFY if verdict.to_verify else Expected.MAY

    @property
    def came_to_words(self):
        return self.came_to.label if self.came_to else "Not everything is answered"

    @property
    def agrees(self):
        return self.came_to == self.expected

    @property
    def why(self):
        """The conditions that decide, each with its reason, in the order in which they weigh."""
        verdict = self.verdict
        decisive = verdict.not_met or verdict.unanswered or verdict.to_verify
        return [f"“{outcome.sentence}” {outcome.reason}" for outcome in decisive] or ["Every condition is met."]


def lists_of(cycle):
    """The lists that a cycle's rules take from elsewhere, as examples answer them."""
    return {name: [(ON_THE_LIST, ON_THE_LIST), *pairs] for name, pairs in cycle.rule_lists.items()}


def check_examples(cycle):
    """The examples whose outcome is not the one that staff expect."""
    return [example for example in examples_of(cycle) if not example.agrees]


def examples_of(cycle):
    """A cycle's examples, which share its rules as read once."""
    examples = list(cycle.examples.all())
    for example in examples:
        example.cycle = cycle
    return examples


def examples_agree(cycle):
    """What keeps the cycle from being published: each example that comes to something else, and why."""
    for example in check_examples(cycle):
        yield (
            f"The example “{example}” should come to “{example.get_expected_display()}” and comes to "
            f"“{example.came_to_words}”: {' '.join(example.why)}"
        )
