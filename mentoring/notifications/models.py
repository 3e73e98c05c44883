"""The outbox: every email the portal sends, written in the transaction of its event; and the wordings staff wrote.

PostgreSQL is the queue of record. A dispatcher claims a row, commits the claim, sends, and records what became of it.
The states are drawn in ``README.md``.
"""

import logging
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import Truncator

from mentoring.audit.models import record
from mentoring.constraints import one_of, set_in
from mentoring.notifications.texts import clean
from mentoring.workflow import TransitionRefused, transition

logger = logging.getLogger(__name__)

# How long a dispatcher may hold a row before it is taken for dead.
LEASE = timedelta(minutes=2)
# How long to wait after the first, second, ... try that surely delivered nothing; the last one repeats.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
MOST_TRIES = 10
# Mail that waits longer than this is late, and staff are shown it.
LATE_AFTER = timedelta(minutes=5)
# What an email can be sent to: one address, and nothing that a header could take for a second one.
ONE_ADDRESS = r"^[^@\s,;<>]+@[^@\s,;<>]+$"
LONGEST_ADDRESS = 254


class EmailStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    RETRY = "retry", "To be tried again"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"
    UNCERTAIN = "uncertain", "Uncertain"


WAITING = [EmailStatus.QUEUED, EmailStatus.RETRY]


class OutgoingEmailQuerySet(models.QuerySet):
    def due(self):
        """What may leave now."""
        return self.filter(status__in=WAITING, next_attempt_at__lte=timezone.now())

    def troubled(self):
        """What staff must look at: failed, or nobody knows whether it arrived."""
        return self.filter(status__in=[EmailStatus.FAILED, EmailStatus.UNCERTAIN])

    def late(self):
        """What should have left more than five minutes ago."""
        return self.filter(status__in=WAITING, not_before__lt=timezone.now() - LATE_AFTER)

    def account_mail(self):
        """Mail about signing in, which holds secret links."""
        return self.filter(kind__startswith="Account")

    def claim(self):
        """Take the first row that is due, with the claim committed; None if there is none to take.

        Whoever holds the claim sends the mail, and nobody else does.
        """
        with transaction.atomic(durable=True):
            row = self.due().select_for_update(skip_locked=True, of=("self",)).order_by("next_attempt_at", "id").first()
            if row:
                row.status, row.attempts = EmailStatus.SENDING, row.attempts + 1
                row.lease_until = timezone.now() + LEASE
                row.save(update_fields=["status", "attempts", "lease_until"])
        return row

    def give_up_lost(self):
        """Put what a dead dispatcher left behind on the list of the uncertain."""
        with transaction.atomic():
            lost = self.filter(status=EmailStatus.SENDING, lease_until__lt=timezone.now())
            for row in lost.select_for_update(skip_locked=True, of=("self",)):
                row.status = EmailStatus.UNCERTAIN
                row.last_error = "The process that was sending this stopped before it could tell what became of it."
                row.save(update_fields=["status", "last_error"])
                logger.error("Email %s is uncertain: its dispatcher stopped", row.pk)

    def drop_expired(self):
        """Set aside what nobody should get any more, whether or not the mail server can be reached."""
        with transaction.atomic():
            overdue = self.filter(status__in=WAITING, expires_at__lte=timezone.now())
            for row in overdue.select_for_update(skip_locked=True, of=("self",)):
                row.status, row.last_error = EmailStatus.EXPIRED, TOO_LATE
                row.save(update_fields=["status", "last_error"])

    def purge_account_mail(self):
        """Erase the secret links: an hour after the mail was sent, a day after one that was never sent was written."""
        now, settled = timezone.now(), [s for s in EmailStatus if s not in [*WAITING, EmailStatus.SENDING]]
        old = Q(sent_at__lt=now - timedelta(hours=1)) | Q(status__in=settled, queued_at__lt=now - timedelta(days=1))
        return self.account_mail().filter(old).exclude(text="").update(text="", html="")


TOO_LATE = "It could not leave in time."


def _always(kind, recipient):
    return True


