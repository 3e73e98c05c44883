"""What a person tells about themselves, once, for every program."""

from django import forms
from django.db import transaction

from mentoring.accounts import zones
from mentoring.accounts.institution_field import InstitutionField
from mentoring.accounts.models import Institution, User
from mentoring.listed_input import ListedInput
from mentoring.plain_words import say_plainly


class SignupForm(forms.Form):
    """What sign-up asks besides the email address and a password."""

    name = forms.CharField(max_length=200, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "email", "password1", "password2"]

    def signup(self, request, user):
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class ZoneField(forms.CharField):
    """A time zone as people call it, offered as one types. ``own`` is the person's zone, which stays possible whatever it is."""

    own = ""

    def __init__(self, **kwargs):
        super().__init__(widget=ListedInput(lambda: [(words, name) for name, words in zones.choices()]), **kwargs)

    def prepare_value(self, value):
        return zones.called(value) if value else value

    def to_python(self, value):
        typed = super().to_python(value)
        if not typed or typed == self.own:
            return typed
        found = zones.find(typed)
        if len(found) == 1:
            return found[0]
        if found:
            some = ", ".join(zones.called(name) for name in found[:4])
            raise forms.ValidationError(f"Several time zones are called so: {some}. Choose one from the list.")
        raise forms.ValidationError("Choose a time zone from the list, such as Eastern (New York) or Madrid.")


class ProfileForm(forms.ModelForm):
    """Name, degrees, stage, time zone, and where the person works or studies (one or two places)."""

    institution = InstitutionField(
        label="Where you work or study",
        required=False,
        help_text="Type a part of its name and choose it. Who is paired with whom goes by it, so please add it only if it is "
        "not on the list.",
    )
    second_institution = InstitutionField(label="A second place, if you have one", required=False)
    time_zone = ZoneField(
        label="Your time zone",
        help_text="Clear it, type a city or a zone, and choose. We use it to suggest a partner whose day overlaps with yours. "
        "Dates are given in the program’s time zone, with your own time beside them.",
    )

    class Meta:
        model = User
        fields = ["name", "degrees", "career_stage", "time_zone"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["degrees"].label = "Degrees (optional)"
        self.fields["career_stage"].required = True
        self.fields["time_zone"].own = self.instance.time_zone
        at = [
            affiliation.institution
            for affiliation in self.instance.affiliations.select_related("institution").order_by("id")
        ]
        for name in ("institution", "second_institution"):
            self.fields[name].own = Institution.objects.filter(pk__in=[each.pk for each in at])
        for name, institution in zip(["institution", "second_institution"], at, strict=False):
            self.fields[name].initial = institution
        say_plainly(self)

    def clean(self):
        cleaned = super().clean()
        first, second = cleaned.get("institution"), cleaned.get("second_institution")
        if not first and "institution" not in self.errors:
            self.add_error("institution", "Type the name of the place where you work or study.")
        if first and second and first.label == second.label:
            self.add_error(
                "second_institution", "This is the same place as above. Leave it empty if there is only one."
            )
        return cleaned

    @transaction.atomic
    def save(self):
        """Save the facts and where the person is now. Raises TransitionRefused if a pairing in progress forbids the move."""
        user = super().save()
        user.move_to(self._institutions())
        return user

    def _institutions(self):
        chosen = [self.cleaned_data[name] for name in ("institution", "second_institution") if self.cleaned_data[name]]
        for institution in chosen:
            if institution.pk is None:
                institution.added_by = self.instance
                institution.save()
        return list(dict.fromkeys(chosen))
