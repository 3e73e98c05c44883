"""Where staff set rules, try them on examples, and read whom a change affects before it is saved."""

import hashlib
import json

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse

from mentoring.accounts import countries
from mentoring.staff import RecordedAdmin, number_or_none, page, require
from programs import eligibility
from programs.forms import field_for
from programs.models import Cycle, Effect, Example, Rule
from programs.models.examples import examples_of, lists_of
from programs.rule_changes import effects_of
from programs.seen import SeenForm


class CycleFilter(admin.RelatedFieldListFilter):
    """Cycles by name, with their programs in the same query."""

    def field_choices(self, field, request, model_admin):
        return [(cycle.pk, str(cycle)) for cycle in Cycle.objects.select_related("program")]


# --- The settings of a kind, as form fields -------------------------------------------------------------------------


class Lines(forms.CharField):
    """A list of texts, one per line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return list(dict.fromkeys(line.strip() for line in (value or "").splitlines() if line.strip()))

    def has_changed(self, initial, data):
        return self.to_python(data) != (initial or [])


class Options(Lines):
    """(value, label) pairs, one per line as value: label."""

    def prepare_value(self, value):
        return "\n".join(": ".join(pair) for pair in value) if isinstance(value, list) else value

    def to_python(self, value):
        pairs = [[part.strip() for part in line.partition(":")[::2]] for line in super().to_python(value)]
        if not all(value and label for value, label in pairs):
            raise ValidationError("Type one option per line, as value: label.")
        if len({value for value, _label in pairs}) < len(pairs):
            raise ValidationError("Two options have the same value. Give each its own.")
        return pairs

    def has_changed(self, initial, data):
        try:
            return super().has_changed(initial, data)
        except ValidationError:
            return True


class Countries(forms.MultipleChoiceField):
    """Countries by their names, as people read them, chosen from the list of all."""

    def __init__(self, **kwargs):
        names = [(name, name) for _letters, name in countries.choices()]
        super().__init__(choices=names, widget=FilteredSelectMultiple("countries", is_stacked=False), **kwargs)

    def has_changed(self, initial, data):
        return super().has_changed(initial or [], data)


SHAPES = {
    "text": lambda parameter: forms.CharField(widget=forms.Textarea(attrs={"rows": 3})),
    "lines": lambda parameter: Lines(),
    "countries": lambda parameter: Countries(),
    "options": lambda parameter: Options(),
    "number": lambda parameter: forms.IntegerField(min_value=0, max_value=999),
    "date": lambda parameter: forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")),
    "choice": lambda parameter: forms.ChoiceField(choices=parameter.choices),
}


def setting_field(parameter):
    """The form field of one setting. Whether it may be empty, the rule itself says."""
    field = SHAPES[parameter.shape](parameter)
    field.label, field.required = parameter.label, False
    return field


class RuleForm(SeenForm):
    """A rule, with a field for each setting of its kind."""

    thing = "this rule"

    class Meta:
        model = Rule
        fields = ["position", "sentence", "way_out", "effect", "any_of"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, parameter in self.settings.items():
            self.fields[name] = setting_field(parameter)
            self.initial[name] = self.instance.parameters.get(name)

    @property
    def settings(self):
        return eligibility.KINDS[self.instance.kind].parameters

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk:
            self.refuse_if_changed()
        given = {name: self._stored(cleaned.get(name)) for name in self.settings}
        self.instance.parameters = {name: value for name, value in given.items() if value not in (None, "", [])}
        return cleaned

    def _stored(self, value):
        return value.isoformat() if hasattr(value, "isoformat") else value


@admin.register(Rule)
class RuleAdmin(RecordedAdmin, admin.ModelAdmin):
    form = RuleForm
    list_display = ["cycle", "position", "text", "kind", "effect"]
    list_filter = [("cycle", CycleFilter)]
    list_select_related = ["cycle__program"]
    readonly_fields = ["cycle", "key", "kind", "what_pages_say"]

    def get_fields(self, request, obj=None):
        settings = eligibility.KINDS[obj.kind].parameters if obj else {}
        own = ["cycle", "key", "kind", "what_pages_say", "position", "sentence", "way_out", "effect", "any_of"]
        # What was seen goes along with the form of whoever may save it.
        return [*own, *settings, *(["seen"] if self.has_change_permission(request, obj) else [])]

    def get_form(self, request, obj=None, **kwargs):
        # The settings of a kind are fields of the form itself, which the admin's factory would look for on the model.
        return super().get_form(request, obj, **{**kwargs, "fields": RuleForm.Meta.fields})

    @admin.display(description="What pages say now")
    def what_pages_say(self, rule):
        return rule.text

    @admin.display(description="Rule")
    def text(self, rule):
        return rule.text

    def has_add_permission(self, request):
        return False  # on the cycle's page

    def has_delete_permission(self, request, obj=None):
        return False

    @transaction.atomic
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Once applications have opened, say whom a change affects, and save it only when that was read."""
        rule = self.get_object(request, unquote(object_id)) if request.method == "POST" and object_id else None
        if rule and self.has_change_permission(request, rule) and has_opened(rule.cycle):
            form = self.get_form(request, rule, change=True)(request.POST, instance=rule)
            if form.is_valid() and form.has_changed() and (asked := self.confirmation(request, rule)):
                return asked
        return super().changeform_view(request, object_id, form_url, extra_context)

    def confirmation(self, request, changed):
        """The page that tells the effects; None if these very effects were read already."""
        sentences = effects(changed)
        seen = hashlib.sha256(json.dumps([sentences, changed.text, changed.parameters]).encode()).hexdigest()[:16]
        if request.POST.get("effects_seen") == seen:
            return None
        typed = [(name, value) for name, values in request.POST.lists() for value in values]
        hidden = [pair for pair in typed if pair[0] not in ("csrfmiddlewaretoken", "effects_seen")]
        return page(
            request,
            "admin/programs/rule/confirm.html",
            "Change this rule?",
            rule=changed,
            cycle=changed.cycle,
            sentences=sentences,
            hidden=[*hidden, ("effects_seen", seen)],
            opts=self.opts,
        )


