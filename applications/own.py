"""What is this person's own. Every page of an applicant begins here."""

from django.shortcuts import get_object_or_404

from applications.models import Application


def own_application(request, pk):
    """This person's application, or 404: a stranger cannot tell that it exists."""
    return get_object_or_404(Application.objects.for_reading().for_applicant(request.user), pk=pk)


def number_in(text):
    """A number that came in with a request; -1 for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else -1
