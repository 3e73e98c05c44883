"""Handing in, the receipt, and checking one."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render

from applications import commitments, receipt, sections
from applications.forms import CheckReceiptForm
from applications.models import IncompleteApplication, Submission, UnchangedApplication
from applications.own import number_in, own_application
from applications.version_views import changes_since_the_latest
from mentoring import pdf
from mentoring.audit.models import record
from mentoring.workflow import TransitionRefused


def review(request, pk):
    """Everything as it will be read, what is missing as links, and the button that hands it in."""
    application = own_application(request, pk)
    if not application.may_edit and request.method != "POST":
        return redirect(application)
    asked = commitments.commitments(application.cycle)
    confirmed = commitments.ticked(asked, request.POST)
    problems, refusal = application.problems(), None
    if request.method == "POST":
        try:
            application.submit(
                by=request.user,
                received_at=request.received_at,
                confirmed=confirmed,
                told_for_mentor=request.POST.getlist("for_mentor"),
            )
            messages.success(
                request, "We have your application. This page is your receipt; it is also on its way by email."
            )
            return redirect("applications:receipt", pk=application.pk)
        except UnchangedApplication:
            return redirect("applications:receipt", pk=application.pk)
        except IncompleteApplication as incomplete:
            problems = incomplete.problems
            missing = [sentence for _section, _field, sentence in problems]
            record("refused_submit", application, by=request.user, reason=str(incomplete), missing=missing)
        except TransitionRefused as refused:
            refusal = str(refused)
            record("refused_submit", application, by=request.user, reason=refusal)
    context = {
        "application": application,
        "cycle": application.cycle,
        "parts": receipt.as_read(application, application.rule_answers, application.answers),
        "for_mentor": [ask.key for ask in application.question_asks if ask.for_mentor],
        "changed": changes_since_the_latest(application),
        "waivers": application.waivers_in_force,
        "facts": application.facts(),
        "commitments": commitments.boxes(asked, confirmed),
        "steps": sections.progress(application, problems, here="review"),
        "problems": [
            (f"{sections.address(application, where)}#id_{field}", sentence) for where, field, sentence in problems
        ],
        "refusal": refusal,
        "tried": request.method == "POST",
    }
    status = 409 if refusal else 422 if request.method == "POST" else 200
    return render(request, "applications/review.html", context, status=status)


def version_or_none(request, application):
    """The version that ``?version=`` names, else the one in force."""
    number = number_in(request.GET.get("version"))
    versions = Submission.objects.filter(application=application)
    chosen = versions.filter(number=number).first() if number > 0 else versions.first()
    if chosen:
        chosen.application = application  # with all that the pages show of it
    return chosen


def show(request, pk):
    """The receipt as a page."""
    application = own_application(request, pk)
    chosen = version_or_none(request, application)
    if chosen is None:
        messages.info(request, "Nothing has been handed in yet, so there is no receipt.")
        return redirect(application)
    context = {
        "application": application,
        "cycle": application.cycle,
        "submission": chosen,
        "versions": Submission.objects.filter(application=application),
        "hear_by": receipt.hear_by(application.cycle) if application.is_under_review else "",
        "parts": receipt.handed_in(chosen),
        "fingerprints": receipt.each_fingerprint(chosen),
        "each_covers": receipt.EACH_COVERS,
        "attestations": chosen.attestations.select_related("wording"),
    }
    return render(request, "applications/receipt.html", context)


def as_pdf(request, pk):
    """The receipt as a tagged PDF, to keep."""
    chosen = version_or_none(request, own_application(request, pk))
    if chosen is None:
        raise Http404
    return pdf.download(receipt.as_pdf(chosen), f"receipt-{chosen.receipt_number}.pdf")


@login_not_required
def check(request):
    """Whether a receipt is one that we gave, and what it was given for is still stored so. It says nothing else."""
    form = CheckReceiptForm(request.POST if request.method == "POST" else None)
    context, status = {"form": form}, 200
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST":
        number, digest = form.cleaned_data["number"], form.cleaned_data["digest"]
        if ratelimit.consume(request, action="check_receipt", key=number):
            context["matches"] = receipt.matches(number, digest)
        else:
            context["refusal"] = "That was a lot of receipts. Please wait a few minutes, then check this one again."
            status = 429
    return render(request, "applications/check_receipt.html", context, status=status)
