"""A mentor of an earlier cycle, asked again: the same, with changes, or not this year. Made for a phone and twenty seconds."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render

from applications import agreement
from applications.models import MentorInterest
from applications.views import cycle_accepting
from mentoring.workflow import TransitionRefused
from programs.models import WindowKind


def renew(request, slug):
    """Three buttons. Whoever has nothing to renew comes to the ordinary form."""
    cycle = cycle_accepting(request, slug, WindowKind.MENTOR_INTEREST)
    own = MentorInterest.objects.for_reading().for_mentor(request.user)
    interest = own.filter(cycle=cycle).first() or MentorInterest(cycle=cycle, mentor=request.user)
    earlier = own.filter(cycle__program=cycle.program, cycle__term_begins__lt=cycle.term_begins).took_part()
    earlier = earlier.order_by("-cycle__term_begins").first()
    if earlier is None or not (interest.keeps_drafts and interest.takes_form):
        return redirect("applications:mentor", slug)
    refusal = None
    if request.method == "POST":
        try:
            return answer(request, interest, earlier)
        except TransitionRefused as refused:
            refusal = str(refused)
    context = {
        "cycle": cycle,
        "earlier": earlier,
        "agreement": agreement.points(cycle),
        "agreement_version": agreement.version(cycle),
        "refusal": refusal,
    }
    return render(request, "applications/renew.html", context, status=409 if refusal else 200)


def answer(request, interest, earlier):
    """Carry out what was pressed. Raises TransitionRefused with a sentence."""
    given = request.POST.get("answer")
    if given == "same":
        same_again(interest, earlier, request)
        messages.success(request, "Thank you. Your offer is handed in, the same as last time.")
    elif given == "changes":
        interest = interest.save_draft(interest.copied(earlier))
        messages.success(request, "What you wrote last time is filled in. Change what you like, and hand it in.")
    elif given == "no":
        with transaction.atomic():
            row, _begun = MentorInterest.objects.get_or_create(cycle=interest.cycle, mentor=interest.mentor)
            if row.status == MentorInterest.Status.DRAFT:
                row.sit_out(by=request.user)
        messages.success(request, "Thank you for telling us. We do not ask again for this cycle.")
        return redirect("home")
    else:
        raise TransitionRefused("Please press one of the three buttons.")
    return redirect("applications:mentor", interest.cycle.program.slug)


def same_again(interest, earlier, request):
    """Hand in what was offered before. Agreeing is asked anew, and so is what this cycle no longer has."""
    if request.POST.get("agreed") != "on":
        raise TransitionRefused("Please tick that you agree to what mentors commit to.")
    if request.POST.get("agreement_version") != agreement.version(interest.cycle):
        raise TransitionRefused("The agreement has changed since you opened this page. Please read it again.")
    said = interest.copied(earlier)
    if not said["topics"]:
        raise TransitionRefused("This cycle names other topics. Press “Yes, with changes” and choose among them.")
    with transaction.atomic():
        row = interest.save_draft({**said, "agreed": True})
        row.submit(by=request.user, received_at=request.received_at)
