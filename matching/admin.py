"""The workbench: suggestions for a cycle, what staff change of them, and the proposal to both sides."""

from django.contrib import admin, messages
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone

from applications.models import Application
from matching.confidence_admin import ConfidantAdmin  # noqa: F401 (registers itself)
from matching.forms import PolicyForm
from matching.models import Pairing, PreferenceList
from matching.pairing_admin import PairingPages, PairingQueueFilter
from matching.run_admin import SuggestionRunAdmin  # noqa: F401 (registers itself)
from matching.tasks import DAYS_BEFORE_PREFERENCES, DAYS_BEFORE_REPLY, ask
from matching.workbench import changing, export, note_pages, scenario_pages
from matching.workbench import pages as workbench
from mentoring.staff import Queue, ReadOnlyAdmin, attempt, dashboard, require
from programs import deadlines, mail_dates
from programs.admin import CycleFilter
from programs.models import AnswersFirst, Cycle


@admin.register(PreferenceList)
class PreferenceListAdmin(ReadOnlyAdmin):
    list_display = ["mentee", "cycle", "status", "choices", "submitted"]
    list_filter = ["status", ("application__cycle", CycleFilter)]
    search_fields = ["application__applicant__name"]
    list_select_related = ["application__applicant", "application__cycle__program"]
    fields = ["application", "status", "no_preference", "open_to_rest", "submitted", "in_order"]
    readonly_fields = ["submitted", "in_order"]

    def get_queryset(self, request):
        return super().get_queryset(request).for_staff().annotate(with_choices=Count("preferences"))

    @admin.display(description="Mentee", ordering="application__applicant__name")
    def mentee(self, preference_list):
        return preference_list.application.applicant

    @admin.display(description="Cycle")
    def cycle(self, preference_list):
        return preference_list.cycle

    @admin.display(description="Choices")
    def choices(self, preference_list):
        return "No preference" if preference_list.no_preference else preference_list.with_choices

    @admin.display(description="Handed in")
    def submitted(self, preference_list):
        at = preference_list.submitted_at
        return deadlines.words(at, preference_list.cycle.time_zone) if at else "Not yet"

    @admin.display(description="In order of preference")
    def in_order(self, preference_list):
        rows = preference_list.preferences.select_related("interest__mentor")
        return "\n".join(f"{row.rank}. {row.interest.mentor}{row.why and f': {row.why}'}" for row in rows) or "None"


@admin.register(Pairing)
class PairingAdmin(PairingPages, ReadOnlyAdmin):
    list_display = ["mentee", "mentor", "reply_by", "answers", "status", "of_cycle"]
    list_filter = [PairingQueueFilter, "status", ("cycle", CycleFilter)]
    search_fields = ["mentee__name", "mentor__name"]
    list_select_related = ["mentee", "mentor", "cycle__program"]
    list_per_page = 50

    @admin.display(description="Cycle", ordering="cycle")
    def of_cycle(self, pairing):
        return pairing.cycle.short_name

    @admin.display(description="Answers")
    def answers(self, pairing):
        said = [("mentee", pairing.mentee_yes_at), ("mentor", pairing.mentor_yes_at)]
        return ", ".join(f"{side}: yes" for side, at in said if at) or "–"

    @admin.display(description="Answer by", ordering="respond_by")
    def reply_by(self, pairing):
        return pairing.respond_by_words if pairing.respond_by else "–"

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            *workbench.urls(view),
            path("workbench/<int:cycle_id>/suggest/", view(self.suggest), name="matching_suggest"),
            *changing.urls(view),
            *note_pages.urls(view),
            *scenario_pages.urls(view),
            *export.urls(view),
        ]
        return own + super().get_urls()

    # --- The workbench -----------------------------------------------------------------------------------------------

    def suggest(self, request, cycle_id):
        require(request, "matching.suggest_pairing")
        cycle, form = get_object_or_404(Cycle, pk=cycle_id), PolicyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            done = "The suggestion is being computed. When it is done, its pairs are drafted below. Nobody outside staff knows."
            attempt(request, lambda: ask(cycle, form.cleaned_data["policy"], by=request.user), done)
        elif request.method == "POST":
            messages.error(request, "Choose what the suggestion should put first.")
        return redirect("admin:matching_workbench", cycle_id)


def pairings(query):
    return lambda: f"{reverse('admin:matching_pairing_changelist')}?{query}"


dashboard.queues += [
    Queue(
        "Mentees without a mentor",
        lambda: (
            Application.objects.accepted()
            .filter(cycle__in=matching_now())
            .exclude(pk__in=Pairing.objects.live().values("application"))
        ),
        lambda: reverse("admin:matching_workbenches"),
        "matching.suggest_pairing",
        "Matching",
        "Accepted, in a cycle whose term has not ended, and in no live pairing.",
        "wait",
    ),
    Queue(
        "Drafted pairings to propose",
        lambda: Pairing.objects.filter(status="drafted"),
        lambda: reverse("admin:matching_workbenches"),
        "matching.propose_pairing",
        "Matching",
        "Nobody outside staff knows of them.",
        "now",
    ),
    Queue(
        "Pairings waiting for an answer",
        lambda: Pairing.objects.open(),
        pairings("queue=answer"),
        "matching.view_pairing",
        "Matching",
        "Shared with both; reminders go by themselves.",
        "info",
    ),
    Queue(
        "No answer yet, due within 2 days",
        lambda: Pairing.objects.due_soon(timezone.now()),
        pairings("queue=due"),
        "matching.propose_pairing",
        "Matching",
        "They lapse by themselves. Write to them, or give one of them more time.",
        "wait",
    ),
    Queue(
        "Mentees who need a new mentor",
        lambda: Pairing.objects.needing_another().order_by().values("application").distinct(),
        lambda: reverse("admin:matching_repairs"),
        "matching.suggest_pairing",
        "Matching",
        "After a no, a lapse or a withdrawal. A repair that moves as few as possible is ready.",
        "bad",
    ),
]


def matching_now():
    """The cycles whose term has not ended."""
    return Cycle.objects.filter(term_ends__gte=timezone.now().date())


def mails_of(cycle):
    """What goes out about preferences and pairings, for the cycle's page."""
    window = cycle.preferences_window
    days = [str(days) for days in DAYS_BEFORE_REPLY]
    before = f"{', '.join(days[:-1])} and {days[-1]} days before the day to answer by"
    return [
        *([mail_dates.at(window.opens_at, cycle, "To accepted mentees: preferences are open")] if window else []),
        *mail_dates.reminders(window, DAYS_BEFORE_PREFERENCES, "To accepted mentees without a list"),
        *when_proposed(cycle),
        mail_dates.MailDate(before, "To who has not answered a pairing yet"),
        mail_dates.MailDate("2 days before the day to answer by", "To managers: which pairings nobody has answered"),
        mail_dates.MailDate("When both said yes", "To both sides: the pairing is final"),
    ]


def when_proposed(cycle):
    """Who is asked at once, and who only after the other's yes."""
    if cycle.answers_first == AnswersFirst.BOTH:
        return [mail_dates.MailDate("When staff propose pairings", "To both sides: the pairing, to approve")]
    first, second = ("mentor", "mentee") if cycle.answers_first == AnswersFirst.MENTOR else ("mentee", "mentor")
    return [
        mail_dates.MailDate("When staff propose pairings", f"To the {first}: the pairing, to approve"),
        mail_dates.MailDate(f"When the {first} said yes", f"To the {second}: the pairing, to approve"),
    ]


mail_dates.sources.append(mails_of)
