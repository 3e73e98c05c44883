"""The mentors a mentee would like, ranked."""

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property

from applications.models import Application, MentorInterest
from matching import emails
from matching.models.confidences import Confidence
from matching.models.pairing import Pairing
from matching.querysets import RANKING, SHARED_LIVE, PreferenceListQuerySet
from matching.ranking import Ranking
from matching.separation import MentorsTooNear
from mentoring.constraints import one_of, set_in
from mentoring.workflow import TransitionRefused, lock, transition
from programs import deadlines
from programs.models import Window
from programs.models.moves import window_for


class Status(models.TextChoices):
    OPEN = "open", "Not handed in"
    SUBMITTED = "submitted", "Handed in"


class PreferenceList(models.Model):
    """One mentee's ranked mentors. What was handed in last counts; it can be changed until the window closes."""

    Status = Status

    application = models.OneToOneField(Application, models.PROTECT, related_name="preference_list")
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN, editable=False)
    no_preference = models.BooleanField(default=False)
    open_to_rest = models.BooleanField(
        "any other mentor is fine too", default=True, help_text="If not, only the mentors on the list are suggested."
    )
    submitted_at = models.DateTimeField(null=True, editable=False)
    times_submitted = models.PositiveIntegerField(default=0, editable=False)
    # What the mentee's page shows where it is not what was handed in: a Ranking as JSON.
    draft = models.JSONField(null=True, blank=True, editable=False)

    objects = PreferenceListQuerySet.as_manager()

    class Meta:
        ordering = ["application__applicant__name", "id"]
        constraints = [
            one_of("status", Status, name="preference_list_status_is_known"),
            set_in("submitted_at", [Status.SUBMITTED], name="preference_list_submitted_has_date", otherwise_empty=True),
        ]

    def __str__(self):
        return f"preferences of {self.application.applicant} in {self.cycle.short_name}"

    def get_absolute_url(self):
        return reverse("matching:preferences", args=[self.pk])

    @property
    def cycle(self):
        return self.application.cycle

    @property
    def window(self):
        """The window as this mentee has it, with an extension of their own."""
        return window_for(self, self.cycle.window(self.cycle.ranking_kind), self.application.applicant.email)

    @property
    def closes_words(self):
        """The deadline for a mail to this mentee, with their own time."""
        return self.window.closes_words_for(self.application.applicant)

    @property
    def may_edit(self):
        return self.window is not None and self.window.is_open()

    @property
    def goes_with_application(self):
        """Whether it is handed in by handing in the application, and that has not been."""
        return self.cycle.ranks_while_applying and self.application.status == Application.Status.DRAFT

    @property
    def submitted_words(self):
        return deadlines.words(self.submitted_at, self.cycle.time_zone)

    @property
    def ranked(self):
        """The mentors in order of preference."""
        return [
            preference.interest for preference in self.preferences.select_related("interest__mentor").order_by("rank")
        ]

    def eligible_mentors(self):
        """The mentors this mentee may have: taking part, with a place free, and as far away as the cycle asks."""
        return eligible_mentors(self.application)

    @property
    def receipt_number(self):
        """Of what was handed in last, as in "000123-P2"."""
        return f"{self.application_id:06d}-P{self.times_submitted}"

    @cached_property
    def handed_in(self):
        """What counts, as a Ranking; an empty one before anything is handed in."""
        rows = list(self.preferences.all())
        return Ranking(
            order=[row.interest_id for row in rows],
            no_preference=self.no_preference,
            open_to_rest=self.open_to_rest,
            why={row.interest_id: row.why for row in rows if row.why},
            told=frozenset(row.interest_id for row in rows if row.tell_mentor),
        )

    def without(self, allowed):
        """The mentors of the list that counts who are not ``allowed`` any more."""
        gone = [pk for pk in self.handed_in.order if pk not in allowed]
        return list(MentorInterest.objects.filter(pk__in=gone).select_related("mentor")) if gone else []

    def shown(self, allowed):
        """What the mentee's page shows: the draft, or else what was handed in, of the mentors ``allowed``."""
        return (Ranking.from_json(self.draft) if self.draft else self.handed_in).only(allowed)

    def rearrange(self, change, *, allowed):
        """Keep what a press makes of what the page shows, and return it; what was handed in counts on.

        ``change`` takes the Ranking that is kept and gives the new one; the row is locked meanwhile, so that presses in two
        windows follow one another. Raises TransitionRefused, with a sentence, while the list cannot be changed.
        """
        if not self.may_edit:
            closed = f"The list closed at {self.window.closes_words}" if self.window else "The list is not open"
            raise TransitionRefused(f"{closed}, so this change is not saved. What you handed in before stands.")
        with transaction.atomic():
            own = type(self).objects.filter(pk=self.pk)
            self.draft = own.select_for_update().values_list("draft", flat=True).get()
            ranking = change(self.shown(allowed)).only(allowed)
            self.draft = ranking.as_json() if ranking != self.handed_in.only(allowed) else None
            own.update(draft=self.draft)
        return ranking

    @transition(Status.OPEN, Status.SUBMITTED, to=Status.SUBMITTED)
    def submit(self, *, by, received_at, ranking):
        """Hand in this Ranking: an order of mentors (ids of their interests), or that any mentor is welcome."""
        if by != self.application.applicant:
            raise TransitionRefused("Only the mentee can rank mentors.")
        if self.goes_with_application:
            raise TransitionRefused("Your list is kept. It is handed in together with your application.")
        if self.application.status not in RANKING[self.cycle.preferences_come]:
            who = "applicants and mentees" if self.cycle.ranks_while_applying else "accepted mentees"
            raise TransitionRefused(f"Only {who} rank mentors.")
        window = Window.objects.filter(cycle=self.cycle, kind=self.cycle.ranking_kind).first()
        window = window_for(self, window, by.email)
        if window is None or not window.accepts(received_at):
            told = (
                f"closed at {window.closes_words}" if window and received_at >= window.closes_at else "are not open yet"
            )
            raise TransitionRefused(f"Preferences {told}. What you handed in before stands.")
        chosen = self.checked(ranking)
        self.preferences.all().delete()
        Preference.objects.bulk_create(
            Preference(
                list=self, rank=rank, interest_id=pk, why=ranking.why.get(pk, ""), tell_mentor=pk in ranking.told
            )
            for rank, pk in enumerate(chosen, start=1)
        )
        self.__dict__.pop("handed_in", None)
        self.no_preference, self.draft = ranking.no_preference, None
        self.open_to_rest = ranking.open_to_rest or ranking.no_preference
        self.submitted_at = received_at
        self.times_submitted += 1
        emails.PreferencesReceived.of(self).queue()

    def hand_in_with_application(self, received_at):
        """Hand in what the page shows, if it was not yet; what does not fit the rules any more leaves the list before."""
        lock(self)
        ranking = self.shown(set(self.eligible_mentors().values_list("pk", flat=True)))
        if (self.draft or self.submitted_at is None) and not self.problem(ranking):
            self.submit(by=self.application.applicant, received_at=received_at, ranking=ranking)

    def problem(self, ranking):
        """Why this Ranking cannot be handed in, as a sentence; empty if it can."""
        try:
            self.checked(ranking)
        except TransitionRefused as refused:
            return str(refused)
        return ""

    def checked(self, ranking):
        """The ids, if they are as many as the cycle asks for, each once, and each of a mentor this mentee may have.

        None for who has no preference. Raises TransitionRefused, with a sentence, for a list that does not fit.
        """
        if ranking.no_preference:
            return []
        interests = ranking.order
        least, most = self.cycle.least_choices, self.cycle.most_choices
        if len(set(interests)) != len(interests):
            raise TransitionRefused("The same mentor is on your list twice.")
        if not least <= len(interests) <= most:
            wanted = f"{least} to {most}" if least != most else f"{least}"
            raise TransitionRefused(f"Please rank {wanted} mentors, or say that you have no preference.")
        allowed = set(self.eligible_mentors().values_list("pk", flat=True))
        if set(interests) - allowed:
            raise TransitionRefused("A mentor on your list can no longer be chosen. The list below shows who can.")
        return interests


