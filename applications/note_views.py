"""Asking to hear when a program opens again, and one press to stop."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from applications.models import NextCycleNote
from programs.models import Program


def next_cycle(request, slug):
    """Whether a note is wanted, and the one button that changes it."""
    program = get_object_or_404(Program, slug=slug)
    wanted = NextCycleNote.objects.filter(person=request.user, program=program)
    if request.method == "POST":
        if request.POST.get("move") == "stop":
            wanted.delete()
            messages.success(request, "You get no more of these emails.")
        else:
            NextCycleNote.objects.get_or_create(person=request.user, program=program)
            messages.success(request, "We write to you when applications open.")
        return redirect("applications:next_cycle", slug=slug)
    return render(request, "applications/next_cycle.html", {"program": program, "wanted": wanted.exists()})
