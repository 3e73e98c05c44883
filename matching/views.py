"""The mentee's list of mentors, and the page of a pairing for its two people."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from applications.models.mentors import Shown
from matching import standing
from matching.forms import YES, AnswerForm
from matching.models import Pairing, PreferenceList
from matching.shown import facts_of, shared_answers
from mentoring.workflow import TransitionRefused
from programs import deadlines


def preferences(request, pk):
    """Rank the mentors one may have. Buttons change the order shown; "Hand in" is what counts."""
    preference_list = get_object_or_404(PreferenceList.objects.for_reading().for_mentee(request.user), pk=pk)
    mentors, handed_in = list(preference_list.eligible_mentors()), preference_list.ranked
    by_id = {mentor.pk: mentor for mentor in mentors}
    order, no_preference = [mentor.pk for mentor in handed_in], preference_list.no_preference
    if preference_list.draft:
        order, no_preference = preference_list.draft["order"], preference_list.draft["no_preference"]
    words, refusal = "", None
    if request.method == "POST":
        order, words = rearranged(request.POST), request.POST.get("words", "").strip()
        no_preference = request.POST.get("no_preference") == "on"
        by_script = request.headers.get("X-Requested-With") == "autosave"
        try:
            if "hand_in" in request.POST:
                hand_in(preference_list, request, order, no_preference, allowed=by_id)
                return redirect(preference_list)
            preference_list.save_draft(order=order, no_preference=no_preference, allowed=by_id)
            if by_script:
                return JsonResponse({"saved": saved_words(preference_list)})
        except TransitionRefused as refused:
            refusal = str(refused)
            if by_script:
                return JsonResponse({"message": refusal}, status=409)
    chosen = [by_id[pk] for pk in dict.fromkeys(order) if pk in by_id]
    others = [mentor for mentor in mentors if mentor not in chosen]
    pairing = preference_list.application.pairings.known_to_mentee().first()
    context = {
        "list": preference_list,
        "cycle": preference_list.cycle,
        "standing": standing.of_list(preference_list, pairing),
        "pairing": pairing,
        "chosen": chosen,
        "others": [mentor for mentor in others if found(words, mentor)],
        "words": words,
        "no_preference": no_preference,
        "no_longer": [mentor for mentor in handed_in if mentor.pk not in by_id],
        "refusal": refusal,
        "is_full": len(chosen) >= preference_list.cycle.most_choices,
        "added": "add" in request.POST and f"Added, choice {len(chosen)} of {preference_list.cycle.most_choices}.",
    }
    return render(request, "matching/preferences.html", context, status=409 if refusal else 200)


def hand_in(preference_list, request, order, no_preference, *, allowed):
    """Hand in what the page shows; refused, it stays there as a draft. Raises TransitionRefused with a sentence."""
    if preference_list.may_edit:
        preference_list.save_draft(order=order, no_preference=no_preference, allowed=allowed)
    preference_list.submit(
        by=request.user, received_at=request.received_at, interests=order, no_preference=no_preference
    )
    messages.success(
        request, "We have your list. You can change it until the deadline; what you handed in last counts."
    )


def saved_words(preference_list):
    """What the page's script says once the order on the page is kept."""
    clock = deadlines.words(timezone.now(), preference_list.cycle.time_zone).split(" on ")[0]
    return f"Saved {clock}. The changes are not handed in." if preference_list.draft else f"Saved {clock}"


def found(words, mentor):
    """Whether every one of these words is in what mentees read of this mentor."""
    shows = mentor.shows
    shown = [mentor.mentor.full_name, *(value for _name, value in mentor.facts_shown)]
    shown += [mentor.mentor.institution_names] if Shown.INSTITUTIONS in shows else []
    shown += [mentor.profile] if Shown.PROFILE in shows else []
    text = " ".join(shown).casefold()
    return all(word in text for word in words.casefold().split())


def rearranged(data):
    """The order of mentors (ids) that a form shows, after the button that was pressed: add, remove, move up or down."""
    order = _numbers(data.getlist("order"))
    for pk in _numbers([data.get("add", "")]):
        order.append(pk)
    for pk in _numbers([data.get("remove", "")]):
        order = [other for other in order if other != pk]
    for button, step in (("move_up", -1), ("move_down", 1)):
        for pk in _numbers([data.get(button, "")]):
            if pk in order and 0 <= order.index(pk) + step < len(order):
                here = order.index(pk)
                order[here], order[here + step] = order[here + step], order[here]
    return list(dict.fromkeys(order))


def _numbers(texts):
    return [int(text) for text in texts if text.isdecimal() and len(text) < 18]


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
    partner = shared.partner_of(request.user)
    context = {
        "pairing": shared,
        "cycle": shared.cycle,
        "partner": partner,
        "partner_facts": facts_of(partner),
        "standing": standing.of_pairing(shared, request.user),
        "is_mentee": request.user == shared.mentee,
        "awaits_me": shared.awaits(request.user),
        "my_yes": shared.said_yes_at(request.user),
        "form": form,
        "refusal": refusal,
        "shared_answers": shared_answers(shared),
    }
    status = 409 if refusal else 422 if request.method == "POST" else 200
    return render(request, "matching/pairing.html", context, status=status)


def seen_version(data):
    """The version of the proposal that the page showed; 0 where the form does not say."""
    return next(iter(_numbers([data.get("version", "")])), 0)


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
