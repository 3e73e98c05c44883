"""The emails about a question somebody asked before applying, one class each.

Subjects do not name the program: that someone asks about one may itself be private.
"""

from django.urls import reverse

from mentoring.links import absolute
from mentoring.notifications.email import Email

QUESTION = {
    "program": "Virtual Mentoring Program",
    "question": "I move to another hospital in May. Can I still apply?",
    "contact": "mentoring@example.org",
}
PAGE = "https://mentoring.example.org/programs/vmp/"


class AboutInquiry(Email):
    """What all of these know: the program, what was asked, and whom to write to."""

    reason = "You get this because you asked us a question."

    @classmethod
    def about_inquiry(cls, recipient, inquiry, **placeholders):
        program = inquiry.program
        common = {"program": program.name, "question": inquiry.situation, "contact": program.contact_email}
        return cls(recipient, about=inquiry, occasion="once", **{**common, **placeholders})


class InquiryReceived(AboutInquiry):
    """To whoever asked a question: a copy of it."""

    template = "programs/email/inquiry_received.txt"
    placeholders = {**QUESTION, "hear_by": "You will get an answer by email.", "link": PAGE}

    @classmethod
    def of(cls, inquiry):
        link = absolute(inquiry.program.get_absolute_url())
        return cls.about_inquiry(inquiry.addressee, inquiry, hear_by=inquiry.program.answer_sentence, link=link)


class InquiryWaiting(AboutInquiry):
    """To the program's managers, when somebody asked a question."""

    template = "programs/email/inquiry_waiting.txt"
    while_status = ("open",)
    placeholders = {**QUESTION, "person": "Ada Example", "link": PAGE}
    reason = "You get this because you manage this program."

    @classmethod
    def of(cls, inquiry, manager):
        link = absolute(reverse("admin:programs_inquiry_change", args=[inquiry.pk]))
        return cls.about_inquiry(manager, inquiry, person=inquiry.name, link=link)


class InquiryAnswered(AboutInquiry):
    """To whoever asked a question: the answer."""

    template = "programs/email/inquiry_answered.txt"
    while_status = ("answered",)
    placeholders = {**QUESTION, "answer": "Yes. Where you work in May does not matter for this.", "link": PAGE}

    @classmethod
    def of(cls, inquiry, answer):
        link = absolute(reverse("programs:ask", args=[inquiry.program.slug]))
        return cls.about_inquiry(inquiry.addressee, inquiry, answer=answer, link=link)


class DeadlineExtended(Email):
    """To one person whom staff give a later deadline of their own, with or without an account."""

    template = "programs/email/deadline_extended.txt"
    reason = "You get this because staff have given you more time."
    placeholders = {
        "program": "Virtual Mentoring Program 2027",
        "deadline": "11:59 PM ET on Thursday, January 21, 2027",
        "address": "ada@example.org",
        "contact": "mentoring@example.org",
        "link": PAGE,
    }

    @classmethod
    def of(cls, extension):
        cycle = extension.window.cycle
        return cls(
            extension.addressee,
            about=extension,
            occasion=f"until-{extension.closes_at:%Y%m%dT%H%M}",
            scope=cycle.slug,
            program=str(cycle),
            deadline=extension.closes_words_for_addressee,
            address=extension.email,
            contact=cycle.contact.email,
            link=extension.link,
        )
