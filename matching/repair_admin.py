"""The staff's page of a repair: who lost their mentor, whom the repair gives them, and what it costs."""

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from matching.models import Pairing
from matching.repair import draft_repair, repair_of
from matching.suggest import POLICIES, NotProven
from mentoring.staff import attempt, page, require
from programs.models import Cycle


class RepairPages:
    """Added to the admin of pairings."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("repair/", view(self.repairs), name="matching_repairs"),
            path("repair/<int:cycle_id>/", view(self.repair), name="matching_repair"),
        ]
        return own + super().get_urls()

    def repairs(self, request):
        """The cycles in which somebody needs a new mentor."""
        require(request, "matching.suggest_pairing")
        waiting = (
            Pairing.objects.needing_another()
            .order_by()
            .values("cycle")
            .annotate(count=Count("application", distinct=True))
        )
        counts = {row["cycle"]: row["count"] for row in waiting}
        cycles = Cycle.objects.for_staff().filter(pk__in=counts)
        rows = [(cycle, counts[cycle.pk]) for cycle in cycles]
        return page(request, "admin/matching/repairs.html", "Mentees who need a new mentor", rows=rows, opts=self.opts)

    def repair(self, request, cycle_id):
        """The repair of a cycle beside solving all of it again, and the button that drafts it."""
        require(request, "matching.suggest_pairing")
        cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
        if request.method == "POST":
            seen = request.POST.get("seen", "")
            done = "The repair is drafted. Nobody outside staff knows of it; propose it when you are ready."
            try:
                if attempt(request, lambda: draft_repair(cycle, by=request.user, seen=seen), done):
                    return redirect("admin:matching_workbench", cycle_id)
            except NotProven as error:
                messages.error(request, unproved(error))
            return redirect("admin:matching_repair", cycle_id)
        try:
            found = repair_of(cycle)
        except NotProven as error:
            messages.error(request, unproved(error))
            return redirect("admin:matching_workbench", cycle_id)
        lost = Pairing.objects.needing_another().filter(cycle=cycle).select_related("mentee", "mentor")
        return page(
            request,
            "admin/matching/repair.html",
            f"A new mentor for who lost theirs: {cycle.short_name}",
            cycle=cycle,
            lost=lost.order_by("mentee__name", "-ended_at"),
            repair=found,
            policy=POLICIES[found.policy],
            opts=self.opts,
        )


def unproved(error):
    return f"The repair could not be proved to be the best, so there is none: {error}. Suggest again instead."
