"""The staff's queues of applications and mentors, one application on one page, and the release of decisions."""

from django.contrib import admin
from django.db.models import Count, Prefetch, Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst

from applications import demographics_views, sections, staff_versions, staff_waitlist, staff_waivers
from applications.forms import DecisionForm, PlacesForm
from applications.membership import membership_of
from applications.memberships_checked import find_not_in_force
from applications.models import Application, Decision, MentorInterest, Outcome, Waiver
from applications.models.asked import answered
from applications.models.decisions import (
    awaiting_verification,
    decide,
    obstacle,
    still_to_verify,
    undecide,
    unverified,
    verify,
    why_verified_stays,
)
from applications.models.files import files_in
from applications.release import beyond_the_places, fingerprint, mail_for, release
from applications.staff_mentors import MentorPages
from applications.tasks import DAYS_BEFORE
from mentoring.audit.models import record
from mentoring.notifications.texts import clean
from mentoring.staff import Queue, ReadOnlyAdmin, attempt, dashboard, history, number_or_404, page, require
from mentoring.workflow import TransitionRefused
from programs import deadlines, mail_dates
from programs.admin import CycleFilter
from programs.models import Cycle, Inquiry


class QueueFilter(admin.SimpleListFilter):
    """What waits, as the dashboard counts it."""

    title = "what waits"
    parameter_name = "queue"
    queues = {
        "decide": ("For a decision", lambda rows: rows.awaiting_decision()),
        "verify": ("For staff to verify something", lambda rows: rows.filter(pk__in=awaiting_verification())),
        "release": ("For the release of its decision", lambda rows: rows.awaiting_release()),
    }

    def open_to(self, user):
        """The queues by name, without the one that tells of decisions to whoever may not see them."""
        may = user.has_perm("applications.see_decisions")
        return {name: queue for name, queue in self.queues.items() if may or name != "release"}

    def lookups(self, request, model_admin):
        return [(value, title) for value, (title, _rows) in self.open_to(request.user).items()]

    def queryset(self, request, queryset):
        queues = self.open_to(request.user)
        return queues[self.value()][1](queryset) if self.value() in queues else queryset


