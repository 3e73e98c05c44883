"""Everything that is held about the person who is signed in: to read, to download, and to have erased."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from mentoring import pdf
from mentoring.accounts.models import ErasureRequest
from mentoring.audit.models import record
from mentoring.portal import held
from mentoring.workflow import TransitionRefused
from programs import deadlines

LONGEST_WORDS = 2000


def data(request):
    """What there is, kind by kind, and what becomes of each when it is erased."""
    kinds = [(each, rows) for each, rows in held.everything(request.user) if rows]
    asked = request.user.erasure_requests.filter(status="open").first()
    outcomes = (held.REMOVED, held.EMPTIED, held.KEPT)
    becomes = [(outcome, [each for each in held.HELD if each.erasure == outcome]) for outcome in outcomes]
    return render(request, "portal/data.html", {"kinds": kinds, "asked": asked, "becomes": becomes})


def _filled(row):
    return {label: str(value) for label, value in row.items() if value not in ("", None)}


def as_json(request):
    """All of it, for a machine."""
    told = [
        {"what": each.title, "when_erased": each.erasure, "rows": [_filled(row) for row in rows]}
        for each, rows in held.everything(request.user)
    ]
    answer = JsonResponse({"made_at": timezone.now().isoformat(), "held": told}, json_dumps_params={"indent": 1})
    answer.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def as_pdf(request):
    """All of it, to read and keep, as a tagged PDF."""
    now = timezone.now()
    parts = []
    for each, rows in held.everything(request.user):
        for number, row in enumerate(rows, 1):
            title = each.title if len(rows) == 1 else f"{each.title}: {number} of {len(rows)}"
            parts.append({"title": title, "rows": list(_filled(row).items())})
    made = deadlines.words(now, timezone.get_default_timezone_name())
    content = pdf.document(
        "What we hold about you", lead=[f"{request.user.full_name}, {request.user.email}", f"Made at {made}."],
        parts=parts, at=now,
    )  # fmt: skip
    return pdf.download(content, "my-data.pdf")


@require_POST
def erasure(request):
    """Ask for erasure, or take the request back."""
    asked = request.user.erasure_requests.filter(status="open").first()
    try:
        if asked and request.POST.get("move") == "take_back":
            asked.take_back(by=request.user)
            messages.success(request, "Your request is taken back. Nothing is erased.")
        elif asked is None and request.POST.get("move") == "ask":
            ask(request.user, request.POST.get("words", "").replace("\x00", "")[:LONGEST_WORDS])
            messages.success(request, "Your request is with staff. Until they carry it out you can take it back here.")
    except TransitionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("account_data")


def ask(person, words):
    """Record the request. Asking twice at once is one request."""
    try:
        with transaction.atomic():
            record("ask_for_erasure", ErasureRequest.objects.create(person=person, words=words), by=person)
    except IntegrityError as error:
        raise TransitionRefused("You have asked for this already. Staff will answer.") from error
