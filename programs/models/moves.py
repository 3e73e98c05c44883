"""Deadlines that move: for everyone, after an incident, or for one person. The old date is always kept, with who and why."""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone

from mentoring.accounts.models import User
from mentoring.audit.models import record
from mentoring.constraints import both_or_neither
from mentoring.links import absolute
from mentoring.notifications.email import Correspondent
from mentoring.workflow import TransitionRefused, lock
from programs import deadlines, emails
from programs.models.cycle import Window, WindowKind
from programs.querysets import ExtensionQuerySet

# Sent inside the transaction, with the move, for the apps above to tell whom it concerns.
window_moved = Signal()
MOST_GRACE = 15


class WindowMove(models.Model):
    """A window's close was moved for everyone; where an incident was the reason, when it began and ended."""

    window = models.ForeignKey(Window, models.PROTECT, related_name="moves")
    version = models.PositiveIntegerField(help_text="The window's version since this move.")
    old_closes_at = models.DateTimeField()
    new_closes_at = models.DateTimeField()
    reason = models.TextField()
    incident_began = models.DateTimeField(null=True)
    incident_ended = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(default=timezone.now)
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["window", "version"], name="window_move_one_for_a_version"),
            models.CheckConstraint(
                condition=Q(new_closes_at__gt=F("old_closes_at")),
                name="window_move_is_later",
                violation_error_message="A published deadline can be moved later, never earlier.",
            ),
            both_or_neither("incident_began", "incident_ended", name="window_move_incident_is_whole"),
            models.CheckConstraint(
                condition=Q(incident_began__isnull=True)
                | Q(incident_ended__isnull=False, incident_ended__gt=F("incident_began")),
                name="window_move_incident_ends_after_it_begins",
                violation_error_message="The incident must end after it began.",
            ),
        ]

    def __str__(self):
        return f"move {self.version} of the {self.window}"

    @property
    def old_words(self):
        return deadlines.words(deadlines.last_minute(self.old_closes_at), self.window.cycle.time_zone)

    @property
    def new_words(self):
        return deadlines.words(deadlines.last_minute(self.new_closes_at), self.window.cycle.time_zone)


class Extension(models.Model):
    """A later close for one person, by email address, so that it can be given before there is an account."""

    window = models.ForeignKey(Window, models.PROTECT, related_name="extensions")
    email = models.EmailField()
    closes_at = models.DateTimeField()
    reason = models.TextField()
    granted_at = models.DateTimeField(default=timezone.now)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        ordering = ["-granted_at"]
        constraints = [
            models.UniqueConstraint(
                "window",
                Lower("email"),
                name="extension_one_for_a_person",
                violation_error_message="This person has an extension already. Give a later one in its place.",
            )
        ]

    def __str__(self):
        return f"extension for {self.email} of the {self.window}"

    @property
    def closes_words(self):
        return deadlines.words(deadlines.last_minute(self.closes_at), self.window.cycle.time_zone)

    @property
    def closes(self):
        """The deadline as pages show it."""
        return self.window.closing_at(self.closes_at).closes

    @property
    def closes_words_for_addressee(self):
        return self.window.closing_at(self.closes_at).closes_words_for(self.addressee)

    @property
    def addressee(self):
        """Whom to write to: the account of this address, or somebody who has none yet."""
        return User.objects.filter(email__iexact=self.email).first() or Correspondent(self.email, self.email)

    @property
    def link(self):
        """Where the work is."""
        names = {WindowKind.APPLICATIONS: "applications:apply", WindowKind.MENTOR_INTEREST: "applications:mentor"}
        if self.window.kind in names:
            return absolute(reverse(names[self.window.kind], args=[self.window.cycle.program.slug]))
        return absolute(reverse("home"))


def move(window, closes_at, *, by, reason, incident=None):
    """Move a window's close for everyone. ``incident`` is (began, ended) where the portal could not be reached.

    Everyone with something open hears of it from the apps above. Raises TransitionRefused for an earlier close, or one that
    has passed.
    """
    with transaction.atomic():
        lock(window)
        _check(closes_at, later_than=window.closes_at)
        began, ended = incident or (None, None)
        made = WindowMove.objects.create(
            window=window,
            version=window.version + 1,
            old_closes_at=window.closes_at,
            new_closes_at=closes_at,
            reason=reason,
            incident_began=began,
            incident_ended=ended,
            moved_by=by,
        )
        window.closes_at, window.version = closes_at, made.version
        window.notice = _notice(made)
        window.save(update_fields=["closes_at", "version", "notice"])
        record("move", window, by=by, reason=reason, old=made.old_words, new=made.new_words)
        window_moved.send(Window, move=made)
        return made


def _notice(made):
    """What every page of the program says until the new close."""
    zone = made.window.cycle.time_zone
    told = f"The deadline has moved to {deadlines.words_for(deadlines.last_minute(made.new_closes_at), zone)}, for everyone."
    if made.incident_began is None:
        return told
    began, ended = deadlines.words_for(made.incident_began, zone), deadlines.words_for(made.incident_ended, zone)
    return f"The portal could not be reached from {began} to {ended}. {told}"


def extend(window, email, closes_at, *, by, reason):
    """Give one person, by email address, a later close; a second time replaces the first.

    Raises TransitionRefused for a close that is not later than everyone's, or has passed.
    """
    with transaction.atomic():
        lock(window)
        _check(closes_at, later_than=window.closes_at)
        email = email.strip().lower()
        before = Extension.objects.filter(window=window, email__iexact=email).first()
        facts = {"closes_at": closes_at, "reason": reason, "granted_by": by, "granted_at": timezone.now()}
        made, _ = Extension.objects.update_or_create(window=window, email=email, defaults=facts)
        old = before.closes_words if before else window.closes_words
        record("extend", made, by=by, reason=reason, old=old, new=made.closes_words)
        emails.DeadlineExtended.of(made).queue(expires_at=made.closes_at)
        return made


def set_grace(window, minutes, *, by, reason):
    """Change how many minutes after the close are still taken, the same for everyone; what was handed in keeps its own.

    Raises TransitionRefused where nothing would change, or for what is no grace.
    """
    if not 0 <= minutes <= MOST_GRACE:
        raise TransitionRefused(f"A grace is between 0 and {MOST_GRACE} minutes.")
    with transaction.atomic():
        lock(window)
        old, window.grace = window.grace_words, timedelta(minutes=minutes)
        if window.grace_words == old:
            raise TransitionRefused(f"The grace is that already: {old.lower()}.")
        window.save(update_fields=["grace"])
        record("set_grace", window, by=by, reason=reason, old=old, new=window.grace_words)


def _check(closes_at, *, later_than):
    if closes_at <= later_than:
        raise TransitionRefused("A published deadline can be moved later, never earlier.")
    if closes_at <= timezone.now():
        raise TransitionRefused("That moment has passed already.")


def window_for(row, window, email):
    """The window as one person has it: with their own later close, where they have one.

    ``row`` may carry it as ``with_own_close`` (see ``own_close``); else it is looked up.
    """
    if window is None:
        return None
    own = row.with_own_close if hasattr(row, "with_own_close") else Extension.objects.own_close(window, email)
    return window.closing_at(max(own, window.closes_at)) if own else window
