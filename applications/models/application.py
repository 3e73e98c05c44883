"""A person who asks to take part, what they wrote, and what of it they handed in."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from applications import emails, further
from applications.commitments import commitments, unconfirmed
from applications.merging import merge, token
from applications.models.asked import keep_asked
from applications.models.submissions import Submission
from applications.querysets import ApplicationQuerySet
from mentoring.constraints import one_of, set_in
from mentoring.workflow import TransitionRefused, transition
from programs import deadlines, eligibility, rule_card
from programs.forms import NOT_ANSWERED, answer_problems
from programs.models import Cycle, Window, WindowKind
from programs.models.moves import window_for


class IncompleteApplication(TransitionRefused):
    """Something is missing. ``problems`` are (section, field, sentence) for the page."""

    def __init__(self, problems):
        super().__init__("Some things are still missing. Each is listed below, with a link to where it is asked.")
        self.problems = problems


class UnchangedApplication(TransitionRefused):
    """It is handed in already, just as it is: a second click, or a retry."""


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    ACCEPTED = "accepted", "Accepted"
    WAITLISTED = "waitlisted", "Waitlisted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class StaleDraft(Exception):
    """The draft was saved from somewhere else since this form was opened."""


# Kinds of questions by which somebody states something or hands something over: never taken from one year into another.
STATED = ("yes_no", "document", "portrait")
WRITABLE = (Status.DRAFT, Status.SUBMITTED)


class Application(models.Model):
    """One person asking to be a mentee in one cycle.

    ``rule_answers`` and ``answers`` are what the person is writing; what counts is the latest ``Submission``. Until a decision
    is released the status says nothing of it.
    """

    Status = Status

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="applications")
    applicant = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="applications")
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    rule_answers = models.JSONField(default=dict, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    # Rises with each saved change, so that a write can tell whether there was another since it read.
    revision = models.PositiveIntegerField(default=0, editable=False)
    # Answers taken over from an earlier application and not touched since: question -> that cycle's label.
    taken_over = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    edited_from = models.CharField(max_length=60, blank=True, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    released_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-id"]
        permissions = [
            ("review_application", "Can read applications under review"),
            ("decide_application", "Can record decisions on applications"),
            ("see_decisions", "Can see decisions and their notes before they are released"),
            ("waive_rule", "Can waive a rule for one application"),
            ("offer_place", "Can see waitlists and offer places"),
            ("release_decisions", "Can release decisions to applicants"),
            ("see_confidential", "Can see what applicants say in confidence, each look on record"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "applicant"],
                name="application_one_in_a_cycle",
                violation_error_message="You have an application in this cycle already.",
            ),
            one_of("status", Status, name="application_status_is_known"),
            set_in(
                "submitted_at",
                [Status.SUBMITTED, Status.ACCEPTED, Status.WAITLISTED, Status.DECLINED],
                name="application_past_draft_was_submitted",
            ),
            set_in(
                "released_at",
                [Status.ACCEPTED, Status.WAITLISTED, Status.DECLINED],
                name="application_decided_was_released",
            ),
            set_in("withdrawn_at", [Status.WITHDRAWN], name="application_withdrawn_has_date", otherwise_empty=True),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.DRAFT, Status.SUBMITTED]) | Q(released_at=None),
                name="application_undecided_was_not_released",
            ),
        ]

    def __str__(self):
        return f"application of {self.applicant} to {self.cycle.short_name}"

    def get_absolute_url(self):
        return reverse("applications:overview", args=[self.pk])

    # --- What it holds -----------------------------------------------------------------------------------------------

    @property
    def window(self):
        """The window as this person has it, with an extension of their own."""
        return window_for(self, self.cycle.applications_window, self.applicant.email)

    @property
    def closes_words(self):
        """The deadline for a mail to this person, with their own time."""
        return self.window.closes_words_for(self.applicant)

    @property
    def latest(self):
        """The submission in force, or None."""
        return self.submissions.first()  # in the order of its Meta, so that what was fetched with many rows is used

    @property
    def waivers_in_force(self):
        """The rules that staff waived for this application, and did not take back."""
        return [each for each in self.waivers.all() if each.is_in_force]

    @property
    def waived(self):
        """The same as judging takes it: the key of each such rule, and the words that the verdict says of it."""
        return {each.rule_key: each.words for each in self.waivers_in_force}

    @property
    def verdict(self):
        """What the cycle's rules come to on the answers as they stand."""
        return self.cycle.judge(self.rule_answers, self.waived)

    @property
    def question_asks(self):
        return [question.ask for question in self.cycle.questions.all()]

    @property
    def may_edit(self):
        """Whether the person can still change and hand in: before a decision, while the window is open."""
        return self.status in (Status.DRAFT, Status.SUBMITTED) and self.window is not None and self.window.is_open()

    @property
    def has_unsubmitted_changes(self):
        return self.status == Status.SUBMITTED and self.latest.revision != self.revision

    @property
    def may_hand_in(self):
        """Whether there is something to hand in: a first version, or one that was changed since."""
        return self.may_edit and (self.status == Status.DRAFT or self.has_unsubmitted_changes)

    @property
    def is_under_review(self):
        """Whether it is handed in, and nothing is decided that the person could know of."""
        return self.status == Status.SUBMITTED

    @property
    def is_accepted(self):
        return self.status == Status.ACCEPTED

    @property
    def is_declined(self):
        return self.status == Status.DECLINED

    @property
    def open_offer(self):
        """The place that is offered to this person and waits for an answer, or None."""
        return next((offer for offer in self.place_offers.all() if offer.is_open), None)

    @property
    def may_withdraw(self):
        return self.status in (Status.DRAFT, Status.SUBMITTED, Status.ACCEPTED, Status.WAITLISTED)

    @property
    def may_restore(self):
        return self.status == Status.WITHDRAWN and self.window is not None and self.window.is_open()

    def facts(self):
        """What is known of the person at this moment, to be kept with a submission."""
        person = self.applicant
        return {
            "name": person.full_name,
            "email": person.email,
            "career_stage": person.get_career_stage_display(),
            "institutions": sorted(institution.name for institution in person.institutions.all()),
        }

    def problems(self):
        """What stands in the way of handing in, as (section, field, sentence); empty if nothing does."""
        found = [("you", "name", f"Please tell us {fact}.") for fact in self.applicant.missing_facts]
        for outcome in self.verdict.outcomes:
            if outcome.state == eligibility.State.UNANSWERED:
                found.append(
                    ("eligibility", outcome.key, f"{NOT_ANSWERED} {outcome.sentence} {outcome.open_because}".strip())
                )
            elif outcome.state == eligibility.State.NOT_MET:
                told = f"{outcome.sentence.rstrip('.')}: {outcome.reason} {outcome.way_out}"
                found.append(("eligibility", outcome.key, told.strip()))
        judged = {field for _section, field, _sentence in found}
        unfit = [
            ("eligibility", key, sentence)
            for key, sentence in answer_problems(self.cycle.rule_asks, self.rule_answers)
            if key not in judged and not sentence.startswith(NOT_ANSWERED)
        ]
        asked = answer_problems(self.question_asks, self.answers)
        found += unfit + [("answers", key, sentence) for key, sentence in asked]
        return found + further.problems(self)

    # --- Writing it --------------------------------------------------------------------------------------------------

    def save_draft(self, *, seen=None, device="", **parts):
        """Keep what was typed in ``rule_answers`` or ``answers``, field by field. Returns the fields that need a choice.

        ``parts`` has a dict of fields for one of the two; ``seen`` is what their window knew to be kept (``merging.merge``),
        or None for whoever writes without having looked. A field that was written elsewhere meanwhile is left alone and
        returned. Text is kept even when the window has just closed: only handing in is a matter of time. Raises
        TransitionRefused if the application was decided or withdrawn.
        """
        ((part, typed),) = parts.items()
        while True:
            if self.status not in WRITABLE:
                raise TransitionRefused("This application can no longer be changed.")
            saved = getattr(self, part)
            known = {key: [token(saved.get(key))] for key in typed} if seen is None else seen
            changed, disputed = merge(saved, typed, known)
            if not changed or self._write(part, saved, changed, device):
                return disputed
            self.refresh_from_db(fields=["status", "revision", "rule_answers", "answers", "taken_over", "edited_at"])

    def _write(self, part, saved, changed, device):
        """Write in a part of the draft if nobody wrote in it since it was read; whether that is so. One statement."""
        new = {part: {**saved, **changed}, "revision": self.revision + 1, "edited_at": timezone.now()}
        new |= {"edited_from": device, "taken_over": {k: v for k, v in self.taken_over.items() if k not in changed}}
        as_read = type(self)._base_manager.filter(pk=self.pk, revision=self.revision, status__in=WRITABLE)
        if not as_read.update(**new):
            return False
        for name, each in new.items():
            setattr(self, name, each)
        return True

    def left_open(self, earlier):
        """What an earlier submission answers and this draft does not yet: of the same questions, texts and choices only.

        What somebody states or confirms, and files, belong to the year in which they do it.
        """
        asked = {question.key: question.kind for question in self.cycle.questions.all()}
        theirs = {question.key: question.kind for question in earlier.application.cycle.questions.all()}
        return {
            key: earlier.answers[key]
            for key, kind in asked.items()
            if kind not in STATED and theirs.get(key) == kind and earlier.answers.get(key) and not self.answers.get(key)
        }

    def take_over(self, earlier):
        """Fill in what is left open with an earlier submission of the same person, marked until it is touched."""
        if earlier.application.applicant_id != self.applicant_id:
            raise TransitionRefused("Only a person's own answers are taken over.")
        filled = self.left_open(earlier)
        if (
            self.save_draft(answers=filled, device=f"your application of {earlier.application.cycle.label}")
            or not filled
        ):
            return
        self._mark({**self.taken_over, **dict.fromkeys(filled, earlier.application.cycle.label)})

    def check_taken_over(self):
        """The person has read what was taken over, and it still says what they mean."""
        self._mark({})

    def _mark(self, taken_over):
        self.taken_over = taken_over
        self.save(update_fields=["taken_over"])

    @transition(Status.DRAFT, Status.SUBMITTED, to=Status.SUBMITTED)
    def submit(self, *, by, received_at, confirmed=None, told_for_mentor=None):
        """Hand in what is written now; it replaces what was handed in before. Decided by when the server received it.

        ``confirmed`` are the commitments that the person ticked; None where they were not asked one by one.
        ``told_for_mentor`` are the questions that the page named as read by the mentor; None for those of this moment.
        """
        if by != self.applicant:
            raise TransitionRefused("Only the person who applies can hand an application in.")
        latest, facts = self.latest, self.facts()
        if self.status == Status.SUBMITTED and (latest.revision, latest.facts) == (self.revision, facts):
            raise UnchangedApplication("You have handed this in already. Nothing has changed since.")
        window = Window.objects.filter(cycle=self.cycle, kind=WindowKind.APPLICATIONS).first()
        window = window_for(self, window, by.email)
        if window is None or not window.accepts(received_at):
            raise TransitionRefused(self._not_in_time(window, received_at))
        if self.edited_at and not window.accepts(self.edited_at):
            # The request came in time and was held back while the text was still being written.
            raise TransitionRefused(self._not_in_time(window, self.edited_at))
        if latest and latest.revision == self.revision:
            self.revision += 1  # what is known of the person has changed, which is a change of the application
        asked = commitments(self.cycle)
        if problems := self.problems() + unconfirmed(asked, asked if confirmed is None else confirmed):
            raise IncompleteApplication(problems)
        submission = Submission.objects.create(
            application=self,
            number=latest.number + 1 if latest else 1,
            revision=self.revision,
            facts=facts,
            rule_answers=self.rule_answers,
            answers=self.answers,
            commitments=[sentence for sentence in asked if confirmed and sentence in confirmed],
            verdict=[outcome.as_json() for outcome in self.verdict.outcomes],
            received_at=received_at,
            closes_at=window.closes_at,
            grace=window.grace,
            window_version=window.version,
            rules_version=rule_card.keep(self.cycle).version,
        )
        keep_asked(submission, told_for_mentor)
        self.submitted_at = received_at
        emails.ApplicationReceived.of(self, submission).queue()

    def _not_in_time(self, window, received_at):
        contact = self.cycle.contact.email
        if window is None or received_at < window.opens_at:
            return "Applications are not open yet. What you wrote is kept."
        return (
            f"The deadline was {window.closes_words}, and this reached us at "
            f"{deadlines.words(received_at, self.cycle.time_zone)}. What you wrote is kept and you can read it here. "
            f"If something kept you from handing it in, write to {contact}."
        )

    @transition(Status.DRAFT, Status.SUBMITTED, Status.ACCEPTED, Status.WAITLISTED, to=Status.WITHDRAWN)
    def withdraw(self, *, by):
        """Leave. The apps above hear of it and free the places that were held."""
        if by != self.applicant:
            raise TransitionRefused("Only the person who applied can withdraw an application.")
        if self.open_offer:
            self.open_offer.take_back(by=by, why="The applicant withdrew.")
        self.withdrawn_at = timezone.now()
        emails.ApplicationWithdrawn.of(self).queue()

    @transition(Status.WITHDRAWN, to=(Status.DRAFT, Status.SUBMITTED))
    def restore(self, *, by):
        """Take a withdrawal back while the window is open: what was handed in stands again."""
        if by != self.applicant:
            raise TransitionRefused("Only the person who applied can take a withdrawal back.")
        if self.window is None or not self.window.is_open():
            raise TransitionRefused("The window has closed, so a withdrawal can no longer be taken back.")
        emails.ApplicationRestored.of(self).queue()
        self.released_at = self.withdrawn_at = None
        return Status.SUBMITTED if self.submissions.exists() else Status.DRAFT

    # --- What staff decided, once they release it ---------------------------------------------------------------------

    @transition(Status.SUBMITTED, Status.WAITLISTED, to=Status.ACCEPTED)
    def accept(self, *, by):
        """Make the person a mentee. Called by a release, or when the person takes an offered place: a trigger refuses others."""
        if self.applicant.shut_out:
            raise TransitionRefused(self.applicant.shut_out)
        self.released_at = timezone.now()

    @transition(Status.SUBMITTED, to=Status.WAITLISTED)
    def waitlist(self, *, by):
        """Keep the person waiting for a place. Called by a release, never before it."""
        self.released_at = timezone.now()

    @transition(Status.SUBMITTED, Status.WAITLISTED, to=Status.DECLINED)
    def decline(self, *, by):
        """Turn the person down, kindly. Called by a release, never before it."""
        self.released_at = timezone.now()
