"""The life of a pairing: which moves there are, and that no other is possible."""

import pytest
from django.utils import timezone

from matching.models import Pairing
from mentoring.workflow import edges
from tests import factories
from tests.mentoring.moves import reached

pytestmark = pytest.mark.django_db

# The whole table, written out: (transition, from, to).
EDGES = {
    ("discard", "drafted", "withdrawn"),
    ("propose", "drafted", "proposed"),
    ("say_yes", "proposed", "confirmed"),
    ("say_yes", "confirmed", "final"),
    ("say_no", "proposed", "declined"),
    ("say_no", "confirmed", "declined"),
    ("lapse", "proposed", "lapsed"),
    ("lapse", "confirmed", "lapsed"),
    ("withdraw", "proposed", "withdrawn"),
    ("withdraw", "confirmed", "withdrawn"),
    ("change", "proposed", "proposed"),
    ("change", "confirmed", "proposed"),
    ("extend", "proposed", "proposed"),
    ("extend", "confirmed", "confirmed"),
    ("begin", "final", "active"),
    ("complete", "active", "completed"),
    ("end_early", "final", "ended_early"),
    ("end_early", "active", "ended_early"),
}
MOVES = sorted({name for name, _source, _target in EDGES})


def test_the_table_is_the_one_written_here():
    assert edges(Pairing) == EDGES


@pytest.mark.parametrize("status", Pairing.Status.values)
def test_a_move_is_possible_only_from_where_the_table_says(status):
    pairing = factories.pairing(in_status=status)
    possible = {name: target for name, source, target in EDGES if source == status}
    answer = {"by": pairing.mentor, "received_at": timezone.now()}
    moves = {name: {"by": None} for name in MOVES} | {
        "say_yes": answer,
        "say_no": answer,
        "withdraw": {"by": None, "why": "Withdrew."},
        "end_early": {"by": None, "why": "Life."},
        "change": {"by": None, **factories.other_terms(pairing)},
        "extend": {"by": factories.staff(), **factories.more_time(pairing)},
    }
    lapse = {"lapse": moves.pop("lapse")}

    found = reached(pairing, moves)
    if "lapse" in possible:
        factories.make_overdue(pairing)

    assert found | reached(pairing, lapse) == possible