class OutgoingEmail(models.Model):
    """One email to one person. The text, the Message-ID and the date are frozen when it is queued."""

    Status = EmailStatus

    kind = models.CharField(max_length=80)
    dedupe_key = models.CharField(max_length=300, unique=True)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # Tells an address that never had an account from one whose account has been deleted since.
    without_account = models.BooleanField(default=False)
    to_address = models.CharField("to", max_length=LONGEST_ADDRESS)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=250, unique=True)
    date = models.DateTimeField(default=timezone.now, help_text="The Date header.")

    about_type = models.CharField(max_length=100, blank=True)
    about_id = models.CharField(max_length=60, blank=True)
    while_status = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    scope = models.CharField("cycle", max_length=100, blank=True)

    status = models.CharField(max_length=12, choices=EmailStatus, default=EmailStatus.QUEUED)
    queued_at = models.DateTimeField(default=timezone.now, db_index=True)
    not_before = models.DateTimeField(default=timezone.now, help_text="When it may leave first.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="After this nobody should get it.")
    next_attempt_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField("tries", default=0)
    # Also the claim's token: only who holds this very lease may say what became of the mail.
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    objects = OutgoingEmailQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "email", "outgoing email"
        ordering = ["-queued_at", "-id"]
        default_permissions = ("view",)
        permissions = [("resend_outgoingemail", "Can send an email again or mark it as delivered")]
        constraints = [
            one_of("status", EmailStatus, name="outgoing_email_status"),
            set_in("sent_at", [EmailStatus.SENT], name="outgoing_email_sent_has_time", otherwise_empty=True),
            set_in("lease_until", [EmailStatus.SENDING], name="outgoing_email_sending_has_lease"),
            models.CheckConstraint(condition=Q(to_address__regex=ONE_ADDRESS), name="outgoing_email_one_address"),
            models.CheckConstraint(condition=Q(subject__regex=r"^[^\r\n]+$"), name="outgoing_email_subject_one_line"),
            models.CheckConstraint(
                condition=Q(message_id__regex=r"^<[^<>\s]+@[^<>\s]+>$"), name="outgoing_email_message_id_form"
            ),
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(status__in=[*WAITING, EmailStatus.SENDING]),
                name="outgoing_email_text_until_sent",
            ),
            models.CheckConstraint(
                condition=Q(about_type="", about_id="") | (~Q(about_type="") & ~Q(about_id="")),
                name="outgoing_email_about_whole",
            ),
            models.CheckConstraint(condition=~Q(kind="") & ~Q(dedupe_key=""), name="outgoing_email_named"),
            models.CheckConstraint(
                condition=Q(without_account=False) | Q(recipient__isnull=True), name="outgoing_email_account_or_none"
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(status__in=WAITING), name="outgoing_email_due"),
            models.Index(fields=["lease_until"], condition=Q(status=EmailStatus.SENDING), name="outgoing_email_leases"),
            models.Index(
                fields=["status"],
                condition=Q(status__in=[EmailStatus.FAILED, EmailStatus.UNCERTAIN]),
                name="outgoing_email_troubled",
            ),
            models.Index(fields=["about_type", "about_id"], name="outgoing_email_about"),
        ]

    def __str__(self):
        return f"“{self.subject}” to {self.to_address}"

    @property
    def is_account_mail(self):
        """Whether it is about signing in, and holds a secret link."""
        return self.kind.startswith("Account")

    def obstacle(self):
        """Why it must not leave any more, as (status, sentence); None if it may."""
        if self.expires_at and self.expires_at <= timezone.now():
            return EmailStatus.EXPIRED, TOO_LATE
        if self.is_account_mail:
            return None
        if self.recipient_id is None and not self.without_account:
            return EmailStatus.CANCELLED, "The account it was for has been deleted."
        about = apps.get_model(self.about_type)._base_manager.filter(pk=self.about_id).first()
        if about is None:
            return EmailStatus.CANCELLED, "What it was about no longer exists."
        if self.while_status and about.status not in self.while_status:
            name, status = about._meta.verbose_name, about.get_status_display().lower()
            return EmailStatus.CANCELLED, f"The {name} was {status} by then, so it no longer held."
        # A subject that knows more than its status says may turn mail down: no reminder after an answer.
        if not getattr(about, "wants_mail", _always)(self.kind, self.recipient):
            return EmailStatus.CANCELLED, "It was no longer needed by then."
        return None

    def as_bytes(self):
        """The message as it travels: the same bytes each time it is asked for."""
        message = EmailMessage(policy=SMTP)
        message["From"] = settings.DEFAULT_FROM_EMAIL
        message["To"] = self.to_address
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.date)
        message["Message-ID"] = self.message_id
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text, cte="quoted-printable")
        if self.html:
            message.add_alternative(self.html, subtype="html", cte="quoted-printable")
            message.set_boundary(f"=_{self.message_id.strip('<>').partition('@')[0]}")
        return message.as_bytes()

    def settle(self, status, error="", next_attempt_at=None):
        """Record what became of the attempt, if this claim still stands.

        It also stands when the lease ran out meanwhile and nobody has acted on that: what the mail server said is the
        truth, and better than "uncertain".
        """
        with transaction.atomic():
            mine = OutgoingEmail.objects.filter(
                pk=self.pk, lease_until=self.lease_until, status__in=[EmailStatus.SENDING, EmailStatus.UNCERTAIN]
            )
            row = mine.select_for_update(of=("self",)).first()
            if row is None:
                logger.error("Email %s: %s came too late to be recorded", self.pk, status)
                return
            row.status, row.last_error = status, Truncator(clean(error)).chars(500)
            row.sent_at = timezone.now() if status == EmailStatus.SENT else None
            row.next_attempt_at = next_attempt_at or row.next_attempt_at
            row.save(update_fields=["status", "last_error", "sent_at", "next_attempt_at"])

    def postpone(self, error):
        """Surely not delivered: try again later, unless it has been tried often enough or would come too late."""
        again = timezone.now() + PAUSES[min(self.attempts, len(PAUSES)) - 1]
        if self.attempts >= MOST_TRIES:
            self.settle(EmailStatus.FAILED, f"Given up after {self.attempts} tries. {error}")
        elif self.expires_at and again >= self.expires_at:
            self.settle(EmailStatus.EXPIRED, f"{TOO_LATE} {error}")
        else:
            self.settle(EmailStatus.RETRY, error, next_attempt_at=again)

    @transition(EmailStatus.FAILED, EmailStatus.UNCERTAIN, EmailStatus.EXPIRED, to=EmailStatus.QUEUED)
    def resend(self, *, by):
        """Queue it again, as the same message, on a person's word."""
        if not self.text:
            raise TransitionRefused(
                "This email held a secret link that has been erased. Ask the person to request a new one."
            )
        self.attempts, self.lease_until, self.expires_at, self.last_error = 0, None, None, ""
        self.not_before = self.next_attempt_at = timezone.now()

    @transition(EmailStatus.UNCERTAIN, to=EmailStatus.SENT)
    def mark_delivered(self, *, by):
        """A person knows that it arrived."""
        self.sent_at = timezone.now()


