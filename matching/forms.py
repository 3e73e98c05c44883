"""The answer to a proposed pairing, and the staff's choice of a mentor."""

from django import forms

from matching.criteria import CRITERIA, MOST_WEIGHT
from matching.models import Weights
from matching.models.weights import weights_of
from matching.offer_field import OfferField
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


class ScenarioForm(PolicyForm):
    """Other settings to try out, with a name to know them by; left as they are, the weights are the cycle's."""

    name = forms.CharField(max_length=80, label="Name", help_text="For example: one more place with Dr. Example.")
    longest_list = forms.IntegerField(
        min_value=0, max_value=20, initial=0, label="Count only so many choices of each list", help_text="0 counts all."
    )
    interest = OfferField(
        required=False,
        label="More places with (optional)",
        help_text="Type a part of the name or the institution. Also mentors who wait for approval.",
    )
    more = forms.IntegerField(min_value=1, max_value=10, initial=1, label="How many more places")
    notes = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}), required=False, max_length=1000, label="Notes (optional)"
    )
    field_order = ["name", "policy", "longest_list", "interest", "more", "notes"]

    def __init__(self, *args, cycle, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["interest"].choose_from(cycle.mentor_interests.filter(status__in=["approved", "submitted"]))
        self.weights_now = weights_of(cycle)
        for name, weight in self.weights_now.items():
            self.fields[f"weight_{name}"] = forms.IntegerField(
                min_value=0, max_value=MOST_WEIGHT, initial=weight, required=False, label=CRITERIA[name].label
            )

    @property
    def settings_asked(self):
        return [self[name] for name in self.fields if not name.startswith("weight_")]

    @property
    def weights_asked(self):
        return [self[f"weight_{name}"] for name in self.weights_now]

    @property
    def has_weights_to_mend(self):
        return any(field.errors for field in self.weights_asked)

    def clean(self):
        said = super().clean()
        typed = {name: said.pop(f"weight_{name}", None) for name in self.weights_now}
        weights = self.weights_now | {name: weight for name, weight in typed.items() if weight is not None}
        return said | {"weights": weights if weights != self.weights_now else {}}
