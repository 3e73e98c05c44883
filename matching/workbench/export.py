"""The workbench as a file for staff: who wants whom, who has whom. Ranks are in it, so every download is on record."""

import csv

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from matching.workbench.board import read
from matching.workbench.filters import view_of
from mentoring.audit.models import record
from mentoring.staff import require
from programs.models import Cycle

# A spreadsheet would compute what begins like this.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
HEAD = ["Mentee", "Institutions", "Asks for", "List", "Mentor", "Got", "State", "By hand", "Pinned"]


def urls(guarded):
    """The addresses of this file, each behind ``guarded`` (the admin's own door)."""
    return [path("workbench/<int:cycle_id>/export/", guarded(export), name="matching_export")]


def export(request, cycle_id):
    """The mentees of a view of the workbench, all its pages, as CSV."""
    require(request, "matching.suggest_pairing")
    cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
    if request.method != "POST":  # a download is on record, and looking changes nothing
        return redirect("admin:matching_workbench", cycle_id)
    view = view_of(read(cycle), request.GET)
    choices = max((len(each.choices) for each in view.mentees), default=0)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="matching-{cycle.slug}.csv"'
    response.write("\ufeff")  # so that spreadsheets read the names as they are written
    table = csv.writer(response)
    table.writerow([*HEAD, *(f"Choice {rank}" for rank in range(1, choices + 1))])
    for mentee in view.mentees:
        table.writerow([plain(cell) for cell in row_of(mentee)])
    record("export", cycle, by=request.user, rows=len(view.mentees), asked={k: v for k, v in view.asked.items() if v})
    return response


def row_of(mentee):
    """One mentee's line, in the order of HEAD, then the choices in order."""
    handed_in = "Any mentor" if mentee.no_preference else "Handed in" if mentee.has_list else "None"
    return [
        mentee.name,
        "; ".join(mentee.homes),
        "; ".join(mentee.topics),
        handed_in,
        mentee.mentor.name if mentee.mentor else "",
        mentee.outcome_words,
        mentee.state_words,
        "yes" if mentee.by_hand else "",
        "yes" if mentee.is_pinned else "",
        *(mentor.name for mentor in mentee.choices),
    ]


def plain(text):
    """The text as no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
