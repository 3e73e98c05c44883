"""The staff's pages about one pairing, and about sharing drafts: exactly what goes to whom, and the button that sends it."""

from django.contrib import admin, messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.text import capfirst

from matching import emails
from matching.holds import part
from matching.models import Pairing, PreferenceList
from matching.proposal_admin import ProposalPages, words_sent
from matching.propose import fingerprint, propose_drafts
from matching.querysets import LIVE
from matching.repair_admin import RepairPages
from matching.shown import facts_of, facts_of_mentor, shared_answers
from matching.workbench.board import read
from matching.workbench.filters import FILTERS, view_of
from matching.workbench.way_back import way_back
from mentoring.notifications.texts import clean
from mentoring.staff import attempt, history, number_or_404, page, require
from programs.models import AnswersFirst, Cycle

# Who hears of a proposal at once, and who once that one has said yes, where it is not both.
FIRST = {AnswersFirst.MENTOR: ("mentor", "mentee"), AnswersFirst.MENTEE: ("mentee", "mentor")}


class PairingQueueFilter(admin.SimpleListFilter):
    """What waits, as the dashboard counts it."""

    title = "what waits"
    parameter_name = "queue"
    queues = {
        "answer": ("For an answer", lambda rows: rows.open()),
        "due": ("For an answer, due within 2 days", lambda rows: rows.due_soon(timezone.now())),
        "fallen": ("For another mentor, after it came to nothing", lambda rows: rows.needing_another()),
    }

    def lookups(self, request, model_admin):
        return [(value, title) for value, (title, _rows) in self.queues.items()]

    def queryset(self, request, queryset):
        return self.queues[self.value()][1](queryset) if self.value() in self.queues else queryset


class PairingPages(ProposalPages, RepairPages):
    """Added to the admin of pairings."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("workbench/<int:cycle_id>/propose/", view(self.propose), name="matching_propose"),
            path("<int:pk>/end/", view(self.end), name="matching_end"),
        ]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        require(request, "matching.view_pairing")
        pairing = get_object_or_404(Pairing.objects.for_reading(), pk=number_or_404(object_id))
        return page(
            request,
            "admin/matching/pairing/one.html",
            capfirst(str(pairing)),
            pairing=pairing,
            cycle=pairing.cycle,
            may_end=request.user.has_perm("matching.propose_pairing") and pairing.status in LIVE,
            may_propose=request.user.has_perm("matching.propose_pairing"),
            more_times=pairing.more_times.select_related("given_by", "pairing__cycle"),
            needs_another=Pairing.objects.needing_another().filter(pk=pairing.pk).exists(),
            may_suggest=request.user.has_perm("matching.suggest_pairing"),
            written_to=words_sent(pairing).select_related("recipient"),
            events=history(pairing) if request.user.has_perm("audit.view_event") else [],
            opts=self.opts,
        )

    def end(self, request, pk):
        """Discard a draft, withdraw a proposal, or end a mentorship early, whichever its state allows."""
        require(request, "matching.propose_pairing")
        pairing, why = get_object_or_404(Pairing, pk=pk), clean(request.POST.get("why", ""))[:2000]
        if request.method == "POST":
            if pairing.status == "drafted":
                attempt(request, lambda: pairing.discard(by=request.user, reason=why), "The draft is dropped.")
            elif not why:
                messages.error(request, "Please give a reason. Only staff read it.")
            else:
                again = "again" in request.POST
                done = "The proposal is withdrawn." if pairing.is_open else "The mentorship has ended."
                done += " These two may be suggested again." if again else " The pair is ruled out."
                attempt(request, lambda: part(pairing, by=request.user, why=why, again=again), done)
        if "workbench" in request.POST:
            return redirect(way_back(request, pairing.cycle_id, pairing.application_id))
        return redirect("admin:matching_pairing_change", pk)

    # --- Proposing ---------------------------------------------------------------------------------------------------

    def propose(self, request, cycle_id):
        """Exactly what goes to whom; and the button that sends it.

        The drafts to propose are named by ``draft`` (their numbers) or by the filters of the workbench; without any it is
        all of the cycle. ``show`` is the one whose mails and pages are shown.
        """
        require(request, "matching.propose_pairing")
        cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=cycle_id)
        if request.method == "POST":
            seen, ids = request.POST.get("seen", ""), named(cycle, request.GET, request.POST)
            done = "The pairings are proposed, and their people are being mailed."
            attempt(request, lambda: propose_drafts(cycle, by=request.user, seen=seen, ids=ids), done)
            return redirect(way_back(request, cycle_id))
        chosen, show = named(cycle, request.GET), numbers(request.GET.getlist("show"))
        drafts, of_cycle = list(chosen_drafts(cycle, chosen)), Pairing.objects.drafts_of(cycle).count()
        asked = request.GET.copy()
        asked.pop("show", None)
        shown = next((draft for draft in drafts if draft.pk in show), drafts[0] if drafts else None)
        for draft in drafts:
            draft.as_if_proposed()
        return page(
            request,
            "admin/matching/propose.html",
            f"Propose pairings: {cycle}",
            cycle=cycle,
            drafts=drafts,
            left_out=of_cycle - len(drafts),
            asked=asked.urlencode(),
            emails=sum(len(draft.first_asked) for draft in drafts),
            people=len({person.pk for draft in drafts for person in draft.first_asked}),
            first=FIRST.get(cycle.answers_first),
            missing_lists=PreferenceList.objects.not_handed_in()
            .with_open_window(timezone.now())
            .filter(application__cycle=cycle),
            seen=fingerprint(drafts),
            shown=shown,
            reads=what_they_read(shown) if shown else {},
            bench=way_back(request, cycle.pk),
            opts=self.opts,
        )


def named(cycle, *asked):
    """The numbers of the drafts that an address or a form names, or those of a view of the workbench; None for all of them."""
    ids = numbers([text for each in asked for text in each.getlist("draft")])
    if ids or not any(asked[0].get(name) for name in FILTERS):
        return ids or None
    return view_of(read(cycle), asked[0]).drafts


def chosen_drafts(cycle, ids):
    """The drafts of the cycle, or those of them that ``ids`` names."""
    drafts = Pairing.objects.drafts_of(cycle)
    return drafts if ids is None else drafts.filter(pk__in=ids)


def numbers(texts):
    """The numbers of rows as they stand in an address or a form. Raises Http404 for anything else."""
    return [number_or_404(text) for text in texts]


def what_they_read(draft):
    """The emails of a draft as its people would get them, and what each then reads of the other on the page."""
    sides = {"mentee": draft.mentee, "mentor": draft.mentor}
    later = FIRST.get(draft.cycle.answers_first, ("", ""))[1]
    titles = {
        f"{side}_mail": f"Email to {person}, the {side}"
        + (", once the other has said yes, with a later date" if side == later else "")
        for side, person in sides.items()
    }
    return {
        **titles,
        "to_mentee": emails.PairingToMentee.of(draft).as_read(),
        "to_mentor": emails.PairingToMentor.of(draft).as_read(),
        "of_mentor": facts_of_mentor(draft),
        "of_mentee": facts_of(draft.mentee),
        "shared_answers": shared_answers(draft),
    }
