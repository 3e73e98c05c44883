"""Numbers in addresses and forms that are none, or too many: people get a page, never an error."""

import pytest

from tests import factories

pytestmark = pytest.mark.django_db
ODD = ["²", "①", "٣", "-1", "1.5", "9" * 30, "9" * 5000, " "]


@pytest.mark.parametrize("number", ODD, ids=range(len(ODD)))
def test_a_version_of_the_receipt_that_is_none(client, number):
    application = factories.application(in_status="submitted")
    client.force_login(application.applicant)

    page = client.get(f"{application.get_absolute_url()}receipt/", {"version": number})

    assert page.status_code in (200, 302)


@pytest.mark.parametrize("number", ODD, ids=range(len(ODD)))
def test_a_draft_saved_from_a_form_of_an_odd_version_is_kept_apart(client, number):
    application = factories.application()
    client.force_login(application.applicant)

    page = client.post(f"{application.get_absolute_url()}answers/", {"version": number, "goals": "Other goals."})

    assert page.status_code == 409
    assert "Other goals." in page.content.decode()
    application.refresh_from_db()
    assert application.answers == factories.ANSWERS
