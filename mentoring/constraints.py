"""Named database constraints, and the sentence a person reads when one refuses."""

from django.apps import apps
from django.db import models
from django.db.models import Q

# Sentences for the constraints that live in triggers and foreign keys of our own SQL, by constraint name.
_sentences: dict[str, str] = {}


def one_of(field, choices, *, name):
    """``field`` holds one of the choices, and nothing else."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


def both_or_neither(*fields, name):
    """All of the fields are set, or none."""
    nothing = Q(**{f"{field}__isnull": True for field in fields})
    everything = Q(**{f"{field}__isnull": False for field in fields})
    return models.CheckConstraint(condition=nothing | everything, name=name)


def set_in(field, statuses, *, name, otherwise_empty=False):
    """``field`` is not NULL in these statuses (and, if asked, NULL in all others)."""
    inside, filled = Q(status__in=statuses), Q(**{f"{field}__isnull": False})
    condition = (inside & filled) | (~inside & ~filled) if otherwise_empty else ~inside | filled
    return models.CheckConstraint(condition=condition, name=name)


def say(name, sentence):
    """Give the constraint ``name``, which SQL of ours made, its sentence."""
    _sentences[name] = sentence


def sentence_for(error):
    """What to tell a person whose write broke a constraint; None if the constraint has no sentence of its own."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if name in _sentences:
        return _sentences[name]
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if (
                constraint.name == name
                and constraint.violation_error_message != constraint.default_violation_error_message
            ):
                return str(constraint.violation_error_message)
    return None
