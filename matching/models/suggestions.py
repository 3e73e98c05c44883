"""A computed suggestion for a whole cycle, kept as it was, with what it was computed from."""

import json
from datetime import timedelta

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from applications.models import Application, MentorInterest
from matching.changes import Changes
from mentoring.constraints import one_of, set_in
from mentoring.workflow import transition
from programs.models import Cycle

# A run that is computed and has not moved for so long has lost its worker.
LOST = timedelta(minutes=10)
# A run that waits so long has lost its nudge.
WAITING = timedelta(seconds=10)


class RunStatus(models.TextChoices):
    QUEUED = "queued", "Waiting to be computed"
    RUNNING = "running", "Being computed"
    DONE = "done", "Done"
    FAILED = "failed", "Without a result"


class RunQuerySet(models.QuerySet):
    def done(self):
        return self.filter(status=RunStatus.DONE)

    def under_way(self):
        return self.filter(status__in=[RunStatus.QUEUED, RunStatus.RUNNING])

    def newest(self):
        """Of those whose pairs are drafted: (the last that is done, the very last if it is not done). Each may be None."""
        drafting = self.filter(drafts=True).select_related("computed_by")
        last = drafting.first()
        if last is None or last.is_done:
            return last, None
        return drafting.done().first(), last

    def left_lying(self, now):
        """Queued for long enough that nobody seems to have been told."""
        return self.filter(status=RunStatus.QUEUED, computed_at__lte=now - WAITING)

    def lost(self, now):
        """Being computed, and nothing has been heard of it for long."""
        return self.filter(status=RunStatus.RUNNING, moved_at__lte=now - LOST)


class SuggestionRun(models.Model):
    """One answer to "who should be paired with whom": its settings, what it was computed from, and its figures.

    Only a run that is done has digest, figures, versions, seconds and outcome.
    """

    Status = RunStatus

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="suggestion_runs")
    policy = models.CharField(max_length=40)
    computed_at = models.DateTimeField("asked for", default=timezone.now)
    computed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="asked for by"
    )
    status = models.CharField(max_length=20, choices=RunStatus, default=RunStatus.QUEUED, editable=False)
    percent = models.PositiveSmallIntegerField(default=0)
    # What is being done, or, of a run without a result, why there is none: a sentence for staff.
    phase = models.CharField(max_length=400, blank=True)
    moved_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, editable=False)
    # Whether its pairs are to be drafted, in place of those of the last suggestion.
    drafts = models.BooleanField(default=True)
    # changes (Changes.as_json) and keep; with what was found: seed, weights, and kept, the pairs that stood before.
    asked = models.JSONField(default=dict)
    # SHA-256 of everything that went in, so that a stale run says so and a repeated one can be compared.
    digest = models.CharField(max_length=64, blank=True)
    # SHA-256 of the pairs that came out: the same digest and settings give the same outcome.
    outcome = models.CharField(max_length=64, blank=True)
    figures = models.JSONField(default=dict)
    # Of the solver, the libraries and our own code.
    versions = models.JSONField(default=dict)
    # What each phase took.
    seconds = models.JSONField(default=dict)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = "suggestion"
        ordering = ["-computed_at", "-id"]
        constraints = [
            one_of("status", RunStatus, name="suggestion_run_status_is_known"),
            set_in(
                "finished_at",
                [RunStatus.DONE, RunStatus.FAILED],
                name="suggestion_run_finished_has_date",
                otherwise_empty=True,
            ),
        ]

    def __str__(self):
        return f"suggestion {self.pk} for {self.cycle.short_name}"

    @property
    def changes(self):
        """What staff asked for beyond the rules."""
        return Changes.from_json(self.asked.get("changes", {}))

    @property
    def is_under_way(self):
        return self.status in (RunStatus.QUEUED, RunStatus.RUNNING)

    @property
    def is_done(self):
        return self.status == RunStatus.DONE

    @property
    def has_failed(self):
        return self.status == RunStatus.FAILED

    def at(self, percent, phase):
        """Say how far it is, for whoever looks."""
        self.percent, self.phase, self.moved_at = percent, phase, timezone.now()
        self.save(update_fields=["percent", "phase", "moved_at"])

    @transition(RunStatus.QUEUED, RunStatus.RUNNING, to=RunStatus.RUNNING)
    def start(self, *, by):
        """A worker takes it up; also one that comes after a worker that died."""
        self.moved_at = timezone.now()

    @transition(RunStatus.RUNNING, to=RunStatus.DONE)
    def finish(self, *, by, answer):
        """Keep what came out: ``answer`` are the values of the fields that only a run that is done has."""
        for name, value in answer.items():
            setattr(self, name, value)
        self.finished_at = timezone.now()
        self.percent, self.phase = 100, ""

    @transition(RunStatus.QUEUED, RunStatus.RUNNING, to=RunStatus.FAILED)
    def fail(self, *, by, why):
        """There is no result, and staff read why."""
        self.finished_at, self.phase = timezone.now(), why[:400]


class SuggestedPairQuerySet(models.QuerySet):
    def keep(self, run, lines):
        """Keep what a run says of each mentee (``matching.lines.Line``): one stream of rows, however many."""
        table = connection.ops.quote_name(self.model._meta.db_table)
        stream = f"COPY {table} (run_id, application_id, interest_id, rank, fit, because, why_not) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(stream) as copy:
            for *facts, why_not in lines:
                copy.write_row((run.pk, *facts, json.dumps(why_not)))


class SuggestedPair(models.Model):
    """One mentee's line of a run: the mentor suggested, or none, and why."""

    run = models.ForeignKey(SuggestionRun, models.CASCADE, related_name="pairs")
    application = models.ForeignKey(Application, models.CASCADE, related_name="+")
    interest = models.ForeignKey(MentorInterest, models.CASCADE, null=True, related_name="+")
    rank = models.PositiveSmallIntegerField(
        default=0, help_text="1 for a first choice; 0 for a mentor not on the list."
    )
    fit = models.PositiveSmallIntegerField(default=0)
    because = models.CharField(max_length=400)
    why_not = models.JSONField(default=list)

    objects = SuggestedPairQuerySet.as_manager()

    class Meta:
        ordering = ["application__applicant__name", "id"]
        constraints = [models.UniqueConstraint(fields=["run", "application"], name="suggested_pair_once_in_a_run")]

    def __str__(self):
        return f"{self.application.applicant} with {self.interest.mentor if self.interest else 'nobody'}"
