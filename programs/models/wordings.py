"""The exact words of what people are asked and judged by. Rows are added and never changed: a change makes another."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from mentoring.constraints import one_of
from programs import eligibility
from programs.models.cycle import Cycle


class Part(models.TextChoices):
    RULE = "rule", "Rule"
    QUESTION = "question", "Question"


class WordingQuerySet(models.QuerySet):
    def keep(self, cycle, part, asks, private=frozenset()):
        """The wordings of these ``Ask``s in their order, each kept with the first submission that answers it.

        ``private`` are the keys whose answers are said in confidence. Two requests at once keep one row.
        """
        if not asks:
            return []
        rows = [
            Wording(
                cycle=cycle,
                part=part,
                key=ask.key,
                kind=ask.kind,
                text=ask.text,
                help=ask.help,
                options=[list(pair) for pair in ask.options],
                sensitive=ask.key in private,
                for_mentor=bool(ask.for_mentor),
                digest=eligibility.digest(ask),
            )
            for ask in asks
        ]
        own = self.filter(cycle=cycle, part=part, key__in=[row.key for row in rows])
        wanted = [(row.key, row.digest) for row in rows]
        kept = {(row.key, row.digest): row for row in own}
        if new := [row for row in rows if (row.key, row.digest) not in kept]:
            self.bulk_create(new, ignore_conflicts=True)
            kept = {(row.key, row.digest): row for row in own.all()}
        return [kept[each] for each in wanted]


class Wording(models.Model):
    """One thing that a cycle asked, word for word, and since when."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="wordings")
    part = models.CharField(max_length=20, choices=Part)
    key = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    text = models.TextField()
    help = models.TextField(blank=True)
    options = models.JSONField(default=list, blank=True)
    sensitive = models.BooleanField(default=False)
    # Whether people were told that the mentor reads their answer.
    for_mentor = models.BooleanField(default=False)
    # SHA-256 of all that a person reads, in hexadecimal.
    digest = models.CharField(max_length=64)
    since = models.DateTimeField(default=timezone.now)

    objects = WordingQuerySet.as_manager()

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "part", "key", "digest"], name="wording_kept_once"),
            one_of("part", Part, name="wording_part_is_known"),
            models.CheckConstraint(
                condition=Q(for_mentor=False) | Q(part=Part.QUESTION),
                name="wording_of_rule_is_for_staff",
                violation_error_message="No mentor reads what somebody answered to a rule.",
            ),
        ]

    def __str__(self):
        return self.text

    @property
    def word_for_word(self):
        return " ".join(part for part in (self.text, self.help) if part)

    @property
    def ask(self):
        """As it was asked, to read an answer by."""
        told = self.for_mentor if self.part == Part.QUESTION else None
        options = [tuple(pair) for pair in self.options]
        return eligibility.Ask(self.key, self.text, self.kind, options, self.help, for_mentor=told)


class KeptCard(models.Model):
    """A rule card in one version, word for word, from the moment somebody was shown it or judged by it."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="cards")
    version = models.CharField(max_length=20)
    # [[title, [sentence, ...]], ...]
    sections = models.JSONField()
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-since"]
        constraints = [models.UniqueConstraint(fields=["cycle", "version"], name="card_kept_once")]

    def __str__(self):
        return f"rule card {self.version} of {self.cycle}"
