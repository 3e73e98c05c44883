"""Two windows wrote in one draft: what can be kept of both, and what only the person can decide.

Nothing here knows of a database or a request. A field's value is a text or a list of texts; empty is empty in any shape.
"""

import hashlib
import json

EMPTY: tuple = ("", [], None)


def token(value):
    """A short name for a value, by which a page tells what it saw. Empty values have the empty name."""
    if value in EMPTY:
        return ""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def merge(saved, typed, seen):
    """(changed, disputed): the fields to write, and those that were written elsewhere since they were seen.

    ``saved`` is what is kept, ``typed`` what comes in, both by field. ``seen`` names (``token``) for each field first the
    value that its window last knew to be kept, then those that it sent without hearing what became of them; a field that
    is not in it was seen empty. A field that was not touched, or that says what is kept already, is in neither.
    """
    changed, disputed = {}, set()
    for key, value in typed.items():
        kept, mine, known = token(saved.get(key)), token(value), seen.get(key) or [""]
        if mine == kept:
            continue
        if kept in known:
            changed[key] = value
        elif mine != known[0]:
            disputed.add(key)
    return changed, disputed
