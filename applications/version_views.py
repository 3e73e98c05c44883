"""The versions of an application side by side: any two, or what is being written against the version in force."""

from django.http import Http404
from django.shortcuts import redirect, render

from applications import compare, receipt
from applications.models import Submission
from applications.own import own_application

DRAFT = "now"


def versions_of(application):
    """Those handed in, newest first, each with its application, so that none is read again."""
    rows = list(Submission.objects.filter(application=application))
    for row in rows:
        row.application = application
    return rows


def account_of(application, submission):
    """Everything in one version as people read it; of what is being written now where ``submission`` is None."""
    if submission is None:
        facts, read = application.facts(), receipt.as_read(application, application.rule_answers, application.answers)
    else:
        facts, read = submission.facts, receipt.handed_in(submission)
    return [
        ("About you", receipt.facts_in_words(facts)),
        *((title, receipt.without_readers(rows)) for title, _url, rows in read),
    ]


def chosen_pair(request, versions, *, with_draft):
    """The two versions that the address names by ``from`` and ``to``; None stands for what is being written now.

    Without a choice: the newest against the one before it. Raises Http404 for a version that there is not.
    """
    rows = {str(each.number): each for each in reversed(versions)}
    names = [*rows, *([DRAFT] if with_draft else [])]
    to = request.GET.get("to", names[-1])
    if to not in names:
        raise Http404
    since = request.GET.get("from", names[max(0, names.index(to) - 1)])
    if since not in names:
        raise Http404
    return rows.get(since), rows.get(to)


def changes_since_the_latest(application):
    """What is written and not handed in, against the version in force; empty where there is no such thing."""
    if not application.has_unsubmitted_changes:
        return []
    return compare.changes(account_of(application, application.latest), account_of(application, None))


def changes(request, pk):
    """What changed between two versions of this person's application."""
    application = own_application(request, pk)
    versions = versions_of(application)
    if not versions:
        return redirect(application)
    writing = application.has_unsubmitted_changes
    before, after = chosen_pair(request, versions, with_draft=writing)
    context = {
        "application": application,
        "cycle": application.cycle,
        "chosen": [(each, each == before, each == after) for each in [*versions, *([None] if writing else [])]],
        "before": before,
        "after": after,
        "parts": compare.changes(account_of(application, before), account_of(application, after)),
    }
    return render(request, "applications/changes.html", context)
