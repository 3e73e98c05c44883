""" "Often chosen": a band, late, and from enough lists that nobody's choice shows in it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from matching.crowd import often_chosen, read_crowd
from matching.models import PreferenceList
from matching.ranking import Ranking
from matching.tasks import read_crowds
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """A cycle with four mentors, one of whom has two places; and how to hand in a list of some of them."""
    made, manager = factories.cycle(), factories.staff()
    mentors = [factories.interest(made, places=places, manager=manager).pk for places in (1, 2, 1, 1)]

    def hand_in(order, hours_ago=48):
        row = factories.application(made, in_status="accepted", manager=manager).preference_list
        row.submit(by=row.application.applicant, received_at=timezone.now(), ranking=Ranking(order))
        PreferenceList.objects.filter(pk=row.pk).update(submitted_at=timezone.now() - timedelta(hours=hours_ago))
        return row

    return made, mentors, hand_in


def test_who_is_on_many_lists_for_their_places_is_often_chosen(scene, client):
    made, (a, b, c, d), hand_in = scene
    for order in ([a, b, c], [a, c, b], [a, b, d], [d, c, b]):
        row = hand_in(order)
    assert read_crowd(made, timezone.now()) is None  # four lists tell too much
    hand_in([d, b, c], hours_ago=1)
    assert read_crowd(made, timezone.now()) is None  # the fifth is not a day old

    hand_in([c, b, d])
    read_crowds()

    # On three lists with one place; b is on five, with two places.
    assert often_chosen(made) == {a, b, c, d}
    client.force_login(row.application.applicant)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Often chosen" in page


def test_one_more_list_changes_nothing_that_anybody_sees(scene):
    made, (a, b, c, d), hand_in = scene
    for _list in range(5):
        hand_in([b, c, d])
    assert read_crowd(made, timezone.now()).often == sorted([b, c, d])
    now = timezone.now() + timedelta(hours=30)

    for _list in range(2):
        hand_in([a, b, c], hours_ago=0)
    assert read_crowd(made, now) is None

    hand_in([a, b, c], hours_ago=0)
    assert a in read_crowd(made, now).often
