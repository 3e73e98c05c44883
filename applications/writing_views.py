"""Writing an application: every answer saves itself, and two windows never overwrite each other unseen.

A form carries for each answer the name of what it saw (``base.<key>``, see ``merging``). The page's own script sends only
the answers that were changed, as JSON comes back; without it the button sends the whole form.
"""

import json

from django.contrib import messages
from django.http import FileResponse, Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from applications import sections
from applications.clean_file import RefusedFile
from applications.merging import token
from applications.models import AnswerFile, Application, EarlierText
from applications.models.files import answer_with_file, files_in, take_back_file
from applications.own import earlier_submission, number_in, own_application
from applications.views import in_words, saved_now
from mentoring.devices import device_words
from mentoring.workflow import TransitionRefused
from programs import eligibility
from programs.forms import FILES, AnswersForm, storable, typed

# A choice between two texts. It counts as a place of its own, so that the text not chosen is among the earlier ones.
MINE, THEIRS, CHOSEN = "mine", "theirs", ", by your choice of two texts"


@never_cache
def section(request, pk, slug):
    """One part of the form. Saving never refuses what was typed; what is missing is said, and asked again at the end."""
    if slug not in sections.SECTIONS:
        raise Http404
    part = sections.SECTIONS[slug]
    if request.method == "POST" and request.headers.get("X-Requested-With") == "autosave":
        return save_by_script(request, pk, part)
    application = own_application(request, pk)
    asks = sections.asks(application, part)
    if request.method == "POST":
        return save_form(request, application, part, asks)
    return show(request, application, part, AnswersForm(asks, initial=getattr(application, part.store)))


def show(request, application, part, form, *, disputed=(), status=200, **more):
    """The page of a part. Its ``base`` fields say what is kept now, but for answers that wait for a choice."""
    kept = getattr(application, part.store)
    confidential = eligibility.sensitive_keys(application.cycle.rules.all())
    saw = {ask.key: request.POST.get(f"base.{ask.key}") if ask.key in disputed else token(kept.get(ask.key))
           for ask in form.asks if ask.kind not in FILES}  # fmt: skip
    for ask in form.asks:
        if part == sections.ANSWERS and ask.key in application.taken_over:
            field = form.fields[ask.key]
            field.help_text = f"From {application.taken_over[ask.key]}, please check. {field.help_text}"
        if ask.kind in FILES and kept.get(ask.key):
            form.fields[
                ask.key
            ].help_text += (
                f" You have given us {kept[ask.key].partition(', SHA-256')[0]}. Another file takes its place."
            )
    context = {
        "application": application,
        "cycle": application.cycle,
        "section": part,
        "title": part.title_in(application.cycle),
        "form": form,
        "bases": [(key, name or "", key in confidential) for key, name in saw.items()],
        "both": [
            (ask.key, ask.text, eligibility.in_words(ask, kept.get(ask.key)), token(kept.get(ask.key)))
            for ask in form.asks
            if ask.key in disputed
        ],
        "waivers": application.waivers_in_force if part == sections.ELIGIBILITY else [],
        "steps": sections.progress(application, application.problems(), here=part.slug),
        "written": in_words(form.asks, kept),
        "files": files_in(application, kept) if part == sections.ANSWERS else {},
        "earlier": earlier_submission(application) if part == sections.ANSWERS and application.may_edit else None,
        "taken_over": application.taken_over if part == sections.ANSWERS else {},
        "takes_files": any(ask.kind in FILES for ask in form.asks),
        "has_earlier": part == sections.ANSWERS and application.earlier_texts.exists(),
        **more,
    }
    return render(request, "applications/section.html", context, status=status)


# --- The button ------------------------------------------------------------------------------------------------------


def save_form(request, application, part, asks):
    """Keep what the whole form says; where an answer was changed elsewhere, show both texts and ask."""
    earlier = earlier_submission(application) if "take_over" in request.POST else None
    answers = typed(asks, request.POST)
    try:
        disputed = save(request, application, part, asks, answers)
        refused = take_files(request, application, asks)
    except TransitionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(application)
    if disputed:
        for sentence in refused.values():
            messages.error(request, sentence)
        mine = {key: answers[key] for key in disputed}
        form = AnswersForm(asks, initial={**getattr(application, part.store), **mine})
        return show(request, application, part, form, disputed=disputed, status=409)
    if "take_over" in request.POST or "checked" in request.POST:
        return take_over_or_check(request, application, earlier)
    if application.window.has_closed:
        messages.warning(
            request,
            f"What you typed is kept. The deadline was {application.window.closes_words}, so it cannot be handed in.",
        )
        return redirect(application)
    form = AnswersForm(asks, data=getattr(application, part.store))
    if refused or not form.is_valid():
        for key, sentence in refused.items():
            form.errors.pop(key, None)
            form.add_error(key, sentence)
        return show(request, application, part, form, saved=True, status=422)
    messages.success(request, f"“{part.title_in(application.cycle)}” is saved.")
    return redirect(application)


