"""The way back to the workbench: to the view of it that somebody left, and to the mentee they were busy with."""

from django.urls import reverse

KEPT = "workbench"


def keep(request, cycle_id, view):
    """Remember which filters, order and page somebody looks at."""
    if _kept(request, cycle_id) != view.query:
        request.session[KEPT] = {"cycle": cycle_id, "query": view.query}


def way_back(request, cycle_id, mentee_id=None):
    """The address of the view somebody left, or of the whole workbench; at the row of a mentee, if it names one."""
    query = _kept(request, cycle_id)
    address = reverse("admin:matching_workbench", args=[cycle_id]) + (f"?{query}" if query else "")
    return f"{address}#mentee-{mentee_id}" if mentee_id else address


def _kept(request, cycle_id):
    kept = request.session.get(KEPT, {})
    return kept["query"] if kept.get("cycle") == cycle_id else ""
