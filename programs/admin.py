from datetime import timedelta

from django import forms
from django.contrib import admin
from django.utils import timezone

from mentoring.staff import RecordedAdmin
from programs import deadlines, eligibility
from programs.inquiry_admin import InquiryAdmin
from programs.models import Cycle, Program, Question, Rule, Window
from programs.window_admin import WindowAdmin


__all__ = ["InquiryAdmin", "WindowAdmin"]  # registered there, found here


@admin.register(Program)
class ProgramAdmin(RecordedAdmin, admin.ModelAdmin):
    list_display = ["name", "abbreviation", "contact_email"]
    search_fields = ["name", "abbreviation"]
    prepopulated_fields = {"slug": ["abbreviation"]}

    def has_delete_permission(self, request, obj=None):
        return False


class CycleFilter(admin.RelatedFieldListFilter):
    """Cycles by name, with their programs in the same query."""

    def field_choices(self, field, request, model_admin):
        return [(cycle.pk, str(cycle)) for cycle in Cycle.objects.select_related("program")]


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


class RuleInline(admin.TabularInline):
    """The rules in order; each is edited on its own page, where its kind's own settings are."""

    model = Rule
    fields = ["position", "key", "kind", "sentence", "effect"]
    extra = 0
    show_change_link = True


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


class RuleForm(forms.ModelForm):
    """A rule, with a field for each setting of its kind. Options are typed one per line, as value: label."""

    class Meta:
        model = Rule
        fields = ["position", "sentence", "way_out", "effect"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, (label, shape) in eligibility.KINDS[self.instance.kind].parameters.items():
            value = self.instance.parameters.get(name, "")
            lines = "\n".join(f"{key}: {text}" for key, text in value) if shape == "options" and value else value
            self.fields[name] = forms.CharField(
                label=label, required=False, initial=lines or "", widget=forms.Textarea(attrs={"rows": 3})
            )

    def clean(self):
        cleaned = super().clean()
        for name, (_label, shape) in eligibility.KINDS[self.instance.kind].parameters.items():
            typed = cleaned.get(name, "").strip()
            self.instance.parameters[name] = self._options(name, typed) if shape == "options" else typed
        return cleaned

    def _options(self, name, typed):
        pairs = [line.partition(":") for line in typed.splitlines() if line.strip()]
        if any(not sign or not value.strip() or not label.strip() for value, sign, label in pairs):
            self.add_error(name, "Type one option per line, as value: label.")
        return [[value.strip(), label.strip()] for value, _sign, label in pairs]


@admin.register(Rule)
class RuleAdmin(RecordedAdmin, admin.ModelAdmin):
    form = RuleForm
    list_display = ["cycle", "position", "sentence", "kind", "effect"]
    list_filter = [("cycle", CycleFilter)]
    readonly_fields = ["cycle", "key", "kind"]

    def get_fields(self, request, obj=None):
        settings = eligibility.KINDS[obj.kind].parameters if obj else {}
        return ["cycle", "key", "kind", "position", "sentence", "way_out", "effect", *settings]

    def get_form(self, request, obj=None, **kwargs):
        # The settings of a kind are fields of the form itself, which the admin's factory would look for on the model.
        return super().get_form(request, obj, **{**kwargs, "fields": RuleForm.Meta.fields})

    def has_add_permission(self, request):
        return False  # on the cycle's page

    def has_delete_permission(self, request, obj=None):
        return False
