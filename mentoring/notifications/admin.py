"""Staff read what was sent, help what got stuck, and word the emails themselves."""

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import linebreaks_filter
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.clickjacking import xframe_options_sameorigin

from mentoring.notifications import scopes
from mentoring.notifications.email import kind_in_words, registry
from mentoring.notifications.models import EmailText, OutgoingEmail
from mentoring.notifications.texts import TextError, clean
from mentoring.staff import ListedLookups, Queue, ReadOnlyAdmin, dashboard, history, page, require
from mentoring.workflow import TransitionRefused

HIDDEN = "This email holds a secret link for its recipient, so its text is not shown."


class QueueFilter(admin.SimpleListFilter):
    """What waits, as the dashboard counts it."""

    title = "what waits"
    parameter_name = "queue"
    queues = {
        "troubled": ("Failed or uncertain", lambda rows: rows.troubled()),
        "late": ("Late", lambda rows: rows.late()),
    }

    def lookups(self, request, model_admin):
        return [(value, title) for value, (title, _rows) in self.queues.items()]

    def queryset(self, request, queryset):
        return self.queues[self.value()][1](queryset) if self.value() in self.queues else queryset


class KindFilter(admin.SimpleListFilter):
    title = "email"
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        kinds = OutgoingEmail.objects.order_by("kind").values_list("kind", flat=True).distinct()
        return [(kind, kind_in_words(kind)) for kind in kinds]

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin):
    list_display = ["subject", "to_address", "scope", "status", "queued_at", "sent_at"]
    list_filter = [QueueFilter, "status", KindFilter, ("scope", admin.AllValuesFieldListFilter)]
    search_fields = ["to_address", "recipient__name", "subject"]
    date_hierarchy = "queued_at"
    list_per_page = 50
    show_full_result_count = False
    actions = ["send_again", "mark_as_delivered"]
    change_form_template = "notifications/email_detail.html"
    fieldsets = [
        (None, {"fields": ["status", "to_address", "recipient", "subject", "shown_text"]}),
        ("What it is about", {"fields": ["label", "about", "scope", "held_for"]}),
        ("When", {"fields": ["queued_at", "not_before", "expires_at", "sent_at"]}),
        ("Tries", {"fields": ["attempts", "next_attempt_at", "last_error", "message_id"]}),
    ]

    def has_resend_permission(self, request):
        return request.user.has_perm("notifications.resend_outgoingemail")

    @admin.display(description="Email", ordering="kind")
    def label(self, email):
        return kind_in_words(email.kind)

    @admin.display(description="Text")
    def shown_text(self, email):
        if email.is_account_mail:
            return HIDDEN
        return format_html('<div class="text-break">{}</div>', linebreaks_filter(email.text))

    @admin.display(description="About")
    def about(self, email):
        if not email.about_type:
            return "Signing in"
        try:
            model = apps.get_model(email.about_type)
        except LookupError:
            return f"{email.about_type} {email.about_id}"
        return f"{model._meta.verbose_name.capitalize()} {email.about_id}"

    @admin.display(description="Sent only while it is")
    def held_for(self, email):
        return ", ".join(email.while_status) or "In any state"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        email = self.get_object(request, object_id)
        events = history(email) if email else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "events": events})

    @admin.action(description="Send again…", permissions=["resend"])
    def send_again(self, request, queryset):
        return self._confirm_and_move(
            request,
            queryset,
            "resend",
            title="Send again?",
            intro="Each person gets the same message once more. Where an email is uncertain, it may be a second copy.",
            confirm_label="Send again",
            done="{} queued. They leave within seconds.",
        )

    @admin.action(description="Mark as delivered…", permissions=["resend"])
    def mark_as_delivered(self, request, queryset):
        return self._confirm_and_move(
            request,
            queryset,
            "mark_delivered",
            title="Mark as delivered?",
            intro="Do this when you know that the person got it: they said so, or the mail server's log does.",
            confirm_label="Mark as delivered",
            done="{} marked as delivered.",
        )

    def _confirm_and_move(self, request, queryset, verb, *, title, intro, confirm_label, done):
        """Say first which will change and which cannot; once confirmed, move each and say how it went."""
        emails = list(queryset.order_by("queued_at", "id"))
        if request.POST.get("confirmed") == "yes":
            return self._move(request, emails, verb, done)
        sources = getattr(OutgoingEmail, verb).targets
        movable = [email for email in emails if email.status in sources]
        others = [email for email in emails if email.status not in sources]
        action = {"resend": "send_again", "mark_delivered": "mark_as_delivered"}[verb]
        hidden = [("action", action), ("confirmed", "yes")]
        return page(
            request,
            "notifications/confirm.html",
            title,
            intro=intro,
            will_change=[f"{email} ({email.get_status_display().lower()})" for email in movable],
            cannot_change=[(email, f"It is {email.get_status_display().lower()}.") for email in others],
            hidden=[*hidden, *((ACTION_CHECKBOX_NAME, email.pk) for email in movable)],
            action_url=request.get_full_path(),
            confirm_label=confirm_label,
            cancel_url=request.get_full_path(),
        )

    def _move(self, request, emails, verb, done):
        moved = 0
        for email in emails:
            try:
                getattr(email, verb)(by=request.user, reason=clean(request.POST.get("reason", "")))
                moved += 1
            except TransitionRefused as refusal:
                self.message_user(request, f"{email}: {refusal}", "error")
        if moved:
            self.message_user(request, done.format(moved))


