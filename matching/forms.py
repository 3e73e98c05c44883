"""The answer to a proposed pairing, and the staff's choice of a mentor."""

from django import forms

from matching.suggest import POLICIES

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


class PolicyForm(forms.Form):
    """What a suggestion should put first."""

    policy = forms.ChoiceField(
        choices=lambda: [(name, policy.label) for name, policy in POLICIES.items()], label="What comes first"
    )
