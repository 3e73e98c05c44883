"""What may be applied to, and when."""

from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils import timezone

from mentoring.accounts.models import CareerStage, Institution
from mentoring.constraints import one_of
from programs import deadlines, eligibility
from programs.querysets import CycleQuerySet, WindowQuerySet
from programs.separation import Separation, words


class Program(models.Model):
    """A standing offering, such as the Virtual Mentoring Program."""

    name = models.CharField(max_length=120, unique=True)
    abbreviation = models.CharField(max_length=20, unique=True)
    slug = models.SlugField(unique=True, help_text="Part of the page's address. People bookmark it, so leave it be.")
    summary = models.CharField(max_length=300, help_text="One sentence for the list of programs.")
    purpose = models.TextField(help_text="What it is for, in paragraphs.")
    audience = models.TextField(blank=True, help_text="Whom it is for: one group per line.")
    steps = models.TextField(blank=True, help_text="How it goes: one step per line.")
    unsuitable = models.TextField(blank=True, help_text="Who would be served better elsewhere, in paragraphs.")
    mentor_invitation = models.TextField(blank=True, help_text="Who is invited to mentor, and how it begins.")
    contact_name = models.CharField(max_length=120)
    contact_email = models.EmailField()
    answer_time = models.CharField(
        "staff usually answer questions within",
        max_length=60,
        blank=True,
        help_text='Told to people who ask, as in "a few working days". Leave empty to promise nothing.',
    )
    apply_label = models.CharField(max_length=60, default="Start your application")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("programs:program", args=[self.slug])

    @property
    def answer_sentence(self):
        """What people who ask a question may expect."""
        usual = f" Staff usually answer within {self.answer_time}." if self.answer_time else ""
        return f"You will get an answer by email.{usual}"


def validate_zone(name):
    """Refuse what is no IANA time zone."""
    if name not in available_timezones():
        raise ValidationError("Type an IANA time zone, such as America/New_York.")


class AnswersFirst(models.TextChoices):
    BOTH = "both", "Both at once"
    MENTOR = "mentor", "The mentor first"
    MENTEE = "mentee", "The mentee first"


class PreferencesCome(models.TextChoices):
    AFTER = "after", "After acceptance"
    WITH = "with", "With the application"


def default_mentor_stages():
    return [CareerStage.FELLOW.value, CareerStage.PRACTICING_ONCOLOGIST.value]


THE_PROGRAMS_OWN = "Leave empty for what the program says."
CALLED = "What people read on the page."


@dataclass(frozen=True)
class Contact:
    """Whom to write to."""

    name: str
    email: str


