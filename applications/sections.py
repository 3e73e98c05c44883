"""The parts of an application that a person fills in: what each asks, and whether it is done."""

from dataclasses import dataclass

from django.urls import reverse

from programs import eligibility


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
        return eligibility.asks(application.cycle.rules.all())
    return application.question_asks


def address(application, slug):
    """Where a section, by its slug, is filled in; the profile is everyone's own page, which leads back here."""
    if slug == "you":
        return f"{reverse('account_profile')}?next={application.get_absolute_url()}"
    return reverse("applications:section", args=[application.pk, slug])


def progress(application, problems):
    """The sections with what is missing in each, for the overview: done, or how many things are missing."""
    titles = [("you", "About you", "Name, stage and institution, shared by all programs.")]
    titles += [(section.slug, section.title, section.text) for section in SECTIONS.values()]
    steps = []
    for slug, title, text in titles:
        missing = sum(1 for where, _field, _sentence in problems if where == slug)
        told = "Done." if not missing else f"{missing} thing{'s' if missing > 1 else ''} missing."
        url = address(application, slug) if application.may_edit else ""
        steps.append(
            {"title": title, "text": text, "date_text": told, "url": url, "state": "next" if missing else "done"}
        )
    return steps
