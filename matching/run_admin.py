"""The staff's pages of suggestion runs: the list of all there were, and how far one is."""

from django.contrib import admin
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from matching.models import SuggestionRun
from mentoring.staff import ReadOnlyAdmin, require
from programs.admin import CycleFilter


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
        own = [path("<int:pk>/progress/", self.admin_site.admin_view(self.progress), name="matching_run_progress")]
        return own + super().get_urls()

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
