"""The whole application and the ranking with JavaScript off."""

import pytest

from matching.models import PreferenceList
from tests import factories
from tests.journeys.people import PHONE
from tests.journeys.test_bad_moments import GOALS, TOPICS

pytestmark = pytest.mark.django_db(transaction=True)

RULES = {
    "Are you a full member of ASCO?": "I am a full member of ASCO",
    "Can you give at least one hour a month for the whole term?": "Yes",
    "Will all your materials be in English?": "Yes",
    "Which of these are your needs about?": "Women in oncology",
    "Do you wish to work alongside your mentor in clinical trials or research?": "No",
    "Are your mentoring goals so specific that they lie outside what the program can offer?": "No",
    "Do you need an in-person part to take part?": "No",
}


def test_an_application_is_written_and_handed_in(somebody):
    person = factories.person("Noor Noscript")
    factories.cycle("vmp")
    noor = somebody(size=PHONE, script=False).is_signed_in_as(person)
    noor.visit("/")
    noor.reads("days left")
    noor.visit("/programs/vmp/apply/")
    noor.press("Start your application")
    noor.follow("Go on: Whether the program fits")
    noor.press("Save and go back")
    noor.reads("Saved. Before you can hand in, these need another look")
    for question, answer in RULES.items():
        noor.choose(question, answer)
    noor.press("Save and go back")
    noor.follow("Go on: Your goals")
    noor.fill(GOALS, "To go on without a script.")
    noor.choose(TOPICS, "Teaching")
    noor.press("Save and go back")
    noor.follow("Go on: Review and hand in")
    noor.hands_in()
    noor.reads("We have your application. This page is your receipt; it is also on its way by email.")
    assert person.applications.get().status == "submitted"


def test_mentors_are_ranked_by_buttons(somebody):
    manager = factories.staff()
    cycle = factories.cycle("vmp")
    application = factories.application(cycle, in_status="accepted", manager=manager)
    for name in ("Ana Abernethy", "Ben Brightwell", "Cleo Castellan", "Dara D'Orsay"):
        factories.interest(cycle, factories.person(name), manager=manager)
    noor = somebody(size=PHONE, script=False).is_signed_in_as(application.applicant)
    noor.visit(application.preference_list.get_absolute_url())
    noor.reads("You have none so far.")
    for name in ("Ana Abernethy", "Ben Brightwell", "Dara D'Orsay"):
        noor.press(f"Add to my list: {name}")
    noor.press("Move Dara D'Orsay up")
    noor.press("Move Dara D'Orsay up")
    noor.press("Remove Ben Brightwell")
    noor.press("Hand in my list")
    noor.reads("Your list was not handed in", "Please rank 3 to 5 mentors, or say that you have no preference.")
    noor.page.get_by_label("Name, place, topic or specialty").fill("cleo")
    noor.press("Search", exact=True)
    noor.reads("1 mentor found for “cleo”.")
    noor.press("Add to my list: Cleo Castellan")
    noor.press("Hand in my list")
    noor.reads("We have your list. You can change it until the deadline; what you handed in last counts.", "-P1")
    ranked = PreferenceList.objects.get().ranked
    assert [str(each.mentor) for each in ranked] == ["Dara D'Orsay", "Ana Abernethy", "Cleo Castellan"]
