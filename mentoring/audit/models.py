"""Who did what, when, and why: rows that are only ever added."""

from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format

# What an event must not be about, for whoever lacks the capability: the start of a target_type -> the capability.
GUARDED = {
    "accounts.erasurerequest": "accounts.view_erasurerequest",
    "applications.": "applications.view_application",
    "matching.": "matching.view_pairing",
    "programs.inquiry": "programs.view_inquiry",
}


class EventQuerySet(models.QuerySet):
    def about(self, target):
        """The history of one object, newest first."""
        return self.filter(target_type=target._meta.label_lower, target_id=str(target.pk))

    def visible_to(self, user):
        """Without the history of what this person may not see."""
        seen = self
        for start, capability in GUARDED.items():
            if not user.has_perm(capability):
                seen = seen.exclude(target_type__startswith=start)
        return seen


class Event(models.Model):
    """One thing that happened. Names are copied and there are no foreign keys, so history never blocks a deletion."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor_name = models.CharField(max_length=254)
    verb = models.CharField(max_length=60)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=60)
    target_name = models.CharField(max_length=300)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["target_type", "target_id", "-at"], name="audit_event_target")]

    def __str__(self):
        return self.sentence

    @property
    def when(self):
        """ "3:46 PM ET on Nov 21, 2026" """
        return date_format(timezone.localtime(self.at), r"g:i A \E\T \o\n M j, Y")

    @property
    def admin_url(self):
        """The staff's page of what it is about, or None if such things have none."""
        try:
            return reverse(f"admin:{self.target_type.replace('.', '_')}_change", args=[self.target_id])
        except NoReverseMatch:
            return None

    @property
    def sentence(self):
        """ "Ada Reviewer, accept: application of Ben (submitted → accepted)"; of a rule, "Ada, verify membership: …" """
        moved = " → ".join(status.replace("_", " ") for status in (self.before, self.after) if status)
        done = f"{self.verb} {self.details.get('rule', '')}".strip().replace("_", " ")
        told = f"{self.actor_name}, {done}: {self.target_name}"
        return f"{told} ({moved})" if moved else told


def record(verb, target, *, by, before="", after="", reason="", **details):
    """Add one event, in the caller's transaction. ``by`` is the person, or None for the portal itself."""
    made = event(verb, target, by=by, before=before, after=after, reason=reason, **details)
    made.save(force_insert=True)
    return made


def event(verb, target, *, by, before="", after="", reason="", **details):
    """The event that ``record`` adds, unsaved, for whoever adds many at once."""
    return Event(
        verb=verb,
        actor_id=by.pk if by else None,
        actor_name=str(by)[:254] if by else "The portal",
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_name=str(target)[:300],
        before=before,
        after=after,
        reason=reason,
        details=details,
    )
