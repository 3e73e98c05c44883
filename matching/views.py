"""The page of a pairing, for its two people."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from matching import standing
from matching.calendar import calendar_of
from matching.forms import YES, AnswerForm
from matching.models import Pairing
from matching.ranking import numbers
from matching.shown import facts_of, facts_of_mentor, shared_answers
from mentoring.workflow import TransitionRefused


def pairing(request, pk):
    """A proposed pairing to answer, or where it stands, for its two people only."""
    shared = get_object_or_404(Pairing.objects.shared_with(request.user).for_reading(), pk=pk)
    form, refusal = AnswerForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            answer(shared, request, form.cleaned_data)
            return redirect(shared)
        except TransitionRefused as refused:
            shared.refresh_from_db()
            form = AnswerForm(initial={"why": form.cleaned_data["why"]})
            # What ended it, and so who said no, is told to nobody.
            refusal = standing.CLOSED if shared.is_off else str(refused)
    partner, is_mentee = shared.partner_of(request.user), request.user == shared.mentee
    context = {
        "pairing": shared,
        "cycle": shared.cycle,
        "partner": partner,
        "partner_facts": facts_of_mentor(shared) if is_mentee else facts_of(partner),
        "standing": standing.of_pairing(shared, request.user),
        "is_mentee": is_mentee,
        "awaits_me": shared.awaits(request.user),
        "my_yes": shared.said_yes_at(request.user),
        "form": form,
        "refusal": refusal,
        "shared_answers": shared_answers(shared),
    }
    status = 409 if refusal else 422 if request.method == "POST" else 200
    return render(request, "matching/pairing.html", context, status=status)


def dates(request, pk):
    """The first and the last day of a mentorship under way, as a file for the person's own calendar."""
    shared = get_object_or_404(Pairing.objects.shared_with(request.user).for_reading(), pk=pk)
    if not shared.is_under_way:
        raise Http404
    response = HttpResponse(calendar_of(shared, request.user), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mentorship.ics"'
    return response


def seen_version(data):
    """The version of the proposal that the page showed; 0 where the form does not say."""
    return next(iter(numbers([data.get("version", "")])), 0)


def answer(shared, request, given):
    """Carry out a yes or a no, and thank the person."""
    if given["answer"] == YES:
        shared.say_yes(by=request.user, received_at=request.received_at, seen=seen_version(request.POST))
        final = "Your pairing is final. You find each other's contact here and in an email."
        waiting = "Thank you. We have your yes, and wait for the other person's."
        messages.success(request, final if shared.is_agreed else waiting)
    else:
        shared.say_no(by=request.user, received_at=request.received_at, why=given["why"])
        messages.success(
            request, "Thank you for telling us. Staff look for another way; nobody else learns of your answer."
        )
