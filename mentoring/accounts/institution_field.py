"""A field for one institution: type its name and choose. A script suggests while one types; without it, sending the form does."""

from dataclasses import dataclass

from django import forms
from django.template.loader import render_to_string
from django.urls import reverse

from mentoring.accounts import countries
from mentoring.accounts.models import Institution

SHOWN = 8
NEW = "new"
LONGEST = Institution._meta.get_field("name").max_length


@dataclass(frozen=True)
class Typed:
    """What a form sent: the name as typed, the number chosen (or ``NEW``), and the country of a new one."""

    text: str = ""
    choice: str = ""
    country: str = "US"


class InstitutionInput(forms.Widget):
    """A box to type in, and what was found for it, to choose from."""

    # What the field found for what was typed; None while nothing has to be chosen.
    found: list | None = None

    def value_from_datadict(self, data, files, name):
        text = " ".join(data.get(name, "").replace("\0", "").split())
        return Typed(text, data.get(f"{name}_choice", ""), data.get(f"{name}_country", "US"))

    def value_omitted_from_data(self, data, files, name):
        return name not in data

    def render(self, name, value, attrs=None, renderer=None):
        if isinstance(value, Institution):
            value = Typed(value.label, str(value.pk), value.country)
        context = {
            "name": name,
            "typed": value or Typed(),
            "attrs": self.build_attrs(self.attrs, attrs),
            "found": self.found,
            "is_new": bool(value) and value.choice == NEW,
            "countries": countries.choices(),
            "url": reverse("account_institutions"),
        }
        return render_to_string("accounts/institution_input.html", context)


class InstitutionField(forms.Field):
    """Cleans to an Institution, saved or (for one that is not on the list) not, or None."""

    widget = InstitutionInput

    def __init__(self, **options):
        super().__init__(**options)
        # Chosen by this person before, so that they can keep it though staff have not looked at it yet.
        self.own = Institution.objects.none()

    def clean(self, typed):
        if not typed.text:
            return super().clean(None)
        if len(typed.text) > LONGEST:
            told = f"This has {len(typed.text)} characters; at most {LONGEST} fit. Please shorten it."
            raise forms.ValidationError(told)
        if typed.choice == NEW:
            return self._new(typed)
        allowed = Institution.objects.offered() | self.own
        chosen = (
            allowed.filter(pk=typed.choice).first() if typed.choice.isdecimal() and len(typed.choice) < 18 else None
        )
        if chosen and (typed.text == chosen.label or allowed.find(typed.text).filter(pk=chosen.pk).exists()):
            return chosen
        just_so = list(allowed.named(typed.text)[:2])
        if len(just_so) == 1:
            return just_so[0]
        self.widget.found = list(allowed.find(typed.text)[:SHOWN])
        raise forms.ValidationError(
            "Choose which of these it is, or that it is none of them."
            if self.widget.found
            else "This is not on our list. Look at the spelling, or add it below."
        )

    def _new(self, typed):
        self.widget.found = []
        if typed.country not in dict(countries.choices()):
            raise forms.ValidationError("Choose its country.")
        same = Institution.objects.filter(name__iexact=typed.text, country=typed.country, city="", ror_id="").first()
        return same or Institution(name=typed.text, country=typed.country, checked=False)
