"""The forms staff set a cycle up with: the cycle, its windows, and next year's."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from mentoring.accounts import zones
from mentoring.constraints import sentence_for
from mentoring.listed_input import ListedInput
from programs import compare, deadlines, next_cycle, readiness
from programs.models import Cycle, Program, Window, WindowKind
from programs.models.cycle import validate_zone
from programs.seen import SeenForm

DAY = {"type": "date"}
GRACE_THERE = "The grace of a published window is changed on the window’s own page, which asks why."
RANKING_THERE = "This cycle is published: people count on when they rank mentors. Choose this for the next cycle."
MOVE_IT_THERE = "Move it on the window’s own page, which asks why, keeps the old date, and tells everyone it concerns."


class CycleForm(SeenForm):
    """A cycle. Of two people who save, the second is told what the first changed, and overwrites nothing."""

    thing = "this cycle"
    slug = forms.SlugField(
        required=False, help_text="Names this cycle in files and filters, as in vmp-2027. Made for you if left empty."
    )

    class Meta:
        widgets = {"time_zone": ListedInput(zones.choices)}

    def facts(self, row):
        return compare.facts(row)

    def clean_time_zone(self):
        # Here and not only by the model: the windows beside it are read in this zone.
        validate_zone(self.cleaned_data["time_zone"])
        return self.cleaned_data["time_zone"]

    def clean_slug(self):
        program, label = self.cleaned_data.get("program"), self.cleaned_data.get("label")
        made = f"{program.slug}-{slugify(label.replace('–', '-'))}" if program and label else ""
        return self.cleaned_data["slug"] or made[:50]

    def clean(self):
        cleaned = super().clean()
        if program := cleaned.get("program"):
            # Whoever else saves a term of this program waits here, so that the check for overlaps holds.
            Program.objects.select_for_update(no_key=True).get(pk=program.pk)
        if self.instance.pk:
            self.instance.published_at = self.refuse_if_changed().published_at
            if self.instance.published_at and "preferences_come" in self.changed_data:
                self.add_error("preferences_come", RANKING_THERE)
            if not self.errors and {"separation", "separation_levels"} & set(self.changed_data):
                self._refuse_if_too_near(cleaned)
        return cleaned

    def _refuse_if_too_near(self, cleaned):
        """Try how far apart people would be kept, because pairings that are under way may stand against it."""
        setting = {name: cleaned[name] for name in ("separation", "separation_levels")}
        try:
            with transaction.atomic():
                Cycle.objects.filter(pk=self.instance.pk).update(**setting)
                transaction.set_rollback(True)
        except IntegrityError as error:
            if sentence := sentence_for(error):
                self.add_error("separation", sentence)


class WindowForm(forms.ModelForm):
    """Days and a last minute in the cycle's own zone; nobody types an instant."""

    first_day = forms.DateField(widget=forms.DateInput(attrs=DAY), help_text="From its first minute.")
    last_day = forms.DateField(widget=forms.DateInput(attrs=DAY))
    last_minute = forms.TimeField(
        initial=deadlines.END_OF_DAY,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="The whole minute is still in time.",
    )
    grace_minutes = forms.IntegerField(
        min_value=0, max_value=15, initial=0, help_text="The same for everyone; staff only."
    )

    class Meta:
        model = Window
        fields = ["kind"]

    def __init__(self, *args, cycle, moved_zone_from=None, **kwargs):
        """``cycle`` may be new or just changed; ``moved_zone_from`` is its stored zone if that is about to change."""
        super().__init__(*args, **kwargs)
        self.cycle, self.moved_zone = cycle, bool(moved_zone_from)
        self.stored_zone = moved_zone_from or cycle.time_zone
        if self.instance.pk:
            zone = ZoneInfo(self.stored_zone)
            last = deadlines.last_minute(self.instance.closes_at).astimezone(zone)
            self.initial["first_day"] = self.instance.opens_at.astimezone(zone).date()
            self.initial["last_day"], self.initial["last_minute"] = last.date(), last.time()
            self.initial["grace_minutes"] = self.instance.grace // timedelta(minutes=1)

    def has_changed(self):
        # In another zone the same days and minutes are other instants.
        return super().has_changed() or (self.moved_zone and self.instance.pk is not None)

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        published_close = self.instance.closes_at if self.instance.pk and self.cycle.published_at else None
        self.instance.opens_at = self._instant("first_day", deadlines.opening, cleaned["first_day"])
        self.instance.closes_at = self._instant(
            "last_minute", deadlines.closing, cleaned["last_day"], cleaned["last_minute"]
        )
        self.instance.grace = timedelta(minutes=cleaned["grace_minutes"])
        self._refuse_to_move(published_close)
        if published_close and "grace_minutes" in self.changed_data:
            self.add_error("grace_minutes", GRACE_THERE)
        return cleaned

    def _refuse_to_move(self, published_close):
        if published_close and self.instance.closes_at and self.instance.closes_at != published_close:
            told = deadlines.words(deadlines.last_minute(published_close), self.stored_zone)
            self.add_error("last_day", f"{told} is published. {MOVE_IT_THERE}")

    def _instant(self, field, make, day, *clock):
        try:
            return make(day, self.cycle.time_zone, *clock)
        except ValueError as error:
            self.add_error(field, str(error))

    def _get_validation_exclusions(self):
        # The instants are made of what is typed, so the row's own checks of them hold for this form, once there are any.
        made = set() if self._errors else {"opens_at", "closes_at", "grace"}
        return super()._get_validation_exclusions() - made


