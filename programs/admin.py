from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.shortcuts import redirect
from django.urls import reverse

from mentoring.staff import RecordedAdmin
from programs.cycle_forms import CycleForm, WindowForm, WindowFormSet
from programs.cycle_pages import CyclePages
from programs.inquiry_admin import InquiryAdmin
from programs.models import Cycle, Program, Question, Window, WindowKind
from programs.rules_admin import CycleFilter, ExampleAdmin, RuleAdmin, RuleInline
from programs.window_admin import WindowAdmin

__all__ = ["CycleFilter", "ExampleAdmin", "InquiryAdmin", "RuleAdmin", "WindowAdmin"]  # registered there, found here


@admin.register(Program)
class ProgramAdmin(RecordedAdmin, admin.ModelAdmin):
    list_display = ["name", "abbreviation", "contact_email"]
    search_fields = ["name", "abbreviation"]
    prepopulated_fields = {"slug": ["abbreviation"]}

    def has_delete_permission(self, request, obj=None):
        return False

    def response_post_save_add(self, request, obj):
        """On to its first cycle."""
        self.message_user(
            request, f"{obj} is there. Now set up its first cycle; nobody sees it before it is published."
        )
        return redirect(f"{reverse('admin:programs_cycle_add')}?program={obj.pk}")


class WindowInline(admin.TabularInline):
    model = Window
    form = WindowForm
    formset = WindowFormSet
    fields = ["kind", "first_day", "last_day", "last_minute", "grace_minutes"]

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj else len(WindowKind)


class QuestionForm(forms.ModelForm):
    """A question. Its key ties answers to it, so that it stays once somebody has answered."""

    class Meta:
        model = Question
        fields = ["position", "key", "kind", "text", "help", "required", "options", "most_characters", "for_mentor"]

    def clean_key(self):
        key = self.cleaned_data["key"]
        if self.instance.pk and key != self.initial["key"] and self.instance.was_answered:
            raise forms.ValidationError("People have answered this question, so its key stays. Its words may change.")
        return key


class QuestionInline(admin.StackedInline):
    model = Question
    form = QuestionForm
    extra = 0


class CycleList(ChangeList):
    """Leads to the page that tells the whole cycle."""

    def url_for_result(self, result):
        return reverse("admin:programs_cycle_overview", args=[result.pk])


@admin.register(Cycle)
class CycleAdmin(CyclePages, RecordedAdmin, admin.ModelAdmin):
    form = CycleForm
    list_display = ["__str__", "applications", "term_begins", "term_ends", "published"]
    list_filter = ["program"]
    search_fields = ["label", "slug", "program__name"]
    inlines = [WindowInline, RuleInline, QuestionInline]
    fieldsets = [
        (None, {"fields": ["program", "label", "slug"]}),
        ("Term", {"fields": ["time_zone", "term_begins", "term_begins_words", "term_ends", "least_months", "most_months",
                             "hours_a_month", "decisions_by"]}),
        ("Preferences and pairing", {"fields": ["separation", "separation_levels", "places", "preferences_come",
                                                "least_choices", "most_choices", "reply_days", "answers_first", "mentor_stages",
                                                "topics"]}),
        ("What people read", {"fields": ["apply_label", "eligibility_title", "answers_title", "mentor_title", "mentor_label",
                                         "contact_name", "contact_email"]}),
    ]  # fmt: skip

    def get_fieldsets(self, request, obj=None):
        # What was seen goes along with the form of whoever may save it.
        may_save = obj is not None and self.has_change_permission(request, obj)
        return [*super().get_fieldsets(request, obj), *([(None, {"fields": ["seen"]})] if may_save else [])]

    def get_changelist(self, request, **kwargs):
        return CycleList

    def get_queryset(self, request):
        return super().get_queryset(request).for_staff()

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "mentor_stages":
            choices = db_field.base_field.choices
            return forms.MultipleChoiceField(
                choices=choices,
                widget=forms.CheckboxSelectMultiple,
                label=db_field.verbose_name.capitalize(),
                initial=db_field.get_default,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_delete_permission(self, request, obj=None):
        return False

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        if formset.model is Question:
            for question, _fields in formset.changed_objects:
                if question.was_answered:
                    told = (
                        f"People have answered “{question}”. What they handed in keeps the words that they answered, "
                        "and is read by whom they were told then."
                    )
                    self.message_user(request, told)

    @admin.display(description="Applications")
    def applications(self, cycle):
        return cycle.status_sentence

    @admin.display(boolean=True)
    def published(self, cycle):
        return cycle.published_at is not None