class EmailTextForm(forms.ModelForm):
    scope = forms.ChoiceField(
        label="Cycle",
        required=False,
        choices=scopes.choices,
        help_text="A wording for one cycle is used in place of the one for every cycle.",
    )

    class Meta:
        model = EmailText
        fields = ["kind", "scope", "subject", "body"]
        widgets = {
            "kind": forms.HiddenInput,
            "subject": forms.TextInput(attrs={"size": 80}),
            "body": forms.Textarea(attrs={"rows": 18, "cols": 80}),
        }
        help_texts = {
            "body": "Leave an empty line between paragraphs. Start each line of a list with “- ”. "
            "Write a button as “-> Label: {{ link }}”."
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kept = self.instance.scope
        # Whoever may only look gets no fields.
        if "scope" in self.fields and kept not in dict(self.fields["scope"].choices):
            self.fields["scope"].choices = [*self.fields["scope"].choices, (kept, f"{kept} (no such cycle now)")]

    def clean(self):
        facts = super().clean()
        email = registry.get(facts.get("kind"))
        if email is None:
            raise forms.ValidationError("The portal sends no email of this kind.")
        for field, errors in email.errors(facts.get("subject", ""), facts.get("body", "")).items():
            if field not in self.errors:
                self.add_error(field, errors)
        return facts


@admin.register(EmailText)
class EmailTextAdmin(ListedLookups, admin.ModelAdmin):
    form = EmailTextForm
    list_display = ["label", "where", "subject", "updated_at", "updated_by"]
    list_filter = [("scope", admin.AllValuesFieldListFilter)]
    search_fields = ["kind", "subject", "body"]
    list_select_related = ["updated_by"]
    actions = None
    change_form_template = "notifications/wording_form.html"
    change_list_template = "notifications/wording_list.html"

    @admin.display(description="Email", ordering="kind")
    def label(self, wording):
        return kind_in_words(wording.kind)

    @admin.display(description="Used for", ordering="scope")
    def where(self, wording):
        return wording.scope or "Every cycle"

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("kinds/", view(self.kinds_view), name="notifications_emailtext_kinds"),
            path("preview/", view(self.preview_view), name="notifications_emailtext_preview"),
        ]
        return own + super().get_urls()

    def save_model(self, request, obj, form, change):
        obj.write(by=request.user)

    def delete_model(self, request, obj):
        obj.discard(by=request.user)

    def get_changeform_initial_data(self, request):
        """Start from the wording in force, for the kind and cycle in the address."""
        kind, scope = request.GET.get("kind"), request.GET.get("scope", "")
        if kind not in registry:
            return {}
        subject, body = registry[kind].wording(scope)
        return {"kind": kind, "scope": scope, "subject": subject, "body": body}

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        wording = self.get_object(request, object_id) if object_id else None
        kind = wording.kind if wording else request.POST.get("kind") or request.GET.get("kind")
        if not object_id and kind not in registry:
            return redirect("admin:notifications_emailtext_kinds")
        email = registry.get(kind)
        context = {
            "kind": kind,
            "label": kind_in_words(kind or ""),
            "purpose": email.purpose() if email else "The portal no longer sends this email.",
            "placeholders": email.known() if email else {},
            "preview_url": reverse("admin:notifications_emailtext_preview"),
            "scope": wording.scope if wording else "",
            "events": history(wording) if wording else [],
            **(extra_context or {}),
        }
        return super().changeform_view(request, object_id, form_url, context)

    def kinds_view(self, request):
        """Every email the portal sends: when, to whom, in whose words."""
        require(request, "notifications.view_emailtext")
        wordings = {}
        for wording in EmailText.objects.order_by("scope"):
            wordings.setdefault(wording.kind, []).append(wording)
        groups = {}
        for kind, email in sorted(registry.items()):
            app = apps.get_containing_app_config(email.__module__)
            row = {"kind": kind, "label": email.label(), "purpose": email.purpose(), "wordings": wordings.get(kind, [])}
            groups.setdefault(app.verbose_name if app else "Others", []).append(row)
        return page(
            request,
            "notifications/kinds.html",
            "Emails the portal sends",
            groups=sorted(groups.items()),
            may_write=self.has_add_permission(request),
            opts=self.opts,
        )

    @xframe_options_sameorigin
    def preview_view(self, request):
        """An email with example values: the wording in force, or (by POST) the one being written."""
        require(request, "notifications.view_emailtext")
        facts = request.POST if request.method == "POST" else request.GET
        email = registry.get(facts.get("kind"))
        if email is None:
            raise Http404("The portal sends no email of this kind.")
        if request.method == "POST":
            subject, body = facts.get("subject", "").strip(), facts.get("body", "")
        else:
            subject, body = email.wording(facts.get("scope", ""))
        return framed(render_to_string("notifications/preview.html", previewed(email, subject, body), request))


