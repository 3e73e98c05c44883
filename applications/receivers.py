"""What to do when a deadline below moves: tell those it concerns, in the same transaction."""

from django.dispatch import receiver

from applications import emails
from applications.models import Application, Submission
from programs.models import Window, WindowKind
from programs.models.moves import window_moved
from programs.rule_changes import Effects, rules_changing


@receiver(window_moved, sender=Window)
def tell_drafts_of_a_move(move, **kwargs):
    """Everyone with a draft hears of the new deadline."""
    if move.window.kind != WindowKind.APPLICATIONS:
        return
    for application in Application.objects.drafts().filter(cycle=move.window.cycle).for_reading():
        emails.DeadlineMoved.of(application, move).queue(expires_at=move.new_closes_at)


@receiver(rules_changing)
def count_whom_rules_affect(cycle, before, after, **kwargs):
    """How many drafts and undecided submissions would come to something else. Nothing is changed."""
    drafts = Application.objects.drafts().filter(cycle=cycle).select_related("cycle").prefetch_related("waivers")
    written = [(row.rule_answers, row.waived) for row in drafts]
    moved = [(before(*each).may_submit, after(*each).may_submit) for each in written]
    handed_in = Submission.objects.filter(application__cycle=cycle, application__status=Application.Status.SUBMITTED)
    latest = handed_in.order_by("application_id", "-number").distinct("application_id")
    latest = latest.select_related("application__cycle").prefetch_related("application__waivers")
    judged = [(row.rule_answers, row.application.waived) for row in latest]
    others = [each for each in judged if before(*each).states != after(*each).states]
    return Effects(stopped=moved.count((True, False)), freed=moved.count((False, True)), submitted=len(others))
