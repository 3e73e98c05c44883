"""One window on one page: its history, and the two ways to give more time."""

from django import forms
from django.contrib import admin
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from mentoring.audit.models import Event
from mentoring.staff import ReadOnlyAdmin, attempt, history, number_or_404, page, require
from programs import deadlines
from programs.models import Window, WindowKind
from programs.models.moves import MOST_GRACE, extend, move, set_grace


class CloseForm(forms.Form):
    """A new close, typed as a day and a last minute in the cycle's own zone, and why."""

    last_day = forms.DateField(label="New last day", widget=forms.DateInput(attrs={"type": "date"}))
    last_minute = forms.TimeField(
        label="Last minute",
        initial=deadlines.END_OF_DAY,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="In the cycle's own time zone. The whole minute is still in time.",
    )
    reason = forms.CharField(label="Why (for the record)", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, window, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.window = window

    def clean(self):
        cleaned = super().clean()
        if "last_day" in cleaned and "last_minute" in cleaned:
            closes_at = self._instant("last_minute", cleaned["last_day"], cleaned["last_minute"], minutes=1)
            if closes_at and closes_at <= self.window.closes_at:
                self.add_error("last_day", f"Choose a later moment than now holds: {self.window.closes_words}.")
            cleaned["closes_at"] = closes_at
        return cleaned

    def _instant(self, field, day, clock, minutes=0):
        try:
            return deadlines.at_local(day, clock, self.window.cycle.time_zone) + minutes * deadlines.MINUTE
        except ValueError as error:
            self.add_error(field, str(error))


class MoveForm(CloseForm):
    """For everyone. Where the portal could not be reached, when: it is said on every page of the program."""

    incident_day = forms.DateField(
        label="If the portal could not be reached: on which day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    incident_from = forms.TimeField(label="From", required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    incident_to = forms.TimeField(label="To", required=False, widget=forms.TimeInput(attrs={"type": "time"}))

    def clean(self):
        cleaned = super().clean()
        parts = [cleaned.get(name) for name in ("incident_day", "incident_from", "incident_to")]
        if any(parts) and not all(part is not None for part in parts):
            self.add_error(
                "incident_day", "For an incident, give the day and both times; otherwise leave all three empty."
            )
        elif all(part is not None for part in parts):
            day, began, ended = parts
            if ended <= began:
                self.add_error("incident_to", "The incident must end after it began.")
            else:
                cleaned["incident"] = (
                    self._instant("incident_from", day, began),
                    self._instant("incident_to", day, ended),
                )
        return cleaned


class ExtendForm(CloseForm):
    """For one person, who need not have an account yet."""

    # Both forms stand on one page, so their fields need names of their own.
    prefix = "one"

    email = forms.EmailField(label="The person's email address")
    field_order = ["email", "last_day", "last_minute", "reason"]


class GraceForm(forms.Form):
    """How long after the close the portal still takes what people hand in."""

    prefix = "grace"

    minutes = forms.IntegerField(
        min_value=0,
        max_value=MOST_GRACE,
        label="Minutes of grace",
        help_text="The same for everyone. Only staff see it.",
    )
    reason = forms.CharField(label="Why (for the record)", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


@admin.register(Window)
class WindowAdmin(ReadOnlyAdmin):
    list_display = ["cycle", "kind", "opens", "closes", "version"]
    list_filter = ["kind", "cycle__program"]
    list_select_related = ["cycle__program"]
    ordering = ["-closes_at"]

    @admin.display(description="Opens", ordering="opens_at")
    def opens(self, window):
        return window.opens_words

    @admin.display(description="Closes", ordering="closes_at")
    def closes(self, window):
        return window.closes_words

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/move/", view(self.move_view), name="programs_window_move"),
            path("<int:pk>/extend/", view(self.extend_view), name="programs_window_extend"),
            path("<int:pk>/grace/", view(self.grace_view), name="programs_window_grace"),
        ]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return self.one(request, number_or_404(object_id))

    def one(self, request, pk, **forms_given):
        """The window, what was moved and why, who has more time, and whose attempts were refused."""
        require(request, "programs.view_window")
        window = get_object_or_404(Window.objects.select_related("cycle__program"), pk=pk)
        return page(
            request,
            "admin/programs/window/one.html",
            str(window),
            window=window,
            cycle=window.cycle,
            drafts=window.cycle.applications.filter(status="draft").count(),
            moves=window.moves.select_related("moved_by"),
            extensions=window.extensions.select_related("granted_by"),
            refused=refused_attempts(window.cycle),
            may_move=request.user.has_perm("programs.change_window"),
            events=history(window) if request.user.has_perm("audit.view_event") else [],
            opts=self.opts,
            **{
                "move_form": MoveForm(window),
                "extend_form": ExtendForm(window),
                "grace_form": GraceForm(initial={"minutes": window.grace // deadlines.MINUTE}),
                **forms_given,
            },
        )

    def move_view(self, request, pk):
        """First what it will do and to how many, then, once confirmed, the move."""
        require(request, "programs.change_window")
        window = get_object_or_404(Window.objects.select_related("cycle__program"), pk=pk)
        form = MoveForm(window, request.POST or None)
        if request.method != "POST":
            return redirect("admin:programs_window_change", pk)
        if not form.is_valid():
            response = self.one(request, pk, move_form=form)
            response.status_code = 422
            return response
        given = form.cleaned_data
        if request.POST.get("confirmed") != "yes":
            return self.confirm_move(request, window, given)
        done = "The deadline has moved, and everyone with a draft is being told."
        attempt(
            request,
            lambda: move(
                window, given["closes_at"], by=request.user, reason=given["reason"], incident=given.get("incident")
            ),
            done,
        )
        return redirect("admin:programs_window_change", pk)

    def confirm_move(self, request, window, given):
        drafts = window.cycle.applications.filter(status="draft").select_related("applicant")
        told = drafts if window.kind == WindowKind.APPLICATIONS else drafts.none()
        new = deadlines.words(deadlines.last_minute(given["closes_at"]), window.cycle.time_zone)
        return page(
            request,
            "admin/_transition_confirm.html",
            "Move this deadline for everyone?",
            intro=f"From {window.closes_words} to {new}. The old date is kept on record. Whoever has a draft is told by email.",
            will_change=[f"{each.applicant}, {each.applicant.email}" for each in told]
            or ["Nobody has a draft to be told of."],
            cannot_change=[],
            hidden=[
                *((name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"),
                ("confirmed", "yes"),
            ],
            action_url=request.path,
            confirm_label="Move the deadline",
            cancel_url="../change/",
        )

    def extend_view(self, request, pk):
        require(request, "programs.change_window")
        window = get_object_or_404(Window.objects.select_related("cycle__program"), pk=pk)
        form = ExtendForm(window, request.POST or None)
        if request.method != "POST":
            return redirect("admin:programs_window_change", pk)
        if not form.is_valid():
            response = self.one(request, pk, extend_form=form)
            response.status_code = 422
            return response
        given = form.cleaned_data
        done = f"{given['email']} has more time, and is being told."
        attempt(
            request,
            lambda: extend(window, given["email"], given["closes_at"], by=request.user, reason=given["reason"]),
            done,
        )
        return redirect("admin:programs_window_change", pk)

    def grace_view(self, request, pk):
        require(request, "programs.change_window")
        window = get_object_or_404(Window.objects.select_related("cycle__program"), pk=pk)
        form = GraceForm(request.POST or None)
        if request.method == "POST" and not form.is_valid():
            response = self.one(request, pk, grace_form=form)
            response.status_code = 422
            return response
        if request.method == "POST":
            given = form.cleaned_data
            done = "The grace is changed, for everyone. Only staff see it."
            attempt(request, lambda: set_grace(window, given["minutes"], by=request.user, reason=given["reason"]), done)
        return redirect("admin:programs_window_change", pk)


def refused_attempts(cycle, limit=50):
    """The latest attempts to hand in that were refused in this cycle: who, when, and what was missing."""
    ids = cycle.applications.values_list("pk", flat=True)
    attempts = Event.objects.filter(verb="refused_submit", target_type="applications.application")
    return attempts.filter(target_id__in=[str(pk) for pk in ids])[:limit]
