"""What a submission answered, word for word, and the statements that were made with it. Never changed."""

from dataclasses import dataclass, replace

from django.db import models

from mentoring.accounts.models import User
from programs import deadlines, eligibility
from programs.models import Part, Wording


class Asked(models.Model):
    """One thing that a submission answered, in the words of that day."""

    submission = models.ForeignKey("applications.Submission", models.CASCADE, related_name="asked")
    wording = models.ForeignKey(Wording, models.PROTECT, related_name="asked")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["submission", "wording"], name="asked_once")]

    def __str__(self):
        return f"“{self.wording}”, in {self.submission}"


class Attestation(models.Model):
    """Somebody made a statement about themselves: to exactly this wording, at this moment. Inferred from nothing else."""

    submission = models.ForeignKey("applications.Submission", models.CASCADE, related_name="attestations")
    wording = models.ForeignKey(Wording, models.PROTECT, related_name="attestations")
    attested_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "wording"], name="attestation_once_for_a_submission")
        ]

    def __str__(self):
        return f"“{self.wording}”, attested at {self.attested_words}"

    @property
    def attested_by(self) -> User:
        return self.submission.application.applicant

    @property
    def attested_words(self):
        return deadlines.words(self.attested_at, self.submission.application.cycle.time_zone)


def keep_asked(submission, told_for_mentor=None):
    """Keep, with a new submission, the words of everything it answers, and each statement that it makes.

    ``told_for_mentor`` are the questions of which the person read that the mentor reads the answer; None for all of them.
    A question that became one of them since is still for staff only.
    """
    cycle = submission.application.cycle
    rules = cycle.rules.all()
    rule_asks = eligibility.asks(rules)
    private = eligibility.sensitive_keys(rules)
    asks = submission.application.question_asks
    if told_for_mentor is not None:
        asks = [replace(ask, for_mentor=ask.for_mentor and ask.key in told_for_mentor) for ask in asks]
    wordings = [
        *Wording.objects.keep(cycle, Part.RULE, rule_asks, private),
        *Wording.objects.keep(cycle, Part.QUESTION, asks),
    ]
    Asked.objects.bulk_create(
        Asked(submission=submission, wording=wording, position=position) for position, wording in enumerate(wordings, 1)
    )
    statements = {ask.key: (eligibility.YES, ask.options[0][0]) for ask in rule_asks if ask.statement}
    Attestation.objects.bulk_create(
        Attestation(submission=submission, wording=wording, attested_at=submission.received_at)
        for wording in wordings
        if wording.part == Part.RULE and submission.rule_answers.get(wording.key) in statements.get(wording.key, ())
    )


@dataclass(frozen=True)
class Answered:
    """One question with its answer, both in words, and who reads it; ``key`` names the answer in the submission."""

    key: str
    text: str
    answer: str
    sensitive: bool
    for_mentor: bool
    readers: str


def answered(submission, part):
    """What one part of a submission says, as ``Answered`` in the order in which it was asked.

    A submission from before wordings were kept is read by the words of today, and by staff only.
    """
    stored = submission.rule_answers if part == Part.RULE else submission.answers
    rows = list(submission.asked.select_related("wording"))
    asked = [(row.wording.ask, row.wording.sensitive) for row in rows if row.wording.part == part]
    return [
        Answered(
            ask.key,
            ask.text,
            eligibility.in_words(ask, stored.get(ask.key)),
            sensitive,
            bool(ask.for_mentor),
            ask.readers,
        )
        for ask, sensitive in (asked if rows else _asked_today(submission.application, part))
    ]


def _asked_today(application, part):
    rules = application.cycle.rules.all()
    private = eligibility.sensitive_keys(rules)
    if part == Part.QUESTION:
        return [(replace(ask, for_mentor=False), False) for ask in application.question_asks]
    return [(ask, ask.key in private) for ask in eligibility.asks(rules)]
