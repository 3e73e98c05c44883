"""Every email about applications and mentor interest, one class each. None of them decides whether to send.

Subjects do not name the program: that someone takes part in one may itself be private.
"""

import textwrap

from django.urls import reverse

from mentoring.links import absolute
from mentoring.notifications.email import Email
from programs import deadlines

PROGRAM = {"program": "Virtual Mentoring Program 2027", "contact": "mentoring@example.org"}
DEADLINE = "11:59 PM ET on Thursday, January 21, 2027"
LINK = "https://mentoring.example.org/home/"
FOR_APPLICANTS = "You get this because you have an application with us."
FOR_MENTORS = "You get this because you offered to mentor."
FOR_STAFF = "You get this because you manage this program."


class AboutCycle(Email):
    """What all of these know: the program, whom to write to, and where the work is."""

    @classmethod
    def about_cycle(cls, recipient, about, occasion, **placeholders):
        common = {"program": str(about.cycle), "contact": about.cycle.contact.email}
        return cls(recipient, about=about, occasion=occasion, scope=about.cycle.slug, **common, **placeholders)


class ToApplicant(AboutCycle):
    reason = FOR_APPLICANTS

    @classmethod
    def to_applicant(cls, application, occasion, link="", **placeholders):
        link = absolute(link or application.get_absolute_url())
        return cls.about_cycle(application.applicant, application, occasion, link=link, **placeholders)


class ApplicationReceived(ToApplicant):
    """The receipt, when an application is handed in."""

    template = "applications/email/received.txt"
    placeholders = {
        **PROGRAM,
        "number": "000123-1",
        "received": "10:42 PM ET on Saturday, November 21, 2026",
        "version": "1",
        "deadline": DEADLINE,
        "digest": "9f86d081 884c7d65 9a2feaa0 c55ad015 a3bf4f1b 2b0b822c d15d6c15 b0f00a08",
        "hear_by": "You will hear from us by Monday, February 15, 2027.",
        "check": "https://mentoring.example.org/receipts/check/",
        "link": LINK,
    }

    @classmethod
    def of(cls, application, submission):
        by = application.cycle.decisions_by
        return cls.to_applicant(
            application,
            f"version-{submission.number}",
            number=submission.receipt_number,
            received=submission.received_words_for(application.applicant),
            version=str(submission.number),
            deadline=application.closes_words,
            # In groups, or a phone would have to show 64 characters in one line.
            digest=" ".join(textwrap.wrap(submission.digest, 8)),
            check=absolute(reverse("applications:check_receipt")),
            hear_by=f"You will hear from us by {deadlines.day_words(by)}." if by else "You will hear from us by email.",
            link=f"{reverse('applications:receipt', args=[application.pk])}?version={submission.number}",
        )


class ApplicationWithdrawn(ToApplicant):
    """When an applicant has withdrawn."""

    template = "applications/email/withdrawn.txt"
    placeholders = {**PROGRAM, "undo": f"If you did not mean to, you can undo it until {DEADLINE}.", "link": LINK}

    @classmethod
    def of(cls, application):
        window = application.window
        undo = (
            f"If you did not mean to, you can undo it until {application.closes_words}: the same page has the button."
            if window and window.is_open()
            else "Applications are closed, so this cannot be undone."
        )
        return cls.to_applicant(application, f"withdrawn-{application.withdrawn_at:%Y%m%dT%H%M%S%f}", undo=undo)


class ApplicationRestored(ToApplicant):
    """When an applicant has undone a withdrawal."""

    template = "applications/email/restored.txt"
    while_status = ("draft", "submitted")
    placeholders = {**PROGRAM, "counts": "Version 2, which you handed in before, counts.", "link": LINK}

    @classmethod
    def of(cls, application):
        latest = application.latest
        counts = (
            f"Version {latest.number}, which you handed in before, counts."
            if latest
            else f"It is a draft again, and not handed in. The deadline is {application.closes_words}."
        )
        occasion = f"restored-{application.withdrawn_at:%Y%m%dT%H%M%S%f}"
        return cls.to_applicant(application, occasion, counts=counts)


