"""A field for one mentor out of many: type a part of the name, the institution, or all of it as the browser suggests it."""

from collections import Counter

from django import forms
from django.utils.html import format_html, format_html_join

from matching.workbench.filters import holds

MOST_TOLD = 8
# A name and a handful of institutions of 300 characters each.
LONGEST = 2000


class OfferInput(forms.TextInput):
    """A box to type in, with all there is to choose from for a browser that suggests."""

    known: tuple[str, ...] = ()

    def render(self, name, value, attrs=None, renderer=None):
        box = super().render(name, value, {**attrs, "list": f"{attrs['id']}_list", "autocomplete": "off"}, renderer)
        options = format_html_join("", '<option value="{}">', ([each] for each in self.known))
        return format_html('{}<datalist id="{}_list">{}</datalist>', box, attrs["id"], options)


class OfferField(forms.CharField):
    """Cleans to one of the offers to mentor, or None. A number is an offer's own.

    Where ``just_so``, a part is not enough, though it leaves one: who was meant may not be among those to choose from.
    """

    widget = OfferInput

    def __init__(self, *, just_so=False, **options):
        super().__init__(max_length=LONGEST, **options)
        self.offers, self.just_so = {}, just_so

    def choose_from(self, offers):
        """Offer these. Where two read alike, their numbers tell them apart."""
        rows = offers.select_related("mentor").prefetch_related("mentor__institutions").order_by("mentor__name", "pk")
        words = {
            offer: ", ".join(filter(None, [offer.mentor.full_name, offer.mentor.institution_names])) for offer in rows
        }
        often = Counter(words.values())
        self.offers = {
            offer: f"{said} (offer {offer.pk})" if often[said] > 1 else said for offer, said in words.items()
        }
        self.widget.known = tuple(self.offers.values())

    def prepare_value(self, value):
        if isinstance(value, int):
            return next((words for offer, words in self.offers.items() if value == offer.pk), "")
        return value

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        just_so = [offer for offer, words in self.offers.items() if typed in (words, str(offer.pk))]
        found = just_so or [offer for offer, words in self.offers.items() if holds(typed, words)]
        if just_so or (len(found) == 1 and not self.just_so):
            return found[0]
        if not found:
            raise forms.ValidationError("No mentor to choose from is called that. Look at the spelling.")
        if len(found) == 1:
            raise forms.ValidationError(f"Do you mean {self.offers[found[0]]}? Then type it as it stands here.")
        told = "; ".join(self.offers[offer] for offer in found[:MOST_TOLD])
        more = " And others: type more of it." if len(found) > MOST_TOLD else ""
        raise forms.ValidationError(f"Which of these {len(found)} mentors? Type it as it stands here: {told}.{more}")
