"""The staff's page of scenarios: try one out, read them beside each other, choose one."""

from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from matching.forms import ScenarioForm
from matching.models import Scenario
from matching.workbench import scenarios
from matching.workbench.board import picture, read
from matching.workbench.what_if import policy_of
from mentoring.staff import attempt, number_or_none, page, require
from programs.models import Cycle


def urls(guarded):
    """The addresses of this file, each behind ``guarded`` (the admin's own door)."""
    pages = {
        "workbench/<int:cycle_id>/scenarios/": (trials, "matching_scenarios"),
        "scenario/<int:pk>/choose/": (choose, "matching_choose_scenario"),
    }
    return [path(route, guarded(view), name=name) for route, (view, name) in pages.items()]


def trials(request, cycle_id):
    """All scenarios of a cycle against what stands, and a form for another."""
    require(request, "matching.view_pairing")
    cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
    may_try = request.user.has_perm("matching.suggest_pairing")
    asked = number_or_none(request.GET.get("interest", ""))
    initial = {"policy": policy_of(cycle.suggestion_runs.newest()[0]), "interest": asked}
    form = ScenarioForm(request.POST or None, cycle=cycle, initial=initial)
    if request.method == "POST":
        require(request, "matching.suggest_pairing")
        if form.is_valid():
            done = "The scenario is being computed. The drafts stay as they are."
            if attempt(request, lambda: scenarios.try_out(cycle, by=request.user, **form.cleaned_data), done):
                return redirect("admin:matching_scenarios", cycle_id)
    board = read(cycle)
    found = scenarios.trials(cycle, board)
    return page(
        request,
        "admin/matching/scenarios.html",
        f"Scenarios: {cycle}",
        cycle=cycle,
        board=board,
        now=picture(board.mentees),
        trials=found,
        are_waiting=any(each.scenario.run.is_under_way for each in found),
        form=form,
        may_try=may_try,
    )


def choose(request, pk):
    """Mark a scenario as the one, and draft its pairs."""
    require(request, "matching.suggest_pairing")
    rows = Scenario.objects.select_related("cycle__program", "run")
    scenario = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        done = f"“{scenario.name}” is chosen. Its pairs are being drafted; what stands by hand, or is shared, stays."
        attempt(request, lambda: scenarios.choose(scenario, by=request.user), done)
    return redirect("admin:matching_scenarios", scenario.cycle_id)
