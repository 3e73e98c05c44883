"""Staff looked for a membership and did not find it: recorded, and told to its person, in one transaction."""

from django.db import transaction

from applications.membership import membership_of
from applications.membership_emails import MembershipNotInForce
from applications.models.decisions import verify


def find_not_in_force(application, rule_key, *, by, note=""):
    """Record that a rule does not hold. Of a membership that somebody applied for, the person is told."""
    with transaction.atomic():
        if not verify(application, rule_key, by=by, note=note, holds=False):
            return
        membership = membership_of(application)
        if membership and membership.rule_key == rule_key:
            occasion = f"looked-{membership.check.verified_at:%Y%m%dT%H%M%S}"
            MembershipNotInForce.of(application, membership, occasion).queue()
