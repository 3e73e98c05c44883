"""For staff: the waitlist of a cycle, its order and why, and offering a place. None of it is told to applicants but the offer."""

from datetime import timedelta

from django import forms
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone

from applications.models import Application, Decision, Outcome, PlaceOffer
from applications.models.decisions import unverified
from applications.models.offers import free_places
from mentoring.audit.models import record
from mentoring.staff import attempt, page, require
from programs import deadlines
from programs.models import Cycle

DAYS_TO_ANSWER = timedelta(days=7)


class OfferForm(forms.Form):
    """To whom, until when, and why this person now."""

    last_day = forms.DateField(label="Answer by", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="Why this person now, for staff only (optional)", max_length=2000, required=False)


def urls(admin_site):
    view = admin_site.admin_view
    return [
        path("waitlist/", view(waitlists_view), name="applications_waitlists"),
        path("waitlist/<int:cycle_id>/", view(waitlist_view), name="applications_waitlist"),
    ]


def waiting_in(cycle):
    """The people on the waitlist of a cycle, in staff's order, then as they applied; each with ``to_verify`` first."""
    told = Decision.objects.filter(application=OuterRef("pk"), outcome=Outcome.WAITLIST, release__isnull=False)
    rows = Application.objects.filter(cycle=cycle, status="waitlisted").annotate(
        with_rank=Subquery(told.order_by("-pk").values("waitlist_rank")[:1]),
        with_note=Subquery(told.order_by("-pk").values("note")[:1]),
    )
    rows = rows.select_related("applicant", "cycle__program")
    rows = rows.prefetch_related("place_offers", "submissions", "verifications__submission", "waivers")
    rows = list(rows.order_by(F("with_rank").asc(nulls_last=True), "submitted_at", "pk"))
    for row in rows:
        row.to_verify = unverified(row.latest, row.verifications.all(), row.waived)
    return rows


def waitlists_view(request):
    """The cycles with a waitlist; straight on where there is one."""
    require(request, "applications.offer_place")
    counts = Count("applications", filter=Q(applications__status="waitlisted"))
    cycles = Cycle.objects.for_staff().annotate(with_waiting=counts).filter(with_waiting__gt=0)
    if len(cycles) == 1:
        return redirect("admin:applications_waitlist", cycles[0].pk)
    return page(request, "admin/applications/waitlists.html", "Waitlists", cycles=cycles)


def waitlist_view(request, cycle_id):
    """The waitlist with what each was offered; setting its order, offering a place, taking an offer back."""
    require(request, "applications.offer_place")
    cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
    form, status = OfferForm(request.POST if "offer" in request.POST else None), 200
    if request.method == "POST":
        if change(request, cycle, form):
            return redirect("admin:applications_waitlist", cycle.pk)
        status = 422 if form.errors else 409
    rows = waiting_in(cycle)
    unoffered = [row for row in rows if not row.open_offer]
    response = page(
        request,
        "admin/applications/waitlist.html",
        f"Waitlist: {cycle}",
        cycle=cycle,
        rows=rows,
        to_offer=[row for row in unoffered if not row.to_verify],
        to_verify=[row for row in unoffered if row.to_verify],
        free=free_places(cycle),
        form=form,
        last_day=(timezone.now() + DAYS_TO_ANSWER).date(),
        ended=PlaceOffer.objects.exclude(status="offered").filter(application__cycle=cycle).for_reading()[:50],
    )
    response.status_code = status
    return response


def change(request, cycle, form):
    """Do what the button says. Whether it was done."""
    rows = {str(row.pk): row for row in waiting_in(cycle)}
    if "order" in request.POST:
        set_order(request, cycle, rows)
        return True
    if row := rows.get(request.POST.get("take_back")):
        return row.open_offer is not None and attempt(
            request,
            lambda: row.open_offer.take_back(by=request.user, why="Taken back by staff."),
            f"The offer is taken back. {row.applicant} is told by email.",
        )
    row = rows.get(request.POST.get("offer"))
    if row is None or not form.is_valid():
        return False
    given = form.cleaned_data
    return attempt(
        request,
        lambda: PlaceOffer.make(
            row,
            by=request.user,
            respond_by=deadlines.closing(given["last_day"], cycle.time_zone),
            reason=given["reason"],
        ),
        f"A place is offered to {row.applicant}, who is told by email.",
    )


def set_order(request, cycle, rows):
    """Keep the order that staff typed, beside the decision that put each on the waitlist."""
    ranks = {pk: request.POST.get(f"rank_{pk}", "") for pk in rows}
    told = Decision.objects.filter(application__in=rows, outcome=Outcome.WAITLIST, release__isnull=False)
    for decision in told:
        typed = ranks[str(decision.application_id)]
        decision.waitlist_rank = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else None
        decision.save(update_fields=["waitlist_rank"])
    record("order_waitlist", cycle, by=request.user, ranks=ranks)
