"""Someone comes to be where their partner is: what was not final ends, a mentorship goes on, and staff are told."""

import pytest

from matching.models import Pairing
from mentoring.notifications.models import OutgoingEmail
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("status", "after", "kind"),
    [
        ("proposed", "withdrawn", "PairingNeedsStaff"),
        ("final", "final", "PartnersAtOneInstitution"),
        ("active", "active", "PartnersAtOneInstitution"),
    ],
)
def test_staff_are_told_of_a_move_to_the_partner(status, after, kind):
    manager = factories.staff()
    pairing = factories.pairing(in_status=status, manager=manager)
    hospital = pairing.mentee.institutions.get()

    pairing.mentor.move_to([hospital])

    assert Pairing.objects.get(pk=pairing.pk).status == after
    told = OutgoingEmail.objects.filter(kind__in=["PairingNeedsStaff", "PartnersAtOneInstitution"])
    assert [(mail.kind, mail.to_address) for mail in told] == [(kind, manager.email)]


def test_a_move_elsewhere_tells_nobody():
    pairing = factories.pairing(in_status="active", manager=factories.staff())

    pairing.mentor.move_to([factories.institution()])

    assert not OutgoingEmail.objects.filter(kind="PartnersAtOneInstitution").exists()
