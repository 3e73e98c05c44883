"""The applicant's and the mentor's pages. Every one begins by fetching what is this person's own."""

from contextlib import suppress
from functools import partial
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from applications import checklist, elsewhere, receipt, sections, standing
from applications.forms import MentorInterestForm
from applications.membership import membership_of
from applications.models import Application, MentorInterest, StaleDraft
from applications.own import own_application
from mentoring.audit.models import Event, record
from mentoring.visitors import page_for_visitors
from mentoring.workflow import TransitionRefused
from programs import deadlines, eligibility
from programs.models import Cycle, Inquiry, WindowKind
from programs.models.moves import window_for
from programs.views import carried_over, current_cycle


def cycle_accepting(request, slug, kind):
    """The program's cycle that this person would take part in: one whose window is open to them, else the current one."""
    email = request.user.email if request.user.is_authenticated else ""
    open_cycles = Cycle.objects.accepting(kind, request.received_at, email).filter(program__slug=slug)
    return open_cycles.select_related("program").order_by("-term_begins").first() or current_cycle(slug)


def account_first(request, slug, *, kind, named, what, title, lead):
    """What a visitor gets who would apply or mentor: why it takes an account, and the two ways on, both leading back."""
    cycle = cycle_accepting(request, slug, kind)
    context = {
        "cycle": cycle,
        "window": getattr(cycle, named),
        "what": what,
        "title": title,
        "lead": lead,
        "onward": urlencode({"next": request.path}),
    }
    return render(request, "applications/account_first.html", context)


# --- Applying --------------------------------------------------------------------------------------------------------


@page_for_visitors(
    partial(
        account_first,
        kind=WindowKind.APPLICATIONS,
        named="applications_window",
        what="Applications",
        title="Apply to this program",
        lead="To save your application you need an account; your answers come with you.",
    )
)
def apply(request, slug):
    """Begin this person's application, or go on with it. Looking begins nothing; the button does."""
    cycle = cycle_accepting(request, slug, WindowKind.APPLICATIONS)
    existing = Application.objects.filter(cycle=cycle, applicant=request.user).first()
    if existing:
        return redirect(existing)
    window = window_for(cycle, cycle.applications_window, request.user.email)
    may_begin = window is not None and window.is_open()
    if request.method == "POST" and may_begin:
        application, begun = Application.objects.get_or_create(
            cycle=cycle, applicant=request.user, defaults={"rule_answers": carried_over(request, cycle)}
        )
        if begun:
            record("begin", application, by=request.user)
        return redirect(application)
    context = {"cycle": cycle, "window": window, "may_begin": may_begin}
    return render(request, "applications/begin.html", context, status=409 if request.method == "POST" else 200)


def overview(request, pk):
    """Where the application stands: a sentence, a next step, a date; and its parts."""
    application = own_application(request, pk)
    pairing = application.pairings.known_to_mentee().first()
    onward, onward_label = standing.way_on(application, pairing)
    context = {
        "application": application,
        "cycle": application.cycle,
        "latest": application.latest,
        "onward": onward,
        "onward_label": onward_label,
        "membership": membership_of(application),
        "waivers": application.waivers_in_force,
        "standing": standing.of_application(application, pairing),
        "inquiries": Inquiry.objects.for_person(request.user)
        .filter(program=application.cycle.program)
        .select_related("program"),
        "refused": Event.objects.about(application).filter(verb="refused_submit")[:5],
    }
    if application.may_edit:
        steps = sections.progress(application, application.problems())
        context |= {"steps": steps, "here": sections.current(steps)}
    else:
        context["parts"] = receipt.as_read(application, application.rule_answers, application.answers)
    if application.is_declined:
        again = elsewhere.ways_again(request.user, [application])[application.pk]
        context |= {"fitting": elsewhere.programs_that_fit(application), "again": again}
        context["standing"] |= again.told
    return render(request, "applications/overview.html", context)


def saved_now(cycle):
    """ "Saved 10:42 PM ET" """
    return f"Saved {deadlines.words(timezone.now(), cycle.time_zone).split(' on ')[0]}"


def in_words(asks, answers):
    """(question, answer) pairs as people read them."""
    return [(ask.text, eligibility.in_words(ask, answers.get(ask.key))) for ask in asks]


def withdraw(request, pk):
    """Leave, after reading what it means."""
    application = own_application(request, pk)
    if request.method == "POST":
        try:
            application.withdraw(by=request.user)
            messages.success(request, "Your application is withdrawn.")
        except TransitionRefused as refusal:
            messages.error(request, str(refusal))
        return redirect(application)
    return render(request, "applications/withdraw.html", {"application": application, "cycle": application.cycle})


@require_POST
def restore(request, pk):
    application = own_application(request, pk)
    try:
        application.restore(by=request.user)
        messages.success(request, "Your application is back.")
    except TransitionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(application)


# --- Mentoring --------------------------------------------------------------------------------------------------------


@page_for_visitors(
    partial(
        account_first,
        kind=WindowKind.MENTOR_INTEREST,
        named="mentor_window",
        what="Mentor interest forms",
        title="Become a mentor",
        lead="To save your form you need an account; after that you come back here.",
    )
)
def mentor(request, slug):
    """The mentor interest form of the program's cycle that asks for mentors."""
    cycle = cycle_accepting(request, slug, WindowKind.MENTOR_INTEREST)
    interest = MentorInterest.objects.for_reading().filter(cycle=cycle, mentor=request.user).first()
    if interest and request.method != "POST":
        return redirect(interest)
    return edit_interest(request, interest or MentorInterest(cycle=cycle, mentor=request.user))


