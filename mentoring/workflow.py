"""How a status changes: lock, re-read, check, act, save, audit, tell.

A model method marked ``@transition`` is the only way from one status to another. The row is locked and read again first,
so of two people who press at once one acts and the other reads a sentence; whatever the caller had changed on the
instance without saving is dropped.
"""

import functools

from django.db import IntegrityError, transaction
from django.dispatch import Signal

from mentoring.audit.models import record
from mentoring.constraints import sentence_for

# Sent inside the transaction, with instance, name, before, by and details, for the apps above to react to.
transitioned = Signal()


class TransitionRefused(Exception):
    """Why not, in a sentence for the person who asked."""


def transition(*sources, to, lock_first=()):
    """Make a method the edge from any of ``sources`` to ``to``.

    ``to`` is a status; or a tuple of them, and the method returns which; or, in place of ``sources``, a dict that gives each
    source its own. The method becomes keyword-only: ``by`` (the person, or None for the clock), ``reason`` (kept with the
    audit row; ``why`` where the method takes one), and its own. ``lock_first`` names related rows to lock before this one, so
    that everybody locks in one order and nobody waits in a ring.
    """
    targets = to if isinstance(to, dict) else dict.fromkeys(sources, to)

    def decorate(method):
        @functools.wraps(method)
        def move(self, *, by, reason="", **details):
            try:
                with transaction.atomic():
                    for related in lock_first:
                        lock(getattr(self, related))
                    _move(self, method, targets, by=by, reason=reason or details.get("why", ""), details=details)
            except IntegrityError as error:
                if sentence := sentence_for(error):
                    raise TransitionRefused(sentence) from error
                raise

        move.targets = {source: _as_tuple(target) for source, target in targets.items()}
        return move

    return decorate


def _as_tuple(target):
    return target if isinstance(target, tuple) else (target,)


def _move(instance, method, targets, *, by, reason, details):
    lock(instance)
    before = instance.status
    if before not in targets:
        raise TransitionRefused(_not_from_here(instance, method.__name__))
    chosen = method(instance, by=by, **details)
    target = targets[before]
    if isinstance(target, tuple) and chosen not in target:
        raise ValueError(f"{method.__qualname__} led to {chosen!r}, which is not one of {target!r}")
    instance.status = chosen if isinstance(target, tuple) else target
    instance.save()
    record(method.__name__, instance, by=by, before=before, after=instance.status, reason=reason)
    transitioned.send(type(instance), instance=instance, name=method.__name__, before=before, by=by, details=details)


def lock(instance):
    """Lock the row until the transaction ends, and read it again."""
    rows = type(instance)._base_manager.select_for_update(of=("self",), no_key=True)
    instance.refresh_from_db(from_queryset=rows)


def _not_from_here(instance, verb):
    name, status = instance._meta.verbose_name, instance.get_status_display().lower()
    return f"This {name} is {status}, so it can no longer be changed in this way ({verb.replace('_', ' ')})."


def edges(model):
    """The whole table of a model's workflow: a set of (transition, from, to)."""
    moves = {name: move.targets for name in dir(model) if hasattr(move := getattr(model, name, None), "targets")}
    return {(name, source, to) for name, targets in moves.items() for source, each in targets.items() for to in each}
