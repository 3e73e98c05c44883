"""An applicant on a phone who ranks mentors with the application, hands both in, and changes the list."""

import pytest

from matching.models import PreferenceList
from tests import factories
from tests.journeys.people import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


def test_mentors_are_ranked_with_the_application(somebody):
    manager, cycle = factories.staff(), factories.cycle("vmp", preferences_come="with", least_choices=1)
    for name in ("Ana Abernethy", "Ben Brightwell"):
        factories.interest(cycle, factories.person(name), manager=manager)
    draft = factories.application(cycle)
    PreferenceList.objects.filter(application=draft).update(draft=None)
    ada = somebody(size=PHONE).is_signed_in_as(draft.applicant)

    ada.visit(draft.get_absolute_url())
    ada.reads("Please rank 1 to 5 mentors, or say that you have no preference.")
    ada.follow("Go on: Mentors you would like")
    ada.reads("You have not ranked mentors yet.")
    ada.press("Keep my list and go back")
    ada.reads("Your list is not complete")
    ada.page.get_by_role("button", name="Add to my list").nth(1).click()
    ada.reads("Added, choice 1 of 5.")
    ada.press("Keep my list and go back")
    ada.reads("Your list is kept. It is handed in together with your application.")
    ada.follow("Go on: Review and hand in")
    ada.hands_in()
    ada.reads("We have your application.")
    own = PreferenceList.objects.get(application=draft)
    assert [str(interest.mentor) for interest in own.ranked] == ["Ben Brightwell"]

    ada.visit(own.get_absolute_url())
    ada.press("Add to my list: Ana Abernethy")
    ada.reads("Added, choice 2 of 5.")
    ada.press("Hand in my list")
    ada.reads("We have your list.")
    assert PreferenceList.objects.get(pk=own.pk).preferences.count() == 2
