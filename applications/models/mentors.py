"""People who offer to mentor in a cycle, and the places they have."""

import hashlib

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from applications import agreement, emails
from applications.mentor_emails import MentorEntered
from applications.models.application import StaleDraft
from applications.models.places import Place
from applications.querysets import MentorInterestQuerySet
from mentoring.accounts.models import CareerStage, User
from mentoring.accounts.roles import MANAGER
from mentoring.audit.models import record
from mentoring.constraints import both_or_neither, one_of, set_in
from mentoring.workflow import TransitionRefused, lock, transition
from programs import deadlines
from programs.models import Cycle, Window, WindowKind
from programs.models.moves import window_for

MOST_PLACES = 10
MOST_IN_ALL = 30
# What the mentor says, field by field.
SAID = [
    "places_offered",
    "most_in_all",
    "topics",
    "specialty",
    "languages",
    "profile",
    "shown",
    "wished_stages",
    "wished_topics",
    "wishes",
    "agreed",
]
# What an offer of another cycle can fill in; an agreement is given anew each time.
KEPT = [name for name in SAID if name not in ("places_offered", "most_in_all", "shown", "agreed")]
# Of these, those that name topics of the cycle.
TOPICAL = ("topics", "wished_topics")


class Shown(models.TextChoices):
    """What mentees may see of a mentor, beside the name, if the mentor lets them."""

    PROFILE = "profile", "My text for mentees"
    TOPICS = "topics", "What I can help with"
    INSTITUTIONS = "institutions", "Where I work"
    STAGE = "stage", "My career stage"
    SPECIALTY = "specialty", "My specialty"
    LANGUAGES = "languages", "The languages I speak"
    TIME_ZONE = "time_zone", "My time zone"


def default_languages():
    return ["English"]


