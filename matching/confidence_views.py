"""What a mentee or a mentor says in confidence: somebody with whom they would rather not be paired."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from applications.models import Application, MentorInterest
from matching.forms import ConfidenceForm
from matching.models import Confidence, ConfidentialNote, Pairing
from matching.models.confidences import say_in_confidence
from matching.models.preferences import eligible_mentors
from mentoring.accounts.models import User
from mentoring.workflow import TransitionRefused
from programs.models import Cycle


def in_confidence(request, cycle_id):
    """Say it, see what one has said, take it back. Of what others said, the page knows nothing."""
    cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
    form = ConfidenceForm(request.POST or None, people=people_known_to(request.user, cycle))
    if "take_back" in request.POST:
        number = request.POST["take_back"]
        own = Confidence.objects.standing().of(request.user)
        get_object_or_404(own, pk=number if number.isdecimal() and len(number) < 18 else 0).take_back()
        messages.success(request, "Taken back.")
        return redirect("matching:in_confidence", cycle_id)
    if request.method == "POST" and form.is_valid():
        try:
            keep(request.user, cycle, form.cleaned_data)
            messages.success(request, "Thank you. It stays between you and two people on staff.")
            return redirect("matching:in_confidence", cycle_id)
        except TransitionRefused as refusal:
            form.add_error(None, str(refusal))
    context = {
        "cycle": cycle,
        "form": form,
        "said": Confidence.objects.standing().of(request.user).select_related("about"),
        "notes": ConfidentialNote.objects.filter(said_by=request.user, cycle=cycle),
    }
    return render(request, "matching/in_confidence.html", context, status=422 if form.errors else 200)


def people_known_to(person, cycle):
    """Whom this person may name: the mentors they may choose from; as a mentor, those staff proposed to them before.

    Raises Http404 for who takes no part in the cycle. No other name can be tried, so that nobody learns who is here.
    """
    application = Application.objects.accepted().filter(cycle=cycle, applicant=person).first()
    mentors = MentorInterest.objects.handed_in().filter(cycle=cycle, mentor=person)
    if application is None and not mentors.exists():
        raise Http404
    met = Pairing.objects.shared_with(person)
    known = Q(pairings_as_mentee__in=met.filter(mentor=person)) | Q(pairings_as_mentor__in=met.filter(mentee=person))
    if application is not None:
        known |= Q(pk__in=eligible_mentors(application).order_by().values("mentor"))
    refused = Confidence.objects.standing().of(person).values("about")
    return User.objects.filter(known).exclude(pk=person.pk).exclude(pk__in=refused).distinct().order_by("name", "pk")


def keep(person, cycle, said):
    if said["about"]:
        say_in_confidence(cycle, by=person, about=said["about"], words=said["words"])
    else:
        ConfidentialNote.objects.create(cycle=cycle, said_by=person, words=said["words"])
