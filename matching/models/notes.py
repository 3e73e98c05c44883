"""What staff should know of a mentee when they look for a mentor: for staff only, never in a file or a mail."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from applications.models import Application
from mentoring.audit.models import record
from mentoring.workflow import TransitionRefused

LONGEST_NOTE = 500


class MenteeNote(models.Model):
    """One remark of one member of staff. It is taken off, not changed; both are on record."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="staff_notes")
    words = models.CharField(max_length=LONGEST_NOTE)
    written_at = models.DateTimeField(default=timezone.now, editable=False)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-written_at", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(words=""),
                name="mentee_note_says_something",
                violation_error_message="Please write the note first.",
            ),
        ]

    def __str__(self):
        return f"staff's note on {self.application}"


def write_note(application, words, *, by):
    """Keep a note of staff. Raises TransitionRefused, with a sentence, where there is none."""
    if not words:
        raise TransitionRefused("Please write the note first.")
    with transaction.atomic():
        note = MenteeNote.objects.create(application=application, words=words, written_by=by)
        record("note", application, by=by, reason=words)
        return note


def take_off(note, *, by):
    """Take a note off. What it said stays in the history."""
    with transaction.atomic():
        gone, _ = MenteeNote.objects.filter(pk=note.pk).delete()
        if not gone:
            raise TransitionRefused("Somebody has taken this note off already.")
        record("take_off_note", note.application, by=by, reason=note.words)
