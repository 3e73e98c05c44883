"""The workbench's pages for staff: one screen for a whole cycle, and one mentee or mentor of it on demand."""

from operator import itemgetter

from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path

from matching.forms import PolicyForm
from matching.models import Hold, MenteeNote, Pairing, SuggestedPair
from matching.models.notes import LONGEST_NOTE
from matching.querysets import OPEN
from matching.solve import is_stale
from matching.suggest import POLICIES
from matching.workbench.board import outcome_of, picture, read
from matching.workbench.filters import GOT, MENTORS, STATES, view_of
from matching.workbench.gaps import Gaps, past_mentors
from matching.workbench.news import cycles_with_news, news
from matching.workbench.way_back import keep, way_back
from matching.workbench.what_if import policy_of
from mentoring.staff import number_or_none, page, require
from programs.models import Cycle


def urls(guarded):
    """The addresses of this file, each behind ``guarded`` (the admin's own door)."""
    pages = {
        "workbench/": (workbenches, "matching_workbenches"),
        "workbench/<int:cycle_id>/": (workbench, "matching_workbench"),
        "workbench/<int:cycle_id>/news/": (latest, "matching_news"),
        "workbench/<int:cycle_id>/gaps/": (gaps, "matching_gaps"),
        "workbench/<int:cycle_id>/stale/": (stale, "matching_stale"),
        "workbench/<int:cycle_id>/mentee/<int:pk>/": (mentee, "matching_bench_mentee"),
        "workbench/<int:cycle_id>/mentor/<int:pk>/": (mentor, "matching_bench_mentor"),
    }
    return [path(route, guarded(view), name=name) for route, (view, name) in pages.items()]


def workbenches(request):
    """The cycles that have accepted mentees, newest first, with what waits in each."""
    require(request, "matching.view_pairing")
    accepted = Count("applications", filter=Q(applications__status="accepted"))
    cycles = list(Cycle.objects.for_staff().annotate(with_mentees=accepted).filter(with_mentees__gt=0))
    live = Pairing.objects.live().filter(cycle__in=cycles).order_by().values("cycle")
    counted = live.annotate(
        mentees=Count("pk", filter=Q(application__status="accepted")),
        drafts=Count("pk", filter=Q(status="drafted")),
        waiting=Count("pk", filter=Q(status__in=OPEN)),
    )
    found = {row["cycle"]: row for row in counted}
    nothing = {"mentees": 0, "drafts": 0, "waiting": 0}
    rows = [(cycle, found.get(cycle.pk, nothing)) for cycle in cycles]
    rows = [(cycle, cycle.with_mentees - counts["mentees"], counts) for cycle, counts in rows]
    return page(request, "admin/matching/workbenches.html", "Matching", rows=rows)


def workbench(request, cycle_id):
    """Every mentee of a cycle with list and mentor, every mentor with places, and the figures, as the address asks."""
    require(request, "matching.view_pairing")
    cycle = get_object_or_404(cycles_with_news(), pk=cycle_id)
    run, waiting = cycle.suggestion_runs.newest()
    board = read(cycle)
    view = view_of(board, request.GET)
    keep(request, cycle.pk, view)
    return page(
        request,
        "admin/matching/workbench.html",
        f"Matching: {cycle}",
        cycle=cycle,
        board=board,
        view=view,
        parts=picture(board.mentees),
        outcomes=[(name, label) for name, (label, _holds) in GOT.items()],
        states=[(name, label) for name, (label, _holds) in STATES.items()],
        kinds_of_mentors=[(name, label) for name, (label, _holds) in MENTORS.items()],
        run=run,
        waiting=waiting,
        run_policy=POLICIES[run.policy] if run else None,
        run_bars=outcome_of(run) if run else [],
        run_size=run.figures["matched"] + run.figures["unmatched"] if run else 0,
        form=PolicyForm(initial={"policy": run.policy if run else "on_list_first"}),
        may_suggest=request.user.has_perm("matching.suggest_pairing"),
        may_propose=request.user.has_perm("matching.propose_pairing"),
    )


