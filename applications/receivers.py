"""What to do when a deadline below moves: tell those it concerns, in the same transaction."""

from django.dispatch import receiver

from applications import emails
from applications.models import Application
from programs.models import Window, WindowKind
from programs.models.moves import window_extended, window_moved


@receiver(window_moved, sender=Window)
def tell_drafts_of_a_move(move, **kwargs):
    """Everyone with a draft hears of the new deadline."""
    if move.window.kind != WindowKind.APPLICATIONS:
        return
    for application in Application.objects.drafts().filter(cycle=move.window.cycle).for_reading():
        emails.DeadlineMoved.of(application, move).queue(expires_at=move.new_closes_at)


@receiver(window_extended, sender=Window)
def tell_the_person_of_an_extension(extension, **kwargs):
    """The person hears of a deadline of their own, where the application is."""
    if extension.window.kind != WindowKind.APPLICATIONS:
        return
    rows = Application.objects.filter(cycle=extension.window.cycle, applicant__email__iexact=extension.email)
    for application in rows.for_reading():
        emails.DeadlineExtended.of(application, extension).queue(expires_at=extension.closes_at)
