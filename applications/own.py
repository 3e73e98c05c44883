"""What is this person's own. Every page of an applicant begins here."""

from django.shortcuts import get_object_or_404

from applications.models import Application, Submission


def own_application(request, pk):
    """This person's application, or 404: a stranger cannot tell that it exists."""
    rows = Application.objects.for_reading().for_applicant(request.user).prefetch_related("waivers")
    return get_object_or_404(rows, pk=pk)


def number_in(text):
    """A number that came in with a request; -1 for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else -1


def earlier_submission(application):
    """What this person handed in last for another cycle of the program, if it answers what is still open here; or None."""
    others = Submission.objects.filter(
        application__applicant=application.applicant, application__cycle__program=application.cycle.program
    ).exclude(application=application)
    latest = others.select_related("application__cycle__program").order_by("-received_at").first()
    return latest if latest and application.left_open(latest) else None