def new_message_id():
    """A Message-ID in the domain that the portal's mail comes from."""
    return make_msgid(domain=parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2])


class EmailTextQuerySet(models.QuerySet):
    def most_specific(self, kind, scope):
        """The wording for a kind of email: the scope's own, else the one for everywhere, else None."""
        return self.filter(kind=kind, scope__in={scope, ""}).order_by("-scope").first()


class EmailText(models.Model):
    """Staff's own wording for a kind of email, in place of the one that is shipped."""

    kind = models.CharField("email", max_length=80)
    scope = models.SlugField(
        "cycle",
        max_length=100,
        blank=True,
        help_text="The short name of one cycle, as in its address. Leave empty to use the wording for every cycle.",
    )
    subject = models.CharField(max_length=250)
    body = models.TextField("text")
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = EmailTextQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "email wording", "email wordings"
        ordering = ["kind", "scope"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "scope"],
                name="email_text_once",
                violation_error_message="There is a wording for this email and cycle already. Change that one.",
            )
        ]

    def __str__(self):
        return f"{self.kind}, {self.scope or 'every cycle'}"

    def write(self, *, by):
        """Save, with the person and the words in the history."""
        with transaction.atomic():
            verb = "change_wording" if self.pk else "write_wording"
            self.updated_by = by
            self.save()
            record(verb, self, by=by, subject=self.subject, body=self.body)

    def discard(self, *, by):
        """Go back to the wording that is shipped (or to the one for every cycle)."""
        with transaction.atomic():
            record("discard_wording", self, by=by, subject=self.subject, body=self.body)
            self.delete()
