"""The self-check as one answers: the verdict follows, without a button, and says so to who listens."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests import factories
from tests.journeys.people import PHONE
from tests.journeys.test_without_script import RULES

pytestmark = pytest.mark.django_db(transaction=True)
RESEARCH = "Do you wish to work alongside your mentor in clinical trials or research?"


@pytest.mark.parametrize("size", [PHONE, None], ids=["phone", "desk"])
def test_the_verdict_follows_the_answers(somebody, size):
    factories.cycle("vmp")
    vera = somebody(**({"size": size} if size else {}))
    vera.visit("/programs/vmp/eligibility/")
    said = vera.page.locator("#verdict-said")
    expect(said).to_be_empty()

    first, *others = RULES
    vera.choose(first, RULES[first])
    expect(said).to_contain_text("Here is what is missing: 6 questions still need an answer.")
    for question in others:
        vera.choose(question, RULES[question])
    expect(said).to_contain_text("You can apply.")
    expect(said).to_be_in_viewport()
    vera.look("answered")

    vera.choose(RESEARCH, "Yes")
    expect(said).to_contain_text("This program is not for that: 1 condition is not met.")
    vera.reads("Write to us: there are other ways to find someone to do research with.")
    vera.look("not met")
    vera.has_chosen(first, RULES[first])
    assert all("women" not in str(session.get_decoded()) for session in Session.objects.all())


def test_without_a_script_a_button_does_it(somebody):
    factories.cycle("vmp")
    noor = somebody(size=PHONE, script=False)
    noor.visit("/programs/vmp/eligibility/")
    for question, answer in RULES.items():
        noor.choose(question, answer)
    noor.press("See whether I may apply")
    noor.reads("You can apply")