class Cycle(models.Model):
    """One yearly run of a program: its term, windows, rules, questions, limits and texts."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="cycles")
    label = models.CharField(max_length=40, help_text='The year, as in "2027" or "2027–28".')
    slug = models.SlugField(unique=True, help_text="Names this cycle in files and filters, as in vmp-2027.")
    published_at = models.DateTimeField(null=True, blank=True, help_text="Empty while only staff may see it.")
    time_zone = models.CharField(max_length=64, default="America/New_York", validators=[validate_zone])
    term_begins = models.DateField("first day of the term")
    term_ends = models.DateField("last day of the term")
    term_begins_words = models.CharField(
        "when the term begins, in words",
        max_length=60,
        blank=True,
        help_text='What people are told until the day is sure, as in "Summer 2027".',
    )
    least_months = models.PositiveSmallIntegerField("shortest commitment, in months", default=0)
    most_months = models.PositiveSmallIntegerField("longest mentorship, in months", default=12)
    hours_a_month = models.PositiveSmallIntegerField("hours a month, at least", default=1)
    decisions_by = models.DateField("applicants hear by", null=True, blank=True)
    preferences_come = models.CharField(
        "mentors are ranked",
        max_length=10,
        choices=PreferencesCome,
        default=PreferencesCome.AFTER,
        help_text="With the application: among the mentors approved by then, until applications close. Fixed once published.",
    )
    least_choices = models.PositiveSmallIntegerField("mentors a mentee must rank, at least", default=1)
    most_choices = models.PositiveSmallIntegerField("mentors a mentee may rank, at most", default=5)
    places = models.PositiveSmallIntegerField(
        "places for mentees",
        default=0,
        help_text="0 for no limit. Releasing decisions warns when more are accepted than there are places.",
    )
    separation = models.CharField(
        "mentor and mentee are", max_length=20, choices=Separation, default=Separation.INSTITUTION
    )
    separation_levels = models.SmallIntegerField(
        "levels of parents that count as one institution",
        null=True,
        blank=True,
        help_text="Empty: the whole family, with affiliates. 0: the same institution only. 1: its parent and the parent’s others "
        "too, without affiliates. And so on.",
    )
    reply_days = models.PositiveSmallIntegerField("days to answer a proposed pairing", default=10)
    answers_first = models.CharField(
        "who answers a proposed pairing first",
        max_length=10,
        choices=AnswersFirst,
        default=AnswersFirst.BOTH,
        help_text="Who comes second hears nothing before the first has said yes, and then has as many days to answer.",
    )
    mentor_stages = ArrayField(
        models.CharField(max_length=30, choices=CareerStage),
        default=default_mentor_stages,
        verbose_name="who may mentor",
    )
    topics = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        verbose_name="what mentors can help with",
        help_text="Separated by commas. Mentees ask for these, mentors offer them, and suggestions compare them.",
    )

    contact_name = models.CharField("whom to write to", max_length=120, blank=True, help_text=THE_PROGRAMS_OWN)
    contact_email = models.EmailField("at which address", blank=True, help_text=THE_PROGRAMS_OWN)
    apply_label = models.CharField("button to apply", max_length=60, blank=True, help_text=THE_PROGRAMS_OWN)
    eligibility_title = models.CharField(
        "section with the rules", max_length=80, default="Whether the program fits", help_text=CALLED
    )
    answers_title = models.CharField(
        "section with the questions", max_length=80, default="Your goals", help_text=CALLED
    )
    mentor_title = models.CharField("title for mentors", max_length=80, default="Become a mentor", help_text=CALLED)
    mentor_label = models.CharField(
        "button for mentors", max_length=60, default="Open the mentor interest form", help_text=CALLED
    )

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ["-term_begins", "program"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "label"],
                name="cycle_label_unique_in_program",
                violation_error_message="This program has a cycle of this name already.",
            ),
            models.CheckConstraint(
                condition=Q(term_ends__gt=F("term_begins")),
                name="cycle_term_ends_after_it_begins",
                violation_error_message="The term must end after it begins.",
            ),
            models.CheckConstraint(
                condition=Q(most_months__gte=F("least_months")) & Q(most_months__gte=1),
                name="cycle_months_in_order",
                violation_error_message="The longest mentorship cannot be shorter than the shortest commitment.",
            ),
            models.CheckConstraint(
                condition=Q(most_choices__gte=F("least_choices")) & Q(most_choices__gte=1),
                name="cycle_choices_in_order",
                violation_error_message="The most choices cannot be fewer than the least.",
            ),
            models.CheckConstraint(
                condition=Q(reply_days__gte=1),
                name="cycle_reply_days_at_least_one",
                violation_error_message="People need at least one day to answer a proposed pairing.",
            ),
            one_of("answers_first", AnswersFirst, name="cycle_answers_first_is_known"),
            one_of("preferences_come", PreferencesCome, name="cycle_preferences_come_is_known"),
            one_of("separation", Separation, name="cycle_separation_is_known"),
            models.CheckConstraint(
                condition=Q(separation_levels__isnull=True)
                | Q(separation=Separation.INSTITUTION, separation_levels__gte=0, separation_levels__lte=9),
                name="cycle_levels_are_of_institutions",
                violation_error_message="Levels of parents are 0 to 9, and empty unless people are from different institutions.",
            ),
            ExclusionConstraint(
                name="cycle_terms_do_not_overlap",
                expressions=[
                    ("program", RangeOperators.EQUAL),
                    (
                        Func(
                            F("term_begins"),
                            F("term_ends"),
                            Value("[]"),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="This term overlaps another of the same program. Mentorships end before the next launch.",
            ),
        ]

    def __str__(self):
        return f"{self.program.name} {self.label}"

    def clean(self):
        # Asked first: of such days the database can make no span to compare with other terms.
        if not self.term_begins or not self.term_ends:
            return
        if self.term_ends <= self.term_begins:
            raise ValidationError({"term_ends": "The term must end after it begins."})
        if other := self._overlapped():
            raise ValidationError({"term_begins": f"This term overlaps {other.short_name}, from {other.term_span}."})

    def _overlapped(self):
        """Another cycle of the program whose term shares a day with this one's, or None."""
        others = Cycle.objects.filter(program=self.program_id).exclude(pk=self.pk)
        return others.filter(term_begins__lte=self.term_ends, term_ends__gte=self.term_begins).first()

    @property
    def term_span(self):
        days = (deadlines.day_words(day, weekday=False) for day in (self.term_begins, self.term_ends))
        return " to ".join(days)

    @property
    def short_name(self):
        return f"{self.program.abbreviation} {self.label}"

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)

    @property
    def contact(self):
        """Whom people write to about this cycle."""
        program = self.program
        return Contact(self.contact_name or program.contact_name, self.contact_email or program.contact_email)

    @property
    def apply_words(self):
        """What the button to apply says."""
        return self.apply_label or self.program.apply_label

    def reply_by(self, asked_at):
        """The first instant too late for an answer to a proposed pairing: the end of the day so many days on, in the
        cycle's zone, and never after the window for replies closes, as long as that is still to come.
        """
        last_day = asked_at.astimezone(self.zone).date() + timedelta(days=self.reply_days)
        answer_by, window = deadlines.closing(last_day, self.time_zone), self.window(WindowKind.PAIRING_REPLIES)
        return min(answer_by, window.closes_at) if window and window.closes_at > asked_at else answer_by

    @cached_property
    def _windows(self):
        return {window.kind: window for window in self.windows.all()}

    def window(self, kind):
        """This cycle's window of that kind, or None. Read once per instance."""
        return self._windows.get(kind)

    @property
    def applications_window(self):
        return self.window(WindowKind.APPLICATIONS)

    @property
    def mentor_window(self):
        return self.window(WindowKind.MENTOR_INTEREST)

    @property
    def preferences_window(self):
        return self.window(WindowKind.PREFERENCES)

    @property
    def ranks_while_applying(self):
        """Whether mentors are ranked with the application, not after acceptance."""
        return self.preferences_come == PreferencesCome.WITH

    @property
    def ranking_kind(self):
        """The kind of window in which mentors are ranked."""
        return WindowKind.APPLICATIONS if self.ranks_while_applying else WindowKind.PREFERENCES

    @property
    def accepts_mentors(self):
        return self.mentor_window is not None and self.mentor_window.is_open()

    @property
    def accepts_applications(self):
        return self.applications_window is not None and self.applications_window.is_open()

    @cached_property
    def topic_keys(self):
        """The keys of the questions that are answered with its topics. Read once per instance."""
        return list(self.questions.filter(kind="topics").order_by("key").values_list("key", flat=True))

    @cached_property
    def rule_lists(self):
        """The options that rules take from elsewhere: the medical schools, read only where a rule asks for them."""
        return self.lists_for(self.rules.all())

    def lists_for(self, rules):
        named = {ask.options_from for ask in eligibility.asks(rules) if ask.options_from}
        return {each: Institution.objects.names_of_schools(each[1:]) for each in named}

    @property
    def rule_asks(self):
        """What this cycle's rules ask of a person, in order."""
        return eligibility.asks(self.rules.all(), self.rule_lists)

    @property
    def conditions(self):
        """What is enforced, as every page says it."""
        return eligibility.conditions(self.rules.all())

    def judge(self, answers, waived=None):
        """What the rules come to on a person's answers; ``waived`` as for ``eligibility.judge``."""
        return eligibility.judge(self.rules.all(), answers, self.rule_lists, waived)

    @property
    def term_words(self):
        """When mentoring happens, as staff are sure of it."""
        begins = self.term_begins_words or deadlines.day_words(self.term_begins, weekday=False)
        length = f"up to {self.most_months} months"
        if self.least_months:
            length += f", with a {self.least_months}-month minimum commitment"
        return (
            f"The term begins in {begins} and lasts {length}."
            if self.term_begins_words
            else f"The term begins on {begins} and lasts {length}."
        )

    @property
    def term_ends_words(self):
        return deadlines.day_words(self.term_ends)

    @property
    def status_sentence(self):
        """The state of this cycle's applications in one sentence, for everyone."""
        window = self.applications_window
        return window.status_sentence if window else "Dates for applications have not been set yet."

    @property
    def apart(self):
        """How far apart its mentors and mentees are kept, as every page and mail says it."""
        return words(self.separation, self.separation_levels)

    @property
    def mentor_stage_words(self):
        """ "fellows and practicing oncologists" """
        labels = [CareerStage(stage).label.lower() + "s" for stage in self.mentor_stages]
        return " and ".join([", ".join(labels[:-1]), labels[-1]] if len(labels) > 1 else labels)

    def end_of_mentorship(self, begun):
        """The last day of a mentorship begun on a day: the longest allowed, and never past the term."""
        months = begun.month - 1 + self.most_months
        year, month = begun.year + months // 12, months % 12 + 1
        first_of_next = begun.replace(year=year, month=month, day=1)
        last = min(first_of_next + timedelta(days=begun.day - 1), _last_of_month(first_of_next))
        return min(last - timedelta(days=1), self.term_ends)