class DraftReminder(ToApplicant):
    """Before the deadline, to drafts only."""

    template = "applications/email/draft_reminder.txt"
    while_status = ("draft",)
    placeholders = {**PROGRAM, "deadline": DEADLINE, "left": "2 days left", "link": LINK}

    @classmethod
    def of(cls, application, occasion, left):
        return cls.to_applicant(application, occasion, deadline=application.closes_words, left=left)


class DeadlineMoved(ToApplicant):
    """To everyone with a draft, when the deadline moves for all."""

    template = "applications/email/deadline_moved.txt"
    while_status = ("draft",)
    placeholders = {**PROGRAM, "notice": f"The deadline has moved to {DEADLINE}, for everyone.", "link": LINK}

    @classmethod
    def of(cls, application, move):
        return cls.to_applicant(application, f"move-{move.pk}", notice=move.window.notice)


class ToldDecision(ToApplicant):
    @classmethod
    def of(cls, application, batch):
        return cls.to_applicant(application, f"release-{batch.pk if batch else 'preview'}", **cls.details(application))

    @classmethod
    def details(cls, application):
        return {}


class DecisionAccepted(ToldDecision):
    """When an acceptance is released."""

    template = "applications/email/accepted.txt"
    while_status = ("accepted",)
    placeholders = {
        **PROGRAM,
        "next": f"You rank mentors from 9:00 AM ET on Monday, January 4, 2027 until {DEADLINE}.",
        "link": LINK,
    }

    @classmethod
    def details(cls, application):
        window = application.cycle.preferences_window
        if application.cycle.ranks_while_applying:
            return {"next": "Staff propose a mentor to you next. You both say yes before it is final."}
        told = (
            f"You rank mentors from {window.opens_words} until {window.closes_words_for(application.applicant)}."
            if window
            else "We write to you when you can rank mentors."
        )
        return {"next": told}


class DecisionWaitlisted(ToldDecision):
    """When a place on the waitlist is released."""

    template = "applications/email/waitlisted.txt"
    while_status = ("waitlisted",)
    placeholders = {**PROGRAM, "link": LINK}


class DecisionDeclined(ToldDecision):
    """When a refusal is released."""

    template = "applications/email/declined.txt"
    while_status = ("declined",)
    placeholders = {**PROGRAM, "programs": "https://mentoring.example.org/", "link": LINK}

    @classmethod
    def details(cls, application):
        return {"programs": absolute(reverse("programs:index"))}


class ToMentor(AboutCycle):
    reason = FOR_MENTORS

    @classmethod
    def to_mentor(cls, interest, **placeholders):
        occasion = f"submitted-{interest.submitted_at:%Y%m%dT%H%M%S%f}"
        link = absolute(interest.get_absolute_url())
        return cls.about_cycle(interest.mentor, interest, occasion, link=link, **placeholders)


class MentorInterestReceived(ToMentor):
    """When a mentor interest form is handed in."""

    template = "applications/email/mentor_received.txt"
    placeholders = {**PROGRAM, "link": LINK}

    @classmethod
    def of(cls, interest):
        return cls.to_mentor(interest)


class MentorApproved(ToMentor):
    """When staff approve a mentor for a cycle."""

    template = "applications/email/mentor_approved.txt"
    while_status = ("approved", "paused")
    placeholders = {**PROGRAM, "places": "2 mentees", "link": LINK}

    @classmethod
    def of(cls, interest, places):
        return cls.to_mentor(interest, places=f"{places} mentee{'s' if places != 1 else ''}")


class MentorDeclined(ToMentor):
    """When staff do without a mentor in a cycle."""

    template = "applications/email/mentor_declined.txt"
    while_status = ("declined",)
    placeholders = {**PROGRAM, "link": LINK}

    @classmethod
    def of(cls, interest):
        return cls.to_mentor(interest)


class MentorInterestWaiting(AboutCycle):
    """To the program's managers, when a mentor interest form comes in."""

    template = "applications/email/mentor_waiting.txt"
    reason = FOR_STAFF
    while_status = ("submitted",)
    placeholders = {**PROGRAM, "mentor": "Ada Example, MD", "link": LINK}

    @classmethod
    def of(cls, interest, manager):
        link = absolute(reverse("admin:applications_mentorinterest_change", args=[interest.pk]))
        occasion = f"submitted-{interest.submitted_at:%Y%m%dT%H%M%S%f}"
        return cls.about_cycle(manager, interest, occasion, mentor=interest.mentor.full_name, link=link)
