"""What people ask before they apply, and what staff answer."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.timesince import timesince

from mentoring.accounts.models import User
from mentoring.accounts.roles import MANAGER
from mentoring.audit.models import record
from mentoring.constraints import one_of
from mentoring.notifications.email import Correspondent
from mentoring.notifications.models import LONGEST_ADDRESS, ONE_ADDRESS
from mentoring.workflow import TransitionRefused, transition
from programs import deadlines, eligibility, emails
from programs.models.cycle import Program
from programs.querysets import InquiryQuerySet

LONGEST_QUESTION = 3000
LONGEST_ANSWER = 5000


class Status(models.TextChoices):
    OPEN = "open", "Open"
    ANSWERED = "answered", "Answered"
    CLOSED = "closed", "Closed without an answer"


class Inquiry(models.Model):
    """One question about one program. Whoever asks needs no account; the answer goes out by email."""

    Status = Status

    program = models.ForeignKey(Program, models.PROTECT, related_name="inquiries")
    # Whoever was signed in; of others there is only the name and the address that they typed.
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="inquiries")
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=LONGEST_ADDRESS)
    situation = models.TextField("question")
    # What the self-check said of each rule at that time, as eligibility.Outcome.as_json; nothing said in confidence.
    check_outcomes = models.JSONField(default=list, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN, editable=False)
    answer_text = models.TextField("answer", blank=True)
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    closed_because = models.CharField(max_length=300, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "question asked", "questions asked"
        ordering = ["-asked_at", "-id"]
        default_permissions = ("view",)
        permissions = [("answer_inquiry", "Can answer a question or close it")]
        indexes = [models.Index(fields=["asked_at"], condition=Q(status=Status.OPEN), name="inquiry_open")]
        constraints = [
            one_of("status", Status, name="inquiry_status_is_known"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(situation=""),
                name="inquiry_says_who_and_what",
                violation_error_message="Please give your name and your question.",
            ),
            models.CheckConstraint(
                condition=Q(email__regex=ONE_ADDRESS),
                name="inquiry_has_one_address",
                violation_error_message="Type one email address, such as name@example.org.",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.ANSWERED, answered_at__isnull=False, answered_by__isnull=False)
                & ~Q(answer_text="")
                | ~Q(status=Status.ANSWERED) & Q(answer_text="", answered_at__isnull=True, answered_by__isnull=True),
                name="inquiry_answered_has_answer",
                violation_error_message="Write an answer before you send it.",
            ),
            models.CheckConstraint(
                condition=(Q(status=Status.CLOSED) & ~Q(closed_because=""))
                | (~Q(status=Status.CLOSED) & Q(closed_because="")),
                name="inquiry_closed_has_reason",
                violation_error_message="Say why this question is closed without an answer.",
            ),
        ]

    def __str__(self):
        return f"question of {self.name} about {self.program.abbreviation}"

    @classmethod
    def ask(cls, program, *, by, name, email, situation, check_outcomes=()):
        """Keep a question; mail a copy to whoever asks, and tell the managers. ``by`` is a user, or None for a visitor."""
        with transaction.atomic():
            inquiry = cls.objects.create(
                program=program,
                person=by,
                name=name,
                email=email,
                situation=situation,
                check_outcomes=list(check_outcomes),
            )
            record("ask", inquiry, by=by)
            emails.InquiryReceived.of(inquiry).queue()
            for manager in User.objects.in_role(MANAGER):
                emails.InquiryWaiting.of(inquiry, manager).queue()
        return inquiry

    @property
    def addressee(self):
        """Whom the answer goes to: the account that asked, else the address that was typed."""
        return self.person or Correspondent(self.name, self.email)

    @property
    def is_open(self):
        return self.status == Status.OPEN

    @property
    def is_answered(self):
        return self.status == Status.ANSWERED

    @property
    def age(self):
        """How long ago it was asked: "3 days", "5 hours"."""
        return timesince(self.asked_at, depth=1)

    @property
    def asked_words(self):
        return deadlines.words(self.asked_at, settings.TIME_ZONE)

    @property
    def answered_words(self):
        return deadlines.words(self.answered_at, settings.TIME_ZONE)

    @transition(Status.OPEN, to=Status.ANSWERED)
    def answer(self, *, by, text):
        """Answer by email. The answer stays with the question."""
        if by == self.person:
            raise TransitionRefused("Nobody answers their own question.")
        if not text.strip():
            raise TransitionRefused("Write an answer before you send it.")
        self.answer_text, self.answered_at, self.answered_by = text, timezone.now(), by
        emails.InquiryAnswered.of(self, text).queue()

    @transition(Status.OPEN, to=Status.CLOSED)
    def close(self, *, by, why):
        """Set it aside without an answer: spam, or settled on the phone. Nobody is told."""
        if not why.strip():
            raise TransitionRefused("Say why this question is closed without an answer.")
        self.closed_because = why


def outcomes_to_tell(verdict):
    """What the self-check said, for staff to read: only of rules that were answered, and nothing in confidence."""
    told = [each for each in verdict.outcomes if each.state != eligibility.State.UNANSWERED and not each.sensitive]
    return [each.as_json() for each in told]
