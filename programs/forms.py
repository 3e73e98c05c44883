"""Forms made of what a cycle asks."""

from django import forms

LONGEST = {"short": 300, "long": 5000}


def _text_field(ask, widget):
    most = ask.most_characters or LONGEST[ask.kind]
    return forms.CharField(max_length=most, widget=widget, help_text=f"Up to {most:,} characters.")


FIELDS = {
    "yes_no": lambda ask: forms.ChoiceField(choices=ask.options, widget=forms.RadioSelect),
    "one_of": lambda ask: forms.ChoiceField(choices=ask.options, widget=forms.RadioSelect),
    "several": lambda ask: forms.MultipleChoiceField(choices=ask.options, widget=forms.CheckboxSelectMultiple),
    "short": lambda ask: _text_field(ask, forms.TextInput()),
    "long": lambda ask: _text_field(ask, forms.Textarea(attrs={"rows": 6, "data-count": ""})),
    "number": lambda ask: forms.IntegerField(min_value=0, max_value=10**9),
    "date": lambda ask: forms.DateField(widget=forms.DateInput(attrs={"type": "date"})),
}


def field_for(ask):
    """The form field that asks it."""
    field = FIELDS[ask.kind](ask)
    field.required = ask.required
    field.label = ask.text if ask.required else f"{ask.text} (optional)"
    field.help_text = ask.help or field.help_text
    return field


class AnswersForm(forms.Form):
    """Asks a list of ``Ask``. Bound to stored answers, it tells which of them are missing or cannot be read."""

    def __init__(self, asks, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.asks = asks
        for ask in asks:
            self.fields[ask.key] = field_for(ask)


def typed(asks, data):
    """What a person typed, just as it was, as plain JSON: a draft may hold anything."""
    return {ask.key: data.getlist(ask.key) if ask.kind == "several" else data.get(ask.key, "") for ask in asks}


def answer_problems(asks, answers):
    """What is missing or cannot be read in stored answers, as (key, sentence)."""
    form = AnswersForm(asks, data=answers)
    return [(key, f"{form.fields[key].label}: {' '.join(sentences)}") for key, sentences in form.errors.items()]