def _last_of_month(first):
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


@dataclass(frozen=True)
class Moment:
    """An instant as pages show it: for machines, and in words."""

    at: object
    text: str


class WindowKind(models.TextChoices):
    APPLICATIONS = "applications", "Applications"
    MENTOR_INTEREST = "mentor_interest", "Mentor interest"
    PREFERENCES = "preferences", "Preferences"
    # Optional: its close comes before the days that people have to answer.
    PAIRING_REPLIES = "pairing_replies", "Pairing replies"


class Window(models.Model):
    """A span in which something is accepted. ``closes_at`` is the first instant that is not."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="windows")
    kind = models.CharField(max_length=20, choices=WindowKind)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    grace = models.DurationField(default=timedelta(0), help_text="The same for everyone, and shown to staff only.")
    # Rises with each move, and is kept with what was judged by it.
    version = models.PositiveIntegerField(default=1, editable=False)
    # What every page of the program says of a move, until the window closes.
    notice = models.TextField(blank=True, editable=False)

    objects = WindowQuerySet.as_manager()

    class Meta:
        ordering = ["opens_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "kind"],
                name="window_one_of_a_kind",
                violation_error_message="This cycle has a window of this kind already.",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="window_closes_after_it_opens",
                violation_error_message="A window must close after it opens.",
            ),
            models.CheckConstraint(
                condition=Q(grace__gte=timedelta(0)) & Q(grace__lte=timedelta(minutes=15)),
                name="window_grace_at_most_fifteen_minutes",
                violation_error_message="A grace is between 0 and 15 minutes.",
            ),
            one_of("kind", WindowKind, name="window_kind_is_known"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} of {self.cycle}"

    def accepts(self, received_at):
        """Whether what the server received at that instant is in time."""
        return deadlines.accepts(self.opens_at, self.closes_at, received_at, self.grace)

    def is_open(self):
        """Whether it is open as people are told, which leaves the grace out."""
        return deadlines.accepts(self.opens_at, self.closes_at, timezone.now())

    def closing_at(self, closes_at):
        """This window with another close, as one person has it. Not to be saved."""
        own = copy(self)
        own.closes_at = closes_at
        return own

    @property
    def notice_now(self):
        """What to say of a move while the window is open."""
        return "" if self.has_closed else self.notice

    @property
    def has_opened(self):
        return timezone.now() >= self.opens_at

    @property
    def has_closed(self):
        return timezone.now() >= self.closes_at

    @property
    def grace_words(self):
        minutes = self.grace // timedelta(minutes=1)
        return f"{minutes} minutes" if minutes else "None"

    @property
    def closes_words(self):
        """ "11:59 PM ET on Thursday, January 21, 2027" """
        return deadlines.words(deadlines.last_minute(self.closes_at), self.cycle.time_zone)

    def closes_words_for(self, person):
        """The same with the offset and, for a mail to one person, their own time; ``person`` may be None."""
        own = getattr(person, "own_zone", None)
        return deadlines.words_for(deadlines.last_minute(self.closes_at), self.cycle.time_zone, own)

    @property
    def opens_words(self):
        return deadlines.words(self.opens_at, self.cycle.time_zone)

    @property
    def closes(self):
        """The deadline as pages show it. The time element carries the last minute in time."""
        return Moment(deadlines.last_minute(self.closes_at), self.closes_words)

    @property
    def opens(self):
        return Moment(self.opens_at, self.opens_words)

    @property
    def status_sentence(self):
        if not self.has_opened:
            return f"Opens at {self.opens_words}."
        if self.has_closed:
            return f"Closed at {self.closes_words}."
        return f"Open until {self.closes_words} ({deadlines.days_left(self.closes_at, timezone.now())})."
