"""For staff: any two versions of an application side by side. What was said in confidence is not compared."""

from django.shortcuts import get_object_or_404
from django.urls import path

from applications import compare, receipt, sections
from applications.models import Application
from applications.models.asked import answered
from applications.version_views import chosen_pair, versions_of
from mentoring.staff import page, require

HIDDEN = "Said in confidence"


def urls(admin_site):
    return [path("<int:pk>/versions/", admin_site.admin_view(versions_view), name="applications_application_versions")]


def account_for_staff(submission):
    """What staff may read of one version without a look that is put on record."""
    account = [("Person", receipt.facts_in_words(submission.facts))]
    for part in sections.SECTIONS.values():
        told = [(each.text, HIDDEN if each.sensitive else each.answer) for each in answered(submission, part.asked_as)]
        account.append((part.title_in(submission.application.cycle), told))
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
        parts=compare.changes(account_for_staff(before), account_for_staff(after)),
    )
