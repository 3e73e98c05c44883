"""Staff write down what they know of a mentee, and take it off again."""

from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from applications.models import Application
from matching.models import MenteeNote
from matching.models.notes import LONGEST_NOTE, take_off, write_note
from matching.workbench.way_back import way_back
from mentoring.notifications.texts import clean
from mentoring.staff import attempt, require


def urls(guarded):
    """The addresses of this file, each behind ``guarded`` (the admin's own door)."""
    pages = {
        "workbench/note/<int:application_id>/": (write, "matching_note"),
        "workbench/note/<int:pk>/off/": (off, "matching_note_off"),
    }
    return [path(route, guarded(view), name=name) for route, (view, name) in pages.items()]


def write(request, application_id):
    """Add a note about one mentee."""
    require(request, "matching.suggest_pairing")
    mentee = get_object_or_404(Application.objects.accepted().select_related("applicant"), pk=application_id)
    if request.method == "POST":
        words = clean(request.POST.get("words", ""))[:LONGEST_NOTE]
        done = f"The note on {mentee.applicant} is kept. Only staff read it."
        attempt(request, lambda: write_note(mentee, words, by=request.user), done)
    return redirect(way_back(request, mentee.cycle_id, mentee.pk))


def off(request, pk):
    """Take a note off."""
    require(request, "matching.suggest_pairing")
    note = get_object_or_404(MenteeNote.objects.select_related("application__applicant"), pk=pk)
    if request.method == "POST":
        attempt(request, lambda: take_off(note, by=request.user), "The note is taken off. The history keeps it.")
    return redirect(way_back(request, note.application.cycle_id, note.application_id))
