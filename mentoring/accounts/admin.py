from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.timesince import timesince

from mentoring.accounts.merging import merge, will_move
from mentoring.accounts.models import Affiliation, Alias, Institution, User
from mentoring.accounts.models.institutions import Degree
from mentoring.constraints import sentence_for
from mentoring.staff import Queue, RecordedAdmin, attempt, dashboard, number_or_404, page, require


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


class AliasInline(admin.TabularInline):
    model = Alias
    extra = 1
    fields = ["name"]


# What a file would say too; once staff have set it, no file changes it.
LOADED = {"name", "country", "city", "kind", "parent", "affiliates", "withdrawn", "is_medical_school", "degrees"}


@admin.register(Institution)
class InstitutionAdmin(RecordedAdmin, admin.ModelAdmin):
    list_display = ["name", "city", "country", "kind", "parent", "is_medical_school", "checked", "waiting"]
    list_filter = ["checked", "is_medical_school", "withdrawn", "kind"]
    list_select_related = ["parent"]
    search_fields = ["name"]
    search_help_text = "Any of its names; the beginnings of words are enough."
    autocomplete_fields = ["parent", "affiliates"]
    readonly_fields = ["added_by", "added_at"]
    inlines = [AliasInline]
    fieldsets = [
        (None, {"fields": ["name", "kind", "city", "country", "checked"]}),
        ("Family", {"fields": ["parent", "affiliates"]}),
        ("Medical school", {"fields": ["is_medical_school", "degrees"]}),
        ("Origin", {"fields": ["ror_id", "withdrawn", "added_by", "added_at"]}),
    ]

    change_form_template = "admin/accounts/institution/change_form.html"

    def get_urls(self):
        merge_page = path("<int:pk>/merge/", self.admin_site.admin_view(self.merge), name="accounts_institution_merge")
        return [merge_page, *super().get_urls()]

    def merge(self, request, pk):
        """Find the other, read what will move, and merge this institution into it."""
        require(request, "accounts.change_institution")
        gone = get_object_or_404(Institution, pk=pk)
        typed = request.GET.get("q", gone.name)
        chosen = request.POST.get("into") or request.GET.get("into", "")
        kept = get_object_or_404(Institution, pk=number_or_404(chosen)) if chosen else None
        if request.method == "POST" and kept:
            done = f"{gone} is merged into {kept}, and its name found there."
            if attempt(request, lambda: merge(gone, kept, by=request.user), done):
                return redirect("admin:accounts_institution_change", kept.pk)
        return page(
            request,
            "admin/accounts/institution/merge.html",
            f"Merge {gone} into another",
            gone=gone,
            kept=kept,
            typed=typed,
            found=Institution.objects.find(typed).exclude(pk=gone.pk)[:20],
            moves=will_move(gone, kept) if kept else [],
            opts=self.opts,
        )

    def get_search_results(self, request, queryset, search_term):
        return (queryset.find(search_term) if search_term.strip() else queryset), False

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "degrees":
            return forms.MultipleChoiceField(
                choices=Degree, widget=forms.CheckboxSelectMultiple, required=False, label="Degrees"
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        obj.set_by_staff = sorted({*obj.set_by_staff, *(LOADED & set(form.changed_data))})
        super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        if formset.has_changed():
            form.instance.set_by_staff = sorted({*form.instance.set_by_staff, "aliases"})
            form.instance.save(update_fields=["set_by_staff"])

    @admin.display(description="Waiting for", ordering="added_at")
    def waiting(self, institution):
        return "" if institution.checked else timesince(institution.added_at, depth=1)

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


def oldest():
    """Since when the first of those that people added waits."""
    first = Institution.objects.to_check().order_by("added_at").first()
    return f"The oldest waits for {timesince(first.added_at, depth=1)}." if first else ""


dashboard.queues.append(
    Queue(
        "Institutions to check",
        Institution.objects.to_check,
        lambda: f"{reverse('admin:accounts_institution_changelist')}?checked__exact=0&o=8",
        "accounts.change_institution",
        "People",
        hint=oldest,
    )
)
