"""What the mails about an application say, and where they lead."""

from datetime import date

import pytest
from django.utils import timezone

from mentoring.notifications.models import OutgoingEmail
from programs.models import WindowKind
from tests import factories

pytestmark = pytest.mark.django_db


def mail(kind):
    return OutgoingEmail.objects.get(kind=kind)


def test_the_receipt_fits_a_phone_and_leads_to_the_receipt_page():
    cycle = factories.cycle(decisions_by=date(2037, 2, 16))
    application = factories.application(cycle, in_status="submitted")
    told = mail("ApplicationReceived")
    digest = application.latest.digest
    assert digest not in told.html
    assert " ".join(digest[at : at + 8] for at in range(0, 64, 8)) in told.text
    assert f"/applications/{application.pk}/receipt/?version=1" in told.text
    assert "You will hear from us by Monday, February 16, 2037." in told.text


def test_a_withdrawal_says_until_when_it_can_be_undone():
    application = factories.application(in_status="withdrawn")
    assert f"you can undo it until {application.window.closes_words}" in mail("ApplicationWithdrawn").text


def test_a_withdrawal_after_the_deadline_cannot_be_undone():
    application = factories.application(in_status="submitted")
    application.cycle = factories.move_window(application.cycle, WindowKind.APPLICATIONS, closes_at=timezone.now())
    application.withdraw(by=application.applicant)
    assert "Applications are closed, so this cannot be undone." in mail("ApplicationWithdrawn").text


def test_an_undone_withdrawal_says_which_version_counts():
    application = factories.application(in_status="withdrawn")
    application.restore(by=application.applicant)
    told = mail("ApplicationRestored")
    assert told.subject == "Your application is back"
    assert "Version 1, which you handed in before, counts." in told.text


def test_an_undone_withdrawal_of_a_draft_says_that_it_is_not_handed_in():
    draft = factories.application()
    draft.withdraw(by=draft.applicant)
    draft.restore(by=draft.applicant)
    assert "It is a draft again, and not handed in." in mail("ApplicationRestored").text


def test_an_acceptance_says_from_when_to_when_mentors_are_ranked():
    elsewhere = factories.person(time_zone="Pacific/Auckland")
    accepted = factories.application(applicant=elsewhere, in_status="accepted")
    window = accepted.cycle.preferences_window
    told = f"You rank mentors from {window.opens_words} until {window.closes_words} (UTC−"
    assert told in mail("DecisionAccepted").text