def has_opened(cycle):
    """Whether anybody may have applied by these rules: an unpublished cycle takes nothing, whatever its dates."""
    window = cycle.applications_window
    return cycle.published_at is not None and window is not None and window.has_opened


def effects(changed):
    """What a rule as changed would do to those who have begun, in sentences."""
    cycle = Cycle.objects.get(pk=changed.cycle_id)
    before = list(cycle.rules.all())
    after = sorted((changed if rule.pk == changed.pk else rule for rule in before), key=lambda rule: rule.position)
    lists = cycle.lists_for([changed, *before])
    return effects_of(
        cycle,
        lambda answers, waived: eligibility.judge(before, answers, lists, waived),
        lambda answers, waived: eligibility.judge(after, answers, lists, waived),
    ).sentences()


# --- On the cycle's page ---------------------------------------------------------------------------------------------

ON_ITS_OWN_PAGE = (
    "Applications have opened. Change this on the rule's own page, which says whom it affects; "
    "add a new rule as “Only shown” first."
)


class InlineRuleForm(forms.ModelForm):
    """Once applications have opened, what decides is changed on the rule's own page only."""

    class Meta:
        model = Rule
        fields = ["position", "key", "kind", "sentence", "effect", "any_of"]

    def clean(self):
        cleaned = super().clean()
        if not self.instance.cycle_id or not has_opened(self.instance.cycle):
            return cleaned
        decides = {"key", "kind", "effect", "any_of"} & set(self.changed_data)
        if (self.instance.pk and decides) or (not self.instance.pk and cleaned.get("effect") != Effect.SHOWN):
            self.add_error("effect", ON_ITS_OWN_PAGE)
        return cleaned


class RuleFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        deleted = [form.instance for form in self.deleted_forms if form.instance.pk and form.instance.is_enforced]
        if deleted and has_opened(self.instance):
            raise ValidationError("Applications have opened. To end a rule, set it to “Only shown” on its own page.")