def previewed(email, subject, body):
    """What the preview page shows: the three parts, or the errors."""
    errors = [error for found in email.errors(subject, body).values() for error in found]
    if errors:
        return {"errors": errors}
    try:
        subject, text, html = email.preview(subject, body)
    except TextError as error:
        return {"errors": [str(error)]}
    return {"subject": subject, "text": text, "html": html}


def framed(content):
    """A page for a frame of our own: no scripts, nothing from elsewhere; the mail's own styles are let through."""
    response = HttpResponse(content)
    # In place of the portal's own header; the middleware would add that to a response without one.
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; img-src data:; style-src 'self' 'unsafe-inline'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; frame-src 'self'"
    )
    return response


def emails_waiting(queue):
    return lambda: f"{reverse('admin:notifications_outgoingemail_changelist')}?queue={queue}"


dashboard.queues += [
    Queue(
        "Emails that failed or may not have arrived",
        lambda: OutgoingEmail.objects.troubled(),
        emails_waiting("troubled"),
        "notifications.view_outgoingemail",
        "Mail",
        "Look at each: send it again, or mark it as delivered.",
        "bad",
    ),
    Queue(
        "Emails that wait longer than five minutes",
        lambda: OutgoingEmail.objects.late(),
        emails_waiting("late"),
        "notifications.view_outgoingemail",
        "Mail",
        "If there are many, the mail server or the worker is away.",
        "wait",
    ),
]
