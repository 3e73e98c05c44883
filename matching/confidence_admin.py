"""The two people on staff who read what is said in confidence, and their page. For everyone else it does not exist."""

from django import forms
from django.contrib import admin, messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from matching.models import Confidant, Confidence, ConfidentialNote
from matching.models.confidences import is_confidant, note_look, say_in_confidence
from mentoring.accounts.models import User
from mentoring.audit.models import record
from mentoring.staff import RecordedAdmin, attempt, page


class BanForm(forms.Form):
    """Whom a note is about, by email address."""

    note = forms.IntegerField(widget=forms.HiddenInput)
    email = forms.EmailField(label="Email address of the person it is about")


@admin.register(Confidant)
class ConfidantAdmin(RecordedAdmin):
    list_display = ["number", "person"]
    change_list_template = "admin/matching/confidant/list.html"

    def has_change_permission(self, request, obj=None):
        return False

    def delete_model(self, request, obj):
        record("remove", obj, by=request.user)
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        for confidant in queryset:
            self.delete_model(request, confidant)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs["queryset"] = User.objects.filter(is_staff=True, is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {**(extra_context or {}), "may_read": is_confidant(request.user)})

    def get_urls(self):
        view = self.admin_site.admin_view(self.confidences)
        return [path("read/", view, name="matching_confidences"), *super().get_urls()]

    def confidences(self, request):
        """What was said, newest first; and a note made into a ban, where it names somebody who takes part."""
        if not is_confidant(request.user):
            raise Http404
        form = BanForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self.ban(request, form.cleaned_data)
            return redirect("admin:matching_confidences")
        note_look(request.user)
        return page(
            request,
            "admin/matching/confidant/confidences.html",
            "Said in confidence",
            said=Confidence.objects.select_related("said_by", "about", "cycle__program"),
            notes=ConfidentialNote.objects.select_related("said_by", "cycle__program"),
            form=form,
        )

    def ban(self, request, given):
        note = get_object_or_404(ConfidentialNote, pk=given["note"])
        about = User.objects.filter(email__iexact=given["email"]).exclude(pk=note.said_by_id).first()
        if about is None:
            messages.error(request, "Nobody else has an account with this address.")
            return
        done = "These two are never suggested, drafted or proposed."
        attempt(request, lambda: say_in_confidence(note.cycle, by=note.said_by, about=about, words=note.words), done)
