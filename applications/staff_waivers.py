"""For staff: waiving a rule for one application, a draft included, and taking that back. What is mailed is read first."""

from django import forms
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone

from applications.models import Application, Waiver
from applications.models.waivers import as_it_would_be, obstacle, take_back, waive, why_it_stays
from applications.waiver_emails import OPEN, RuleWaived, WaiverTakenBack
from mentoring.plain_words import say_plainly
from mentoring.staff import attempt, page, require
from programs.forms import CleanCharField
from programs.inquiry_admin import fingerprint


class WaiverForm(forms.Form):
    """Which rule, why, and what the person reads of it."""

    rule = forms.ChoiceField(label="Which rule", widget=forms.RadioSelect)
    reason = CleanCharField(
        max_length=2000,
        label="Why (for the record)",
        help_text="Managers and auditors read this, nobody else.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    told = CleanCharField(
        max_length=300,
        label="What the applicant reads about it (optional)",
        help_text="On their pages and in the email, beside the rule and the date.",
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )

    def __init__(self, conditions, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [(each.key, each.sentence) for each in conditions]
        say_plainly(self)


class TakeBackForm(forms.Form):
    """Why a waiver is taken back."""

    reason = CleanCharField(
        max_length=2000,
        label="Why (for the record)",
        help_text="Managers and auditors read this, nobody else.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def urls(admin_site):
    view = admin_site.admin_view
    return [
        path("waivers/", view(waivers_view), name="applications_waivers"),
        path("waivers/<int:pk>/take-back/", view(take_back_view), name="applications_take_back_waiver"),
        path("<int:pk>/waive/", view(waive_view), name="applications_waive"),
    ]


def waivers_view(request):
    """Find an application by its person's address, a draft too; and what is waived in cycles that are not over."""
    require(request, "applications.waive_rule")
    email = request.GET.get("email", "").strip()
    running = Waiver.objects.in_force().filter(application__cycle__term_ends__gte=timezone.now().date())
    return page(
        request,
        "admin/applications/waivers.html",
        "Waive a rule for one person",
        email=email,
        found=list(open_applications_of(email)) if email else [],
        waivers=running.for_reading().order_by("-granted_at"),
    )


def open_applications_of(email):
    """What somebody with this address is writing or has handed in, and a waiver could still be for."""
    owned = Q(applicant__emailaddress__email__iexact=email, applicant__emailaddress__verified=True)
    rows = Application.objects.filter(Q(applicant__email__iexact=email) | owned, status__in=OPEN)
    return rows.select_related("applicant", "cycle__program").order_by("-cycle__term_begins", "pk").distinct()


def waive_view(request, pk):
    """The rules of the cycle, the mail as it would go out, and then the waiver. A draft's answers are not shown."""
    require(request, "applications.waive_rule")
    rows = Application.objects.for_reading().prefetch_related("cycle__rules", "waivers__granted_by")
    application = get_object_or_404(rows, pk=pk)
    whether = [(each, obstacle(application, each.key, by=request.user)) for each in application.cycle.conditions]
    form = WaiverForm([condition for condition, why in whether if not why], request.POST or None)
    mail = None
    if request.method == "POST" and form.is_valid():
        said = {"by": request.user, "reason": form.cleaned_data["reason"], "told": form.cleaned_data["told"]}
        mail = RuleWaived.of(as_it_would_be(application, form.cleaned_data["rule"], **said)).as_read()
        if request.POST.get("move") == "waive" and request.POST.get("seen") == fingerprint(mail):
            done = f"The rule is waived. {application.applicant} is told by email."
            attempt(request, lambda: waive(application, form.cleaned_data["rule"], **said), done)
            return redirect("admin:applications_waive", pk)
    response = page(
        request,
        "admin/applications/application/waive.html",
        f"Waive a rule: {application.applicant}",
        application=application,
        cycle=application.cycle,
        form=form,
        may_any=bool(form.fields["rule"].choices),
        kept=[(each.sentence, why) for each, why in whether if why and each.key not in application.waived],
        waivers=[(each, why_it_stays(each)) for each in application.waivers_in_force],
        mail=mail,
        seen=fingerprint(mail) if mail else "",
    )
    response.status_code = 422 if form.errors else 200
    return response


def take_back_view(request, pk):
    """What the person would be told, and the button."""
    require(request, "applications.waive_rule")
    waiver = get_object_or_404(Waiver.objects.for_reading(), pk=pk)
    form, mail = TakeBackForm(request.POST or None), WaiverTakenBack.of(waiver).as_read()
    if request.method == "POST" and form.is_valid():
        done = f"The rule counts again. {waiver.application.applicant} is told by email."
        attempt(request, lambda: take_back(waiver, by=request.user, reason=form.cleaned_data["reason"]), done)
        return redirect("admin:applications_waive", waiver.application_id)
    response = page(
        request,
        "admin/applications/application/take_back.html",
        f"Take the waiver back: {waiver.application.applicant}",
        waiver=waiver,
        application=waiver.application,
        why_it_stays=why_it_stays(waiver),
        form=form,
        mail=mail,
    )
    response.status_code = 422 if form.errors else 200
    return response
