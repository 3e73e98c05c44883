"""What was handed in, word for word, and how anybody can check later that it is still the same."""

import hashlib
import json
from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare

from programs import deadlines, rule_card

# What the fingerprint covers: 1 is facts and answers; 2 is everything that was handed in and how it was judged.
FACTS_AND_ANSWERS, EVERYTHING = 1, 2


class Submission(models.Model):
    """What was handed in, and by which deadline it was judged. Never changed, never deleted."""

    application = models.ForeignKey("applications.Application", models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField()
    revision = models.PositiveIntegerField()
    facts = models.JSONField()
    rule_answers = models.JSONField()
    answers = models.JSONField()
    # The sentences that the person confirmed by handing in.
    commitments = models.JSONField(default=list)
    verdict = models.JSONField()
    received_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    grace = models.DurationField(default=timedelta(0))
    # The version of the rule card that it was judged by.
    rules_version = models.CharField(max_length=20, blank=True, editable=False)
    window_version = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64, editable=False)
    # Since when, at the person's request, nothing of what was handed in is here any more.
    erased_at = models.DateTimeField(null=True, editable=False)
    digest_form = models.PositiveSmallIntegerField(default=EVERYTHING, editable=False)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="submission_number_unique"),
            models.UniqueConstraint(fields=["application", "revision"], name="submission_once_for_a_revision"),
            models.CheckConstraint(
                condition=Q(received_at__lt=F("closes_at") + F("grace")),
                name="submission_in_time",
                violation_error_message="This reached us after the deadline.",
            ),
        ]

    def __str__(self):
        return f"version {self.number} of the {self.application}"

    def save(self, **kwargs):
        self.digest = self.content_digest()
        super().save(**kwargs)

    # --- The receipt -------------------------------------------------------------------------------------------------

    def content_digest(self):
        """SHA-256 over everything that was handed in, in hexadecimal; the receipt carries it."""
        if self.digest_form == FACTS_AND_ANSWERS:
            return _sha256([self.facts, self.rule_answers, self.answers])
        return _sha256([self.receipt_number, self.fingerprints()])

    def fingerprints(self):
        """[name, SHA-256] of each thing that was handed in, so that each can be checked by itself.

        A file is known by the SHA-256 in its answer.
        """
        judged = {
            "received_at": self.received_at.timestamp(),
            "closes_at": self.closes_at.timestamp(),
            "grace": self.grace.total_seconds(),
            "window_version": self.window_version,
            "rules_version": self.rules_version,
            "verdict": self.verdict,
            "commitments": self.commitments,
        }
        groups = {"facts": self.facts, "rule_answers": self.rule_answers, "answers": self.answers, "judged": judged}
        return [[f"{group}.{key}", _sha256(kept[key])] for group, kept in groups.items() for key in sorted(kept)]

    @property
    def is_unaltered(self):
        """Whether what is stored is still what the receipt was given for; what was erased on request is not compared."""
        return self.erased_at is not None or constant_time_compare(self.digest, self.content_digest())

    @property
    def receipt_number(self):
        return f"{self.application_id:06d}-{self.number}"

    @property
    def received_words(self):
        return deadlines.words(self.received_at, self.application.cycle.time_zone)

    def received_words_for(self, person):
        """The same for a mail or a document, with the offset of that day and the person's own time."""
        return deadlines.words_for(self.received_at, self.application.cycle.time_zone, person.own_zone)

    @property
    def waived(self):
        """The conditions that it was handed in without, because staff had waived them: as stored outcomes."""
        return [outcome for outcome in self.verdict if outcome["state"] == "waived"]

    @property
    def rules_have_changed(self):
        """Whether the cycle's rules are others now than those it was judged by."""
        return bool(self.rules_version) and self.rules_version != rule_card.version(self.application.cycle)

    @property
    def used_grace(self):
        return self.received_at >= self.closes_at


def _sha256(content):
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
