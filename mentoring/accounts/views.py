"""A person's own facts."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from mentoring.accounts.forms import ProfileForm
from mentoring.accounts.institution_field import SHOWN
from mentoring.accounts.models import Institution
from mentoring.workflow import TransitionRefused


def profile(request):
    """The facts that every program uses; ``?next=`` leads back to the form that needed them."""
    form = ProfileForm(request.POST or None, instance=request.user)
    onward = request.POST.get("next") or request.GET.get("next", "")
    if request.method == "POST" and form.is_valid():
        try:
            form.save()
        except TransitionRefused as refusal:
            form.add_error("institution", str(refusal))
        else:
            messages.success(request, "Your profile is saved.")
            # A path, because redirect() would look up anything else as the name of a view.
            safe = onward.startswith("/") and url_has_allowed_host_and_scheme(
                onward, {request.get_host()}, require_https=request.is_secure()
            )
            return redirect(onward if safe else "account_profile")
    status = 422 if form.errors else 200
    return render(request, "accounts/profile.html", {"form": form, "next": onward}, status=status)


def institutions(request):
    """Institutions for what somebody types (``?q=``), the best few: for the script beside the box they type in."""
    found = Institution.objects.offered().find(request.GET.get("q", "")[:300])[:SHOWN]
    rows = [{"id": each.pk, "name": each.name, "where": each.where, "near": each.near} for each in found]
    return JsonResponse({"found": rows})
