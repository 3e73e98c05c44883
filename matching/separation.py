"""Who is too near to whom, by a cycle's own rule, for one person or for everybody at once.

The rule is the SQL function ``separation_keys``, which the database's own guards of pairings ask too. It gives people keys,
whole numbers: of institutions, countries or regions, as the cycle is set. Two people are kept apart if and only if they
share a key, where one side's keys also name the affiliates (``forbidden_keys``) and the other side's do not (``keys_of``).
"""

import numpy as np
from django.db import connection, models

KEYS = "SELECT person, key FROM separation_keys(%s::bigint[], %s, %s::integer, %s) ORDER BY person, key"


def forbidden_keys(cycle, people):
    """The keys that nobody paired with one of these people (ids) may have: two equally long int64 arrays, person and key."""
    return _keys(cycle, people, wide=True)


def keys_of(cycle, people):
    """The keys that these people (ids) have for their partners: two equally long int64 arrays, person and key."""
    return _keys(cycle, people, wide=False)


def _keys(cycle, people, *, wide):
    # As one text: binding thousands of numbers one by one takes longer than the query.
    ids = f"{{{','.join(map(str, people))}}}"
    with connection.cursor() as cursor:
        cursor.execute(KEYS, [ids, cycle.separation, cycle.separation_levels, wide])
        person, key = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2).T.copy()
    return person, key


def as_sets(everyone, people, keys):
    """{person: the set of their keys}, for ``everyone``, of what the functions above give."""
    found: dict[int, set[int]] = {person: set() for person in everyone}
    for person, key in zip(people.tolist(), keys.tolist(), strict=True):
        found[person].add(key)
    return found


class MentorsTooNear(models.Func):
    """The people who mentor in a cycle and whom its rule keeps apart from one person, as a subquery of ids."""

    template = "(SELECT mentors_too_near(%(expressions)s))"
    output_field = models.BigIntegerField()

    def __init__(self, cycle, person):
        super().__init__(models.Value(cycle.pk), models.Value(person.pk))


def would_be_near(cycle, institutions, partner):
    """Whether somebody at these institutions would be too near to ``partner``, by the cycle's rule."""
    setting = [cycle.separation, cycle.separation_levels]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM institution_keys(%s::bigint[], %s, %s::integer, true) own "
            "JOIN separation_keys(ARRAY[%s::bigint], %s, %s::integer, false) theirs ON theirs.key = own.key)",
            [[each.pk for each in institutions], *setting, partner.pk, *setting],
        )
        return cursor.fetchone()[0]
