"""A mentor and a mentee whom staff put together, and the mentorship that follows."""

from collections import defaultdict

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from applications.models import Application, MentorInterest, Place
from matching import emails
from matching.models.answers import AGREED, Answers, Side, Status
from matching.querysets import LIVE, ON_ITS_WAY, PairingQuerySet
from mentoring.accounts.models import User
from mentoring.accounts.roles import MANAGER
from mentoring.audit.models import Event, event, record
from mentoring.constraints import one_of, say, sentence_for, set_in
from mentoring.workflow import TransitionRefused, lock, transition
from programs import deadlines
from programs.models import AnswersFirst, Cycle

# Rows written by one statement.
AT_ONCE = 1000

say(
    "pairing_outside_one_institution",
    "These two belong to one institution, as this cycle counts it, so they cannot be paired.",
)
say("pairing_outside_one_country", "These two are from one country, so they cannot be paired in this cycle.")
say("pairing_outside_one_region", "These two are from one region of the world, so they cannot be paired in this cycle.")
say(
    "affiliation_outside_pending_pairing",
    "A pairing that waits for an answer stands against this change, because it would put both people at one place.",
)
say(
    "institution_outside_pending_pairing",
    "This would bring the two people of an open pairing nearer than their cycle allows. End that pairing first.",
)
say(
    "cycle_outside_pending_pairing",
    "The two people of an open pairing are nearer than this would allow. End that pairing first.",
)
say(
    "pairing_not_each_others_mentor",
    "One of these two is to mentor the other already, so it cannot be the other way round too.",
)
say("one_role_in_a_cycle", "A person is a mentee or a mentor in one cycle, never both.")
say("place_in_use_stays", "A pairing holds this place, so it cannot be taken out of use. End the pairing first.")
say("pairing_place_in_use", "This place has been retired. Please look again at the mentor's places.")