class Preference(models.Model):
    """One mentor on a mentee's list. Its rank is for staff and the mentee only."""

    list = models.ForeignKey(PreferenceList, models.CASCADE, related_name="preferences")
    rank = models.PositiveSmallIntegerField()
    interest = models.ForeignKey(MentorInterest, models.PROTECT, related_name="preferences")
    why = models.TextField("why this mentor", blank=True)
    tell_mentor = models.BooleanField("the mentor may read why", default=False)

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["list", "rank"], name="preference_one_mentor_for_a_rank"),
            models.UniqueConstraint(fields=["list", "interest"], name="preference_one_rank_for_a_mentor"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="preference_rank_from_one"),
        ]

    def __str__(self):
        return f"choice {self.rank} of {self.list_id}"


def _shared_over_all():
    """How many shared, live pairings the mentor of a row has, over all programs."""
    shared = Pairing.objects.known_to_mentee().filter(mentor=models.OuterRef("mentor")).order_by().values("mentor")
    return Coalesce(models.Subquery(shared.annotate(n=models.Count("pk")).values("n")), 0)


def eligible_mentors(application):
    """The mentor interests of the cycle that this application's mentee may choose from, as a queryset by name.

    What mentees do not know of changes nothing here: a draft, or a proposal that only the mentor knows of, takes no place,
    and a mentor who said no stays on the list.
    """
    mentee = application.applicant
    taken = Q(
        places__retired=False,
        places__pairings__status__in=SHARED_LIVE,
        places__pairings__mentee_asked_at__isnull=False,
    )
    return (
        MentorInterest.objects.taking_part()
        .filter(cycle=application.cycle)
        .exclude(mentor=mentee)
        .exclude(mentor__in=Confidence.objects.standing().of(mentee).values("about"))
        .exclude(mentor__in=MentorsTooNear(application.cycle, mentee))
        .annotate(with_places=models.Count("places", filter=Q(places__retired=False), distinct=True))
        .annotate(with_taken=models.Count("places", filter=taken, distinct=True))
        .filter(with_places__gt=models.F("with_taken"))
        .filter(Q(mentor__most_mentees__isnull=True) | Q(mentor__most_mentees__gt=_shared_over_all()))
        .select_related("mentor")
        .prefetch_related("mentor__institutions")
        .order_by("mentor__name", "pk")
    )
