"""The parts of an application that a person fills in: what each asks, and whether it is done."""

from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True)
class Section:
    """One page of the form. ``store`` is the application's field that keeps its answers."""

    slug: str
    title: str
    text: str
    store: str


ELIGIBILITY = Section(
    "eligibility", "Whether the program fits", "The same questions as the public check, for the record.", "rule_answers"
)
ANSWERS = Section("answers", "Your goals", "What reviewers read, in your own words.", "answers")
SECTIONS = {section.slug: section for section in (ELIGIBILITY, ANSWERS)}


def asks(application, section):
    """What the section asks of this application."""
    if section == ELIGIBILITY:
        return application.cycle.rule_asks
    return application.question_asks


def address(application, slug):
    """Where a section, by its slug, is filled in; the profile is everyone's own page, which leads back here."""
    if slug == "you":
        return f"{reverse('account_profile')}?next={application.get_absolute_url()}"
    return reverse("applications:section", args=[application.pk, slug])


def progress(application, problems, here=None):
    """The parts of the way to handing in, with what is missing in each.

    The state is "now" for the part named ``here``, or else for the first that is not done.
    """
    titles = [("you", "About you", "Name, stage and institution, shared by all programs.")]
    titles += [(section.slug, section.title, section.text) for section in SECTIONS.values()]
    steps = []
    for slug, title, text in titles:
        missing = sum(1 for where, _field, _sentence in problems if where == slug)
        told = "Complete." if not missing else f"{missing} thing{'s' if missing > 1 else ''} missing."
        steps.append(_step(slug, title, text, told, address(application, slug), is_done=not missing))
    told = "Not handed in yet." if application.may_hand_in else "Handed in."
    review = reverse("applications:review", args=[application.pk])
    steps.append(_step("review", "Review and hand in", "", told, review, is_done=not application.may_hand_in))
    now = next((step for step in steps if step["slug"] == here or (here is None and step["state"] == "next")), None)
    if now:
        now["state"] = "now"
    return steps


def _step(slug, title, text, told, url, *, is_done):
    state = "done" if is_done else "next"
    return {"slug": slug, "title": title, "text": text, "date_text": told, "url": url, "state": state}


def current(steps):
    """The part to go on with, or None when everything is handed in."""
    return next((step for step in steps if step["state"] == "now"), None)
