"""Two people at one page: of those who save, the second is told what the first changed, and overwrites nothing."""

from datetime import datetime

from django import forms
from django.core import signing
from django.utils import timezone
from django.utils.html import format_html

from mentoring.audit.models import Event
from programs import compare

SALT = "programs.seen"


class SeenForm(forms.ModelForm):
    """A form that carries, signed, what it showed. If the row is not the same when it is saved, it is refused.

    A subclass puts ``seen`` among its fields wherever the row may be changed, and calls ``refuse_if_changed`` in ``clean``.
    """

    # What the page is about, for the sentence.
    thing = "this"
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.conflict = False
        if self.instance.pk and not self.is_bound:
            shown = {"at": timezone.now().isoformat(), "facts": self.facts(self.instance)}
            self.initial["seen"] = signing.dumps(shown, salt=SALT, compress=True)

    def facts(self, row):
        """What the page shows of a row, as ``compare.facts`` gives it."""
        return compare.facts_of_row(row, str(row._meta.verbose_name).capitalize())

    def refuse_if_changed(self):
        """Lock the row, and refuse if it is not what the page showed. Returns the row as it is now."""
        rows = type(self.instance)._default_manager.select_for_update(of=("self",), no_key=True)
        now = rows.get(pk=self.instance.pk)
        try:
            then = signing.loads(self.cleaned_data.get("seen", ""), salt=SALT)
        except signing.BadSignature:
            self.conflict = True
            told = f"Please open this page again: it does not say which state of {self.thing} you changed."
            self.add_error(None, told)
            return now
        if changes := compare.differences(then["facts"], self.facts(now)):
            self.conflict = True
            self.add_error(None, [self._who_changed_it(now, then["at"]), *map(str, changes)])
        return now

    def _who_changed_it(self, row, since):
        edits = Event.objects.about(row).filter(at__gte=datetime.fromisoformat(since))
        names = sorted(set(edits.values_list("actor_name", flat=True))) or ["Someone"]
        return format_html(
            "{} changed {} while you had it open, so nothing of yours was saved and nothing of theirs is lost. What "
            'you typed is still below. <a href="" target="_blank">Open it as it is now</a> in a new tab, and make your '
            "changes there. What changed:",
            " and ".join(names),
            self.thing,
        )
