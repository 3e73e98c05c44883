"""What staff verified and decided, kept apart from the application until it is released."""

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from applications.models.application import Application, Status
from mentoring.audit.models import record
from mentoring.constraints import both_or_neither, one_of
from mentoring.workflow import TransitionRefused, lock
from programs import deadlines
from programs.models import Cycle


class Outcome(models.TextChoices):
    ACCEPT = "accept", "Accept"
    WAITLIST = "waitlist", "Waitlist"
    DECLINE = "decline", "Decline"


class Release(models.Model):
    """Many decisions told at once: who pressed, when, and which."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="releases")
    released_at = models.DateTimeField(default=timezone.now)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-released_at"]

    def __str__(self):
        return f"release of {deadlines.words(self.released_at, self.cycle.time_zone)}"


class DecisionQuerySet(models.QuerySet):
    def unreleased(self):
        return self.filter(release=None)

    def ready(self, cycle):
        """What a release of this cycle would tell, in order of name."""
        rows = self.unreleased().filter(application__cycle=cycle, application__status__in=["submitted", "waitlisted"])
        return rows.select_related("application__applicant", "application__cycle__program", "decided_by").order_by(
            "application__applicant__name", "pk"
        )


class Decision(models.Model):
    """One decision on one application. Nobody outside staff sees it, in any form, before its release."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=20, choices=Outcome)
    note = models.TextField(blank=True, help_text="For staff only.")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="decisions")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-decided_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(release=None),
                name="decision_one_unreleased",
                violation_error_message="A decision on this application is recorded already.",
            ),
            one_of("outcome", Outcome, name="decision_outcome_is_known"),
            both_or_neither("decided_at", "decided_by", name="decision_is_whole"),
            models.CheckConstraint(condition=Q(decided_at__isnull=False), name="decision_was_made"),
        ]

    def __str__(self):
        return f"{self.get_outcome_display()}: {self.application}"


class Verification(models.Model):
    """Staff looked into one rule of one application and found that it holds."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="verifications")
    rule_key = models.SlugField(max_length=40)
    note = models.CharField(max_length=300, blank=True)
    verified_at = models.DateTimeField(default=timezone.now)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "rule_key"], name="verification_once_for_a_rule")]

    def __str__(self):
        return f"{self.rule_key} of the {self.application}"


def still_to_verify(application):
    """The rules that staff must verify before this application can be accepted, as stored outcomes."""
    latest = application.latest
    done = {verification.rule_key for verification in application.verifications.all()}
    return [
        outcome
        for outcome in (latest.verdict if latest else [])
        if outcome["state"] == "to_verify" and outcome["key"] not in done
    ]


def verify(application, rule_key, *, by, note=""):
    """Record that a rule holds for this application. Doing it twice changes nothing."""
    with transaction.atomic():
        lock(application)
        if rule_key not in {outcome["key"] for outcome in still_to_verify(application)}:
            return
        Verification.objects.create(application=application, rule_key=rule_key, note=note, verified_by=by)
        record("verify", application, by=by, reason=note, rule=rule_key)


def decide(application, outcome, *, by, note=""):
    """Record a decision, or change one that is not released yet. Nothing is sent and no status changes.

    Raises TransitionRefused with a sentence where it cannot be.
    """
    with transaction.atomic():
        lock(application)
        pending = application.decisions.unreleased().select_for_update().first()
        if application.status not in (Status.SUBMITTED, Status.WAITLISTED):
            raise TransitionRefused(
                f"The {application} is {application.get_status_display().lower()}: there is nothing to decide."
            )
        if application.status == Status.WAITLISTED and outcome == Outcome.WAITLIST:
            raise TransitionRefused(f"The {application} is on the waitlist already.")
        if by == application.applicant:
            raise TransitionRefused("Nobody decides on their own application.")
        if outcome == Outcome.ACCEPT and (open_rules := still_to_verify(application)):
            sentences = "; ".join(rule["sentence"] for rule in open_rules)
            raise TransitionRefused(f"Verify first, for the {application}: {sentences}")
        decision = pending or Decision(application=application)
        before = decision.outcome
        decision.outcome, decision.note = outcome, note
        decision.decided_at, decision.decided_by = timezone.now(), by
        try:
            decision.save()
        except IntegrityError as error:
            raise TransitionRefused("Somebody else has just recorded a decision on this application.") from error
        record("decide", application, by=by, reason=note, before_decision=before, decision=outcome)
        return decision


def undecide(application, *, by):
    """Take back a decision that is not released yet."""
    with transaction.atomic():
        lock(application)
        decision = application.decisions.unreleased().first()
        if decision is None:
            raise TransitionRefused("There is no unreleased decision to take back.")
        record("undecide", application, by=by, before_decision=decision.outcome)
        decision.delete()
