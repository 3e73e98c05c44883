"""Emails to people who mentored before, or for whom staff entered an offer."""

from django.urls import reverse

from applications.emails import DEADLINE, FOR_MENTORS, LINK, PROGRAM, ToMentor
from mentoring.links import absolute
from mentoring.notifications.email import Email


class MentorRenewal(Email):
    """To last cycle's mentors, when staff ask whether they mentor again."""

    template = "applications/email/mentor_renewal.txt"
    reason = FOR_MENTORS
    placeholders = {**PROGRAM, "deadline": DEADLINE, "link": LINK}

    @classmethod
    def of(cls, earlier, cycle):
        return cls(
            earlier.mentor,
            about=earlier,
            occasion=f"renew-{cycle.slug}",
            scope=cycle.slug,
            program=str(cycle),
            contact=cycle.program.contact_email,
            deadline=cycle.mentor_window.closes_words,
            link=absolute(reverse("applications:renew", args=[cycle.program.slug])),
        )


class MentorEntered(ToMentor):
    """To a mentor for whom staff entered an offer, to look at it, agree and hand it in."""

    template = "applications/email/mentor_entered.txt"
    while_status = ("draft", "withdrawn")
    placeholders = {**PROGRAM, "staff": "Morgan Example", "deadline": DEADLINE, "link": LINK}

    @classmethod
    def of(cls, interest):
        return cls.about_cycle(
            interest.mentor,
            interest,
            f"entered-{interest.entered_at:%Y%m%dT%H%M%S%f}",
            staff=interest.entered_by.name,
            deadline=interest.window.closes_words,
            link=absolute(interest.get_absolute_url()),
        )
