"""Every email about places offered to the waitlist."""

from django.urls import reverse

from applications.emails import DEADLINE, FOR_STAFF, LINK, PROGRAM, AboutCycle, ToApplicant
from mentoring.links import absolute
from programs import deadlines


class AboutOffer(ToApplicant):
    """What all of these know: the offer, its page, and until when to answer."""

    @classmethod
    def about_offer(cls, offer, occasion, **placeholders):
        application = offer.application
        common = {"program": str(application.cycle), "contact": application.cycle.contact.email}
        link = absolute(offer.get_absolute_url())
        to = {"about": offer, "occasion": occasion, "scope": application.cycle.slug}
        return cls(application.applicant, **to, link=link, **common, **placeholders)

    @classmethod
    def until(cls, offer):
        """Until when to answer, with the person's own time."""
        application = offer.application
        return deadlines.words_for(offer.last_moment, application.cycle.time_zone, application.applicant.own_zone)


class PlaceOffered(AboutOffer):
    """To somebody on the waitlist, when staff offer a place."""

    template = "applications/email/place_offered.txt"
    while_status = ("offered",)
    placeholders = {**PROGRAM, "deadline": DEADLINE, "link": LINK}

    @classmethod
    def of(cls, offer):
        return cls.about_offer(offer, "offered", deadline=cls.until(offer))


class PlaceReminder(AboutOffer):
    """Before an offered place lapses, to whoever has not answered."""

    template = "applications/email/place_reminder.txt"
    while_status = ("offered",)
    placeholders = {**PROGRAM, "deadline": DEADLINE, "left": "2 days left", "link": LINK}

    @classmethod
    def of(cls, offer, occasion, left):
        return cls.about_offer(offer, occasion, deadline=cls.until(offer), left=left)


class PlaceTaken(AboutOffer):
    """To somebody who has taken an offered place."""

    template = "applications/email/place_taken.txt"
    while_status = ("accepted",)
    placeholders = {
        **PROGRAM,
        "next": f"You rank mentors from 9:00 AM ET on Monday, January 4, 2027 until {DEADLINE}.",
        "link": LINK,
    }

    @classmethod
    def of(cls, offer):
        window, person = offer.application.cycle.preferences_window, offer.application.applicant
        told = (
            f"You can rank mentors until {window.closes_words_for(person)}."
            if window and not window.has_closed
            else "Staff propose a mentor to you. You both say yes before it is final."
        )
        return cls.about_offer(offer, "taken", next=told)


class PlaceLapsed(AboutOffer):
    """To somebody who did not answer an offered place in time."""

    template = "applications/email/place_lapsed.txt"
    while_status = ("lapsed",)
    placeholders = {**PROGRAM, "deadline": DEADLINE, "link": LINK}

    @classmethod
    def of(cls, offer):
        return cls.about_offer(offer, "lapsed", deadline=cls.until(offer))


class PlaceTakenBack(AboutOffer):
    """To somebody whose offered place staff had to take back."""

    template = "applications/email/place_taken_back.txt"
    while_status = ("taken_back",)
    placeholders = {**PROGRAM, "link": LINK}

    @classmethod
    def of(cls, offer):
        return cls.about_offer(offer, "taken-back")


class PlaceAnswered(AboutCycle):
    """To the program's managers, when an offered place is taken, declined or lapsed."""

    template = "applications/email/place_answered.txt"
    reason = FOR_STAFF
    while_status = ("accepted", "declined", "lapsed")
    placeholders = {**PROGRAM, "person": "Ada Example", "answer": "took the place", "link": LINK}

    @classmethod
    def of(cls, offer, manager, answer):
        cycle = offer.application.cycle
        common = {"program": str(cycle), "contact": cycle.contact.email}
        link = absolute(reverse("admin:applications_waitlist", args=[cycle.pk]))
        to = {"about": offer, "occasion": "answered", "scope": cycle.slug}
        return cls(manager, **to, person=str(offer.application.applicant), answer=answer, link=link, **common)
