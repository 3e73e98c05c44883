"""A place offered to somebody on the waitlist, to be taken by a date."""

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from applications import offer_emails
from applications.commitments import commitments
from applications.models.application import Application
from applications.models.application import Status as ApplicationStatus
from applications.models.decisions import still_to_verify, verify_first
from mentoring.accounts.models import User
from mentoring.accounts.roles import MANAGER
from mentoring.audit.models import record
from mentoring.constraints import one_of, say, sentence_for, set_in
from mentoring.workflow import TransitionRefused, lock, transition
from programs import deadlines

say(
    "place_offer_within_places",
    "Every place of this cycle is taken or offered. An offer can be made when somebody gives a place back.",
)


class Status(models.TextChoices):
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    LAPSED = "lapsed", "Lapsed"
    TAKEN_BACK = "taken_back", "Taken back"


ENDED = [Status.ACCEPTED, Status.DECLINED, Status.LAPSED, Status.TAKEN_BACK]


class PlaceOfferQuerySet(models.QuerySet):
    def open(self):
        return self.filter(status=Status.OFFERED)

    def overdue(self, now):
        return self.open().filter(respond_by__lte=now)

    def for_reading(self):
        return self.select_related("application__applicant", "application__cycle__program", "offered_by")


class PlaceOffer(models.Model):
    """One place, offered to one person. A cycle never has more places offered and taken than it has (a trigger)."""

    Status = Status

    application = models.ForeignKey(Application, models.PROTECT, related_name="place_offers")
    status = models.CharField(max_length=20, choices=Status, default=Status.OFFERED, editable=False)
    reason = models.TextField(blank=True, help_text="Why this person now. For staff only.")
    # The first instant at which an answer is too late.
    respond_by = models.DateTimeField()
    offered_at = models.DateTimeField(default=timezone.now, editable=False)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, editable=False)
    # The sentences that the person confirmed by taking the place.
    commitments = models.JSONField(default=list, editable=False)

    objects = PlaceOfferQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(status=Status.OFFERED),
                name="place_offer_one_open",
                violation_error_message="A place is offered to this person already.",
            ),
            one_of("status", Status, name="place_offer_status_is_known"),
            set_in("answered_at", ENDED, name="place_offer_ended_has_date", otherwise_empty=True),
            models.CheckConstraint(
                condition=~Q(status=Status.ACCEPTED) | ~Q(commitments=[]),
                name="place_offer_accepted_was_confirmed",
                violation_error_message="Please confirm what you commit to.",
            ),
        ]

    def __str__(self):
        return f"place offered to {self.application.applicant} in {self.application.cycle.short_name}"

    def get_absolute_url(self):
        return reverse("applications:place", args=[self.application_id])

    @property
    def is_open(self):
        return self.status == Status.OFFERED

    @property
    def respond_by_words(self):
        """The last minute in time, in words."""
        return deadlines.words(deadlines.last_minute(self.respond_by), self.application.cycle.time_zone)

    @property
    def last_moment(self):
        return deadlines.last_minute(self.respond_by)

    @property
    def not_yet(self):
        """Why the place cannot be taken yet, in a sentence for the person; empty if it can."""
        rules = " ".join(rule["sentence"] for rule in still_to_verify(self.application))
        if not rules:
            return ""
        return (
            f"Staff still have to verify something before you can take the place: {rules} Write to "
            f"{self.application.cycle.contact.email}, and come back here by {self.respond_by_words}."
        )

    @classmethod
    def make(cls, application, *, by, respond_by, reason=""):
        """Offer a place to somebody on the waitlist, who is told by email. Raises TransitionRefused with a sentence."""
        try:
            with transaction.atomic():
                lock(application)
                if sentence := _obstacle(application, by, respond_by):
                    raise TransitionRefused(sentence)
                offer = cls.objects.create(application=application, offered_by=by, respond_by=respond_by, reason=reason)
                offer_emails.PlaceOffered.of(offer).queue(expires_at=respond_by)
                record("offer_place", application, by=by, reason=reason, respond_by=respond_by.isoformat())
                return offer
        except IntegrityError as error:
            if sentence := sentence_for(error):
                raise TransitionRefused(sentence) from error
            raise

    def _must_be_theirs_and_in_time(self, by, received_at):
        if by != self.application.applicant:
            raise TransitionRefused("Only the person to whom the place is offered can answer.")
        if received_at >= self.respond_by:
            raise TransitionRefused(f"The time to answer ended at {self.respond_by_words}.")

    @transition(Status.OFFERED, to=Status.ACCEPTED, lock_first=("application",))
    def accept(self, *, by, received_at, confirmed):
        """Take the place, with every commitment confirmed. Decided by when the server received it."""
        self._must_be_theirs_and_in_time(by, received_at)
        if self.not_yet:
            raise TransitionRefused(self.not_yet)
        asked = commitments(self.application.cycle)
        if missing := [sentence for sentence in asked if sentence not in confirmed]:
            raise TransitionRefused(f"To take the place, please confirm: {' '.join(missing)}")
        self.application.accept(by=by)
        self.answered_at, self.commitments = timezone.now(), asked
        offer_emails.PlaceTaken.of(self).queue()
        self._tell_staff("took the place")

    @transition(Status.OFFERED, to=Status.DECLINED, lock_first=("application",))
    def decline(self, *, by, received_at):
        """Do without the place. The person stays on the waitlist, unless they withdraw."""
        self._must_be_theirs_and_in_time(by, received_at)
        self.answered_at = timezone.now()
        self._tell_staff("cannot take the place")

    @transition(Status.OFFERED, to=Status.LAPSED, lock_first=("application",))
    def lapse(self, *, by):
        """No answer is not a yes: the place goes back, and the person stays on the waitlist."""
        if timezone.now() < self.respond_by:
            raise TransitionRefused("There is still time to answer.")
        self.answered_at = timezone.now()
        offer_emails.PlaceLapsed.of(self).queue()
        self._tell_staff("did not answer in time")

    @transition(Status.OFFERED, to=Status.TAKEN_BACK, lock_first=("application",))
    def take_back(self, *, by, why):
        """Staff take the offer back, or the person has withdrawn."""
        self.answered_at = timezone.now()
        if by != self.application.applicant:
            offer_emails.PlaceTakenBack.of(self).queue()

    def _tell_staff(self, answer):
        for manager in User.objects.in_role(MANAGER):
            offer_emails.PlaceAnswered.of(self, manager, answer).queue()


def _obstacle(application, by, respond_by):
    if application.status != ApplicationStatus.WAITLISTED:
        return f"The {application} is {application.get_status_display().lower()}, and not on the waitlist."
    if by == application.applicant:
        return "Nobody offers a place to themselves."
    if application.decisions.unreleased().exists():
        return f"A decision on the {application} waits for its release. Release it, or take it back, first."
    if application.applicant.shut_out:
        return application.applicant.shut_out
    cycle = application.cycle
    if deadlines.day_of(deadlines.last_minute(respond_by), cycle.time_zone) > cycle.term_ends:
        return f"The term's last day is {cycle.term_ends_words}. Until then a place can be offered and answered, and no longer."
    if respond_by <= timezone.now():
        return "Choose a date to answer by that is still to come."
    return verify_first(application)


def free_places(cycle):
    """How many places of the cycle are neither taken nor offered; None where there is no limit."""
    if not cycle.places:
        return None
    taken = Application.objects.accepted().filter(cycle=cycle).count()
    offered = PlaceOffer.objects.open().filter(application__cycle=cycle).count()
    return max(0, cycle.places - taken - offered)
