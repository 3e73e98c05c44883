"""The mentor interest form, and the staff's short forms."""

from django import forms

from applications import agreement
from applications.models import MentorInterest, Outcome
from applications.models.mentors import MOST_IN_ALL, MOST_PLACES, SAID, TOPICAL, Shown
from mentoring.accounts.models import CareerStage
from mentoring.plain_words import say_plainly
from programs.vocabulary import LANGUAGES, SPECIALTIES


class MentorInterestForm(forms.ModelForm):
    """Who offers to mentor, with what, how many mentees at most, and what of it mentees see."""

    topics = forms.MultipleChoiceField(label="What you can help with", widget=forms.CheckboxSelectMultiple)
    specialty = forms.ChoiceField(label="Your specialty or field (optional)", required=False)
    languages = forms.MultipleChoiceField(
        label="Languages you could mentor in", widget=forms.CheckboxSelectMultiple(attrs={"class": "in-columns"})
    )
    shown = forms.MultipleChoiceField(
        label="What mentees see of you, beside your name",
        choices=Shown,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Mentees who rank mentors see what is ticked, and nothing else.",
    )
    wished_stages = forms.MultipleChoiceField(
        label="Whom you would rather mentor (optional)",
        choices=CareerStage,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="For staff and their suggestions only. It is a wish, not a rule.",
    )
    wished_topics = forms.MultipleChoiceField(
        label="What you would rather be asked about (optional)", required=False, widget=forms.CheckboxSelectMultiple
    )
    agreed = forms.BooleanField(required=True, label="I agree to this")

    class Meta:
        model = MentorInterest
        fields = SAID
        labels = {
            "places_offered": "How many mentees could you take on in this cycle, at most?",
            "most_in_all": "And at one time, over all our programs? (optional)",
            "profile": "A few sentences for mentees",
            "wishes": "Your wish in your own words (optional)",
        }
        help_texts = {
            "profile": "Mentees read this when they rank mentors.",
            "places_offered": f"Between 1 and {MOST_PLACES}. You say yes or no to each mentee.",
            "most_in_all": "Leave it empty if you mentor in one program only, or want no limit beside the one above.",
            "wishes": "Only staff read this.",
        }
        widgets = {
            "profile": forms.Textarea(attrs={"rows": 8, "data-checked": "profile-checklist"}),
            "wishes": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        cycle = self.instance.cycle
        for name in TOPICAL:
            self.fields[name].choices = [(topic, topic) for topic in cycle.topics]
        self.fields["specialty"].choices = [("", "Not given"), *_with(SPECIALTIES, [self.instance.specialty])]
        self.fields["languages"].choices = _with(LANGUAGES, self.instance.languages)
        self.fields["profile"].required = True
        self.fields["profile"].max_length = 3000
        say_plainly(self)
        places = f"Offer at least 1 place, at most {MOST_PLACES}."
        in_all = f"Say a number between 1 and {MOST_IN_ALL}, or leave it empty."
        codes = ("required", "invalid", "min_value", "max_value")
        self.fields["places_offered"].error_messages |= dict.fromkeys(codes, places)
        self.fields["most_in_all"].error_messages |= dict.fromkeys(codes, in_all)
        self.agreement = agreement.points(cycle)
        self.agreement_version = agreement.version(cycle)

    def clean_agreed(self):
        """An agreement counts for the wording that was on the page: a page left open may show an old one."""
        if self.cleaned_data["agreed"] and self.data.get("agreement_version") != self.agreement_version:
            raise forms.ValidationError("The agreement has changed since you opened this page. Please read it again.")
        return self.cleaned_data["agreed"]


def _with(words, chosen):
    """Choices of these words, and of what somebody chose before that is not among them any more."""
    return [(word, word) for word in [*words, *(each for each in chosen if each and each not in words)]]


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
