"""Ranking mentors as a step of the application, in cycles that ask for it there."""

from applications import further
from matching.models import PreferenceList


def list_of(application):
    """The list that goes with an application, or None where mentors are ranked after acceptance."""
    if not application.cycle.ranks_while_applying:
        return None
    try:
        return application.preference_list
    except PreferenceList.DoesNotExist:
        return None


def problem(application):
    """Why what was ranked so far cannot be handed in with the application; a list that was handed in before stands."""
    own = list_of(application)
    if own.submitted_at:
        return ""
    return own.problem(own.shown(set(own.eligible_mentors().values_list("pk", flat=True))))


STEP = further.Step(
    slug="mentors",
    title="Mentors you would like",
    text="In your order, among those approved so far.",
    field="list",
    is_asked=lambda application: list_of(application) is not None,
    address=lambda application: list_of(application).get_absolute_url(),
    problem=problem,
)
further.steps.append(STEP)