class HandedInStatusFilter(admin.ChoicesFieldListFilter):
    """The states that staff can see: drafts are their owners'."""

    def choices(self, changelist):
        draft = dict(self.field.flatchoices)["draft"]
        return [choice for choice in super().choices(changelist) if choice["display"] != draft]


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    list_display = ["applicant", "cycle", "received", "where_it_stands", "to_verify"]
    list_filter = [QueueFilter, ("cycle", CycleFilter), ("status", HandedInStatusFilter)]
    search_fields = ["applicant__name", "applicant__email"]
    list_select_related = ["applicant", "cycle__program"]
    list_per_page = 50
    actions = ["accept_selected", "waitlist_selected", "decline_selected"]

    def get_queryset(self, request):
        rows = super().get_queryset(request).handed_in()
        decisions = Prefetch("decisions", Decision.objects.visible_to(request.user))
        waivers = Prefetch("waivers", Waiver.objects.select_related("granted_by"))
        return rows.prefetch_related(decisions, waivers, "verifications__submission", "submissions")

    def has_decide_permission(self, request):
        return request.user.has_perm("applications.decide_application")

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and (obj is None or obj.submitted_at is not None)

    # --- The list ----------------------------------------------------------------------------------------------------

    @admin.display(description="Received", ordering="submitted_at")
    def received(self, application):
        return deadlines.words(application.submitted_at, application.cycle.time_zone)

    @admin.display(description="Where it stands", ordering="status")
    def where_it_stands(self, application):
        pending = unreleased(application)
        if pending and application.status in ("submitted", "waitlisted"):
            again = "" if pending.submission_id == newest(application).pk else "; changed since, look again"
            return f"{pending.get_outcome_display()}, not released{again}"
        return application.get_status_display()

    @admin.display(description="To verify")
    def to_verify(self, application):
        return len(unverified(newest(application), application.verifications.all(), application.waived)) or "–"

    @admin.action(description="Accept…", permissions=["decide"])
    def accept_selected(self, request, queryset):
        return self.decide_many(request, queryset, Outcome.ACCEPT)

    @admin.action(description="Waitlist…", permissions=["decide"])
    def waitlist_selected(self, request, queryset):
        return self.decide_many(request, queryset, Outcome.WAITLIST)

    @admin.action(description="Decline…", permissions=["decide"])
    def decline_selected(self, request, queryset):
        return self.decide_many(request, queryset, Outcome.DECLINE)

    def decide_many(self, request, queryset, outcome):
        """Say whom it will change; once confirmed, record the decisions and say who could not be changed and why."""
        rows = list(queryset.order_by("applicant__name"))
        if request.POST.get("confirmed") == "yes":
            self.carry_out(request, rows, outcome)
            return None
        cannot = [(str(row.applicant), why) for row in rows if (why := obstacle(row, outcome, by=request.user))]
        can = [row for row in rows if not obstacle(row, outcome, by=request.user)]
        hidden = [("action", f"{outcome}_selected"), ("confirmed", "yes")]
        hidden += [(admin.helpers.ACTION_CHECKBOX_NAME, application.pk) for application in can]
        hidden += [("seen", newest(application).receipt_number) for application in can]
        return page(
            request,
            "admin/_transition_confirm.html",
            f"{Outcome(outcome).label} {counted(len(can), 'application')}?",
            intro="This records the decision. Nothing is sent, and applicants see no change, until decisions are released.",
            will_change=[
                f"{each.applicant}, version {newest(each).number} ({self.where_it_stands(each)})" for each in can
            ],
            cannot_change=cannot,
            hidden=hidden,
            action_url=request.get_full_path(),
            confirm_label=f"Record: {Outcome(outcome).label}",
            cancel_url=request.get_full_path(),
        )

    def carry_out(self, request, rows, outcome):
        """Record the decisions; one summary of what happened, whatever their number."""
        refused = []
        for application in rows:
            try:
                decide(application, outcome, by=request.user, seen=request.POST.getlist("seen"))
            except TransitionRefused as refusal:
                refused.append(str(refusal))
        recorded = (
            f"{counted(len(rows) - len(refused), 'decision')} recorded. Nobody has been told before their release."
        )
        self.message_user(request, recorded)
        if refused:
            told = " ".join(refused[:5])
            self.message_user(request, f"{counted(len(refused), 'application')} left as it was. {told}", "warning")

    # --- One application on one page ---------------------------------------------------------------------------------

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/decide/", view(self.decide_view), name="applications_application_decide"),
            path("<int:pk>/undecide/", view(self.undecide_view), name="applications_application_undecide"),
            path("<int:pk>/verify/", view(self.verify_view), name="applications_application_verify"),
            path("<int:pk>/confidential/", view(self.confidential_view), name="applications_application_confidential"),
            path("release/", view(self.releases_view), name="applications_releases"),
            path("release/<int:cycle_id>/", view(self.release_view), name="applications_release"),
        ]
        return [
            *own,
            *staff_versions.urls(self.admin_site),
            *staff_waitlist.urls(self.admin_site),
            *staff_waivers.urls(self.admin_site),
            *demographics_views.urls(self.admin_site),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return self.one(request, number_or_404(object_id))

    def one(self, request, pk, *, form=None, confidential=False, seen=""):
        """Everything about one application. What was said in confidence is shown only when asked for, on record.

        ``seen`` is the receipt number of the version that was looked at, where that is not the one shown now.
        """
        require(request, "applications.view_application")
        rows = self.get_queryset(request).select_related("applicant", "cycle__program")
        application = get_object_or_404(rows, pk=pk)
        latest = application.latest
        fits, goals = answers_in_words(latest, confidential)
        return page(
            request,
            "admin/applications/application/one.html",
            capfirst(str(application)),
            application=application,
            cycle=application.cycle,
            latest=latest,
            where_it_stands=self.where_it_stands(application),
            outcomes=[told(outcome, confidential) for outcome in latest.verdict],
            fits=fits,
            attestations=latest.attestations.select_related("wording") if confidential else [],
            goals=goals,
            files=files_in(application, latest.answers),
            to_verify=still_to_verify(application),
            membership=membership_of(application),
            verifications=[
                (each, each.holds and each.is_about(latest))
                for each in application.verifications.select_related("verified_by", "submission")
            ],
            why_verified_stays=why_verified_stays(application),
            waivers=application.waivers_in_force,
            may_waive=request.user.has_perm("applications.waive_rule"),
            following=following(application),
            decision=unreleased(application),
            form=form or DecisionForm(),
            seen=seen or latest.receipt_number,
            may_decide=request.user.has_perm("applications.decide_application")
            and application.status in ("submitted", "waitlisted"),
            may_see_confidential=request.user.has_perm("applications.see_confidential"),
            confidential=confidential,
            inquiries=Inquiry.objects.for_person(application.applicant).filter(program=application.cycle.program),
            events=history(application) if request.user.has_perm("audit.view_event") else [],
            opts=self.opts,
        )

    def decide_view(self, request, pk):
        require(request, "applications.decide_application")
        application, form = get_object_or_404(Application, pk=pk), DecisionForm(request.POST or None)
        seen = request.POST.get("seen", "")
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            done = "The decision is recorded. Nobody is told before decisions are released."
            said = {"by": request.user, "note": given["note"], "seen": [seen]}
            if attempt(request, lambda: decide(application, given["outcome"], **said), done):
                return redirect("admin:applications_application_change", pk)
        response = self.one(request, pk, form=form, seen=seen if form.errors else "")
        response.status_code = 422 if request.method == "POST" else 200
        return response

    def undecide_view(self, request, pk):
        require(request, "applications.decide_application")
        if request.method == "POST":
            application = get_object_or_404(Application, pk=pk)
            attempt(request, lambda: undecide(application, by=request.user), "The decision is taken back.")
        return redirect("admin:applications_application_change", pk)

    def verify_view(self, request, pk):
        require(request, "applications.decide_application")
        if request.method == "POST":
            application = get_object_or_404(Application, pk=pk)
            key, note = clean(request.POST.get("rule", "")), clean(request.POST.get("note", ""))[:300]
            if request.POST.get("found") == "no":
                done = "On record. Where it is a membership, the applicant is told by email."
                attempt(request, lambda: find_not_in_force(application, key, by=request.user, note=note), done)
            else:
                attempt(
                    request, lambda: verify(application, key, by=request.user, note=note), "Verified, and on record."
                )
        return redirect("admin:applications_application_change", pk)

    def confidential_view(self, request, pk):
        """Show what was said in confidence. The look is on record before it is given."""
        require(request, "applications.see_confidential")
        if request.method != "POST":
            return redirect("admin:applications_application_change", pk)
        record("look_at_confidential", get_object_or_404(Application, pk=pk), by=request.user)
        return self.one(request, pk, confidential=True)

    # --- Release -----------------------------------------------------------------------------------------------------

    def releases_view(self, request):
        """The cycles with decisions to release; straight on where there is one."""
        require(request, "applications.release_decisions")
        waiting = Application.objects.awaiting_release()
        counts = Count("applications", filter=Q(applications__in=waiting), distinct=True)
        cycles = Cycle.objects.for_staff().annotate(with_waiting=counts).filter(with_waiting__gt=0)
        if len(cycles) == 1:
            return redirect("admin:applications_release", cycles[0].pk)
        return page(request, "admin/applications/releases.html", "Release decisions", cycles=cycles)

    def release_view(self, request, cycle_id):
        """What would go out, to whom, how many; and the button that does it."""
        require(request, "applications.release_decisions")
        cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
        if request.method == "POST":
            seen = request.POST.get("seen", "")
            done = "The decisions are released, and the mail is on its way."
            if attempt(request, lambda: release(cycle, by=request.user, seen=seen), done):
                return redirect("admin:index")
        ready = list(Decision.objects.ready(cycle))
        groups = [
            {"label": outcome.label, "decisions": rows, "mail": mail_for(rows[0]).as_read()}
            for outcome in Outcome
            if (rows := [each for each in ready if each.outcome == outcome])
        ]
        waiting = Application.objects.filter(cycle=cycle).awaiting_decision().count()
        return page(
            request,
            "admin/applications/release.html",
            f"Release decisions: {cycle}",
            cycle=cycle,
            groups=groups,
            total=len(ready),
            beyond=beyond_the_places(cycle, ready),
            waiting=waiting,
            outdated=list(Decision.objects.outdated(cycle)),
            still_open=cycle.accepts_applications,
            seen=fingerprint(ready),
        )


def newest(application):
    """The submission in force, out of those that were prefetched."""
    return max(application.submissions.all(), key=lambda each: each.number)


def unreleased(application):
    """The decision that is recorded and not told, out of those that were prefetched: only those that this person may see."""
    return next((each for each in application.decisions.all() if each.release_id is None), None)


def following(application):
    """The next application of the cycle that waits for a decision, oldest first."""
    others = Application.objects.awaiting_decision().filter(cycle=application.cycle).exclude(pk=application.pk)
    return others.select_related("applicant").order_by("submitted_at").first()


def counted(number, noun):
    """ "1 application", "2 applications" """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def told(outcome, confidential):
    """A rule's outcome as staff may read it."""
    return {
        **outcome,
        "reason": outcome["reason"] if confidential or not outcome["sensitive"] else f"{staff_versions.HIDDEN}.",
    }


def answers_in_words(submission, confidential):
    """What was handed in, section by section; what was said in confidence only where it may be seen."""
    parts = []
    for part in sections.SECTIONS.values():
        rows = [
            (each.text, staff_versions.HIDDEN if each.sensitive and not confidential else each.answer)
            for each in answered(submission, part.asked_as)
        ]
        parts.append((part.title_in(submission.application.cycle), rows))
    return parts


@admin.register(MentorInterest)
class MentorInterestAdmin(MentorPages, ReadOnlyAdmin):
    list_display = ["mentor", "waits", "of_cycle", "status", "offered", "capacity", "submitted"]
    list_filter = [("status", HandedInStatusFilter), ("cycle", CycleFilter)]
    search_fields = ["mentor__name", "mentor__email", "specialty"]
    change_list_template = "admin/applications/mentorinterest/list.html"
    list_per_page = 50

    def get_queryset(self, request):
        rows = super().get_queryset(request).handed_in().select_related("mentor", "cycle__program")
        return rows.annotate(with_places=Count("places", filter=Q(places__retired=False)))

    @admin.display(description="Cycle", ordering="cycle")
    def of_cycle(self, interest):
        return interest.cycle.short_name

    @admin.display(description="Offered", ordering="places_offered")
    def offered(self, interest):
        return interest.places_offered

    @admin.display(description="Places")
    def capacity(self, interest):
        return interest.with_places

    @admin.display(description="Submitted", ordering="submitted_at")
    def submitted(self, interest):
        return interest.submitted_words

    @admin.display(description="Waits for", ordering="submitted_at")
    def waits(self, interest):
        """How long an offer has waited for a decision."""
        if interest.status != "submitted":
            return "–"
        days = (timezone.now() - interest.submitted_at).days
        return f"{days} day{'s' if days != 1 else ''}"

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [path("<int:pk>/decide/", view(self.decide_view), name="applications_mentorinterest_decide")]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return self.one(request, number_or_404(object_id))

    def one(self, request, pk, *, form=None):
        require(request, "applications.view_mentorinterest")
        interest = get_object_or_404(self.get_queryset(request).prefetch_related("mentor__institutions"), pk=pk)
        initial = interest.capacity or interest.places_offered
        return page(
            request,
            "admin/applications/mentorinterest/one.html",
            capfirst(str(interest)),
            interest=interest,
            cycle=interest.cycle,
            form=form or PlacesForm(initial={"places": initial}),
            may_decide=request.user.has_perm("applications.approve_mentorinterest"),
            events=history(interest) if request.user.has_perm("audit.view_event") else [],
            opts=self.opts,
        )

    def decide_view(self, request, pk):
        """Approve with places, decline, or set the places of an approved mentor: ``move`` says which."""
        require(request, "applications.approve_mentorinterest")
        interest, move = get_object_or_404(MentorInterest, pk=pk), request.POST.get("move")
        looked = {"by": request.user, "seen": request.POST.get("seen", "")}
        form = PlacesForm(request.POST or None)
        if request.method == "POST" and move == "decline":
            attempt(request, lambda: interest.decline(**looked), "Declined. The mentor is told by email.")
        elif request.method == "POST" and not form.is_valid():
            response = self.one(request, pk, form=form)
            response.status_code = 422
            return response
        elif move == "approve":
            places = form.cleaned_data["places"]
            attempt(
                request, lambda: interest.approve(places=places, **looked), "Approved. The mentor is told by email."
            )
        elif move == "places":
            places = form.cleaned_data["places"]
            attempt(
                request, lambda: interest.set_capacity(places, by=request.user), f"This mentor has {places} places now."
            )
        return redirect("admin:applications_mentorinterest_change", pk)


def list_of(model, query):
    return lambda: f"{reverse(f'admin:applications_{model}_changelist')}?{query}"


dashboard.queues += [
    Queue(
        "Applications to read and decide",
        lambda: Application.objects.awaiting_decision(),
        list_of("application", "queue=decide"),
        "applications.review_application",
        "Applications",
        "Submitted, with no decision recorded yet.",
        "wait",
    ),
    Queue(
        "Memberships and other things to verify",
        awaiting_verification,
        list_of("application", "queue=verify"),
        "applications.decide_application",
        "Applications",
        "Said by applicants; to be looked up before anyone is accepted.",
        "wait",
    ),
    Queue(
        "Decisions to release",
        lambda: Application.objects.awaiting_release(),
        lambda: reverse("admin:applications_releases"),
        "applications.release_decisions",
        "Applications",
        "Recorded; nobody outside staff knows of them.",
        "now",
    ),
    Queue(
        "On a waitlist",
        lambda: Application.objects.filter(status="waitlisted"),
        lambda: reverse("admin:applications_waitlists"),
        "applications.offer_place",
        "Applications",
        "Offer a place when one is free.",
    ),
    Queue(
        "Mentors to approve",
        lambda: MentorInterest.objects.awaiting_decision(),
        list_of("mentorinterest", "status__exact=submitted"),
        "applications.approve_mentorinterest",
        "Mentors",
        "Interest forms that wait for an answer.",
        "wait",
    ),
]


def mails_of(cycle):
    """What goes out about applications, for the cycle's page."""
    return [
        *mail_dates.reminders(cycle.applications_window, DAYS_BEFORE, "To open drafts"),
        mail_dates.MailDate("When it is handed in", "To the applicant or mentor: a receipt"),
        mail_dates.MailDate("When staff release decisions", "To applicants: the decision"),
    ]


mail_dates.sources.append(mails_of)
