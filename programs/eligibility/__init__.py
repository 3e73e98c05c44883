"""May this person apply? The kinds of rules there are, and what a set of answers comes to.

Rules are rows of a cycle: a kind from this registry, its parameters, the sentence that the public reads, and its effect.
The public page, the self-check, the application and the staff's view all come from the same rows, so they cannot disagree.
To add a kind: one class, registered by ``@kind``, and one test.

Everything here is a pure function of rules and answers: no query, no clock, no request. Answers are a flat dict of plain
JSON values by the key of what was asked; anything may be missing or malformed, and counts as not answered. Options that
are kept elsewhere, such as the list of schools, are handed in (``lists``).
"""

from programs.eligibility import choices, membership, numbers, places, statements  # noqa: F401 (they register their kinds)
from programs.eligibility.kinds import (
    KINDS,
    NO,
    YES,
    YES_OR_NO,
    Ask,
    Kind,
    Parameter,
    State,
    as_offered,
    digest,
    kind,
)
from programs.eligibility.verdict import (
    Condition,
    Outcome,
    Verdict,
    asks,
    conditions,
    in_words,
    judge,
    sensitive_keys,
)

__all__ = [
    "KINDS",
    "NO",
    "YES",
    "YES_OR_NO",
    "Ask",
    "Condition",
    "Kind",
    "Outcome",
    "Parameter",
    "State",
    "Verdict",
    "as_offered",
    "asks",
    "conditions",
    "digest",
    "in_words",
    "judge",
    "kind",
    "sensitive_keys",
]
