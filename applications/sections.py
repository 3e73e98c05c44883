"""The parts of an application that a person fills in: what each asks, and whether it is done."""

from dataclasses import dataclass

from django.urls import reverse

from applications import further
from programs import eligibility
from programs.forms import NOT_ANSWERED
from programs.models import Part, Question, Rule


@dataclass(frozen=True)
class Section:
    """One page of the form. ``title`` is the cycle's field that names it; ``store`` the application's that keeps its answers.

    ``asked_as`` says what they answer.
    """

    slug: str
    title: str
    text: str
    store: str
    asked_as: str

    def title_in(self, cycle):
        return getattr(cycle, self.title)


ELIGIBILITY = Section(
    "eligibility",
    "eligibility_title",
    "The same questions as the public check, for the record.",
    "rule_answers",
    Part.RULE,
)
ANSWERS = Section("answers", "answers_title", "What reviewers read, in your own words.", "answers", Part.QUESTION)
SECTIONS = {section.slug: section for section in (ELIGIBILITY, ANSWERS)}


def asks(application, section):
    """What the section asks of this application."""
    if section == ELIGIBILITY:
        return application.cycle.rule_asks
    return application.question_asks


def asks_for_saving(application, section):
    """What the section asks, without its words and lists, of an application that was fetched ``for_saving``."""
    if section == ELIGIBILITY:
        return eligibility.asks([Rule(**row) for row in application.with_asked])
    return [Question(cycle=application.cycle, **row).ask for row in application.with_asked]


def address(application, slug):
    """Where a section, by its slug, is filled in; the profile is everyone's own page, which leads back here."""
    if slug == "you":
        return f"{reverse('account_profile')}?next={application.get_absolute_url()}"
    if slug in SECTIONS:
        return reverse("applications:section", args=[application.pk, slug])
    if slug == "review":
        return reverse("applications:review", args=[application.pk])
    return next(step.address(application) for step in further.steps if step.slug == slug)


def progress(application, problems, here=None):
    """The parts of the way to handing in, with what is missing in each.

    The state is "now" for the part named ``here``, or else for the first that is not done.
    """
    titles = [("you", "About you", "Name, stage and institution, shared by all programs.")]
    titles += [(section.slug, section.title_in(application.cycle), section.text) for section in SECTIONS.values()]
    titles += [(step.slug, step.title, step.text) for step in further.steps_of(application)]
    steps = []
    for slug, title, text in titles:
        found = [sentence for where, _field, sentence in problems if where == slug]
        steps.append(_step(slug, title, text, _told(slug, found), address(application, slug), is_done=not found))
    told = "Not handed in yet." if application.may_hand_in else "Handed in."
    if application.has_unsubmitted_changes:
        told = f"Version {application.latest.number} is with us. Your changes are not handed in."
    review = reverse("applications:review", args=[application.pk])
    steps.append(_step("review", "Review and hand in", "", told, review, is_done=not application.may_hand_in))
    now = next((step for step in steps if step["slug"] == here or (here is None and step["state"] == "next")), None)
    if now:
        now["state"] = "now"
    return steps


def _told(slug, found):
    """What of a part is missing, and what is there but does not fit."""
    if not found:
        return "Complete."
    missing = len(found) if slug == "you" else sum(sentence.startswith(NOT_ANSWERED) for sentence in found)
    other = len(found) - missing
    told = []
    if slug not in (*SECTIONS, "you"):
        return found[0]
    if missing:
        told.append(f"{missing} thing{'s' if missing > 1 else ''} missing.")
    if other and slug == ELIGIBILITY.slug:
        told.append(f"{'1 answer does' if other == 1 else f'{other} answers do'} not fit the program.")
    elif other:
        told.append(f"{'1 answer needs' if other == 1 else f'{other} answers need'} another look.")
    return " ".join(told)


def _step(slug, title, text, told, url, *, is_done):
    state = "done" if is_done else "next"
    return {"slug": slug, "title": title, "text": text, "date_text": told, "url": url, "state": state}


def current(steps):
    """The part to go on with, or None when everything is handed in."""
    return next((step for step in steps if step["state"] == "now"), None)
