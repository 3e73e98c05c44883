"""The signed-in home, pages for errors, and health for machines."""

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone

from mentoring.portal import signed_out
from mentoring.portal.cards import cards_for

# Further apart than this, the web server's clock cannot be trusted with deadlines.
CLOCKS_MAY_DIFFER = 2.0


def home(request):
    """One card for each thing this person is part of."""
    return render(request, "portal/home.html", {"cards": cards_for(request.user)})


def csrf_failure(request, reason=""):
    """The form's token does not fit: a page that says how to go on.

    Signing in makes a new token, so whoever signed in again in another tab gets back what they typed, to be sent once more.
    Only if a page of ours sent it: another site must not have its form blessed with a token.
    """
    if request.user.is_authenticated and signed_out.comes_from_here(request) and signed_out.may_hand_back(request):
        return signed_out.hand_back(request, status=403)
    return render(request, "403_csrf.html", status=403)


@login_not_required
def live(request):
    """The process answers."""
    return JsonResponse({"live": True})


@login_not_required
def ready(request):
    """The database can be written to and its clock agrees with ours; 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp(), pg_is_in_recovery()")
            database_clock, read_only = cursor.fetchone()
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "cannot be reached"}, status=503)
    apart = abs((database_clock.astimezone(UTC) - datetime.now(UTC)).total_seconds())
    is_ready = not read_only and apart <= CLOCKS_MAY_DIFFER
    database = "read only" if read_only else "ready"
    body = {
        "ready": is_ready,
        "database": database,
        "clocks_apart_seconds": round(apart, 3),
        "at": timezone.now().isoformat(),
    }
    return JsonResponse(body, status=200 if is_ready else 503)
