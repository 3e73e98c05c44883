"""What a wording can be for. The outbox knows scopes by their short names only; the app that has them tells their titles."""

from collections.abc import Callable

# () -> pairs of (short name, title).
sources: list[Callable] = []


def choices():
    """Every scope there is now, as pairs for a select; the empty one is for all."""
    return [("", "Every cycle"), *(pair for source in sources for pair in source())]
