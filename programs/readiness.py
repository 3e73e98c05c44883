"""What is missing before a cycle can be published, and the publishing itself."""

import re

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentoring.audit.models import record
from mentoring.workflow import TransitionRefused, lock
from programs import deadlines
from programs.models import QuestionKind, WindowKind
from programs.models.examples import examples_agree
from programs.separation import Separation

CHOICES = {QuestionKind.ONE_OF, QuestionKind.SEVERAL}
TEXTS = ["summary", "purpose", "audience", "steps", "mentor_invitation"]
# The texts in which the next cycle's copy moves the years by itself.
MOVED_WITH_THE_YEAR = ("Name of the cycle", "Short name in addresses", "When the term begins, in words")
OUTSIDE = re.compile(r"outside (of )?(your|their|the)( own)? institution", re.IGNORECASE)
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def missing(cycle):
    """Everything that keeps the cycle from being published, as sentences. Empty when it is ready."""
    return [sentence for check in CHECKS for sentence in check(cycle)]


def needed(cycle):
    """The kinds of windows without which the cycle cannot be.

    Answers to proposed pairings have their days each, so that a window for them is staff's choice.
    """
    wanted = {WindowKind.APPLICATIONS, WindowKind.MENTOR_INTEREST, cycle.ranking_kind}
    return [kind for kind in WindowKind if kind in wanted]


def missing_windows(cycle):
    windows = ours(cycle.windows.all())
    return [f"There is no window for {kind.label.lower()}." for kind in needed(cycle) if kind not in windows]


def windows_in_order(cycle):
    return out_of_order(cycle, cycle.windows.all())


def out_of_order(cycle, windows):
    """What of these windows cannot be, beside each other and beside the term, as sentences. Nothing of it can be saved."""
    windows = ours(windows)
    applications, preferences = windows.get(WindowKind.APPLICATIONS), windows.get(WindowKind.PREFERENCES)
    if cycle.ranks_while_applying:
        yield from _cannot_rank_while_applying(windows, cycle)
    elif applications and preferences and applications.closes_at > preferences.opens_at:
        yield (
            f"Applications must close before preferences open: they close at {words(applications, cycle)}, and preferences "
            f"open at {deadlines.words(preferences.opens_at, cycle.time_zone)}."
        )
    if applications and cycle.term_begins and applications.closes_at > first_instant(cycle.term_begins, cycle):
        yield (
            f"Applications must close before the term begins: they close at {words(applications, cycle)}, and the term "
            f"begins on {deadlines.day_words(cycle.term_begins)}."
        )
    replies = windows.get(WindowKind.PAIRING_REPLIES)
    if replies and preferences and replies.closes_at <= preferences.closes_at:
        yield (
            f"Pairing replies must close after preferences do: they close at {words(replies, cycle)}, and preferences "
            f"at {words(preferences, cycle)}."
        )
    for window in windows.values():
        if cycle.term_ends and window.closes_at > end_of(cycle.term_ends, cycle):
            yield (
                f"{window.get_kind_display()} must close before the term ends: it closes at {words(window, cycle)}, and the "
                f"term ends on {deadlines.day_words(cycle.term_ends)}."
            )


def _cannot_rank_while_applying(windows, cycle):
    """What keeps applicants from ranking mentors with their application."""
    if windows.get(WindowKind.PREFERENCES):
        yield "Mentors are ranked with the application, so there is no window for preferences. Please delete it."
    applications, mentors = windows.get(WindowKind.APPLICATIONS), windows.get(WindowKind.MENTOR_INTEREST)
    if applications and mentors and mentors.opens_at >= applications.closes_at:
        yield (
            "Mentors are ranked with the application, so mentor interest must open before applications close: it opens at "
            f"{deadlines.words(mentors.opens_at, cycle.time_zone)}, and applications close at {words(applications, cycle)}."
        )


def dates_in_order(cycle):
    """The days between the windows."""
    windows = ours(cycle.windows.all())
    applications, preferences = windows.get(WindowKind.APPLICATIONS), windows.get(WindowKind.PREFERENCES)
    if applications and applications.has_closed:
        yield f"Applications closed already, at {words(applications, cycle)}: nobody could apply."
    if not cycle.decisions_by:
        yield "There is no day by which applicants hear from you."
    elif applications and end_of(cycle.decisions_by, cycle) < applications.closes_at:
        yield (
            f"Applicants would hear by {deadlines.day_words(cycle.decisions_by)}, before applications close at "
            f"{words(applications, cycle)}."
        )
    elif preferences and end_of(cycle.decisions_by, cycle) > preferences.closes_at:
        yield (
            f"Preferences close at {words(preferences, cycle)}, before applicants hear by "
            f"{deadlines.day_words(cycle.decisions_by)}: who is accepted on that day could not rank mentors."
        )
    if preferences and first_instant(cycle.term_begins, cycle) < preferences.closes_at:
        yield (
            f"The term begins on {deadlines.day_words(cycle.term_begins)}, before preferences close at "
            f"{words(preferences, cycle)}."
        )


