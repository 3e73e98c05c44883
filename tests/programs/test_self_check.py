"""The self-check: three ways to end, live or with a button, from the same rules."""

import re

import pytest

from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/programs/vmp/eligibility/"
ENDS = [
    (factories.VMP_ANSWERS, "You can apply"),
    ({"english": "yes"}, "Here is what is missing"),
    ({**factories.VMP_ANSWERS, "online": "yes"}, "This program is not for that"),
]


@pytest.mark.parametrize(("answers", "sentence"), ENDS)
def test_live_and_with_the_button_it_ends_in_the_same_sentence(client, answers, sentence):
    factories.cycle("vmp")

    whole = client.post(ADDRESS, answers)
    live = client.post(ADDRESS, answers, headers={"HX-Request": "true"})

    for response in (whole, live):
        assert sentence in response.content.decode()
    assert "<html" in whole.content.decode()
    assert "<html" not in live.content.decode(), "Only the verdict is sent, so that nobody loses their place"
    assert whole.context["verdict"] == live.context["verdict"]


def test_while_one_answers_nothing_confidential_is_kept(client):
    cycle = factories.cycle("vmp")
    client.post(ADDRESS, {**factories.VMP_ANSWERS, "needs": ["women"]}, headers={"HX-Request": "true"})
    assert "needs" not in client.session["eligibility"][cycle.slug]
    assert client.session["eligibility"][cycle.slug]["english"] == "yes"


def test_what_is_not_answered_is_linked_to_where_it_is_asked(client):
    factories.cycle("vmp")
    page = client.post(ADDRESS, {"english": "yes"}).content.decode()
    links = re.findall(r'href="#(id_\w+)"', page)
    assert len(links) == 6
    assert all(f'id="{link}"' in page for link in links)
