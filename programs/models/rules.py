"""What a cycle asks of people: rules that decide, and questions that are read."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from mentoring.constraints import one_of
from programs import eligibility
from programs.models.cycle import Cycle

KIND_CHOICES = [(name, kind.label) for name, kind in eligibility.KINDS.items()]


class Effect(models.TextChoices):
    MUST_HOLD = "must_hold", "Must hold to submit"
    STAFF_VERIFY = "staff_verify", "Must hold, and staff verify before acceptance"
    SHOWN = "shown", "Only shown"


class Rule(models.Model):
    """One condition of a cycle. Its sentence is on the public page, and the engine enforces the row."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField(default=0)
    key = models.SlugField(
        max_length=40, help_text="Names the rule in stored answers. Leave it be once people have answered."
    )
    kind = models.CharField(max_length=20, choices=KIND_CHOICES)
    parameters = models.JSONField(default=dict, blank=True)
    sentence = models.CharField(
        max_length=600, blank=True, help_text="What the public page says. Left empty, it is made from the settings."
    )
    way_out = models.TextField(blank=True, help_text="What somebody who does not meet it can do instead.")
    effect = models.CharField(max_length=20, choices=Effect, default=Effect.MUST_HOLD)
    any_of = models.SlugField(
        "alternatives",
        max_length=40,
        blank=True,
        help_text="Rules with the same word here are alternatives: it is enough to meet any one of them.",
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "key"],
                name="rule_key_unique_in_cycle",
                violation_error_message="This cycle has a rule with this key already.",
            ),
            one_of("effect", Effect, name="rule_effect_is_known"),
        ]

    def __str__(self):
        return self.text

    @property
    def text(self):
        """What pages say: what staff wrote, or the sentence that the kind makes from its settings."""
        return self.sentence or eligibility.KINDS[self.kind].sentence(self)

    @property
    def lacking(self):
        """The settings that its kind cannot do without and that nobody has filled in yet."""
        return eligibility.KINDS[self.kind].lacking(self)

    @property
    def due(self):
        """The day by which what staff verify must hold, or None."""
        return eligibility.KINDS[self.kind].due(self)

    @property
    def is_enforced(self):
        return self.effect != Effect.SHOWN

    @property
    def staff_verify(self):
        return self.effect == Effect.STAFF_VERIFY

    def clean(self):
        # A new row is saved on the cycle's page, and gets its settings on its own.
        if self.pk and self.kind in eligibility.KINDS and self.lacking:
            raise ValidationError(f"This kind of rule needs: {'; '.join(self.lacking)}.")


class QuestionKind(models.TextChoices):
    SHORT = "short", "A short text"
    LONG = "long", "A long text"
    ONE_OF = "one_of", "One of several"
    SEVERAL = "several", "Several of several"
    YES_NO = "yes_no", "Yes or no"
    NUMBER = "number", "A number"
    DATE = "date", "A date"
    TOPICS = "topics", "What mentors can help with (the cycle's list)"
    DOCUMENT = "document", "A document (a PDF)"
    PORTRAIT = "portrait", "A portrait (a JPEG or PNG)"


FILES = [QuestionKind.DOCUMENT, QuestionKind.PORTRAIT]


class Question(models.Model):
    """One question of the application. Reviewers read the answer; it decides nothing by itself."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(default=0)
    key = models.SlugField(max_length=40, help_text="Names the question in stored answers.")
    kind = models.CharField(max_length=20, choices=QuestionKind)
    text = models.CharField(max_length=400)
    help = models.TextField(blank=True)
    required = models.BooleanField(default=True)
    options = ArrayField(models.CharField(max_length=200), default=list, blank=True, help_text="Separated by commas.")
    most_characters = models.PositiveIntegerField("most characters", default=0, help_text="0 for no limit of its own.")
    for_mentor = models.BooleanField(
        "the mentor reads this answer",
        default=False,
        help_text=(
            "Applicants are told beside the question who reads their answer. "
            "For what is handed in already, what they were told then goes on to count."
        ),
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "key"],
                name="question_key_unique_in_cycle",
                violation_error_message="This cycle has a question with this key already.",
            ),
            one_of("kind", QuestionKind, name="question_kind_is_known"),
            models.CheckConstraint(
                condition=Q(for_mentor=False) | ~Q(kind__in=FILES),
                name="question_file_is_for_staff",
                violation_error_message="Files are for staff only, so no mentor reads this answer.",
            ),
        ]

    def __str__(self):
        return self.text

    @property
    def was_answered(self):
        """Whether a submission holds an answer to it, in these words or in earlier ones."""
        return self.cycle.wordings.filter(part="question", key=self.key).exists()

    @property
    def ask(self):
        """The question as forms understand it."""
        listed = {
            QuestionKind.YES_NO: eligibility.YES_OR_NO,
            QuestionKind.TOPICS: [(topic, topic) for topic in self.cycle.topics],
        }
        kind = "several" if self.kind == QuestionKind.TOPICS else self.kind
        options = listed.get(self.kind, [(option, option) for option in self.options])
        return eligibility.Ask(
            self.key,
            self.text,
            kind,
            options,
            self.help,
            self.required,
            self.most_characters,
            for_mentor=self.for_mentor,
        )
