"""What forms say when something is missing or does not fit, as people would say it."""

from django import forms

CHOOSE = "Choose…"
TOO_LONG = "This has %(show_value)d characters; at most %(limit_value)d fit. Please shorten it."
NO_CHOICE = "Choose from the list."
SENTENCES = {
    forms.CharField: {"max_length": TOO_LONG},
    forms.IntegerField: {
        "invalid": "Type a whole number.",
        "min_value": "Type a number that is at least %(limit_value)s.",
        "max_value": "Type a number that is at most %(limit_value)s.",
    },
    forms.DateField: {"invalid": "Type a date, such as 2027-01-21."},
    forms.BooleanField: {"required": "Tick this to go on."},
    forms.ChoiceField: {"invalid_choice": NO_CHOICE},
    forms.MultipleChoiceField: {"required": "Choose at least one.", "invalid_choice": NO_CHOICE},
    forms.ModelChoiceField: {"invalid_choice": NO_CHOICE},
}


def say_plainly(form):
    """Give the fields of a form our own sentences, and their empty choice a name."""
    for field in form.fields.values():
        field.error_messages["required"] = "Please answer this."
        for kind in reversed(type(field).__mro__):
            field.error_messages |= SENTENCES.get(kind, {})
        if isinstance(field, forms.ModelChoiceField):
            field.empty_label = field.empty_label and CHOOSE
        elif isinstance(field, forms.ChoiceField) and not isinstance(field, forms.MultipleChoiceField):
            field.choices = [(value, CHOOSE if value == "" else label) for value, label in field.choices]
