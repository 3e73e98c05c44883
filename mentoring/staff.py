"""The staff's workplace: the admin site, and what its pages are made of."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelChoiceField
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from mentoring.audit.models import Event, record
from mentoring.workflow import TransitionRefused


@dataclass(frozen=True)
class Queue:
    """Something that waits for staff: a count on the dashboard, and the list behind it."""

    title: str
    rows: Callable  # () -> queryset
    url: Callable  # () -> address of the list
    permission: str
    group: str
    hint: str | Callable = ""  # or () -> str, where it depends on what waits
    tone: str = "info"


# The order of the groups on the first screen: as a cycle runs.
GROUPS = ["Applications", "Mentors", "Matching", "Mail", "People"]


@dataclass
class Dashboard:
    """What the first screen says. The apps add to it; the site only asks."""

    queues: list[Queue] = field(default_factory=list)
    cycles: Callable = lambda request: []

    def for_person(self, request):
        groups = {}
        for queue in sorted(self.queues, key=lambda queue: GROUPS.index(queue.group)):
            if request.user.has_perm(queue.permission):
                item = {
                    "title": queue.title,
                    "count": queue.rows().count(),
                    "url": queue.url(),
                    "hint": queue.hint() if callable(queue.hint) else queue.hint,
                    "tone": queue.tone,
                }
                groups.setdefault(queue.group, []).append(item)
        return [{"title": title, "items": items} for title, items in groups.items()]


dashboard = Dashboard()


class StaffSite(admin.AdminSite):
    """Django's admin with the portal's own door: one sign-in for all, and a second factor for staff."""

    site_header = site_title = "Staff"
    index_title = "What waits for you"
    enable_nav_sidebar = False

    def has_permission(self, request):
        user = request.user
        return user.is_active and user.is_staff and (not settings.STAFF_SECOND_FACTOR or is_mfa_enabled(user))

    def login(self, request, extra_context=None):
        """To the portal's sign-in; to the second factor for staff without one; away with everyone else."""
        onward = request.GET.get("next") or reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(onward, reverse("account_login"))
        if not request.user.is_staff:
            messages.error(request, "The admin is for staff. You are signed in with an account that is not.")
            return redirect("home")
        if not self.has_permission(request):
            messages.info(request, "Staff sign in with a second factor. Set one up here, and the admin opens.")
            return redirect("mfa_index")
        return HttpResponseRedirect(reverse("admin:index"))

    def each_context(self, request):
        return {**super().each_context(request), "staff_second_factor": settings.STAFF_SECOND_FACTOR}

    def index(self, request, extra_context=None):
        recent = Event.objects.visible_to(request.user)[:8] if request.user.has_perm("audit.view_event") else []
        context = {
            "queues": dashboard.for_person(request),
            "cycles": dashboard.cycles(request),
            "recent_events": recent,
        }
        return super().index(request, {**context, **(extra_context or {})})


# Of the number of a row; the database counts no further.
MOST_DIGITS = 18

# What may follow the name of a list's filter in an address.
LOOKUPS = {"id", "pk", "exact", "isnull", "gte", "lt", "lte", "gt", "year", "month", "day"}


class ListedLookups:
    """An address may filter a list by the filters that the list shows, and by nothing else.

    Django lets any field of the model be asked for, and whoever may see a count could guess a hidden text letter by letter.
    """

    def lookup_allowed(self, lookup, value, request):
        filters = [each[0] if isinstance(each, tuple) else each for each in self.get_list_filter(request)]
        if lookup in {each.parameter_name for each in filters if hasattr(each, "parameter_name")}:
            return True
        shown = {each for each in filters if isinstance(each, str)} | {self.date_hierarchy, "pk"}
        return any(
            lookup == name or (lookup.startswith(f"{name}__") and set(lookup[len(name) + 2 :].split("__")) <= LOOKUPS)
            for name in shown - {None}
        )


class NumberedRows(admin.ModelAdmin):
    """Rows are chosen by their numbers. A form that names one by anything else gets a 404."""

    def response_action(self, request, queryset):
        for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
            number_or_404(chosen)
        return super().response_action(request, queryset)


class RecordedAdmin(ListedLookups, NumberedRows):
    """For admins that edit data: each save leaves a row in the history, with what the changed fields said and say."""

    def construct_change_message(self, request, form, formsets, add=False):
        message = super().construct_change_message(request, form, formsets, add)
        return message if add else [*message, {"values": changed_values(form, formsets)}]

    def log_change(self, request, obj, message):
        """``message`` is what construct_change_message made; Django's own log gets it without the values."""
        fields, values = message[:-1], message[-1]["values"]
        record("edit", obj, by=request.user, fields=fields, values=values)
        return super().log_change(request, obj, fields)

    def log_addition(self, request, obj, message):
        record("add", obj, by=request.user)
        return super().log_addition(request, obj, message)


class ReadOnlyAdmin(ListedLookups, NumberedRows, admin.ModelAdmin):
    """For rows that come from elsewhere: staff read them, and move them by transitions only."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


# Fields whose values are nobody's to read, by what their names hold.
NEVER_RECORDED = re.compile("password|confidential")
LONGEST_RECORDED = 300


def changed_values(form, formsets):
    """{field: [what it said, what it says]} of a saved form and of the changed rows below it, for the history."""
    found = _changed(form)
    for formset in formsets or []:
        kept = [row for row in formset.initial_forms if row not in formset.deleted_forms]
        for row in kept:
            found |= {f"{row.instance}: {name}": pair for name, pair in _changed(row).items()}
    return found


def _changed(form):
    names = [name for name in form.changed_data if not NEVER_RECORDED.search(name)]
    return {name: [_said_before(form, name), _in_words(form.cleaned_data.get(name))] for name in names}


def _said_before(form, name):
    bound = form[name]
    value = bound.initial
    if isinstance(bound.field, ModelChoiceField) and not isinstance(value, list | tuple | QuerySet):
        value = bound.field.queryset.filter(pk=value).first()
    return _in_words(value)


def _in_words(value):
    if isinstance(value, list | tuple | QuerySet):
        value = ", ".join(sorted(map(str, value)))
    return "" if value is None else str(value)[:LONGEST_RECORDED]


def attempt(request, move, done):
    """Call a transition; tell the person what happened or why not. True if it happened."""
    try:
        move()
    except TransitionRefused as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, done)
    return True


def require(request, permission):
    """Raise PermissionDenied unless the person holds the permission."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def number_or_404(text):
    """The number of a row as it stands in an address of the admin. Raises Http404 for anything else."""
    number = number_or_none(text)
    if number is None:
        raise Http404
    return number


def number_or_none(text):
    """The number of a row as somebody typed it; None for what cannot be one."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def page(request, template, title, **context):
    """A page of our own inside the admin."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), "title": title, **context})


def history(target):
    """The rows of history about one object, for the panel on its page."""
    return Event.objects.about(target)
