"""The mentee's list of mentors: choosing, comparing, handing in, and the receipt."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from applications import sections
from matching import standing, while_applying
from matching.browse import browse
from matching.crowd import often_chosen
from matching.models import PreferenceList
from matching.ranking import numbers, pressed
from mentoring.workflow import TransitionRefused
from programs import deadlines

MOST_COMPARED = 4
ELSEWHERE = "Your list was changed in another window, so it was not handed in. Please look at it, and hand in again."


def own_list(request, pk):
    """This mentee's list, or 404: a stranger cannot tell that it exists."""
    rows = PreferenceList.objects.for_reading().for_mentee(request.user).prefetch_related("preferences")
    return get_object_or_404(rows, pk=pk)


def preferences(request, pk):
    """Rank the mentors one may have. Buttons change the order shown; "Hand in" is what counts."""
    preference_list = own_list(request, pk)
    mentors = list(preference_list.eligible_mentors())
    by_id = {mentor.pk: mentor for mentor in mentors}
    ranking, refusal = preference_list.shown(by_id), None
    if request.method == "POST":
        by_script = request.headers.get("X-Requested-With") == "autosave"
        try:
            if "hand_in" in request.POST:
                return hand_in(preference_list, request, by_id)
            ranking = preference_list.rearrange(lambda kept: pressed(kept, request.POST), allowed=by_id)
        except TransitionRefused as refused:
            refusal, ranking = str(refused), preference_list.shown(by_id)
        if by_script:
            return saved_or_not(preference_list, request, refusal)
    context = {**page_of(preference_list, request, mentors, ranking), "refusal": refusal}
    return render(request, "matching/preferences.html", context, status=409 if refusal else 200)


def page_of(preference_list, request, mentors, ranking):
    """What the page shows: the list as it is ranked now, and the mentors that fit what is looked for."""
    by_id = {mentor.pk: mentor for mentor in mentors}
    chosen = [by_id[pk] for pk in ranking.order]
    found, facets = browse([each for each in mentors if each not in chosen], request.GET, request.user.time_zone)
    pairing = preference_list.application.pairings.known_to_mentee().first()
    most = preference_list.cycle.most_choices
    return {
        "list": preference_list,
        "cycle": preference_list.cycle,
        "standing": standing.of_list(preference_list, pairing),
        "steps": steps_of_application(preference_list),
        "pairing": pairing,
        "often": often_chosen(preference_list.cycle),
        "chosen": [(each, ranking.why.get(each.pk, ""), each.pk in ranking.told) for each in chosen],
        "version": "-".join(str(pk) for pk in ranking.order),
        "ranking": ranking,
        "others": found,
        "facets": facets,
        "words": request.GET.get("words", ""),
        "is_filtered": any([request.GET.get("words"), *(facet.chosen for facet in facets)]),
        "no_longer": preference_list.without(by_id),
        "is_full": len(chosen) >= most,
        "said": said(request.POST, len(chosen), most),
    }


def said(post, count, most):
    """What is said aloud of the button that was pressed."""
    if "add" in post:
        return f"Added, choice {count} of {most}."
    return f"Removed. Your list has {count} of {most}." if "remove" in post else ""


def steps_of_application(preference_list):
    """The parts of the application, where ranking is one of them and it can still be changed."""
    application = preference_list.application
    if not (preference_list.cycle.ranks_while_applying and application.may_edit):
        return []
    return sections.progress(application, application.problems(), here=while_applying.STEP.slug)


def hand_in(preference_list, request, allowed):
    """Hand in what the page shows, or keep it for the application with which it is handed in. Returns the way on.

    Refused, it stays there as a draft. Raises TransitionRefused with a sentence.
    """
    shown = [pk for pk in numbers(request.POST.getlist("order")) if pk in allowed]
    ranking = pressed(preference_list.shown(allowed), request.POST)
    if preference_list.may_edit:
        ranking = preference_list.rearrange(lambda kept: pressed(kept, request.POST), allowed=allowed)
        if "version" in request.POST and ranking.order != shown:
            raise TransitionRefused(ELSEWHERE)
    if preference_list.goes_with_application:
        if problem := preference_list.problem(ranking):
            raise TransitionRefused(problem)
        messages.success(request, "Your list is kept. It is handed in together with your application.")
        return redirect(preference_list.application)
    preference_list.submit(by=request.user, received_at=request.received_at, ranking=ranking)
    messages.success(
        request, "We have your list. You can change it until the deadline; what you handed in last counts."
    )
    return redirect("matching:list_receipt", preference_list.pk)


def saved_or_not(preference_list, request, refusal):
    """What the page's script is told. Its version stays the order that the page itself shows."""
    if refusal:
        return JsonResponse({"message": refusal}, status=409)
    shown = numbers(request.POST.getlist("order"))
    return JsonResponse({"saved": saved_words(preference_list), "version": "-".join(map(str, shown))})


def saved_words(preference_list):
    """What the page's script says once the order on the page is kept."""
    clock = deadlines.words(timezone.now(), preference_list.cycle.time_zone).split(" on ")[0]
    told = (
        "" if preference_list.goes_with_application or not preference_list.draft else ". The changes are not handed in."
    )
    return f"Saved {clock}{told}"


def compare(request, pk):
    """Up to four mentors side by side, in what they let mentees see."""
    preference_list = own_list(request, pk)
    by_id = {mentor.pk: mentor for mentor in preference_list.eligible_mentors()}
    asked = [by_id[pk] for pk in dict.fromkeys(numbers(request.GET.getlist("mentor"))) if pk in by_id]
    mentors, on_list = asked[:MOST_COMPARED], preference_list.shown(by_id).order
    names = list(dict.fromkeys(name for mentor in mentors for name, _words in mentor.facts_shown))
    facts = [dict(mentor.facts_shown) for mentor in mentors]
    context = {
        "list": preference_list,
        "cycle": preference_list.cycle,
        "mentors": [(mentor, mentor.pk in on_list) for mentor in mentors],
        "left_out": len(asked) - len(mentors),
        "rows": [(name, [each.get(name, "") for each in facts]) for name in names],
        "may_add": preference_list.may_edit and len(on_list) < preference_list.cycle.most_choices,
    }
    return render(request, "matching/compare.html", context)


def receipt(request, pk):
    """What was handed in last, when, and its number."""
    preference_list = own_list(request, pk)
    if preference_list.submitted_at is None:
        messages.info(request, "Nothing has been handed in yet, so there is no receipt.")
        return redirect(preference_list)
    rows = preference_list.preferences.select_related("interest__mentor").prefetch_related(
        "interest__mentor__institutions"
    )
    context = {"list": preference_list, "cycle": preference_list.cycle, "rows": rows}
    return render(request, "matching/list_receipt.html", context)
