"""The mentor interest form, and the staff's short forms."""

from django import forms

from applications.models import MentorInterest, Outcome
from applications.models.mentors import MOST_PLACES
from mentoring.plain_words import say_plainly


class MentorInterestForm(forms.ModelForm):
    """Who offers to mentor, with what, and how many mentees at most."""

    topics = forms.MultipleChoiceField(label="What you can help with", widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField(required=True)

    class Meta:
        model = MentorInterest
        fields = ["places_offered", "topics", "specialty", "languages", "profile", "wishes", "agreed"]
        labels = {
            "places_offered": "How many mentees could you take on, at most?",
            "specialty": "Your specialty or field (optional)",
            "languages": "Languages you could mentor in",
            "profile": "A few sentences for mentees",
            "wishes": "Whom you would rather mentor, for staff only (optional)",
        }
        help_texts = {
            "profile": "Mentees read this when they rank mentors: your work, what you enjoy helping with, how you like to meet.",
            "places_offered": f"Between 1 and {MOST_PLACES}. You say yes or no to each mentee.",
        }
        widgets = {"profile": forms.Textarea(attrs={"rows": 5}), "wishes": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        cycle = self.instance.cycle
        self.fields["topics"].choices = [(topic, topic) for topic in cycle.topics]
        self.fields["profile"].required = True
        self.fields["profile"].max_length = 3000
        hour = f"{cycle.hours_a_month} hour{'s' if cycle.hours_a_month > 1 else ''} a month"
        say_plainly(self)
        places = f"Offer at least 1 place, at most {MOST_PLACES}."
        codes = ("required", "invalid", "min_value", "max_value")
        self.fields["places_offered"].error_messages |= dict.fromkeys(codes, places)
        self.fields["agreed"].label = f"I can give each mentee at least {hour} during the term, and meet online."


class CheckReceiptForm(forms.Form):
    """A receipt as it was given: its number and its fingerprint."""

    number = forms.CharField(
        max_length=30,
        label="Receipt number",
        help_text="For example 000123-1.",
        error_messages={"required": "Type the number of the receipt."},
    )
    digest = forms.CharField(
        max_length=200,
        label="Fingerprint",
        help_text="64 digits and letters. Spaces and line breaks do not matter.",
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type or paste the fingerprint of the receipt."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_plainly(self)


class DecisionForm(forms.Form):
    """Staff's decision on one application, with a note that only staff read."""

    outcome = forms.ChoiceField(choices=Outcome, widget=forms.RadioSelect, label="Decision")
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False, label="Note for staff (optional)")


class PlacesForm(forms.Form):
    """How many mentees at most."""

    places = forms.IntegerField(min_value=0, max_value=MOST_PLACES, label="Places (mentees at most)")