class Pairing(Answers, models.Model):
    """One mentee with one place of one mentor. Final only when both have said yes."""

    Status = Status

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="pairings")
    application = models.ForeignKey(Application, models.PROTECT, related_name="pairings")
    interest = models.ForeignKey(MentorInterest, models.PROTECT, related_name="pairings")
    place = models.ForeignKey(Place, models.PROTECT, related_name="pairings")
    # Whose application and interest it is; foreign keys of our own hold them to it.
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="pairings_as_mentee")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="pairings_as_mentor")
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFTED, editable=False)
    by_hand = models.BooleanField(default=False, help_text="Chosen by staff: suggestions leave it be.")
    # Why these two, in words, as the suggestion or the staff member gave it. For staff only.
    because = models.CharField(max_length=400, blank=True)
    drafted_at = models.DateTimeField(default=timezone.now, editable=False)
    proposed_at = models.DateTimeField(null=True, editable=False)
    # When each was told of it and asked. Empty for who comes second, until the first has said yes.
    mentee_asked_at = models.DateTimeField(null=True, editable=False)
    mentor_asked_at = models.DateTimeField(null=True, editable=False)
    respond_by = models.DateTimeField(null=True, editable=False)
    # What is proposed, as both agree to it. The version rises with each change, and a yes is to the version that was shown.
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    hours_a_month = models.PositiveSmallIntegerField("hours a month, at least", default=0, editable=False)
    note = models.TextField("a word of staff to both", blank=True, editable=False)
    mentee_yes_at = models.DateTimeField(null=True, editable=False)
    mentor_yes_at = models.DateTimeField(null=True, editable=False)
    final_at = models.DateTimeField(null=True, editable=False)
    begins_on = models.DateField(null=True, editable=False)
    ends_on = models.DateField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    # Who said no. For staff only.
    no_from = models.CharField(max_length=10, choices=Side, blank=True, editable=False)
    # What the person who said no, or the staff member who ended it, gave as the reason. For staff only.
    end_reason = models.TextField(blank=True)

    objects = PairingQuerySet.as_manager()

    class Meta:
        ordering = ["mentee__name", "id"]
        permissions = [
            ("suggest_pairing", "Can ask for suggestions and draft pairings"),
            ("propose_pairing", "Can propose and withdraw pairings"),
        ]
        constraints = [
            one_of("status", Status, name="pairing_status_is_known"),
            models.UniqueConstraint(
                fields=["place"],
                condition=Q(status__in=LIVE),
                name="pairing_one_for_a_place",
                violation_error_message="This mentor's last place has just been taken.",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(status__in=LIVE),
                name="pairing_one_live_for_a_mentee",
                violation_error_message="This mentee has a live pairing already.",
            ),
            models.CheckConstraint(
                condition=~Q(mentee=F("mentor")),
                name="pairing_of_two_people",
                violation_error_message="Nobody is their own mentor.",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=AGREED) | Q(mentee_yes_at__isnull=False, mentor_yes_at__isnull=False),
                name="pairing_final_has_both_yeses",
                violation_error_message="A pairing is final only when both have said yes.",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CONFIRMED)
                | Q(mentee_yes_at__isnull=False, mentor_yes_at__isnull=True)
                | Q(mentee_yes_at__isnull=True, mentor_yes_at__isnull=False),
                name="pairing_confirmed_has_one_yes",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.DRAFTED, Status.PROPOSED])
                | Q(mentee_yes_at__isnull=True, mentor_yes_at__isnull=True),
                name="pairing_unanswered_has_no_yes",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.PROPOSED, Status.CONFIRMED, *AGREED, Status.DECLINED, Status.LAPSED])
                | Q(proposed_at__isnull=False, respond_by__isnull=False),
                name="pairing_shared_was_proposed",
            ),
            models.CheckConstraint(
                condition=Q(proposed_at__isnull=True, mentee_asked_at__isnull=True, mentor_asked_at__isnull=True)
                | Q(proposed_at__isnull=False) & (Q(mentee_asked_at__isnull=False) | Q(mentor_asked_at__isnull=False)),
                name="pairing_told_since_proposed",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CONFIRMED) | Q(mentee_asked_at__isnull=False, mentor_asked_at__isnull=False),
                name="pairing_told_both_once_confirmed",
            ),
            models.CheckConstraint(
                condition=(Q(mentee_yes_at__isnull=True) | Q(mentee_asked_at__isnull=False))
                & (Q(mentor_yes_at__isnull=True) | Q(mentor_asked_at__isnull=False)),
                name="pairing_yes_was_asked_for",
                violation_error_message="Only who has been asked can say yes.",
            ),
            models.CheckConstraint(
                condition=Q(proposed_at__isnull=True)
                | Q(hours_a_month__gte=1, begins_on__isnull=False, ends_on__isnull=False, ends_on__gte=F("begins_on")),
                name="pairing_terms_are_whole",
                violation_error_message="The mentorship would end before it begins. Staff have to change its days first.",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.DECLINED, no_from__in=Side.values)
                | ~Q(status=Status.DECLINED) & Q(no_from=""),
                name="pairing_declined_by_one",
            ),
            set_in("final_at", AGREED, name="pairing_final_has_date", otherwise_empty=True),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.ACTIVE, Status.COMPLETED, Status.ENDED_EARLY])
                | Q(begins_on__isnull=False, ends_on__isnull=False),
                name="pairing_active_has_days",
            ),
        ]

    def __str__(self):
        return f"pairing of {self.mentee} with {self.mentor}"

    def get_absolute_url(self):
        return reverse("matching:pairing", args=[self.pk])

    # --- Its life ----------------------------------------------------------------------------------------------------

    @classmethod
    def draft(cls, application, interest, *, by, by_hand=True, because=""):
        """Put two people together, for staff's eyes only. Takes a place of the mentor at once.

        Raises TransitionRefused, with a sentence, for whatever the rules or the database forbid.
        """
        try:
            with transaction.atomic():
                lock(interest)
                lock(application)
                (pairing,) = cls._drafts([(application, interest, because)], by_hand=by_hand)
                pairing.save(force_insert=True)
                record("draft", pairing, by=by, after=pairing.status, reason=because)
                return pairing
        except IntegrityError as error:
            if sentence := sentence_for(error):
                raise TransitionRefused(f"{application.applicant}: {sentence}") from error
            raise

    @classmethod
    def draft_all(cls, chosen, *, by):
        """Draft all that a suggestion chose, [(application, interest, because)], of people whom the caller has locked.

        All or none, in a constant number of queries. Raises TransitionRefused as ``draft`` does.
        """
        try:
            with transaction.atomic():
                pairings = cls.objects.bulk_create(cls._drafts(chosen, by_hand=False), batch_size=AT_ONCE)
                events = [event("draft", each, by=by, after=each.status, reason=each.because) for each in pairings]
                Event.objects.bulk_create(events, batch_size=AT_ONCE)
        except IntegrityError as error:
            if sentence := sentence_for(error):
                raise TransitionRefused(sentence) from error
            raise

    @classmethod
    def _drafts(cls, chosen, *, by_hand):
        """The pairings that [(application, interest, because)] make, unsaved, each with a free place of the mentor."""
        taking = [interest.pk for _application, interest, _because in chosen]
        declined = cls.objects.filter(interest__in=taking, status=Status.DECLINED)
        refused = set(declined.values_list("application", "interest"))
        free = defaultdict(list)
        places = Place.objects.in_use().filter(interest__in=taking).exclude(pairings__status__in=LIVE)
        for place in places.order_by("-number"):
            free[place.interest_id].append(place)
        made = []
        for application, interest, because in chosen:
            cls._check_sides(application, interest, refused)
            if not free[interest.pk]:
                raise TransitionRefused(f"{interest.mentor} has no place left.")
            made.append(
                cls(
                    cycle_id=interest.cycle_id,
                    application=application,
                    interest=interest,
                    place=free[interest.pk].pop(),
                    mentee=application.applicant,
                    mentor=interest.mentor,
                    by_hand=by_hand,
                    because=because,
                )
            )
        return made

    @staticmethod
    def _check_sides(application, interest, refused):
        if application.cycle_id != interest.cycle_id:
            raise TransitionRefused("A mentee and a mentor of different cycles cannot be paired.")
        if application.status != Application.Status.ACCEPTED:
            raise TransitionRefused(f"{application.applicant} is not an accepted mentee.")
        if interest.status != MentorInterest.Status.APPROVED:
            raise TransitionRefused(f"{interest.mentor} is not taking new mentees.")
        if (application.pk, interest.pk) in refused:
            raise TransitionRefused(
                f"{application.applicant} and {interest.mentor} were proposed before, and one of them said no."
            )

    @transition(Status.DRAFTED, to=Status.WITHDRAWN)
    def discard(self, *, by):
        """Drop a draft. Nobody outside staff knew of it."""
        self.ended_at = timezone.now()

    @transition(Status.DRAFTED, to=Status.PROPOSED, lock_first=("interest", "application"))
    def propose(self, *, by):
        """Share it with both, or with who answers first in this cycle, and ask for an answer by a date."""
        if self.application.status != Application.Status.ACCEPTED:
            raise TransitionRefused(f"{self.mentee} is not an accepted mentee any more.")
        if self.interest.status != MentorInterest.Status.APPROVED:
            raise TransitionRefused(f"{self.mentor} is not taking new mentees.")
        if shut_out := self.mentee.shut_out or self.mentor.shut_out:
            raise TransitionRefused(shut_out)
        self.proposed_at = timezone.now()
        self._set_terms()
        self._ask(self.first_asked)

    @property
    def first_asked(self):
        """Who hears of a proposal at once: both, or the one who answers first in this cycle."""
        first = {AnswersFirst.MENTOR: [self.mentor], AnswersFirst.MENTEE: [self.mentee]}
        return first.get(self.cycle.answers_first, [self.mentee, self.mentor])

    def _ask(self, people):
        """Tell these of it, with a whole span to answer in."""
        now = timezone.now()
        self.respond_by = self.cycle.reply_by(now)
        for person in people:
            if person == self.mentee:
                self.mentee_asked_at = now
                emails.PairingToMentee.of(self).queue(expires_at=self.respond_by)
            else:
                self.mentor_asked_at = now
                emails.PairingToMentor.of(self).queue(expires_at=self.respond_by)

    def as_if_proposed(self):
        """This draft as it would be proposed now, unsaved, for staff to read its mails first."""
        self.respond_by = self.cycle.reply_by(timezone.now())
        self._set_terms()
        return self

    def _set_terms(self):
        """What is proposed is what the cycle says now; a later change of the cycle changes no proposal."""
        self.hours_a_month = self.cycle.hours_a_month
        today = timezone.now().astimezone(self.cycle.zone).date()
        self.begins_on = max(today, self.cycle.term_begins)
        self.ends_on = self.cycle.end_of_mentorship(self.begins_on)

    @transition(to={Status.PROPOSED: Status.CONFIRMED, Status.CONFIRMED: Status.FINAL})
    def say_yes(self, *, by, received_at, seen=None):
        """One side's yes. Who comes second is asked now; the second yes makes it final, and both are told how to reach the
        other. ``seen`` is the version that the person was shown."""
        self._check_answer(by, received_at)
        if seen not in (None, self.version):
            raise TransitionRefused(
                "Staff have changed the proposal since you opened this page. Please read it again, then answer."
            )
        if by == self.mentee:
            self.mentee_yes_at = received_at
        else:
            self.mentor_yes_at = received_at
        if not (self.mentee_yes_at and self.mentor_yes_at):
            if second := [person for person in (self.mentee, self.mentor) if self.asked_at(person) is None]:
                self._ask(second)
            emails.PairingConfirmed.of(self, by).queue()
            return
        self.final_at = timezone.now()
        self.begins_on = max(self.final_at.astimezone(self.cycle.zone).date(), self.begins_on)
        emails.PairingFinalMentee.of(self).queue()
        emails.PairingFinalMentor.of(self).queue()

    @transition(Status.PROPOSED, Status.CONFIRMED, to=Status.DECLINED)
    def say_no(self, *, by, received_at, why=""):
        """One side's no. Mentee and place are free again; staff are told, and nobody else."""
        self._check_answer(by, received_at)
        self.no_from = Side.MENTEE if by == self.mentee else Side.MENTOR
        self._end(f"The {self.no_from} said no. {why}".strip())
        emails.PairingDeclined.of(self, by).queue()
        self._tell_staff(f"{by} said no.")

    @transition(Status.PROPOSED, Status.CONFIRMED, to=Status.LAPSED)
    def lapse(self, *, by=None):
        """The reply-by date has passed: no answer is not a yes."""
        if timezone.now() < self.respond_by + ON_ITS_WAY:
            raise TransitionRefused("The reply-by date has not passed yet.")
        silent = " and ".join(str(person) for person in self.unanswered())
        self._end(f"No answer from {silent}.")
        self._tell_staff(f"No answer came from {silent} in time.")

    @transition(Status.PROPOSED, Status.CONFIRMED, to=Status.WITHDRAWN)
    def withdraw(self, *, by, why):
        """Staff, or an event such as a move or a withdrawal, end it before it is final."""
        self._end(why)
        if by is None or not by.is_staff:
            self._tell_staff(why)

    @transition(Status.PROPOSED, Status.CONFIRMED, to=Status.PROPOSED)
    def change(self, *, by, why, seen, hours_a_month, begins_on, ends_on, note):
        """Other terms. Each yes so far is void; who has been asked is told so, and asked anew with a whole span to answer.

        ``seen`` is ``as_seen`` of what staff looked at, so that no yes is voided that nobody has seen.
        """
        if seen != self.as_seen:
            raise TransitionRefused("Somebody answered or changed this proposal since you looked. Please look again.")
        if begins_on < self.cycle.term_begins or ends_on > self.cycle.term_ends:
            raise TransitionRefused(f"A mentorship lies within the term, from {self.cycle.term_span}.")
        terms = {"hours_a_month": hours_a_month, "begins_on": begins_on, "ends_on": ends_on, "note": note}
        if all(getattr(self, name) == value for name, value in terms.items()):
            raise TransitionRefused("Nothing is different, so the proposal stays as it is.")
        for name, value in terms.items():
            setattr(self, name, value)
        self.version += 1
        said_yes, now = [person for person in self.told if self.said_yes_at(person)], timezone.now()
        self.mentee_yes_at = self.mentor_yes_at = None
        self.mentee_asked_at, self.mentor_asked_at = self.mentee_asked_at and now, self.mentor_asked_at and now
        self.respond_by = self.cycle.reply_by(now)
        for person in self.told:
            emails.PairingChanged.of(self, person, said_yes=person in said_yes).queue(expires_at=self.respond_by)

    @transition(to={Status.PROPOSED: Status.PROPOSED, Status.CONFIRMED: Status.CONFIRMED})
    def extend(self, *, by, why, last_day):
        """More time to answer, until the end of ``last_day``. The date there was is kept, and who has been told is told."""
        later = deadlines.closing(last_day, self.cycle.time_zone)
        if later <= self.respond_by:
            raise TransitionRefused(f"They have until {self.respond_by_words} already. Choose a later day.")
        if last_day >= self.ends_on:
            raise TransitionRefused(
                f"The mentorship would be over by then: it ends on {self.ends_on:%B} {self.ends_on.day}."
            )
        self.more_times.create(old_respond_by=self.respond_by, respond_by=later, why=why, given_by=by)
        self.respond_by = later
        for person in self.told:
            emails.PairingExtended.of(self, person).queue(expires_at=later)

    @transition(Status.FINAL, to=Status.ACTIVE)
    def begin(self, *, by=None):
        """The term has begun."""

    @transition(Status.ACTIVE, to=Status.COMPLETED)
    def complete(self, *, by=None):
        """The mentorship has run to its last day."""
        self.ended_at = timezone.now()

    @transition(Status.FINAL, Status.ACTIVE, to=Status.ENDED_EARLY)
    def end_early(self, *, by, why):
        """It ends before its last day, without blame."""
        self._end(why)
        for person in (self.mentee, self.mentor):
            emails.MentorshipEnded.of(self, person).queue()
        self._tell_staff(f"The mentorship ended early. {why}")

    def _check_answer(self, by, received_at):
        if by not in (self.mentee, self.mentor) or self.asked_at(by) is None:
            raise TransitionRefused("Only the mentee and the mentor answer for themselves.")
        if received_at >= self.respond_by:
            raise TransitionRefused(f"The time to answer ended at {self.respond_by_words}. Staff have been told.")
        if self.said_yes_at(by):
            raise TransitionRefused("You have said yes already.")

    def _end(self, reason):
        self.ended_at, self.end_reason = timezone.now(), reason

    def _tell_staff(self, what):
        for manager in User.objects.in_role(MANAGER):
            emails.PairingNeedsStaff.of(self, manager, what).queue()
