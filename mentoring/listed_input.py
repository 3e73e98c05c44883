"""A text field that offers a list as one types: searchable on a phone and with a keyboard, and without a script."""

from django import forms
from django.utils.html import format_html, format_html_join


class ListedInput(forms.TextInput):
    """Offers ``options``, (what is filled in, what stands beside it) pairs or a function that gives them. Anything may be typed."""

    def __init__(self, options=(), attrs=None):
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.options = options

    def render(self, name, value, attrs=None, renderer=None):
        names = f"{(attrs or {}).get('id', name)}_list"
        field = super().render(name, value, {**(attrs or {}), "list": names}, renderer)
        pairs = self.options() if callable(self.options) else self.options
        options = format_html_join("", '<option value="{}">{}</option>', pairs)
        return format_html('{}<datalist id="{}">{}</datalist>', field, names, options)
