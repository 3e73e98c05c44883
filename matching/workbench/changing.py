"""Staff change the workbench by hand: another mentor for a mentee, a pin, a ban, and taking them back.

Two people work on it at once. A change by hand carries the version of the workbench that its effect was computed from; if
somebody else was faster, nothing is saved, and the page comes again with what changed, the new effect, and the choice kept.
"""

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from applications.models import Application, MentorInterest
from matching import holds
from matching.models import Hold
from matching.solve import choose_by_hand, lock_cycle
from matching.workbench import filters
from matching.workbench.board import read
from matching.workbench.by_hand import effect_of
from matching.workbench.news import cycles_with_news, news
from matching.workbench.way_back import way_back
from matching.workbench.what_if import WhatIf, policy_of
from mentoring.notifications.texts import clean
from mentoring.staff import attempt, number_or_none, page, require
from mentoring.workflow import TransitionRefused
from programs.models import Cycle

LONGEST_REASON = 300
CONFLICT, UNFINISHED = 409, 422


def urls(guarded):
    """The addresses of this file, each behind ``guarded`` (the admin's own door)."""
    pages = {
        "workbench/<int:cycle_id>/hold/": (hold, "matching_hold"),
        "hold/<int:pk>/lift/": (lift, "matching_lift"),
        "choose/<int:application_id>/": (choose, "matching_choose"),
    }
    return [path(route, guarded(view), name=name) for route, (view, name) in pages.items()]


class OutOfDate(Exception):
    """Somebody changed the workbench since this person looked."""


def choose(request, application_id):
    """Another mentor for one mentee: everyone they may have, best first; what a choice does; and saving it."""
    require(request, "matching.suggest_pairing")
    rows = Application.objects.accepted().select_related("applicant", "cycle__program")
    application = get_object_or_404(rows, pk=application_id)
    current = application.pairings.live().first()
    if current and current.status != "drafted":
        raise Http404("This mentee is in a pairing that has been shared.")
    asked = request.POST if request.method == "POST" else request.GET
    interest = _interest(application, asked.get("interest", ""))
    reason = clean(asked.get("reason", ""))[:LONGEST_REASON]
    error, status = "", 200
    if request.method == "POST":
        try:
            return _save(request, application, interest, reason)
        except OutOfDate:
            status = CONFLICT
        except TransitionRefused as refusal:
            error, status = str(refusal), UNFINISHED if interest else 200
    return _choices(request, application, interest, reason, current=current, error=error, status=status)


def _interest(application, picked):
    number = number_or_none(picked)
    return None if number is None else MentorInterest.objects.filter(pk=number, cycle=application.cycle).first()


def _save(request, application, interest, reason):
    """Draft the pair, if the workbench is still the one whose effect was shown, and no loss goes without a reason."""
    if interest is None:
        raise TransitionRefused("Choose a mentor from the list.")
    with transaction.atomic():
        lock_cycle(application.cycle)
        board = read(application.cycle)
        version, _, _since = request.POST.get("seen", "").partition("-")
        if version != board.version:
            raise OutOfDate
        mentee = board.mentee(application.pk)
        mentor = board.mentor(interest.pk)
        effect = effect_of(board, mentee, mentor) if mentor else None
        if effect and effect.losers and not reason:
            raise TransitionRefused("This costs somebody, so please say why. Only staff read it.")
        if mentee.mentor is None or mentee.mentor.id != interest.pk:
            choose_by_hand(application, interest, by=request.user, reason=reason)
        if "pin" in request.POST:
            holds.put(Hold.Kind.PIN, application, interest, by=request.user, reason=reason or "Chosen by hand.")
    messages.success(request, f"{application.applicant} with {interest.mentor}: saved. Suggestions leave it be.")
    return redirect(way_back(request, application.cycle_id, application.pk))


def _choices(request, application, interest, reason, *, current, error, status):
    cycle = get_object_or_404(cycles_with_news(), pk=application.cycle_id)
    board = read(cycle)
    mentee = board.mentee(application.pk)
    mentor = board.mentor(interest.pk) if interest else None
    run, _waiting = cycle.suggestion_runs.newest()
    what_if = WhatIf(cycle, board, mentee, policy_of(run))
    since = number_or_none(request.POST.get("seen", "").rpartition("-")[2])
    words = clean(request.GET.get("q", ""))[: filters.LONGEST]
    options = [each for each in what_if.options() if filters.holds(words, each.name, each.because, *each.homes)]
    response = page(
        request,
        "admin/matching/choose.html",
        f"A mentor for {application.applicant}",
        application=application,
        cycle=cycle,
        options=options,
        has_costs=any(each.cost for each in options),
        words=words,
        current=current,
        mentee=mentee,
        mentor=mentor,
        effect=effect_of(board, mentee, mentor) if mentor else None,
        forced=what_if.cost(mentor.id) if mentor else None,
        reason=reason,
        error=error,
        is_out_of_date=status == CONFLICT,
        news=news(cycle, since, request.user) if status == CONFLICT and since is not None else [],
        seen=f"{board.version}-{cycle.with_news or 0}",
        longest_reason=LONGEST_REASON,
        bench=way_back(request, cycle.pk, application.pk),
    )
    response.status_code = status
    return response


def hold(request, cycle_id):
    """Pin a drafted pair, or rule a pair out, with a reason."""
    require(request, "matching.suggest_pairing")
    cycle, at = get_object_or_404(Cycle, pk=cycle_id), None
    if request.method == "POST":
        kind, reason = request.POST.get("kind"), clean(request.POST.get("reason", ""))[:LONGEST_REASON]
        picked = number_or_none(request.POST.get("application", ""))
        rows = Application.objects.accepted().filter(cycle=cycle, pk=picked)
        application = rows.select_related("cycle", "applicant").first()
        interest = _interest(application, request.POST.get("interest", "")) if application else None
        if kind not in Hold.Kind.values or interest is None:
            messages.error(request, "Choose a pair, and whether it must be or must not be.")
        else:
            done = {
                "pin": f"{application.applicant} is pinned to {interest.mentor}. No suggestion changes that.",
                "ban": f"{application.applicant} and {interest.mentor} are ruled out. Suggest again to find another mentor.",
            }[kind]
            if attempt(request, lambda: holds.put(kind, application, interest, by=request.user, reason=reason), done):
                at = application.pk
    return redirect(way_back(request, cycle_id, at))


def lift(request, pk):
    """Take a pin or a ban back."""
    require(request, "matching.suggest_pairing")
    held = get_object_or_404(Hold.objects.select_related("application__applicant", "interest__mentor"), pk=pk)
    done, at = "Taken back. The next suggestion is free again.", None
    if request.method == "POST" and attempt(request, lambda: holds.lift(held, by=request.user), done):
        at = held.application_id
    return redirect(way_back(request, held.cycle_id, at))