class RuleInline(admin.TabularInline):
    """The rules in order; each is edited on its own page, where its kind's own settings are."""

    model = Rule
    form = InlineRuleForm
    formset = RuleFormSet
    fields = ["position", "key", "kind", "sentence", "effect", "any_of"]
    extra = 0
    show_change_link = True


# --- Examples --------------------------------------------------------------------------------------------------------


class ExampleForm(SeenForm):
    """An imagined person, who answers what the self-check asks."""

    thing = "this example"

    cycle: Cycle

    class Meta:
        model = Example
        fields = ["position", "description", "expected"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.cycle = self.cycle
        for name, ask in answer_fields(self.cycle).items():
            self.fields[name] = field_for(ask)
            self.fields[name].required = False
            self.initial[name] = eligibility.as_offered(ask, self.instance.answers.get(ask.key))

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk:
            self.refuse_if_changed()
        self.instance.answers = {
            ask.key: value
            for name, ask in answer_fields(self.cycle).items()
            if (value := plain(ask, cleaned.get(name)))
        }
        return cleaned


def answer_fields(cycle):
    """What the self-check asks, by the name of its field in the form of an example."""
    return {f"answer_{ask.key}": ask for ask in eligibility.asks(cycle.rules.all(), lists_of(cycle))}


def plain(ask, value):
    """An answer as the self-check would send it. A yes to a statement is one to whatever its words are."""
    if ask.statement and value == ask.options[0][0]:
        return eligibility.YES
    return value if isinstance(value, list) else "" if value is None else str(value)


@admin.register(Example)
class ExampleAdmin(RecordedAdmin, admin.ModelAdmin):
    form = ExampleForm
    list_display = ["cycle", "position", "description", "expected"]
    list_filter = [("cycle", CycleFilter)]
    list_select_related = ["cycle__program"]

    def get_urls(self):
        own = [path("of/<int:cycle_id>/", self.admin_site.admin_view(self.run), name="programs_example_run")]
        return own + super().get_urls()

    def run(self, request, cycle_id):
        """The examples of a cycle, what each comes to, and which differ from what staff expect."""
        require(request, "programs.view_example")
        cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
        examples = examples_of(cycle)
        return page(
            request,
            "admin/programs/example/run.html",
            f"Examples: {cycle}",
            cycle=cycle,
            examples=examples,
            differing=[example for example in examples if not example.agrees],
            may_add=request.user.has_perm("programs.add_example"),
            opts=self.opts,
        )

    def cycle_of(self, request, obj):
        return obj.cycle if obj else Cycle.objects.filter(pk=number_or_none(request.GET.get("cycle", ""))).first()

    def get_fields(self, request, obj=None):
        cycle = self.cycle_of(request, obj)
        may_save = obj is not None and self.has_change_permission(request, obj)
        answers = answer_fields(cycle) if cycle else []
        return ["description", "expected", "position", *answers, *(["seen"] if may_save else [])]

    def get_form(self, request, obj=None, **kwargs):
        # The answers are fields of the form itself, which the admin's factory would look for on the model.
        form = super().get_form(request, obj, **{**kwargs, "fields": ExampleForm.Meta.fields})
        form.cycle = self.cycle_of(request, obj)
        return form

    def add_view(self, request, form_url="", extra_context=None):
        if self.has_add_permission(request) and self.cycle_of(request, None) is None:
            self.message_user(request, "Choose the cycle that the example belongs to; its examples are linked there.")
            return redirect("admin:programs_cycle_changelist")
        return super().add_view(request, form_url, extra_context)

    def response_post_save_add(self, request, obj):
        return self.response_post_save_change(request, obj)

    def response_post_save_change(self, request, obj):
        return redirect("admin:programs_example_run", obj.cycle_id)

    def response_delete(self, request, obj_display, obj_id):
        super().response_delete(request, obj_display, obj_id)
        return redirect(reverse("admin:programs_example_changelist"))
