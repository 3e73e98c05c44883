"""The staff's pages of suggestion runs: the list of all there were, how far one is, and what makes two people fit."""

from django.contrib import admin, messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from matching.forms import WeightsForm
from matching.models import SuggestionRun, Weights
from matching.models.weights import weigh
from mentoring.staff import ReadOnlyAdmin, page, require
from programs.admin import CycleFilter
from programs.models import Cycle


@admin.register(SuggestionRun)
class SuggestionRunAdmin(ReadOnlyAdmin):
    list_display = ["computed_at", "cycle", "policy", "status", "computed_by", "matched", "on_list"]
    list_filter = ["status", ("cycle", CycleFilter), "policy"]
    list_select_related = ["cycle__program", "computed_by"]

    @admin.display(description="Matched")
    def matched(self, run):
        return run.figures.get("matched")

    @admin.display(description="On their list")
    def on_list(self, run):
        return run.figures.get("on_list")

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/progress/", view(self.progress), name="matching_run_progress"),
            path("weights/<int:cycle_id>/", view(self.weights), name="matching_weights"),
        ]
        return own + super().get_urls()

    def weights(self, request, cycle_id):
        """How much each criterion counts in a cycle."""
        require(request, "matching.suggest_pairing")
        cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
        row = Weights.objects.filter(cycle=cycle).first() or Weights(cycle=cycle)
        form = WeightsForm(request.POST or None, instance=row)
        if request.method == "POST" and form.is_valid():
            weigh(cycle, form.cleaned_data, by=request.user)
            messages.success(request, "Saved. Suggest again, and the new weights count.")
            return redirect("admin:matching_workbench", cycle_id)
        title = f"What makes two people fit: {cycle}"
        return page(request, "admin/matching/weights.html", title, cycle=cycle, form=form)

    def progress(self, request, pk):
        """How far it is, as a part of the workbench that asks again by itself; the whole page is loaded anew at the end."""
        require(request, "matching.view_suggestionrun")
        run = get_object_or_404(SuggestionRun.objects.select_related("cycle__program", "computed_by"), pk=pk)
        if not request.htmx:
            return redirect("admin:matching_workbench", run.cycle_id)
        response = render(request, "admin/matching/_run.html", {"waiting": run})
        if not run.is_under_way:
            response["HX-Refresh"] = "true"
        return response
