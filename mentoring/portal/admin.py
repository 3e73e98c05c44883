"""The staff's queue of people who asked to be erased, and the page that carries it out."""

from django.contrib import admin
from django.db import transaction
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.text import capfirst

from mentoring.accounts.models import ErasureRequest
from mentoring.portal import erasure
from mentoring.portal.emails import ErasureRefused
from mentoring.staff import Queue, ReadOnlyAdmin, attempt, dashboard, number_or_404, page, require


@admin.register(ErasureRequest)
class ErasureRequestAdmin(ReadOnlyAdmin):
    list_display = ["person", "status", "asked_at", "decided_at"]
    list_filter = ["status"]
    list_select_related = ["person"]
    list_per_page = 50
    ordering = [F("decided_at").asc(nulls_first=True), "asked_at"]

    def get_urls(self):
        decide = self.admin_site.admin_view(self.decide_view)
        return [path("<int:pk>/decide/", decide, name="accounts_erasurerequest_decide"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Exactly what goes, what stays and why, before anybody presses."""
        require(request, "accounts.view_erasurerequest")
        row = get_object_or_404(self.get_queryset(request), pk=number_or_404(object_id))
        return page(
            request,
            "admin/portal/erasure.html",
            capfirst(str(row)),
            row=row,
            kinds=erasure.preview(row.person),
            obstacles=erasure.obstacles(row.person) if row.status == "open" else [],
            may_erase=row.status == "open" and request.user.has_perm("accounts.erase_person"),
            opts=self.opts,
        )

    def decide_view(self, request, pk):
        """Erase, or say why not: ``move`` says which."""
        require(request, "accounts.erase_person")
        row, why = get_object_or_404(ErasureRequest, pk=pk), request.POST.get("why", "").strip()[:2000]
        if request.method == "POST" and request.POST.get("move") == "erase":
            attempt(request, lambda: erasure.erase(row, by=request.user), "Erased. What stays is under a number.")
        elif request.method == "POST" and request.POST.get("move") == "refuse" and why:
            attempt(request, lambda: refuse(row, request.user, why), "The person is told by email why not.")
        return redirect("admin:accounts_erasurerequest_change", pk)


def refuse(row, by, why):
    with transaction.atomic():
        row.refuse(by=by, why=why)
        ErasureRefused.of(row).queue()


dashboard.queues.append(
    Queue(
        "Requests to be erased",
        lambda: ErasureRequest.objects.filter(status="open"),
        lambda: reverse("admin:accounts_erasurerequest_changelist"),
        "accounts.erase_person",
        "People",
        "The law gives a month to answer.",
        "wait",
    )
)
