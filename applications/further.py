"""Further steps of an application, each with a page of its own: the apps above add theirs, the application only asks."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """A step beyond the cycle's rules and questions. Each function takes an application.

    ``is_asked`` says whether this one has the step, ``address`` where it is done, and ``problem`` why the application cannot
    be handed in because of it, as a sentence that is empty if it can. ``field`` is what a link to the problem leads to.
    """

    slug: str
    title: str
    text: str
    field: str
    is_asked: Callable
    address: Callable
    problem: Callable


steps: list[Step] = []


def steps_of(application):
    """The further steps that this application has."""
    return [step for step in steps if step.is_asked(application)]


def problems(application):
    """What stands in the way of handing in because of them, as (step, field, sentence)."""
    found = [(step.slug, step.field, step.problem(application)) for step in steps_of(application)]
    return [problem for problem in found if problem[2]]
