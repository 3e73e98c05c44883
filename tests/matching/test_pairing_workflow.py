"""The life of a pairing: which moves there are, and that no other is possible."""

import pytest
from django.utils import timezone

from matching.models import Pairing
from mentoring.workflow import TransitionRefused, edges
from tests import factories

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
@pytest.mark.parametrize("name", MOVES)
def test_a_move_is_possible_only_from_where_the_table_says(name, status):
    pairing = factories.pairing(in_status=status)
    if name == "lapse" and (name, status) in {edge[:2] for edge in EDGES}:
        factories.make_overdue(pairing)
    by = pairing.mentor if name in ("say_yes", "say_no") else None
    details = {"say_yes": {"received_at": timezone.now()}, "say_no": {"received_at": timezone.now()}}
    details |= {"withdraw": {"why": "Withdrew."}, "end_early": {"why": "Life."}}
    details |= {"change": factories.other_terms(pairing), "extend": factories.more_time(pairing)}
    if name == "extend":
        by = factories.staff()

    try:
        getattr(pairing, name)(by=by, **details.get(name, {}))
        moved = True
    except TransitionRefused:
        moved = False

    assert moved is ((name, status) in {edge[:2] for edge in EDGES})
    after = {target for move, source, target in EDGES if (move, source) == (name, status)} if moved else {status}
    assert Pairing.objects.get(pk=pairing.pk).status in after
