"""What staff verified and decided, kept apart from the application until it is released."""

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from applications.models.application import Application, Status
from applications.models.submissions import Submission
from mentoring.audit.models import record
from mentoring.constraints import both_or_neither, one_of, say
from mentoring.workflow import TransitionRefused, lock
from programs import deadlines
from programs.models import Cycle

say(
    "application_accepted_was_told",
    "Nobody is accepted but by a released decision, or by taking a place that is offered.",
)
say("application_accepted_was_verified", "Staff still have to verify something before this person can be accepted.")


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
    def visible_to(self, user):
        """Without those that are not released, for staff who read applications without knowing of them."""
        return self if user.has_perm("applications.see_decisions") else self.exclude(release=None)

    def unreleased(self):
        return self.filter(release=None)

    def on_the_latest(self):
        """Those made on what the applicant handed in last; the others have to be looked at again."""
        later = Submission.objects.filter(
            application=OuterRef("application"), number__gt=OuterRef("submission__number")
        )
        return self.filter(~Exists(later))

    def ready(self, cycle):
        """What a release of this cycle would tell, in order of name."""
        return self._of(cycle).on_the_latest()

    def outdated(self, cycle):
        """Decisions of this cycle on a version that the applicant has replaced since."""
        return self._of(cycle).exclude(pk__in=self._of(cycle).on_the_latest().values("pk"))

    def _of(self, cycle):
        rows = self.unreleased().filter(application__cycle=cycle, application__status__in=["submitted", "waitlisted"])
        return rows.select_related("application__applicant", "application__cycle__program", "decided_by").order_by(
            "application__applicant__name", "pk"
        )


class Decision(models.Model):
    """One decision on one application. Nobody outside staff sees it, in any form, before its release."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="decisions")
    # The version that was decided on: a later one has to be looked at again.
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=20, choices=Outcome)
    note = models.TextField(blank=True, help_text="For staff only.")
    # Whose turn it is when a place is free; for staff only.
    waitlist_rank = models.SmallIntegerField(null=True, editable=False)
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
    """Staff looked into one rule of one application and found that it holds, or that it does not."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="verifications")
    # The version whose answer was looked into: it holds for later ones with the same answer.
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="verifications")
    rule_key = models.SlugField(max_length=40)
    holds = models.BooleanField(default=True)
    note = models.CharField(max_length=300, blank=True)
    verified_at = models.DateTimeField(default=timezone.now)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "rule_key"], name="verification_once_for_a_rule")]

    def __str__(self):
        return f"{self.rule_key} of the {self.application}"

    @property
    def sentence(self):
        """The rule, as the version that was looked into was judged by it."""
        verdict = self.submission.verdict
        return next((each["sentence"] for each in verdict if each["key"] == self.rule_key), self.rule_key)

    def is_about(self, submission):
        """Whether what was looked into is what this submission says."""
        return _answered_alike(self.rule_key, self.submission, submission)


def still_to_verify(application):
    """The rules that staff must verify before this application can be accepted, as stored outcomes."""
    latest = application.latest
    verifications = application.verifications.select_related("submission")
    return unverified(latest, verifications, application.waived) if latest else []


def verify_first(application):
    """What stands against an acceptance because it is not verified, in a sentence for staff; empty if nothing does."""
    rules = " ".join(rule["sentence"] for rule in still_to_verify(application))
    return f"Verify first, for the {application}: {rules}" if rules else ""


def unverified(latest, verifications, waived):
    """The outcomes of a submission that still have to be verified, given what is verified and waived for its application."""
    done = {each.rule_key for each in verifications if each.holds and each.is_about(latest)} | {*waived}
    return [each for each in latest.verdict if each["state"] == "to_verify" and each["key"] not in done]


def _answered_alike(rule_key, one, other):
    """Whether two submissions say the same to a rule: its own answer, and what it asks beside it."""

    def answers(submission):
        return {key: value for key, value in submission.rule_answers.items() if f"{key}_".startswith(f"{rule_key}_")}

    return answers(one) == answers(other)