def everything_shown():
    return list(Shown.values)


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    APPROVED = "approved", "Approved"
    PAUSED = "paused", "Paused"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class MentorInterest(models.Model):
    """One person's offer to mentor in one cycle. Approved, with places, it makes them a mentor of that cycle."""

    Status = Status

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="mentor_interests")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="mentor_interests")
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    places_offered = models.PositiveSmallIntegerField(
        "how many mentees at most", default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_PLACES)]
    )
    # At one time, over all programs; becomes the person's own limit when it is handed in. Empty: no limit beside the places.
    most_in_all = models.SmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_IN_ALL)]
    )
    topics = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    specialty = models.CharField(max_length=120, blank=True)
    languages = ArrayField(models.CharField(max_length=60), default=default_languages, blank=True)
    profile = models.TextField(blank=True)
    shown = ArrayField(models.CharField(max_length=20, choices=Shown), default=everything_shown, blank=True)
    # Whom they would rather mentor: for staff and for suggestions, never for mentees.
    wished_stages = ArrayField(models.CharField(max_length=30, choices=CareerStage), default=list, blank=True)
    wished_topics = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    wishes = models.TextField(blank=True)
    agreed = models.BooleanField(default=False)
    # The wording that was agreed to, and when.
    agreement = models.TextField(blank=True, editable=False)
    agreed_at = models.DateTimeField(null=True, editable=False)
    # Away from then (where it lies ahead) until then, both included; a pause without a last day ends by hand.
    pause_from = models.DateField(null=True, editable=False)
    pause_until = models.DateField(null=True, editable=False)
    # The staff member who wrote the draft down for someone who phoned.
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    entered_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = MentorInterestQuerySet.as_manager()

    class Meta:
        ordering = ["submitted_at", "id"]
        permissions = [("approve_mentorinterest", "Can approve mentors and set their places")]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "mentor"],
                name="mentor_interest_one_in_a_cycle",
                violation_error_message="You have told us of your interest in this cycle already.",
            ),
            one_of("status", Status, name="mentor_interest_status_is_known"),
            set_in(
                "submitted_at",
                [Status.SUBMITTED, Status.APPROVED, Status.PAUSED, Status.DECLINED],
                name="mentor_interest_past_draft_was_submitted",
            ),
            set_in(
                "decided_at", [Status.APPROVED, Status.PAUSED, Status.DECLINED], name="mentor_interest_decided_has_date"
            ),
            both_or_neither("decided_at", "decided_by", name="mentor_interest_decision_is_whole"),
            models.CheckConstraint(
                condition=Q(places_offered__gte=1) & Q(places_offered__lte=MOST_PLACES),
                name="mentor_interest_places_in_range",
                violation_error_message=f"A mentor can offer between 1 and {MOST_PLACES} places.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[Status.DRAFT, Status.WITHDRAWN]) | Q(agreed=True),
                name="mentor_interest_submitted_was_agreed",
                violation_error_message="Please agree to what mentors commit to.",
            ),
            both_or_neither("entered_at", "entered_by", name="mentor_interest_entry_is_whole"),
            models.CheckConstraint(
                condition=Q(pause_from__isnull=True)
                | Q(pause_until__isnull=True)
                | Q(pause_from__isnull=False, pause_until__isnull=False, pause_until__gte=F("pause_from")),
                name="mentor_interest_pause_in_order",
                violation_error_message="The last day of a pause cannot be before its first.",
            ),
            models.CheckConstraint(
                condition=(Q(agreement="") & Q(agreed_at__isnull=True))
                | (~Q(agreement="") & Q(agreed_at__isnull=False)),
                name="mentor_interest_agreement_has_date",
            ),
        ]

    def __str__(self):
        return f"mentor interest of {self.mentor} in {self.cycle.short_name}"

    def get_absolute_url(self):
        return reverse("applications:mentor_interest", args=[self.pk])

    @property
    def capacity(self):
        """How many mentees at most, as staff approved it."""
        return self.places.in_use().count()

    @property
    def window(self):
        """The window as this person has it, with an extension of their own."""
        return window_for(self, self.cycle.mentor_window, self.mentor.email)

    @property
    def may_edit(self):
        window = self.window
        return self.status in (Status.DRAFT, Status.SUBMITTED) and window is not None and window.is_open()

    @property
    def may_return(self):
        """Whether someone who withdrew can hand the form in again."""
        window = self.window
        return self.status == Status.WITHDRAWN and window is not None and window.is_open()

    @property
    def takes_form(self):
        """Whether the form can be handed in, for the first time or again."""
        return self.may_edit or self.may_return

    @property
    def is_decided(self):
        """Staff approved the person as a mentor, so that there are places."""
        return self.status in (Status.APPROVED, Status.PAUSED)

    @property
    def keeps_drafts(self):
        """Whether what is typed is kept while it is typed: only where nothing is handed in."""
        return self.status in (Status.DRAFT, Status.WITHDRAWN)

    @property
    def version(self):
        """A name for what the offer says now, for two windows to notice each other by; empty for a new one."""
        said = repr([getattr(self, name) for name in SAID])
        return hashlib.sha256(said.encode()).hexdigest()[:12] if self.pk else ""

    @property
    def language_words(self):
        return ", ".join(self.languages)

    @property
    def shows(self):
        """What mentees may see of this mentor beside the name, as {name of it: True}, for pages to ask."""
        return dict.fromkeys(self.shown, True)

    @property
    def facts_shown(self):
        """(name, words) of each fact that mentees may see of this mentor, of those that are given."""
        facts = [
            (Shown.TOPICS, "Can help with", ", ".join(self.topics)),
            (Shown.STAGE, "Career stage", self.mentor.get_career_stage_display()),
            (Shown.SPECIALTY, "Specialty", self.specialty),
            (Shown.LANGUAGES, "Languages", self.language_words),
            (Shown.TIME_ZONE, "Time zone", self.mentor.time_zone.replace("_", " ")),
        ]
        return [(name, words) for key, name, words in facts if key in self.shown and words]

    @property
    def place_shown(self):
        """Where the mentor works, if mentees may see it."""
        return self.mentor.institution_names if Shown.INSTITUTIONS in self.shown else ""

    @property
    def shown_words(self):
        """ "What I can help with; My time zone" """
        return "; ".join(label for key, label in Shown.choices if key in self.shown) or "Nothing"

    @property
    def wish_words(self):
        """Whom this mentor would rather mentor, for staff."""
        stages = ", ".join(CareerStage(stage).label for stage in self.wished_stages)
        return "\n".join(filter(None, [stages, ", ".join(self.wished_topics), self.wishes]))

    @property
    def agreed_words(self):
        return deadlines.words(self.agreed_at, self.cycle.time_zone)

    @property
    def _no_mentor_any_more(self):
        """What the profile says now that no mentor of this cycle's may say, for staff; empty if nothing."""
        if self.mentor.career_stage in self.cycle.mentor_stages:
            return ""
        return f"Mentors in this program are {self.cycle.mentor_stage_words}. The profile of {self.mentor} says otherwise now."

    @property
    def profile_gap(self):
        """What in the mentor's profile stands against handing in, in a sentence; empty if nothing does."""
        if missing := self.mentor.missing_facts:
            return f"Please complete your profile first: {', '.join(missing)}."
        if self.mentor.career_stage not in self.cycle.mentor_stages:
            return f"Mentors in this program are {self.cycle.mentor_stage_words}. Your profile says otherwise."
        return ""

    def left_open(self, other):
        """What another offer of this mentor says and this one does not say yet, as fields; only topics that this cycle has."""
        says = {name: getattr(other, name) for name in KEPT}
        says |= {name: [topic for topic in says[name] if topic in self.cycle.topics] for name in TOPICAL}
        untouched = {name: ("", self._meta.get_field(name).get_default()) for name in says}
        return {
            name: value
            for name, value in says.items()
            if value and value != getattr(self, name) and getattr(self, name) in untouched[name]
        }

    def save_draft(self, said, version=None):
        """Keep these fields of an offer that is not handed in, and return its row: a new offer gets one.

        Raises StaleDraft if ``version`` is given and is no longer the one that is kept, TransitionRefused if the offer is
        handed in: what counts is changed by handing in again.
        """
        with transaction.atomic():
            row, begun = type(self).objects.get_or_create(cycle=self.cycle, mentor=self.mentor)
            lock(row)
            if not row.keeps_drafts:
                raise TransitionRefused("This form is handed in. To change it, hand it in again.")
            if all(getattr(row, name) == value for name, value in said.items()):
                return row
            if version is not None and not begun and version != row.version:
                raise StaleDraft
            for name, value in said.items():
                setattr(row, name, value)
            row.save(update_fields=list(said))
            return row

    def copied(self, earlier):
        """All that an earlier offer says, as fields for this one; of the topics, those that this cycle has."""
        says = {name: getattr(earlier, name) for name in SAID if name != "agreed"}
        return says | {name: [topic for topic in says[name] if topic in self.cycle.topics] for name in TOPICAL}

    def enter(self, said, *, by, why):
        """Keep what somebody told staff as their draft, and ask them by mail to look at it, agree and hand it in."""
        window = self.window
        if window is None or not window.is_open():
            raise TransitionRefused(
                f"Mentor interest forms are not open for {self.mentor.email}. Extend the window for this address first."
            )
        with transaction.atomic():
            row = self.save_draft(said)
            row.entered_by, row.entered_at = by, timezone.now()
            row.save(update_fields=["entered_by", "entered_at"])
            record("enter", row, by=by, reason=why)
            MentorEntered.of(row).queue()

    @property
    def today(self):
        return timezone.now().astimezone(self.cycle.zone).date()

    @property
    def pause_words(self):
        """ "from Monday, March 1, 2027 until Friday, March 5, 2027" """
        first = f"from {deadlines.day_words(self.pause_from)}" if self.pause_from else ""
        last = f"until {deadlines.day_words(self.pause_until)}" if self.pause_until else ""
        return f"{first} {last}".strip()

    def pause_between(self, first, last, *, by):
        """Pause from a day (at once, if there is none or it has come) until another, both included; or until resumed by hand."""
        if last and last < max(first or self.today, self.today):
            raise TransitionRefused("The last day of a pause lies ahead, and not before its first.")
        if first is None or first <= self.today:
            return self.pause(by=by, last=last)
        with transaction.atomic():
            lock(self)
            if not self.may_pause:
                raise TransitionRefused("Only a mentor who takes part can pause.")
            self.pause_from, self.pause_until = first, last
            self.save(update_fields=["pause_from", "pause_until"])
            record("plan_pause", self, by=by, pause=self.pause_words)

    @property
    def may_pause(self):
        return self.status == Status.APPROVED

    @property
    def may_resume(self):
        return self.status == Status.PAUSED

    @property
    def is_under_review(self):
        return self.status == Status.SUBMITTED

    @property
    def takes_part(self):
        return self.status in (Status.APPROVED, Status.PAUSED)

    @property
    def may_withdraw(self):
        return self.status in (Status.SUBMITTED, Status.APPROVED, Status.PAUSED)

    @transition(Status.DRAFT, Status.SUBMITTED, Status.WITHDRAWN, to=Status.SUBMITTED)
    def submit(self, *, by, received_at):
        """Offer to mentor; handing in again replaces what was said before. Staff are told."""
        if by != self.mentor:
            raise TransitionRefused("Only the person who offers to mentor can hand this in.")
        window = Window.objects.filter(cycle=self.cycle, kind=WindowKind.MENTOR_INTEREST).first()
        window = window_for(self, window, by.email)
        if window is None or not window.accepts(received_at):
            told = (
                f"closed at {window.closes_words}" if window and received_at >= window.closes_at else "are not open yet"
            )
            raise TransitionRefused(f"Mentor interest forms {told}. Write to {self.cycle.contact.email}.")
        if gap := self.profile_gap:
            raise TransitionRefused(gap)
        self.submitted_at = self.agreed_at = received_at
        self.agreement = agreement.wording(self.cycle)
        self.decided_at = self.decided_by = None
        self.mentor.limit_mentees(self.most_in_all, by=by)
        emails.MentorInterestReceived.of(self).queue()
        for manager in User.objects.in_role(MANAGER):
            emails.MentorInterestWaiting.of(self, manager).queue()

    @transition(Status.SUBMITTED, to=Status.APPROVED)
    def approve(self, *, by, places, seen=None):
        """Make the person a mentor of this cycle, with so many places. ``seen`` is the ``version`` that staff looked at."""
        self._must_be_as(seen)
        if shut_out := self.mentor.shut_out or self._no_mentor_any_more:
            raise TransitionRefused(shut_out)
        if by == self.mentor:
            raise TransitionRefused("Nobody approves their own mentor interest.")
        if places < 1:
            raise TransitionRefused("A mentor needs at least one place. Decline, if there is none to give.")
        self.decided_at, self.decided_by = timezone.now(), by
        self._have_places(places)
        emails.MentorApproved.of(self, places).queue()

    @transition(Status.SUBMITTED, to=Status.DECLINED)
    def decline(self, *, by, seen=None):
        """Do without this mentor in this cycle. ``seen`` is the ``version`` that staff looked at."""
        self._must_be_as(seen)
        self.decided_at, self.decided_by = timezone.now(), by
        emails.MentorDeclined.of(self).queue()

    def _must_be_as(self, seen):
        if seen not in (None, self.version):
            raise TransitionRefused(f"{self.mentor} has changed the offer since you looked. Please look again.")

    @transition(Status.APPROVED, to=Status.PAUSED)
    def pause(self, *, by, last=None):
        """Take no new mentees for now, until a last day or until resumed. Pairs that exist stay."""
        self.pause_from, self.pause_until = self.today, last

    @transition(Status.PAUSED, to=Status.APPROVED)
    def resume(self, *, by):
        """Take new mentees again."""
        self.pause_from = self.pause_until = None

    @transition(Status.DRAFT, to=Status.WITHDRAWN)
    def sit_out(self, *, by):
        """Not this year."""
        if by != self.mentor:
            raise TransitionRefused("Only the mentor can say so.")

    @transition(Status.SUBMITTED, Status.APPROVED, Status.PAUSED, to=Status.WITHDRAWN)
    def withdraw(self, *, by):
        """Leave the cycle. The apps above hear of it and end what was not final."""
        if by != self.mentor:
            raise TransitionRefused("Only the mentor can withdraw.")
        self.decided_at = self.decided_by = None

    def set_capacity(self, places, *, by):
        """Have exactly so many places. Refused where that would take one that is in use."""
        with transaction.atomic():
            lock(self)
            before = self.capacity
            self._have_places(places)
            record("set_capacity", self, by=by, before_places=before, places=places)

    def _have_places(self, wanted):
        if not 0 <= wanted <= MOST_PLACES:
            raise TransitionRefused(f"A mentor can have between 0 and {MOST_PLACES} places.")
        in_use = list(self.places.in_use().order_by("number"))
        if len(in_use) < wanted:
            highest = self.places.aggregate(highest=models.Max("number"))["highest"] or 0
            Place.objects.bulk_create(
                Place(interest=self, number=highest + each + 1) for each in range(wanted - len(in_use))
            )
        for place in reversed(in_use):
            if len(in_use) <= wanted:
                return
            if place.is_free:
                place.retire()
                in_use.remove(place)
        if len(in_use) > wanted:
            raise TransitionRefused(
                f"{len(in_use)} of this mentor's places are in use, so there cannot be only {wanted}. Those pairs stay. Set at "
                f"least {len(in_use)}; if nobody new should come, let the mentor pause."
            )

    @property
    def submitted_words(self):
        return deadlines.words(self.submitted_at, self.cycle.time_zone)
