"""What anyone may read: the programs, their rules, and whether one may apply."""

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from programs import eligibility, rule_card
from programs.feed import calendar
from programs.forms import AnswersForm, AskForm, typed
from programs.models import Cycle, Inquiry, KeptCard, Program
from programs.models.inquiries import outcomes_to_tell
from programs.timeline import timeline


def current_cycle(slug):
    """The cycle that a program's pages speak of, with its program. 404 where there is no program or nothing published."""
    program = get_object_or_404(Program, slug=slug)
    cycles = Cycle.objects.current(timezone.now()).select_related("program").prefetch_related("windows", "rules")
    cycle = cycles.filter(program=program).first()
    if cycle is None:
        raise Http404("Nothing has been published for this program yet.")
    return cycle


def current_cycles():
    """The current cycle of every program, those that accept applications first, then by the program's name."""
    cycles = Cycle.objects.current(timezone.now()).select_related("program").prefetch_related("windows")
    return sorted(cycles, key=lambda cycle: (not cycle.accepts_applications, cycle.program.name))


@login_not_required
def index(request):
    return render(request, "programs/index.html", {"cycles": current_cycles()})


@login_not_required
def program(request, slug):
    cycle = current_cycle(slug)
    return render(request, "programs/program.html", {"cycle": cycle, "dates": timeline(cycle, timezone.now())})


@login_not_required
def check(request, slug):
    """Check yourself, without an account. Answers are carried into the application, but those said in confidence."""
    cycle = current_cycle(slug)
    asks = cycle.rule_asks
    if request.method != "POST":
        form = AnswersForm(asks, initial=carried_over(request, cycle))
        return render(request, "programs/check.html", {"cycle": cycle, "form": form})
    answers = typed(asks, request.POST)
    verdict = cycle.judge(answers)
    carry_over(request, cycle, answers)
    others = [other for other in current_cycles() if other.program_id != cycle.program_id]
    context = {"cycle": cycle, "form": AnswersForm(asks, initial=answers), "verdict": verdict, "others": others}
    return render(request, "programs/_check_live.html" if request.htmx else "programs/check.html", context)


@login_not_required
def dates(request, slug):
    """The dates of a program's cycles whose term has not ended, for calendars to subscribe to."""
    program = get_object_or_404(Program, slug=slug)
    cycles = Cycle.objects.published().filter(program=program, term_ends__gte=timezone.now().date())
    cycles = cycles.select_related("program").prefetch_related("windows")
    return HttpResponse(calendar(program, cycles), content_type="text/calendar; charset=utf-8")


@login_not_required
def rules(request, slug):
    """The rule card: everything that is enforced, in words, to print, with its version. ``?cycle=`` names an earlier one."""
    cycle = current_cycle(slug)
    if wanted := request.GET.get("cycle"):
        cycle = get_object_or_404(Cycle.objects.published(), program=cycle.program, slug=wanted)
    return render(request, "programs/rules.html", {"cycle": cycle, "card": rule_card.keep(cycle), "is_current": True})


@login_not_required
def kept_rules(request, slug, version):
    """A rule card that was once shown or judged by, word for word."""
    cards = KeptCard.objects.filter(cycle__program__slug=slug, cycle__published_at__isnull=False, version=version)
    card = get_object_or_404(cards.select_related("cycle__program")[:1])
    is_current = rule_card.version(card.cycle) == version
    return render(request, "programs/rules.html", {"cycle": card.cycle, "card": card, "is_current": is_current})


def carry_over(request, cycle, answers):
    """Keep a visitor's answers in the session. What is said in confidence is not kept before there is an account."""
    private = eligibility.sensitive_keys(cycle.rules.all())
    kept = {key: value for key, value in answers.items() if value and key not in private}
    request.session["eligibility"] = {**request.session.get("eligibility", {}), cycle.slug: kept}


def carried_over(request, cycle):
    """What this visitor answered before, for this cycle."""
    return request.session.get("eligibility", {}).get(cycle.slug, {})


@login_not_required
def ask(request, slug):
    """ "Not sure? Ask us": a question to staff, without an account. What the self-check said can go with it."""
    cycle = current_cycle(slug)
    person = request.user if request.user.is_authenticated else None
    outcomes = outcomes_to_tell(cycle.judge(carried_over(request, cycle)))
    form = AskForm(request.POST if request.method == "POST" else None, person=person, outcomes=outcomes)
    context = {"cycle": cycle, "form": form, "outcomes": outcomes, "refusal": ""}
    if request.method != "POST":
        return render(request, "programs/ask.html", context)
    if not form.is_valid():
        return render(request, "programs/ask.html", context, status=422)
    given = form.cleaned_data
    name, email = (str(person), person.email) if person else (given["name"], given["email"])
    if not ratelimit.consume(request, action="ask", key=email):
        context["refusal"] = "You have asked several questions within the last hour. Nothing you typed is lost."
        return render(request, "programs/ask.html", context, status=429)
    told = outcomes if given.get("with_check") else []
    inquiry = Inquiry.ask(
        cycle.program, by=person, name=name, email=email, situation=given["situation"], check_outcomes=told
    )
    request.session["asked"] = {**request.session.get("asked", {}), slug: inquiry.pk}
    return redirect("programs:asked", slug=slug)


@login_not_required
def asked(request, slug):
    """What this visitor has just asked, and what comes next. Only the browser that asked sees it."""
    cycle = current_cycle(slug)
    inquiry = Inquiry.objects.filter(program=cycle.program, pk=request.session.get("asked", {}).get(slug)).first()
    if inquiry is None:
        return redirect("programs:ask", slug=slug)
    return render(request, "programs/asked.html", {"cycle": cycle, "inquiry": inquiry})