class WindowFormSet(forms.BaseInlineFormSet):
    """The windows of a cycle, read in the zone that is typed beside them, and refused out of order."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial_extra = [{"kind": kind} for kind in WindowKind.values]

    def get_form_kwargs(self, index):
        return {**super().get_form_kwargs(index), "cycle": self.instance, "moved_zone_from": self._moved_zone_from}

    @property
    def _moved_zone_from(self):
        if not self.is_bound or not self.instance.pk:
            return None
        if not hasattr(self, "_stored_zone"):
            self._stored_zone = Cycle.objects.values_list("time_zone", flat=True).get(pk=self.instance.pk)
        return self._stored_zone if self._stored_zone != self.instance.time_zone else None

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        if self.instance.published_at and any(form.instance.pk for form in self.deleted_forms):
            raise forms.ValidationError("A published window cannot be deleted: people count on its dates.")
        typed = [form.instance for form in self.forms if not self._should_delete_form(form)]
        if sentences := list(readiness.out_of_order(self.instance, typed)):
            raise forms.ValidationError(sentences)


class SpanForm(forms.Form):
    """By how much dates move."""

    weeks = forms.IntegerField(
        label="Move windows by so many weeks",
        min_value=1,
        max_value=600,
        help_text="52 or 53 whole weeks keep the weekday.",
    )


class NextCycleForm(forms.ModelForm):
    """Next year's cycle with every date of it, beside last year's, before anything is saved."""

    class Meta:
        model = Cycle
        fields = ["label", "slug", "term_begins", "term_begins_words", "term_ends", "decisions_by"]
        widgets = {name: forms.DateInput(attrs=DAY) for name in ("term_begins", "term_ends", "decisions_by")}

    def __init__(self, source, weeks, *args, **kwargs):
        self.source, self.days = source, [next_cycle.days_of(window) for window in source.windows.all()]
        super().__init__(*args, **kwargs)
        for days in self.days:
            self._add_window(days, days.later(weeks))

    def _add_window(self, last, new):
        title = WindowKind(last.kind).label
        self.fields[f"{last.kind}_first_day"] = forms.DateField(
            label=f"{title}: first day", initial=new.first_day, widget=forms.DateInput(attrs=DAY)
        )
        self.fields[f"{last.kind}_last_day"] = forms.DateField(
            label=f"{title}: last day", initial=new.last_day, widget=forms.DateInput(attrs=DAY)
        )
        self.fields[f"{last.kind}_last_minute"] = forms.TimeField(
            label=f"{title}: last minute",
            initial=new.last_minute,
            widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            help_text=f"In {self.source.time_zone}. The whole minute is still in time.",
        )

    def rows(self):
        """Every field beside what it was last year, and with a proposed day in words, which names its weekday."""
        parts = ("first_day", "last_day", "last_minute")
        last = {f"{days.kind}_{part}": getattr(days, part) for days in self.days for part in parts}
        for name in self.fields:
            value = self[name].initial
            yield {
                "field": self[name],
                "last": compare.plain(last[name] if name in last else getattr(self.source, name)),
                "day": compare.plain(value) if isinstance(value, date) else "",
            }

    def clean(self):
        cleaned = super().clean()
        Program.objects.select_for_update(no_key=True).get(pk=self.source.program_id)
        self.windows = [self._window(days, cleaned) for days in self.days]
        return cleaned

    def _window(self, days, cleaned):
        names = {part: f"{days.kind}_{part}" for part in ("first_day", "last_day", "last_minute")}
        if any(name not in cleaned for name in names.values()):
            return None
        typed = {part: cleaned[name] for part, name in names.items()}
        try:
            window = next_cycle.Days(kind=days.kind, grace=days.grace, **typed).window(self.instance)
        except ValueError as error:
            self.add_error(names["last_minute"], str(error))
            return None
        if window.closes_at <= window.opens_at:
            self.add_error(names["last_day"], "A window must close after it opens.")
        return window

    def _post_clean(self):
        super()._post_clean()
        if not self.errors:
            for sentence in readiness.out_of_order(self.instance, self.windows):
                self.add_error(None, sentence)

    def _get_validation_exclusions(self):
        # The program is the source's own, and terms of one program are compared.
        return super()._get_validation_exclusions() - {"program"}
