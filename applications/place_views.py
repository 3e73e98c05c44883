"""The page of somebody on the waitlist to whom a place is offered."""

from django.contrib import messages
from django.shortcuts import redirect, render

from applications import commitments
from applications.own import own_application
from mentoring.workflow import TransitionRefused


def place(request, pk):
    """Take an offered place with every commitment confirmed, or say no. Nothing is preselected."""
    application = own_application(request, pk)
    offer = application.open_offer
    if offer is None:
        messages.info(request, "No place waits for your answer.")
        return redirect(application)
    asked = commitments.commitments(application.cycle)
    confirmed, refusal = commitments.ticked(asked, request.POST), ""
    answer = request.POST.get("answer")
    try:
        if answer == "take":
            offer.accept(by=request.user, received_at=request.received_at, confirmed=confirmed)
            messages.success(request, "The place is yours. A confirmation is on its way by email.")
            return redirect("home")
        if answer == "decline":
            offer.decline(by=request.user, received_at=request.received_at)
            messages.success(request, "Thank you for telling us. You stay on the waitlist; you can withdraw below.")
            return redirect(application)
    except TransitionRefused as refused:
        refusal = str(refused)
    context = {
        "application": application,
        "cycle": application.cycle,
        "offer": offer,
        "commitments": commitments.boxes(asked, confirmed),
        "refusal": refusal,
    }
    return render(request, "applications/place.html", context, status=409 if refusal else 200)
