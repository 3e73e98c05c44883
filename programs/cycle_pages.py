"""The staff's pages about one cycle: all of it on one page, its publication, and next year's from this one."""

from django.db import transaction
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone

from mentoring.staff import attempt, history, page, require
from programs import compare, next_cycle, readiness
from programs.cycle_forms import NextCycleForm, SpanForm
from programs.mail_dates import mail_dates
from programs.models import Cycle
from programs.timeline import timeline


class CyclePages:
    """Added to the admin of cycles."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/overview/", view(self.overview), name="programs_cycle_overview"),
            path("<int:pk>/publish/", view(self.publish), name="programs_cycle_publish"),
            path("<int:pk>/next/", view(self.next_cycle), name="programs_cycle_next"),
        ]
        return own + super().get_urls()

    def one(self, pk):
        rows = Cycle.objects.select_related("program").prefetch_related("windows", "rules", "questions")
        return get_object_or_404(rows, pk=pk)

    def overview(self, request, pk):
        """The whole cycle: what is set, its dates as a picture, which mail goes when, and what is missing."""
        require(request, "programs.view_cycle")
        cycle = self.one(pk)
        last = last_before(cycle)
        return page(
            request,
            "admin/programs/cycle/overview.html",
            str(cycle),
            cycle=cycle,
            dates=timeline(cycle, timezone.now()),
            missing=[] if cycle.published_at else readiness.missing(cycle),
            old_years=readiness.old_years(cycle),
            term=term_facts(cycle),
            limits=limit_facts(cycle),
            reworded=reworded(cycle),
            texts=text_facts(cycle.program),
            mails=mail_dates(cycle),
            last=last,
            changes=compare.differences(compare.facts(last), compare.facts(cycle)) if last else [],
            may_change=request.user.has_perm("programs.change_cycle"),
            may_add=request.user.has_perm("programs.add_cycle"),
            events=history(cycle) if request.user.has_perm("audit.view_event") else [],
            opts=self.opts,
        )

    def publish(self, request, pk):
        """What publishing does, or what is missing first; and the button."""
        require(request, "programs.change_cycle")
        cycle = self.one(pk)
        if request.method == "POST":
            attempt(request, lambda: readiness.publish(cycle, by=request.user), f"{cycle} is on the public pages.")
            return redirect("admin:programs_cycle_overview", pk)
        return page(
            request,
            "admin/programs/cycle/publish.html",
            f"Publish {cycle}?",
            cycle=cycle,
            missing=readiness.missing(cycle),
            old_years=readiness.old_years(cycle),
            dates=timeline(cycle, timezone.now()),
            limits=limit_facts(cycle),
            opts=self.opts,
        )

    @transaction.atomic
    def next_cycle(self, request, pk):
        """Next year's cycle with every date shown beside last year's; saved only when staff say so."""
        require(request, "programs.add_cycle")
        source = self.one(pk)
        years = next_cycle.years_on(source)
        span = SpanForm({"weeks": request.GET.get("weeks", next_cycle.weeks_of(years))})
        weeks = span.cleaned_data["weeks"] if span.is_valid() else next_cycle.weeks_of(years)
        new = next_cycle.proposal(source, years, weeks)
        form = NextCycleForm(source, weeks, request.POST or None, instance=new)
        if request.method == "POST" and form.is_valid():
            made = next_cycle.copy(source, form.instance, form.windows, by=request.user, weeks=weeks)
            self.message_user(request, f"{made} is set up. Nobody outside staff sees it before it is published.")
            return redirect("admin:programs_cycle_overview", made.pk)
        response = page(
            request,
            "admin/programs/cycle/next.html",
            f"Start the next cycle after {source.short_name}",
            cycle=source,
            form=form,
            span=span,
            old_years=old_years_of_copy(source, years),
            moved_days=[
                (text, compare.plain(then), compare.plain(later))
                for text, then, later in next_cycle.moved_days(source, weeks)
            ],
            opts=self.opts,
        )
        response.status_code = 422 if request.method == "POST" else 200
        return response

    def response_post_save_change(self, request, obj):
        return redirect("admin:programs_cycle_overview", obj.pk)

    def response_post_save_add(self, request, obj):
        return redirect("admin:programs_cycle_overview", obj.pk)


def last_before(cycle):
    """The cycle of the same program whose term came before this one's, or None."""
    rows = Cycle.objects.filter(program=cycle.program_id, term_begins__lt=cycle.term_begins).order_by("-term_begins")
    return rows.select_related("program").prefetch_related("windows", "rules", "questions").first()


def old_years_of_copy(source, years):
    """The texts that the copy would take over with a year in them that is over by then."""
    first = next_cycle.same_day(source.term_begins, years).year
    copied = [(where, text) for where, text in readiness.texts(source) if where not in readiness.MOVED_WITH_THE_YEAR]
    return readiness.naming_years_before(first, copied)


def reworded(cycle):
    """The wordings, oldest first, of everything that was answered in more than one: [[wording, ...], ...].

    Each has ``with_submissions``, how many submissions answered it.
    """
    kept: dict = {}
    # The order of the model does not hold for rows that are counted.
    for wording in cycle.wordings.annotate(with_submissions=Count("asked")).order_by("since", "id"):
        kept.setdefault((wording.part, wording.key), []).append(wording)
    return [wordings for wordings in kept.values() if len(wordings) > 1]


def term_facts(cycle):
    return [
        ("Term", cycle.term_words),
        ("First day", compare.plain(cycle.term_begins)),
        ("Last day", cycle.term_ends_words),
        ("Applicants hear by", compare.plain(cycle.decisions_by)),
        ("Time zone", cycle.time_zone),
    ]


def limit_facts(cycle):
    return [
        ("Places for mentees", cycle.places or "No limit"),
        ("Hours a month, at least", cycle.hours_a_month),
        ("Months, at least and at most", f"{cycle.least_months} and {cycle.most_months}"),
        ("Mentors a mentee ranks", f"{cycle.least_choices} to {cycle.most_choices}"),
        ("Mentors are ranked", cycle.get_preferences_come_display()),
        ("How far apart", cycle.apart.rule),
        ("Days to answer a pairing", cycle.reply_days),
        ("Who answers a pairing first", cycle.get_answers_first_display()),
        ("Who may mentor", cycle.mentor_stage_words),
        ("What mentors can help with", ", ".join(cycle.topics) or "Nothing listed"),
    ]


def text_facts(program):
    """What the public page says in staff's own words."""
    names = [*readiness.TEXTS, "unsuitable", "apply_label", "contact_name", "contact_email"]
    return [(program._meta.get_field(name).verbose_name.capitalize(), getattr(program, name)) for name in names]
