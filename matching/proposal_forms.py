"""What staff change of a proposal that is open: its terms, its mentor, or the time to answer."""

from django import forms
from django.db.models import Exists, OuterRef

from applications.models import Place
from matching.models.preferences import eligible_mentors
from matching.offer_field import OfferField
from matching.querysets import LIVE

DAY = {"type": "date"}


def reason():
    """Why staff do it, which the people concerned never read."""
    return forms.CharField(
        label="Why (only staff read this)", max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ChangeForm(forms.Form):
    """The terms of a proposal. ``seen`` says which state of it staff looked at."""

    seen = forms.CharField(widget=forms.HiddenInput)
    hours_a_month = forms.IntegerField(label="Hours a month, at least", min_value=1, max_value=99)
    begins_on = forms.DateField(label="First day", widget=forms.DateInput(attrs=DAY))
    ends_on = forms.DateField(label="Last day", widget=forms.DateInput(attrs=DAY))
    note = forms.CharField(
        label="A word to both (optional)",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Both read it on the page of the proposal, as part of what they agree to.",
    )
    why = reason()

    def __init__(self, pairing, *args, **kwargs):
        names = ("hours_a_month", "begins_on", "ends_on", "note")
        initial = {"seen": pairing.as_seen, **{name: getattr(pairing, name) for name in names}}
        super().__init__(*args, initial=initial, **kwargs)

    def clean(self):
        cleaned = super().clean()
        begins, ends = cleaned.get("begins_on"), cleaned.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", "The mentorship must end after it begins.")
        return cleaned


class AnotherMentorForm(forms.Form):
    """Another mentor for the mentee of an open proposal."""

    seen = forms.CharField(widget=forms.HiddenInput)
    interest = OfferField(
        just_so=True,
        label="The other mentor",
        help_text="Type a part of the name or the institution, and choose. Those whom the rules allow and who have a free place; a "
        "draft takes a place too.",
    )
    why = reason()
    again = forms.BooleanField(
        required=False,
        help_text="Otherwise the pair is ruled out, for the reason above. That can be taken back on the workbench.",
    )

    def __init__(self, pairing, *args, **kwargs):
        super().__init__(*args, initial={"seen": pairing.as_seen}, **kwargs)
        self.fields["again"].label = f"{pairing.mentee} and {pairing.mentor} may be suggested again"
        free = Place.objects.in_use().filter(interest=OuterRef("pk")).exclude(pairings__status__in=LIVE)
        said_no = pairing.application.pairings.filter(status="declined").values("interest")
        others = eligible_mentors(pairing.application).exclude(pk=pairing.interest_id).exclude(pk__in=said_no)
        self.fields["interest"].choose_from(others.filter(Exists(free)))


class MoreTimeForm(forms.Form):
    """A later day to answer by."""

    last_day = forms.DateField(
        label="Last day to answer", widget=forms.DateInput(attrs=DAY), help_text="Until 11:59 PM of it."
    )
    why = reason()
