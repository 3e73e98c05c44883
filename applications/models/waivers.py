"""Rules that staff waive for one application: which, when, why, and what the person is told of it."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from applications import waiver_emails
from applications.models.application import Application, Status
from applications.models.decisions import Outcome, still_to_verify
from applications.waiver_emails import OPEN
from mentoring.audit.models import record
from mentoring.constraints import both_or_neither
from mentoring.workflow import TransitionRefused, lock
from programs import deadlines


class WaiverQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(taken_back_at=None)

    def for_reading(self):
        return self.select_related("application__applicant", "application__cycle__program", "granted_by")


class Waiver(models.Model):
    """One condition of the cycle that staff do without for one application. Rows are never deleted.

    It answers no question and moves no deadline: the person still says how it is, and is on record with that.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="waivers")
    rule_key = models.SlugField(max_length=40)
    # What the rule said on that day.
    sentence = models.TextField()
    # For the record: managers and auditors read it.
    reason = models.TextField()
    # For the person, if staff want to say more than that it is waived.
    told = models.CharField(max_length=300, blank=True)
    granted_at = models.DateTimeField(default=timezone.now, editable=False)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    taken_back_at = models.DateTimeField(null=True, editable=False)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = WaiverQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["granted_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "rule_key"],
                condition=Q(taken_back_at=None),
                name="waiver_one_in_force_for_a_rule",
                violation_error_message="This rule is waived for this application already.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="waiver_has_reason",
                violation_error_message="Say why, for the record.",
            ),
            both_or_neither("taken_back_at", "taken_back_by", name="waiver_taken_back_is_whole"),
        ]

    def __str__(self):
        return f"waiver of {self.rule_key} for the {self.application}"

    @property
    def is_in_force(self):
        return self.taken_back_at is None

    @property
    def granted_on(self):
        """ "January 5, 2027" """
        day = deadlines.day_of(self.granted_at, self.application.cycle.time_zone)
        return deadlines.day_words(day, weekday=False)

    @property
    def words(self):
        """What the verdict says of the rule, to the person and to whoever reads the application."""
        return f"Staff waived this for this application on {self.granted_on}."


def obstacle(application, rule_key, *, by):
    """Why this rule cannot be waived, in a sentence for staff; empty if it can. It tells nothing of a draft's answers."""
    condition = next((each for each in application.cycle.conditions if each.key == rule_key), None)
    if by == application.applicant:
        return "Nobody waives a rule for themselves."
    if application.status not in OPEN:
        return f"The {application} is {application.get_status_display().lower()}: there is nothing to waive."
    if condition is None:
        return "This cycle has no such rule."
    if condition.never_waived:
        return condition.never_waived
    if rule_key in application.waived:
        return "It is waived already."
    if application.may_edit:
        return ""
    if application.status == Status.DRAFT:
        return "Nothing can be handed in now, and a waiver moves no deadline. First give this person more time."
    if rule_key not in {outcome["key"] for outcome in still_to_verify(application)}:
        return "There is nothing to verify here, and the application can no longer be changed."
    return ""


def waive(application, rule_key, *, by, reason, told=""):
    """Do without one rule for this application, and tell the person. Raises TransitionRefused with a sentence."""
    with transaction.atomic():
        lock(application)
        if sentence := obstacle(application, rule_key, by=by):
            raise TransitionRefused(f"This rule cannot be waived. {sentence}")
        if not reason.strip():
            raise TransitionRefused("Say why, for the record.")
        row = as_it_would_be(application, rule_key, by=by, reason=reason, told=told)
        row.save()
        record("waive", application, by=by, reason=reason, rule=rule_key)
        waiver_emails.RuleWaived.of(row).queue()
        return row


def as_it_would_be(application, rule_key, *, by, reason, told):
    """A waiver that is not saved, for its mail to be read first."""
    sentence = next(each.sentence for each in application.cycle.conditions if each.key == rule_key)
    return Waiver(
        application=application, rule_key=rule_key, sentence=sentence, reason=reason, told=told, granted_by=by
    )


def why_it_stays(waiver):
    """Why a waiver can no longer be taken back, in a sentence for staff; empty if it can."""
    application = waiver.application
    if not waiver.is_in_force:
        return "This waiver is taken back already."
    if application.status not in OPEN:
        return f"The {application} is {application.get_status_display().lower()}: the waiver stays with it."
    latest = application.latest
    if latest and waiver.rule_key in {outcome["key"] for outcome in latest.waived}:
        return (
            "The application was handed in with this waiver, and was judged by it. Decide on the application instead."
        )
    if application.decisions.unreleased().filter(outcome=Outcome.ACCEPT).exists() or application.open_offer:
        return "An acceptance is recorded, or a place is offered. Take that back first."
    return ""


def take_back(waiver, *, by, reason):
    """Let the rule count again, and tell the person. Raises TransitionRefused once somebody has relied on the waiver."""
    with transaction.atomic():
        lock(waiver.application)
        lock(waiver)
        if sentence := why_it_stays(waiver):
            raise TransitionRefused(sentence)
        if by == waiver.application.applicant:
            raise TransitionRefused("Nobody changes a waiver of their own.")
        if not reason.strip():
            raise TransitionRefused("Say why, for the record.")
        waiver.taken_back_at, waiver.taken_back_by = timezone.now(), by
        waiver.save()
        record("take_back_waiver", waiver.application, by=by, reason=reason, rule=waiver.rule_key)
        waiver_emails.WaiverTakenBack.of(waiver).queue()
