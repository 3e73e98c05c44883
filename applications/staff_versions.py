"""For staff: any two versions of an application side by side. What was said in confidence is not compared."""

from django.shortcuts import get_object_or_404
from django.urls import path

from applications import compare, receipt, sections
from applications.models import Application
from applications.version_views import chosen_pair, versions_of
from mentoring.staff import page, require
from programs import eligibility

HIDDEN = "Said in confidence"


def urls(admin_site):
    return [path("<int:pk>/versions/", admin_site.admin_view(versions_view), name="applications_application_versions")]


def account_for_staff(application, submission):
    """What staff may read of one version without a look that is put on record."""
    private = eligibility.sensitive_keys(application.cycle.rules.all())
    account = [("Person", receipt.facts_in_words(submission.facts))]
    for part in sections.SECTIONS.values():
        stored = getattr(submission, part.store)
        told = [
            (ask.text, HIDDEN if ask.key in private else eligibility.in_words(ask, stored.get(ask.key)))
            for ask in sections.asks(application, part)
        ]
        account.append((part.title, told))
    return account


def versions_view(request, pk):
    require(request, "applications.view_application")
    rows = Application.objects.handed_in().select_related("applicant", "cycle__program")
    application = get_object_or_404(rows, pk=pk)
    versions = versions_of(application)
    before, after = chosen_pair(request, versions, with_draft=False)
    return page(
        request,
        "admin/applications/application/versions.html",
        f"Versions of the {application}",
        application=application,
        before=before,
        after=after,
        chosen=[(each, each == before, each == after) for each in versions],
        versions=[(each, each.is_unaltered) for each in versions],
        parts=compare.changes(account_for_staff(application, before), account_for_staff(application, after)),
    )