def take_files(request, application, asks):
    """Keep the files that came with the form, or take back the one that the button names.

    Returns, by question, why those that are not kept were refused.
    """
    refused, device = {}, device_words(request.headers.get("User-Agent", ""))
    for ask in asks:
        if ask.kind not in FILES:
            continue
        try:
            if request.POST.get("take_back") == ask.key:
                take_back_file(application, ask.key, device=device)
            elif upload := request.FILES.get(ask.key):
                answer_with_file(application, ask.key, upload, ask.kind, device=device)
        except RefusedFile as refusal:
            refused[ask.key] = str(refusal)
    return refused


def file(request, pk, file_pk):
    """One file, for whoever wrote the application and, once it is handed in, for those who read applications."""
    row = get_object_or_404(AnswerFile.objects.select_related("application"), pk=file_pk, application_id=pk)
    may_read = request.user.has_perm("applications.review_application") and row.is_handed_in
    if row.application.applicant_id != request.user.pk and not may_read:
        raise Http404
    response = FileResponse(row.file.open(), as_attachment=True, filename=row.name, content_type=row.get_type_display())
    # Whatever a browser makes of it, it does nothing there.
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def take_over_or_check(request, application, earlier):
    """What is still open is filled with last year's answers, or those that were taken over are said to be right."""
    if "checked" in request.POST:
        application.check_taken_over()
    elif earlier:
        application.take_over(earlier)
        messages.success(
            request, f"Your answers of {earlier.application.cycle.label} are filled in below. Please check each."
        )
    return redirect(request.path)


def save(request, application, part, asks, answers):
    """Write these answers but those for which the person chose the other text. Returns what needs a choice."""
    choices = {ask.key: request.POST.get(f"choice.{ask.key}") for ask in asks}
    wanted = {key: value for key, value in answers.items() if choices[key] != THEIRS}
    device = device_words(request.headers.get("User-Agent", ""))
    if MINE in choices.values():
        device += CHOSEN
    seen = {ask.key: seen_of(ask.key, request.POST, choices[ask.key]) for ask in asks}
    return application.save_draft(seen=seen, device=device, **{part.store: wanted})


def seen_of(key, data, choice):
    """The names of what a window knows of an answer: what it saw kept, then what it sent without hearing of it.

    Whoever chose their own text over another saw that other one.
    """
    saw = data.get(f"other.{key}" if choice == MINE else f"base.{key}", "")
    return [saw, *map(token_of_sent, data.getlist(f"sent.{key}"))]


def token_of_sent(text):
    """The name of a value that comes as JSON; what cannot be read was never sent by us."""
    try:
        value = json.loads(text)
    except ValueError:
        return ""
    if isinstance(value, list):
        return token([storable(each) for each in value if isinstance(each, str)])
    return token(storable(value)) if isinstance(value, str) else ""


# --- The script ------------------------------------------------------------------------------------------------------


def save_by_script(request, pk, part):
    """Keep the answers that changed; tell of those that need a choice, and of what was changed elsewhere meanwhile.

    Four queries with the session: benchmarks/autosave.py.
    """
    rows = Application.objects.for_saving(part.store).for_applicant(request.user)
    application = get_object_or_404(rows, pk=pk)
    asks = sections.asks_for_saving(application, part)
    sent = {key for key in request.POST.getlist("fields")} & {ask.key for ask in asks}
    changed_elsewhere = number_in(request.POST.get("version")) != application.revision
    answers = {key: value for key, value in typed(asks, request.POST).items() if key in sent}
    try:
        disputed = save(request, application, part, asks, answers)
    except TransitionRefused as refusal:
        return JsonResponse({"message": str(refusal)}, status=409)
    kept = getattr(application, part.store)
    told = {ask.key for ask in asks} if changed_elsewhere else sent
    reply = {
        "saved": saved_now(application.cycle) if sent - disputed else "",
        "version": application.revision,
        "kept": {key: [kept.get(key, ""), token(kept.get(key))] for key in told},
        "disputed": sorted(disputed),
    }
    return JsonResponse(reply, status=409 if disputed else 200)


# --- What it said before ---------------------------------------------------------------------------------------------


@never_cache
def earlier(request, pk):
    """Earlier texts of the answers, and a button that brings one back; what it replaces is kept in turn."""
    application = own_application(request, pk)
    asks = {ask.key: ask for ask in sections.asks(application, sections.ANSWERS)}
    if request.method == "POST" and application.may_edit:
        row = get_object_or_404(application.earlier_texts, pk=max(number_in(request.POST.get("text")), 0))
        application.save_draft(answers={row.question: row.value}, device="the list of earlier texts")
        messages.success(request, "The earlier text is back. What it replaced is in the list of earlier texts.")
        return redirect("applications:section", pk, sections.ANSWERS.slug)
    rows = EarlierText.objects.filter(application=application).select_related("application__cycle")
    by_question = [
        (ask.text, [(row, eligibility.in_words(ask, row.value)) for row in rows if row.question == key])
        for key, ask in asks.items()
    ]
    context = {
        "application": application,
        "cycle": application.cycle,
        "questions": [(text, found) for text, found in by_question if found],
    }
    return render(request, "applications/earlier.html", context)
