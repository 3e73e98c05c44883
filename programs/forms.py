"""Forms made of what a cycle asks; the form of those who ask us; and staff's answer to them."""

import re

from django import forms

from mentoring.listed_input import ListedInput
from mentoring.notifications.email import as_delivered
from mentoring.notifications.models import LONGEST_ADDRESS, ONE_ADDRESS
from mentoring.notifications.texts import clean
from mentoring.plain_words import TOO_LONG, say_plainly
from programs import eligibility
from programs.models.inquiries import LONGEST_ANSWER, LONGEST_QUESTION

# Answered by a file; what is kept as the answer is a sentence about it.
FILES = {"document": "A PDF of at most 20 pages and 10 MB.", "portrait": "A JPEG or PNG of at most 10 MB."}
LONGEST = {"short": 300, "listed": 300, "long": 5000}
# What the sentence about a missing answer begins with.
NOT_ANSWERED = "Not answered yet:"


class UncutCharField(forms.CharField):
    """Text of a limited length that no browser cuts off: what was pasted stays whole, and a counter tells what is too much."""

    default_error_messages = {"max_length": TOO_LONG}

    def widget_attrs(self, widget):
        attrs = super().widget_attrs(widget)
        return {"data-count" if name == "maxlength" else name: value for name, value in attrs.items()}

    def to_python(self, value):
        """A line end counts as one character, as it does on the page."""
        return super().to_python(value).replace("\r\n", "\n")


def _text_field(ask, widget):
    most = ask.most_characters or LONGEST[ask.kind]
    return UncutCharField(max_length=most, widget=widget, help_text=f"Up to {most:,} characters.")


class DayField(forms.DateField):
    """A date. What is no text, as a stored answer may be anything, is no date."""

    def to_python(self, value):
        if value is not None and not isinstance(value, str):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class StoredFileInput(forms.TextInput):
    """Asks for a file; reads what is stored of it, which is a text."""

    input_type = "file"

    def format_value(self, value):
        return None


def _file_field(accept):
    return lambda ask: forms.CharField(
        widget=StoredFileInput(attrs={"accept": accept}),
        help_text=FILES[ask.kind],
        error_messages={"required": NO_FILE},
    )


NO_FILE = "Choose a file."
FIELDS = {
    "yes_no": lambda ask: forms.ChoiceField(choices=ask.options, widget=forms.RadioSelect),
    "one_of": lambda ask: forms.ChoiceField(choices=ask.options, widget=forms.RadioSelect),
    "listed": lambda ask: _text_field(ask, ListedInput(ask.options)),
    "several": lambda ask: forms.MultipleChoiceField(choices=ask.options, widget=forms.CheckboxSelectMultiple),
    "short": lambda ask: _text_field(ask, forms.TextInput()),
    "long": lambda ask: _text_field(ask, forms.Textarea(attrs={"rows": 6})),
    "document": _file_field("application/pdf,.pdf"),
    "portrait": _file_field("image/jpeg,image/png"),
    "number": lambda ask: forms.IntegerField(min_value=0, max_value=10**9),
    "date": lambda ask: DayField(widget=forms.DateInput(attrs={"type": "date"})),
}


def field_for(ask):
    """The form field that asks it."""
    field = FIELDS[ask.kind](ask)
    field.required = ask.required
    field.label = ask.text if ask.required or ask.alternative or ask.with_some else f"{ask.text} (optional)"
    field.help_text = f"{ask.help} {field.help_text}".strip() if ask.kind in FILES else ask.help or field.help_text
    if ask.alternative:
        field.help_text = f"{ask.help} Of several conditions, one is enough here: answer what fits you.".strip()
    field.help_text = f"{field.help_text} {ask.readers}".strip()
    return field