def rules_are_there(cycle):
    rules = list(cycle.rules.all())
    if not any(rule.is_enforced for rule in rules):
        yield "There is no rule that must hold: anyone at all could apply."
    for rule in rules:
        try:
            rule.clean()
        except ValidationError as error:
            yield f"Rule “{rule.key}”: {' '.join(error.messages)}"


def rules_in_time(cycle):
    """The days in rules, which a copy takes over as they were."""
    applications = ours(cycle.windows.all()).get(WindowKind.APPLICATIONS)
    for rule in cycle.rules.all():
        if applications and rule.due and end_of(rule.due, cycle) < applications.closes_at:
            yield (
                f"Rule “{rule.key}” must hold by {deadlines.day_words(rule.due)}, before applications close at "
                f"{words(applications, cycle)}."
            )


def questions_are_there(cycle):
    questions = list(cycle.questions.all())
    if not questions:
        yield "There is no question, so reviewers would have nothing to read."
    for question in questions:
        if question.kind in CHOICES and len(question.options) < 2:
            yield f"Question “{question.text}” asks to choose, and has fewer than two options."
        if question.kind == QuestionKind.TOPICS and not cycle.topics:
            yield f"Question “{question.text}” asks for topics, and the list of what mentors can help with is empty."


def texts_are_there(cycle):
    for name in TEXTS:
        if not getattr(cycle.program, name).strip():
            label = cycle.program._meta.get_field(name).verbose_name
            yield f"The program’s text “{label}” is empty; its public page needs it."


def texts_keep_apart(cycle):
    """Where the cycle pairs people of one institution, no text may promise the contrary."""
    for name in TEXTS if cycle.separation == Separation.NONE else []:
        if OUTSIDE.search(getattr(cycle.program, name)):
            label = cycle.program._meta.get_field(name).verbose_name
            yield f"The program’s text “{label}” promises a mentor from outside one’s institution; this cycle does not."


# Each takes a cycle and gives sentences. Whatever else must be right before publishing is added here.
CHECKS = [
    missing_windows,
    windows_in_order,
    dates_in_order,
    rules_are_there,
    rules_in_time,
    questions_are_there,
    texts_are_there,
    texts_keep_apart,
    examples_agree,
]


def publish(cycle, *, by):
    """Put the cycle on the public pages. Raises TransitionRefused, with all that is missing, while it is not ready."""
    with transaction.atomic():
        lock(cycle)
        if cycle.published_at:
            raise TransitionRefused("This cycle is published already.")
        if sentences := missing(cycle):
            raise TransitionRefused(" ".join(["This cycle cannot be published yet.", *sentences]))
        cycle.published_at = timezone.now()
        cycle.save(update_fields=["published_at"])
        record("publish", cycle, by=by)


def old_years(cycle):
    """The texts of the cycle that name a year before its term's first."""
    return naming_years_before(cycle.term_begins.year, texts(cycle))


def naming_years_before(first, named_texts):
    """Those that name a year before ``first``, as (where, text, the years)."""
    found = []
    for where, text in named_texts:
        if years := sorted({year for year in YEAR.findall(text) if int(year) < first}):
            found.append((where, text, ", ".join(years)))
    return found


def texts(cycle):
    """Every text of the cycle that people read, with a name for where it stands."""
    yield from zip(MOVED_WITH_THE_YEAR, (cycle.label, cycle.slug, cycle.term_begins_words), strict=True)
    for topic in cycle.topics:
        yield "What mentors can help with", topic
    for rule in cycle.rules.all():
        for text in (rule.text, rule.way_out, *strings(rule.parameters)):
            yield f"Rule “{rule.key}”", text
    for name in ("apply_label", "eligibility_title", "answers_title", "mentor_title", "mentor_label"):
        yield str(cycle._meta.get_field(name).verbose_name).capitalize(), getattr(cycle, name)
    for question in cycle.questions.all():
        for text in (question.text, question.help, *question.options):
            yield f"Question “{question.key}”", text
    for name in (*TEXTS, "unsuitable", "apply_label"):
        yield f"The program’s text “{cycle.program._meta.get_field(name).verbose_name}”", getattr(cycle.program, name)


def strings(value):
    """The texts inside stored settings, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def ours(windows):
    return {window.kind: window for window in windows if window.opens_at and window.closes_at}


def words(window, cycle):
    return deadlines.words(deadlines.last_minute(window.closes_at), cycle.time_zone)


def first_instant(day, cycle):
    return deadlines.day_bounds(day, cycle.time_zone)[0]


def end_of(day, cycle):
    """The first instant after that day where the cycle is."""
    return deadlines.day_bounds(day, cycle.time_zone)[1]
