"""What the staff's first screen says of the cycles that run now."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from mentoring.staff import dashboard
from programs.models import Cycle
from programs.timeline import timeline


def cycles_now(request):
    """Published cycles whose term has not ended: the numbers in a sentence, and the timeline."""
    if not request.user.has_perm("programs.view_cycle"):
        return []
    now = timezone.now()
    counts = {
        f"with_{status}": Count("applications", filter=Q(applications__status=status))
        for status in ("draft", "submitted", "accepted")
    }
    cycles = Cycle.objects.published().filter(term_ends__gte=now.date()).for_staff().annotate(**counts)
    return [
        {
            "title": str(cycle),
            "sentence": f"{cycle.status_sentence} {cycle.with_draft} drafts, {cycle.with_submitted} submitted, "
            f"{cycle.with_accepted} accepted.",
            "url": reverse("admin:programs_cycle_overview", args=[cycle.pk]),
            "steps": timeline(cycle, now),
        }
        for cycle in cycles
    ]


def connect():
    """Give the dashboard its cycles."""
    dashboard.cycles = cycles_now
