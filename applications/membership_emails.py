"""Every email about a membership that was applied for together with the application."""

from applications.emails import LINK, PROGRAM, ToApplicant
from programs import deadlines


class AboutMembership(ToApplicant):
    while_status = ("submitted", "waitlisted")
    placeholders = {**PROGRAM, "standing": "It must be in force by Monday, February 15, 2027.", "link": LINK}

    @classmethod
    def of(cls, application, membership, occasion):
        return cls.to_applicant(application, occasion, standing=membership.sentence)


class MembershipDue(AboutMembership):
    """To an applicant whose membership must soon be in force, and which staff have not found so yet."""

    template = "applications/email/membership_due.txt"
    placeholders = {**AboutMembership.placeholders, "due": "Monday, February 15, 2027"}

    @classmethod
    def of(cls, application, membership, occasion):
        due = deadlines.day_words(membership.due)
        return cls.to_applicant(application, occasion, standing=membership.sentence, due=due)


class MembershipNotInForce(AboutMembership):
    """To the applicant, when staff looked and did not find the membership in force."""

    template = "applications/email/membership_not_in_force.txt"
