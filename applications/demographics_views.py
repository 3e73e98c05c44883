"""The page on which people say something of themselves for the counts, and the staff's page of the counts."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from applications.models.demographics import PREFER_NOT, QUESTIONS, SMALLEST, Demographics, counts
from applications.own import own_application
from mentoring.audit.models import record
from mentoring.staff import page, require
from programs.models import Cycle


class DemographicsForm(forms.Form):
    """Every question may be left out, takes several answers, and has "prefer not to say"."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for key, question, choices in QUESTIONS:
            self.fields[key] = forms.MultipleChoiceField(
                label=f"{question} (optional)",
                choices=choices,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text="Choose all that apply.",
            )

    def clean(self):
        cleaned = super().clean()
        for key, chosen in list(cleaned.items()):
            if PREFER_NOT in chosen and len(chosen) > 1:
                self.add_error(key, "Choose either what applies, or that you prefer not to say.")
        return cleaned


def demographics(request, pk):
    """Optional, apart from the application, and changed or emptied at any time."""
    application = own_application(request, pk)
    kept = Demographics.objects.filter(person=request.user, cycle=application.cycle).first()
    form = DemographicsForm(request.POST if request.method == "POST" else None, initial=kept.answers if kept else None)
    if request.method == "POST" and form.is_valid():
        Demographics.keep(request.user, application.cycle, form.cleaned_data)
        messages.success(request, "Saved, apart from your application.")
        return redirect(application)
    context = {"application": application, "cycle": application.cycle, "form": form, "smallest": SMALLEST}
    return render(request, "applications/demographics.html", context, status=422 if form.errors else 200)


def urls(admin_site):
    view = admin_site.admin_view(counts_view)
    return [path("demographics/<int:cycle_id>/", view, name="applications_demographics")]


def counts_view(request, cycle_id):
    """The counts of a cycle, once nobody can apply any more. Each look is on record before it is given."""
    require(request, "applications.see_demographics")
    cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
    window, told = cycle.applications_window, None
    is_closed = window is not None and window.has_closed
    if request.method == "POST" and is_closed:
        record("look_at_demographics", cycle, by=request.user)
        told = counts(cycle)
    return page(
        request,
        "admin/applications/demographics.html",
        f"Who applied: {cycle}",
        cycle=cycle,
        is_closed=is_closed,
        counts=told,
        smallest=SMALLEST,
    )
