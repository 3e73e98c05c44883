from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.shortcuts import redirect

from mentoring.accounts.models import Affiliation, Institution, User
from mentoring.constraints import sentence_for
from mentoring.staff import RecordedAdmin


class AffiliationInline(admin.TabularInline):
    """Where a person is now: read here, changed by the person, so that pairings in progress are looked after."""

    model = Affiliation
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(User)
class PersonAdmin(RecordedAdmin, UserAdmin):
    list_display = ["name", "email", "career_stage", "is_staff", "is_active"]
    list_filter = ["is_staff", "groups", "career_stage", "is_active"]
    search_fields = ["name", "email"]
    ordering = ["name", "id"]
    filter_horizontal = ["groups"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "name", "degrees", "career_stage", "time_zone"]}),
        ("Staff", {"fields": ["is_active", "is_staff", "groups"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    own_rights = ["is_active", "is_staff", "groups"]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]
    inlines = [AffiliationInline]

    def get_readonly_fields(self, request, obj=None):
        """Nobody gives themselves a role, or takes one back; and an address is its owner's to change."""
        fixed = [*self.readonly_fields, *(["email"] if obj else [])]
        return [*fixed, *(self.own_rights if obj == request.user else [])]

    def user_change_password(self, request, id, form_url=""):
        """Passwords are their owners'. Whoever forgot theirs asks for a link by email."""
        raise PermissionDenied

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Institution)
class InstitutionAdmin(RecordedAdmin, admin.ModelAdmin):
    list_display = ["name", "country", "parent", "is_medical_school", "checked"]
    list_filter = ["checked", "is_medical_school", "country"]
    search_fields = ["name"]
    autocomplete_fields = ["parent"]
    filter_horizontal = ["affiliates"]
    readonly_fields = ["added_by"]

    def has_delete_permission(self, request, obj=None):
        return False

    def changeform_view(self, request, *args, **kwargs):
        """Where a pairing in progress stands against the change, staff read so, and nothing is saved."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError as error:
            if not (sentence := sentence_for(error)):
                raise
            self.message_user(request, sentence, messages.ERROR)
            return redirect(request.path)