def latest(request, cycle_id):
    """What others changed after the event that the address names, for a page that asks again and again."""
    require(request, "matching.view_pairing")
    cycle = get_object_or_404(Cycle, pk=cycle_id)
    since = number_or_none(request.GET.get("since", ""))
    told = [] if since is None else news(cycle, since, request.user)
    return TemplateResponse(request, "admin/matching/workbench/_news.html", {"cycle": cycle, "news": told})


def stale(request, cycle_id):
    """Whether anything that the last suggestion was computed from has changed since. Slow, so it is asked for by itself."""
    require(request, "matching.view_pairing")
    cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
    run, _waiting = cycle.suggestion_runs.newest()
    context = {"cycle": cycle, "run": run, "is_stale": run is not None and is_stale(run)}
    if request.htmx:
        return TemplateResponse(request, "admin/matching/workbench/_stale.html", context)
    part = "admin/matching/workbench/_stale.html"
    bench, title = way_back(request, cycle_id), "Is the suggestion up to date?"
    return page(request, "admin/matching/workbench/part.html", title, part=part, bench=bench, **context)


def gaps(request, cycle_id):
    """Who would have nobody, by what they lack; what would help most; and past mentors to ask."""
    require(request, "matching.view_pairing")
    cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
    found = Gaps(cycle, read(cycle), policy_of(cycle.suggestion_runs.newest()[0]))
    return page(
        request,
        "admin/matching/gaps.html",
        f"Who has nobody yet: {cycle}",
        cycle=cycle,
        groups=found.groups,
        helps=found.helps(cycle.topics),
        past=past_mentors(cycle),
    )


def mentee(request, cycle_id, pk):
    """One mentee: whom they want and who has those places, whom they have and why, and what can be done about it."""
    require(request, "matching.view_pairing")
    cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
    found = read(cycle).mentee(pk)
    if found is None:
        raise Http404("No accepted mentee of this cycle.")
    said = SuggestedPair.objects.filter(run__cycle=cycle, run__drafts=True, application=pk).order_by("-run").first()
    pairing = Pairing.objects.filter(pk=found.pairing).select_related("cycle").first()
    # What a run says of unmet wishes holds as long as its own draft stands.
    holds = said is not None and (pairing is None or pairing.interest_id == said.interest_id)
    return _part_or_page(
        request,
        "admin/matching/workbench/_mentee.html",
        f"{found.name} on the workbench",
        cycle=cycle,
        mentee=found,
        pairing=pairing,
        because=pairing.because if pairing else said.because if said else "",
        why_not=said.why_not if holds else [],
        notes=MenteeNote.objects.filter(application=pk).select_related("written_by"),
        longest_note=LONGEST_NOTE,
        held=Hold.objects.standing().filter(application=pk).select_related("interest__mentor", "put_by"),
        may_suggest=request.user.has_perm("matching.suggest_pairing"),
    )


def mentor(request, cycle_id, pk):
    """One mentor: the places, who has them, and who wants them, first choices first."""
    require(request, "matching.view_pairing")
    cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
    board = read(cycle)
    found = board.mentor(pk)
    if found is None:
        raise Http404("Not a mentor of this cycle.")
    wanted_by = [(each.rank_of(found), each) for each in board.mentees if found in each.choices]
    return _part_or_page(
        request,
        "admin/matching/workbench/_mentor.html",
        f"{found.name} on the workbench",
        cycle=cycle,
        mentor=found,
        may_suggest=request.user.has_perm("matching.suggest_pairing"),
        wanted_by=[(rank, each, each.mentor is found) for rank, each in sorted(wanted_by, key=itemgetter(0))],
    )


def _part_or_page(request, part, title, **context):
    """The part alone, as a row to put below another, for a table that asks for it by script; else a page around it."""
    if request.htmx:
        return TemplateResponse(request, "admin/matching/workbench/_more.html", {"part": part, **context})
    bench = way_back(request, context["cycle"].pk)
    return page(request, "admin/matching/workbench/part.html", title, part=part, bench=bench, **context)