class AnswersForm(forms.Form):
    """Asks a list of ``Ask``. Bound to stored answers, it tells which of them are missing or cannot be read."""

    def __init__(self, asks, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.asks = asks
        self.initial = as_offered(asks, self.initial)
        if self.is_bound:
            self.data = as_offered(asks, self.data)
        for ask in asks:
            self.fields[ask.key] = field_for(ask)
        say_plainly(self)


def as_offered(asks, answers):
    """The answers by the options of today; a copy where any differs."""
    changed = {
        ask.key: offered
        for ask in asks
        if ask.statement and (offered := eligibility.as_offered(ask, answers.get(ask.key))) != answers.get(ask.key)
    }
    if not changed:
        return answers
    copy = answers.copy()
    for key, offered in changed.items():
        copy[key] = offered
    return copy


def typed(asks, data):
    """What a person typed, just as it was, as plain JSON: a draft may hold anything."""
    return {
        ask.key: [storable(value) for value in data.getlist(ask.key)]
        if ask.kind == "several"
        else storable(data.get(ask.key, ""))
        for ask in asks
        if ask.kind not in FILES
    }


def storable(text):
    """The text without NUL, the one character that PostgreSQL cannot keep and nobody can type, and with plain line ends."""
    return text.replace("\x00", "").replace("\r\n", "\n")


def answer_problems(asks, answers):
    """What is missing or cannot be read in stored answers, as (key, sentence)."""
    errors = AnswersForm(asks, data=answers).errors.as_data()
    return [(ask.key, _problem(ask, errors[ask.key])) for ask in asks if ask.key in errors]


def _problem(ask, errors):
    if any(error.code == "required" for error in errors):
        return f"{NOT_ANSWERED} {ask.text}"
    told = " ".join(sentence for error in errors for sentence in error.messages)
    return f"{ask.text}{'' if ask.text.endswith('?') else ':'} {told}"


NOT_ONE_ADDRESS = "Type one email address, such as name@example.org."


class CleanCharField(UncutCharField):
    """Text without what no mail can carry; what consists of nothing else counts as empty."""

    def to_python(self, value):
        return super().to_python(clean(value or ""))


class AskForm(forms.Form):
    """A question before applying. Whoever is signed in is known, and types the question only."""

    name = CleanCharField(
        max_length=200,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Please give your name."},
    )
    email = forms.EmailField(
        max_length=LONGEST_ADDRESS,
        label="Your email address",
        help_text="The answer goes there.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": "Please give the address for the answer.", "invalid": NOT_ONE_ADDRESS},
    )
    situation = CleanCharField(
        max_length=LONGEST_QUESTION,
        label="Your question, and what we should know of your situation",
        help_text=f"Staff of the program read it. Up to {LONGEST_QUESTION:,} characters.",
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Please write your question."},
    )
    with_check = forms.BooleanField(
        required=False, initial=True, label="Send along what the check said, as listed above"
    )

    def __init__(self, *args, person=None, outcomes=(), **kwargs):
        super().__init__(*args, **kwargs)
        if person:
            del self.fields["name"], self.fields["email"]
        if not outcomes:
            del self.fields["with_check"]

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())

    def clean_email(self):
        """One address that a mail server takes: there are some that Django's own check lets pass and no mail can go to."""
        email = self.cleaned_data["email"].lower()
        try:
            delivered = as_delivered(email)
        except UnicodeError:
            delivered = ""
        if not re.search(ONE_ADDRESS, delivered) or len(delivered) > LONGEST_ADDRESS:
            raise forms.ValidationError(NOT_ONE_ADDRESS)
        return email


class AnswerForm(forms.Form):
    """Staff's answer to a question."""

    answer = CleanCharField(
        max_length=LONGEST_ANSWER,
        label="Your answer",
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": "Write an answer before you send it."},
    )


class CloseForm(forms.Form):
    """Why a question gets no answer. Only staff read it."""

    why = CleanCharField(
        max_length=300,
        label="Why it gets no answer",
        help_text="Only staff read this.",
        error_messages={"required": "Say why this question is closed without an answer."},
    )
