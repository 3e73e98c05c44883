"""What a person tells about themselves, once, for every program."""

from django import forms
from django.db import transaction

from mentoring.accounts import zones
from mentoring.accounts.models import Institution, User
from mentoring.plain_words import say_plainly


class SignupForm(forms.Form):
    """What sign-up asks besides the email address and a password."""

    name = forms.CharField(max_length=200, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "email", "password1", "password2"]

    def signup(self, request, user):
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class ProfileForm(forms.ModelForm):
    """Name, degrees, stage, time zone, and where the person works or studies (one or two places)."""

    institution = forms.ModelChoiceField(
        Institution.objects.filter(checked=True),
        label="Where you work or study",
        required=False,
        help_text="Pairs are never made inside one institution, so please choose it from the list where you can.",
    )
    second_institution = forms.ModelChoiceField(
        Institution.objects.filter(checked=True), label="A second place, if you have one", required=False
    )
    other_institution = forms.CharField(
        label="Not on the list? Type its full name",
        max_length=300,
        required=False,
        help_text="Staff check it and add it.",
    )
    time_zone = forms.ChoiceField(
        label="Your time zone",
        help_text="We use it to suggest a partner whose day overlaps with yours. "
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
        self.fields["time_zone"].choices = zones.grouped(self.instance.time_zone)
        at = [
            affiliation.institution
            for affiliation in self.instance.affiliations.select_related("institution").order_by("id")
        ]
        allowed = Institution.objects.filter(checked=True) | Institution.objects.filter(pk__in=[each.pk for each in at])
        self.fields["institution"].queryset = self.fields["second_institution"].queryset = allowed
        for name, institution in zip(["institution", "second_institution"], at, strict=False):
            self.fields[name].initial = institution
        say_plainly(self)

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("institution") and not cleaned.get("other_institution"):
            self.add_error("institution", "Choose where you work or study, or type its name below.")
        if cleaned.get("institution") and cleaned.get("institution") == cleaned.get("second_institution"):
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
        if name := self.cleaned_data["other_institution"].strip():
            found = Institution.objects.filter(name__iexact=name).first()
            chosen.append(found or Institution.objects.create(name=name, added_by=self.instance, checked=False))
        return list(dict.fromkeys(chosen))