def mentor_interest(request, pk):
    """One person's own mentor interest: where it stands, and the form while it can be changed."""
    interest = get_object_or_404(MentorInterest.objects.for_reading().for_mentor(request.user), pk=pk)
    return edit_interest(request, interest)


def edit_interest(request, interest):
    """The form. Whatever button was pressed, what was typed is kept first, also where it cannot be handed in."""
    if request.POST and request.headers.get("X-Requested-With") == "autosave":
        return save_interest(request, interest)
    if request.POST and interest.keeps_drafts:
        with suppress(TransitionRefused):  # handed in meanwhile: then only handing in again changes it
            interest.save_draft(readable(interest, request.POST))
        interest = MentorInterest.objects.for_reading().get(cycle=interest.cycle, mentor=request.user)
    here = interest.get_absolute_url() if interest.pk else request.path
    profile_url = f"{reverse('account_profile')}?next={here}"
    earlier = earlier_offer(interest)
    if "open_profile" in request.POST:
        return redirect(profile_url)
    if earlier and "use" in request.POST:
        interest.save_draft(interest.left_open(earlier))
        messages.success(request, f"What you wrote for the {earlier.cycle} is filled in below. Please read it again.")
        return redirect(interest)
    form, refusal = MentorInterestForm(request.POST or None, instance=interest), None
    as_read = None
    if request.POST.get("preview"):
        as_read = as_mentees_read(interest, request.POST)
        form.errors.clear()
    elif request.POST and form.is_valid():
        try:
            offer(interest, form.cleaned_data, request)
            return redirect(interest)
        except TransitionRefused as refused:
            refusal = str(refused)
    status = 409 if refusal else 422 if form.errors else 200
    context = {
        "interest": interest,
        "cycle": interest.cycle,
        "standing": standing.of_interest(interest),
        "form": form,
        "refusal": refusal,
        "profile_url": profile_url,
        "earlier": earlier,
        "as_read": as_read,
        "checklist": checklist.checked(form["profile"].value() or ""),
    }
    return render(request, "applications/mentor.html", context, status=status)


def save_interest(request, interest):
    """Keep what the page's script sends while somebody types."""
    try:
        interest = interest.save_draft(readable(interest, request.POST), version=request.POST.get("version"))
    except StaleDraft:
        sentence = "This form was changed in another window. What you typed here is not saved over it."
        return JsonResponse({"message": sentence}, status=409)
    except TransitionRefused as refusal:
        return JsonResponse({"message": str(refusal)}, status=409)
    return JsonResponse({"saved": saved_now(interest.cycle), "version": interest.version})


def readable(interest, data):
    """The fields that can be read of a form that may be half done."""
    form = MentorInterestForm(data, instance=MentorInterest(cycle=interest.cycle, mentor=interest.mentor))
    for field in form.fields.values():
        field.required = False
    form.full_clean()
    return {name: value for name, value in form.cleaned_data.items() if value is not None}


def as_mentees_read(interest, data):
    """The offer as it stands on the page, unsaved, for its mentor to see as mentees would."""
    return MentorInterest(cycle=interest.cycle, mentor=interest.mentor, **readable(interest, data))


def earlier_offer(interest):
    """This person's latest offer in another cycle, if it says what this one leaves open and may still take; or None."""
    if not (interest.keeps_drafts and interest.takes_form):
        return None
    others = MentorInterest.objects.for_mentor(interest.mentor).exclude(cycle=interest.cycle).exclude(profile="")
    latest = others.select_related("cycle__program").order_by("-created_at", "-pk").first()
    return latest if latest and interest.left_open(latest) else None


def offer(interest, said, request):
    """Hand in what was typed and nothing else: staff may have moved the offer since it was read.

    Raises TransitionRefused with a sentence; then what was handed in before stands.
    """
    with transaction.atomic():
        MentorInterest.objects.filter(pk=interest.pk, status=interest.status).update(**said)
        row = MentorInterest.objects.get(pk=interest.pk)
        row.submit(by=request.user, received_at=request.received_at)
    messages.success(request, "Thank you. Staff look at your form and tell you by email.")


def pause(interest, data, *, by):
    """Pause between the days that were typed, either of which may be left open. Raises TransitionRefused."""
    days = {}
    for name in ("first", "last"):
        try:
            days[name] = forms.DateField(required=False).clean(data.get(name, "").strip())
        except forms.ValidationError:
            raise TransitionRefused(
                "Type a day as year, month and day, such as 2027-03-01, or leave it empty."
            ) from None
    interest.pause_between(days["first"], days["last"], by=by)


@require_POST
def change_interest(request, pk):
    """Pause, resume or withdraw: ``move`` says which."""
    interest = get_object_or_404(MentorInterest.objects.for_mentor(request.user), pk=pk)
    moves = {"pause": partial(pause, interest, request.POST), "resume": interest.resume, "withdraw": interest.withdraw}
    done = {
        "pause": "Your pause is kept: staff propose nobody new to you then. Pairs you have stay.",
        "resume": "You are back.",
        "withdraw": "You have withdrawn from this cycle.",
    }
    move = request.POST.get("move")
    if move in moves:
        try:
            moves[move](by=request.user)
            messages.success(request, done[move])
        except TransitionRefused as refusal:
            messages.error(request, str(refusal))
    return redirect(interest)
