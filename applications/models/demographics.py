"""What people say of themselves for the counts: apart from every application, encrypted, and never read one by one.

No rule, reviewer, mentor, suggestion or export of others ever sees it. Staff with the capability see counts only.
"""

import base64
import hashlib
import json

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models
from django.utils import timezone

from programs.models import Cycle

PREFER_NOT = "prefer_not"
NOT_SAID = (PREFER_NOT, "Prefer not to say")
# (key, question, choices). Several may be chosen in each; the categories of the first are those of the U.S. federal
# standard of 2024, in its order.
QUESTIONS = [
    (
        "race_ethnicity",
        "Your race or ethnicity",
        [
            ("native", "American Indian or Alaska Native"),
            ("asian", "Asian"),
            ("black", "Black or African American"),
            ("hispanic", "Hispanic or Latino"),
            ("mena", "Middle Eastern or North African"),
            ("pacific", "Native Hawaiian or Pacific Islander"),
            ("white", "White"),
            ("another", "Another"),
            NOT_SAID,
        ],
    ),
    (
        "gender",
        "Your gender",
        [("woman", "Woman"), ("man", "Man"), ("nonbinary", "Nonbinary"), ("another", "Another"), NOT_SAID],
    ),
]
# Fewer people than this are never told as a number.
SMALLEST = 5


def cipher():
    """The newest key encrypts, and every key opens. Without keys of their own they are made of SECRET_KEY."""
    own = [key.encode() for key in settings.DEMOGRAPHICS_KEYS]
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    made = [
        base64.urlsafe_b64encode(hashlib.sha256(b"mentoring.demographics:" + secret.encode()).digest())
        for secret in secrets
    ]
    return MultiFernet([Fernet(key) for key in [*own, *made]])


class Demographics(models.Model):
    """One person's answers for one cycle, sealed."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+")
    sealed = models.TextField()
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "demographics"
        permissions = [("see_demographics", "Can see counts of what people say of themselves, small groups left out")]
        constraints = [models.UniqueConstraint(fields=["person", "cycle"], name="demographics_once_for_a_person")]

    def __str__(self):
        return f"demographics for {self.cycle.short_name}"

    def _seal(self, answers):
        content = {"person": self.person_id, "cycle": self.cycle_id, "answers": answers}
        self.sealed = cipher().encrypt(json.dumps(content).encode()).decode()

    @property
    def answers(self):
        """{question: [choices]}. Raises ValueError where the seal belongs to another person or cycle."""
        content = json.loads(cipher().decrypt(self.sealed.encode()))
        if (content["person"], content["cycle"]) != (self.person_id, self.cycle_id):
            raise ValueError("These answers were sealed for another row.")
        return content["answers"]

    @classmethod
    def keep(cls, person, cycle, answers):
        """Keep these answers in place of earlier ones; nothing at all where nothing was answered."""
        given = {key: chosen for key, chosen in answers.items() if chosen}
        if not given:
            cls.objects.filter(person=person, cycle=cycle).delete()
            return
        row = cls(person=person, cycle=cycle)
        row._seal(given)
        cls.objects.update_or_create(
            person=person, cycle=cycle, defaults={"sealed": row.sealed, "saved_at": timezone.now()}
        )


def in_words(answers):
    """{question: choices} as people read it."""
    return {
        question: "; ".join(label for value, label in choices if value in answers.get(key, []))
        for key, question, choices in QUESTIONS
    }


def counts(cycle):
    """(question, [(choice, number or None)]) over all who handed in an application; None for fewer than ``SMALLEST``.

    Where a single number would be left out, the next smallest is too, so that nobody finds it by subtracting.
    """
    handed_in = cycle.applications.exclude(submitted_at=None).values("applicant")
    answered = [row.answers for row in Demographics.objects.filter(cycle=cycle, person__in=handed_in)]
    return [
        (question, _without_small([(label, _number(answered, key, value)) for value, label in choices]))
        for key, question, choices in QUESTIONS
    ]


def _number(answered, key, value):
    return sum(value in answers.get(key, []) for answers in answered)


def _without_small(numbers):
    small = {label for label, number in numbers if number < SMALLEST}
    if len(small) == 1 and len(numbers) > 1:
        small.add(min((number, label) for label, number in numbers if label not in small)[1])
    return [(label, None if label in small else number) for label, number in numbers]
