"""Who must not be paired with whom, because one of the two said so in confidence."""

from applications.models import Application, MentorInterest
from matching.models import Confidence


def confidences(cycle):
    """The pairs that are banned in a cycle, as {(id of the application, id of the mentor interest)}. Three queries.

    For computing with, never for showing: it does not say which of the two would not, and neither may a page.
    """
    pairs = {frozenset(pair) for pair in Confidence.objects.standing().values_list("said_by", "about")}
    people = {person for pair in pairs for person in pair}
    mentees = Application.objects.filter(cycle=cycle, applicant__in=people).values_list("applicant", "pk")
    mentors = dict(MentorInterest.objects.filter(cycle=cycle, mentor__in=people).values_list("mentor", "pk"))
    return {
        (application, mentors[other])
        for person, application in mentees
        for pair in pairs
        if person in pair
        for other in pair - {person}
        if other in mentors
    }
