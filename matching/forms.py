"""The answer to a proposed pairing, and the staff's choice of a mentor."""

from django import forms

from matching.criteria import CRITERIA
from matching.models import Weights
from matching.suggest import POLICIES
from mentoring.accounts.models import User
from mentoring.plain_words import say_plainly

YES, NO = "yes", "no"


class AnswerForm(forms.Form):
    """Yes or no, with nothing chosen beforehand; a reason is for staff only."""

    answer = forms.ChoiceField(
        choices=[(YES, "Yes, I agree to this pairing"), (NO, "No, please look for someone else")],
        widget=forms.RadioSelect,
        label="Your answer",
        error_messages={"required": "Please choose yes or no."},
    )
    why = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=2000,
        label="If no: why? (optional)",
        help_text="Only staff read this. It helps them find someone who suits you better.",
    )


class WeightsForm(forms.ModelForm):
    """What makes two people fit, and how much of each. Turned off is 0."""

    class Meta:
        model = Weights
        fields = list(CRITERIA)


class PolicyForm(forms.Form):
    """What a suggestion should put first."""

    policy = forms.ChoiceField(
        choices=lambda: [(name, policy.label) for name, policy in POLICIES.items()], label="What comes first"
    )


class ConfidenceForm(forms.Form):
    """Somebody the person can name, or a description in their own words."""

    about = forms.ModelChoiceField(
        User.objects.none(), required=False, label="Who?", help_text="Not on the list? Leave it open, and write below."
    )
    words = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=2000,
        label="Anything the two people on staff should know (optional if you chose somebody)",
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["about"].queryset = people
        say_plainly(self)

    def clean(self):
        said = super().clean()
        if not self.errors and not said.get("about") and not said.get("words"):
            raise forms.ValidationError("Choose somebody, or write who it is.")
        return said