def awaiting_verification():
    """Submitted, with something that staff must verify and that nobody has looked into yet."""
    rows = Application.objects.filter(status=Status.SUBMITTED, submissions__verdict__contains=[{"state": "to_verify"}])
    rows = rows.select_related("cycle").distinct()
    rows = rows.prefetch_related("submissions", "verifications__submission", "waivers")
    return Application.objects.filter(pk__in=[row.pk for row in rows if _is_unseen(row)])


def _is_unseen(application):
    seen = {each.rule_key for each in application.verifications.all() if each.is_about(application.latest)}
    seen |= {*application.waived}
    return any(each["state"] == "to_verify" and each["key"] not in seen for each in application.latest.verdict)


def verify(application, rule_key, *, by, note="", holds=True):
    """Record that a rule holds for this application, or that it does not (yet, or after all); whether that was news.

    Raises TransitionRefused with a sentence where there is nothing to verify, or somebody has relied on what was verified.
    """
    with transaction.atomic():
        lock(application)
        latest = application.latest
        asked = latest.verdict if latest else []
        if rule_key not in {each["key"] for each in asked if each["state"] == "to_verify"}:
            raise TransitionRefused("There is nothing to verify here: this rule asks nothing of staff.")
        found = application.verifications.filter(rule_key=rule_key).select_related("submission")
        verified = [each.pk for each in found if each.holds and each.is_about(latest)]
        if verified and not holds:
            if sentence := why_verified_stays(application) or ("" if note else "Say why it does not hold after all."):
                raise TransitionRefused(sentence)
        elif rule_key not in {outcome["key"] for outcome in still_to_verify(application)}:
            return False
        facts = {"holds": holds, "note": note, "verified_by": by, "verified_at": timezone.now()}
        Verification.objects.filter(pk__in=verified).update(**facts)
        of = {"application": application, "submission": latest, "rule_key": rule_key}
        Verification.objects.update_or_create(**of, defaults=facts)
        record("verify" if holds else "verify_not", application, by=by, reason=note, rule=rule_key)
        return True


def why_verified_stays(application):
    """Why what was verified can no longer be corrected, in a sentence for staff; empty if it can."""
    if application.status not in (Status.SUBMITTED, Status.WAITLISTED):
        return f"The {application} is {application.get_status_display().lower()}: what was verified stays with it."
    if application.decisions.unreleased().filter(outcome=Outcome.ACCEPT).exists() or application.open_offer:
        return "An acceptance is recorded, or a place is offered. Take that back first."
    return ""


def obstacle(application, outcome, *, by):
    """Why this decision cannot be recorded, in a sentence for staff; empty if it can."""
    if application.status not in (Status.SUBMITTED, Status.WAITLISTED):
        return f"The {application} is {application.get_status_display().lower()}: there is nothing to decide."
    if application.status == Status.WAITLISTED and outcome == Outcome.WAITLIST:
        return f"The {application} is on the waitlist already."
    if by == application.applicant:
        return "Nobody decides on their own application."
    if application.open_offer:
        return f"A place is offered to {application.applicant}, and the answer is still to come."
    return application.applicant.shut_out or verify_first(application) if outcome == Outcome.ACCEPT else ""


def decide(application, outcome, *, by, note="", seen=None):
    """Record a decision, or change one that is not released yet. Nothing is sent and no status changes.

    It is on the version in force, and has to be made again if the applicant hands in another. ``seen`` holds the receipt
    numbers of the versions that staff looked at. Raises TransitionRefused with a sentence where it cannot be.
    """
    with transaction.atomic():
        lock(application)
        latest = application.latest
        if latest and seen is not None and latest.receipt_number not in seen:
            raise TransitionRefused(
                f"{application.applicant} has handed in version {latest.number} since you looked. Please read it before you "
                "decide."
            )
        pending = application.decisions.unreleased().select_for_update().first()
        if sentence := obstacle(application, outcome, by=by):
            raise TransitionRefused(sentence)
        decision = pending or Decision(application=application)
        before = decision.outcome
        decision.outcome, decision.note, decision.submission = outcome, note, latest
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
