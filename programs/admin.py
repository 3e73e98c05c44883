from datetime import timedelta

from django import forms
from django.contrib import admin
from django.utils import timezone

from mentoring.staff import RecordedAdmin
from programs import deadlines
from programs.inquiry_admin import InquiryAdmin
from programs.models import Cycle, Program, Question, Window
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


class WindowForm(forms.ModelForm):
    """Days and a last minute in the cycle's own zone; nobody types an instant."""

    first_day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), help_text="From its first minute.")
    last_day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    last_minute = forms.TimeField(
        initial=deadlines.END_OF_DAY,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="The whole minute is still in time.",
    )
    grace_minutes = forms.IntegerField(
        min_value=0, max_value=15, initial=0, help_text="The same for everyone; staff only."
    )

    class Meta:
        model = Window
        fields = ["kind"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            zone = self.instance.cycle.zone
            last = deadlines.last_minute(self.instance.closes_at).astimezone(zone)
            self.initial["first_day"] = self.instance.opens_at.astimezone(zone).date()
            self.initial["last_day"], self.initial["last_minute"] = last.date(), last.time()
            self.initial["grace_minutes"] = self.instance.grace // timedelta(minutes=1)

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        zone = self.instance.cycle.time_zone
        try:
            self.instance.opens_at = deadlines.opening(cleaned["first_day"], zone)
            self.instance.closes_at = deadlines.closing(cleaned["last_day"], zone, cleaned["last_minute"])
        except ValueError as error:
            self.add_error("last_minute", str(error))
        self.instance.grace = timedelta(minutes=cleaned["grace_minutes"])
        return cleaned

    def _get_validation_exclusions(self):
        # The instants are made of what is typed, so the row's own checks of them hold for this form.
        return super()._get_validation_exclusions() - {"opens_at", "closes_at", "grace"}


class WindowInline(admin.TabularInline):
    model = Window
    form = WindowForm
    fields = ["kind", "first_day", "last_day", "last_minute", "grace_minutes"]
    extra = 0


class QuestionInline(admin.StackedInline):
    model = Question
    extra = 0


@admin.register(Cycle)
class CycleAdmin(RecordedAdmin, admin.ModelAdmin):
    list_display = ["__str__", "applications", "term_begins", "term_ends", "published"]
    list_filter = ["program"]
    search_fields = ["label", "slug", "program__name"]
    inlines = [WindowInline, RuleInline, QuestionInline]
    actions = ["publish"]
    readonly_fields = ["published_at"]
    fieldsets = [
        (None, {"fields": ["program", "label", "slug", "published_at"]}),
        ("Term", {"fields": ["time_zone", "term_begins", "term_begins_words", "term_ends", "least_months", "most_months",
                             "hours_a_month", "decisions_by"]}),
        ("Preferences and pairing", {"fields": ["least_choices", "most_choices", "reply_days", "mentor_stages", "topics"]}),
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).for_staff()

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "mentor_stages":
            choices = db_field.base_field.choices
            return forms.MultipleChoiceField(
                choices=choices, widget=forms.CheckboxSelectMultiple, label=db_field.verbose_name.capitalize()
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="Applications")
    def applications(self, cycle):
        return cycle.status_sentence

    @admin.display(boolean=True)
    def published(self, cycle):
        return cycle.published_at is not None

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request, queryset):
        for cycle in queryset.filter(published_at=None):
            cycle.published_at = timezone.now()
            cycle.save(update_fields=["published_at"])
            self.log_change(request, cycle, "Published.")
            self.message_user(request, f"{cycle} is on the public pages.")
