"""What colleagues, and the people themselves, changed on the workbench since somebody looked."""

from collections import defaultdict

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db.models import Q, Subquery

from applications.models import Application
from matching.models import Hold, Pairing, SuggestionRun
from mentoring.audit.models import Event
from programs.models import Cycle

MOST = 5_000
ANSWERS = {"say_yes", "say_no", "lapse"}
NOTES = {"note", "take_off_note"}


def cycles_with_news():
    """Cycles, each with ``with_news``: the number of the last event there is, to ask for those after it."""
    last = Event.objects.order_by("-pk").values("pk")[:1]
    return Cycle.objects.select_related("program").annotate(with_news=Subquery(last))


def news(cycle, since, viewer):
    """Sentences about what others did to the cycle's pairs after the event of this number, the latest first."""
    about = {model._meta.label_lower: model for model in (Pairing, Hold, SuggestionRun, Application)}
    # Of an application, only what staff note of it on the workbench.
    ours = Q(target_type__in=about) & (Q(verb__in=NOTES) | ~Q(target_type=Application._meta.label_lower))
    events = list(Event.objects.filter(ours, pk__gt=since).exclude(actor_id=viewer.pk).order_by("-pk")[:MOST])
    if not events:
        return []
    mentees = {(label, str(pk)): mentee for label, model in about.items() for pk, mentee in _rows(model, cycle, events)}
    by_actor = defaultdict(list)
    for event in events:
        if (event.target_type, event.target_id) in mentees:
            by_actor[event.actor_name].append(event)
    return [_sentence(actor, of_actor, mentees) for actor, of_actor in by_actor.items()]


def _rows(model, cycle, events):
    """(id, application id or None) of the rows of the cycle that the events are about."""
    ids = {event.target_id for event in events if event.target_type == model._meta.label_lower}
    rows = model.objects.filter(cycle=cycle, pk__in=ids) if ids else model.objects.none()
    return rows.values_list("pk", {SuggestionRun: "cycle", Application: "pk"}.get(model, "application"))


def _sentence(actor, events, mentees):
    when, verbs = naturaltime(events[0].at), {event.verb for event in events}
    if "suggest" in verbs:
        return f"{actor} asked for a new suggestion {when}."
    if verbs <= ANSWERS:
        return f"An answer came in {when}."
    pairs = {mentees[event.target_type, event.target_id] for event in events if event.verb not in NOTES}
    if not pairs:
        return f"{actor} wrote down a note, or took one off, {when}."
    return f"{actor} changed {len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'} {when}."
