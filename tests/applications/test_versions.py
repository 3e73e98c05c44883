"""Versions: the one in force stands until another is handed in, and any two can be compared, word by word."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from applications.compare import pieces
from applications.models import Application
from tests import factories

pytestmark = pytest.mark.django_db


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def rewrite(application, **answers):
    application = Application.objects.get(pk=application.pk)
    application.save_draft(answers=answers)
    return application


@pytest.fixture
def thrice():
    """Handed in twice, and changed since."""
    application = factories.application(in_status="submitted")
    application = rewrite(application, goals="To find a better way.")
    application.submit(by=application.applicant, received_at=timezone.now())
    return rewrite(application, goals="To lose my way.")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("To find my way.", "To lose my way.", [("same", "To "), ("removed", "find "), ("added", "lose "), ("same", "my way.")]),
        ("", "All new.", [("added", "All new.")]),
        ("One\n\ntwo", "One\n\ntwo", [("same", "One\n\ntwo")]),
    ],
)  # fmt: skip
def test_two_texts_are_compared_word_by_word(before, after, expected):
    assert pieces(before, after) == expected


def test_both_texts_can_be_read_out_of_the_comparison():
    before, after = "The quick  brown fox\njumps over a dog.", "A quick brown cat\n\njumps over the lazy dog."
    found = pieces(before, after)
    assert "".join(text for kind, text in found if kind != "added") == before
    assert "".join(text for kind, text in found if kind != "removed") == after


def told(page):
    """What a screen reader says of the changes."""
    text = re.sub(r"<[^>]+>", "", " ".join(re.findall(r'<dd class="changed">(.*?)</dd>', page, re.DOTALL)))
    return " ".join(text.split())


def test_the_applicant_sees_what_changed_against_the_version_in_force_and_between_any_two(thrice):
    client, address = client_of(thrice.applicant), f"/applications/{thrice.pk}/changes/"
    assert told(client.get(address).content.decode()) == "To [Removed: find a better ] [Added: lose my ] way."
    back = client.get(f"{address}?from=2&to=1").content.decode()
    assert told(back) == "To find [Removed: a better ] [Added: my ] way."
    review = client.get(f"/applications/{thrice.pk}/review/").content.decode()
    assert "What you changed since version 2" in review
    assert told(review) == "To [Removed: find a better ] [Added: lose my ] way."


def test_a_version_that_there_is_not_is_not_found(thrice):
    client = client_of(thrice.applicant)
    for query in ("?from=9", "?to=0", "?from=x&to=1", "?to=-1"):
        assert client.get(f"/applications/{thrice.pk}/changes/{query}").status_code == 404


def test_staff_compare_what_was_handed_in_and_never_the_draft(thrice):
    client = client_of(factories.staff())
    address = f"/admin/applications/application/{thrice.pk}/versions/"
    page = client.get(address).content.decode()
    assert told(page) == "To find [Removed: my ] [Added: a better ] way."
    assert page.count("Matches its receipt") == 2
    assert "lose" not in page
    assert client.get(f"{address}?to=now").status_code == 404


def test_staff_do_not_learn_from_a_comparison_what_was_said_in_confidence():
    application = factories.application(in_status="submitted")
    answers = {**factories.VMP_ANSWERS, "needs": ["women"]}
    application.save_draft(rule_answers=answers)
    application.submit(by=application.applicant, received_at=timezone.now())

    page = client_of(factories.staff()).get(f"/admin/applications/application/{application.pk}/versions/")

    assert "Women in oncology" not in page.content.decode()
    assert "Nothing differs between these two." in page.content.decode()


def test_the_version_in_force_stands_until_another_is_handed_in(thrice):
    page = client_of(thrice.applicant).get(f"/applications/{thrice.pk}/receipt/").content.decode()
    assert "To find a better way." in page
    assert "To lose my way." not in page
    assert thrice.latest.answers["goals"] == "To find a better way."
