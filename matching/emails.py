"""Every email about preferences and pairings, one class each. Subjects name neither the program nor the other person."""

from django.urls import reverse

from applications.emails import DEADLINE, FOR_STAFF, LINK, PROGRAM, AboutCycle
from mentoring.links import absolute


class PreferencesEmail(AboutCycle):
    reason = "You get this because you were accepted as a mentee."

    @classmethod
    def about_list(cls, preference_list, occasion, **placeholders):
        link = absolute(preference_list.get_absolute_url())
        return cls.about_cycle(
            preference_list.application.applicant, preference_list, occasion, link=link, **placeholders
        )


class PreferencesOpen(PreferencesEmail):
    """To an accepted mentee, when mentors can be ranked."""

    template = "matching/email/preferences_open.txt"
    while_status = ("open",)
    placeholders = {
        **PROGRAM,
        "mentors": "mentors from outside your own institution",
        "deadline": DEADLINE,
        "link": LINK,
    }

    @classmethod
    def of(cls, preference_list):
        window, mentors = preference_list.window, preference_list.cycle.apart.mentors
        return cls.about_list(
            preference_list, f"window-{window.pk}", mentors=mentors, deadline=preference_list.closes_words
        )


class PreferencesReminder(PreferencesEmail):
    """Before the deadline, to mentees who have not handed in a list."""

    template = "matching/email/preferences_reminder.txt"
    while_status = ("open",)
    placeholders = {**PROGRAM, "deadline": DEADLINE, "left": "2 days left", "link": LINK}

    @classmethod
    def of(cls, preference_list, occasion, left):
        return cls.about_list(preference_list, occasion, deadline=preference_list.closes_words, left=left)


class PreferencesReceived(PreferencesEmail):
    """The receipt, when a list is handed in, after acceptance or with the application."""

    reason = "You get this because you handed in a list of mentors."
    template = "matching/email/preferences_received.txt"
    placeholders = {
        **PROGRAM,
        "number": "000123-P1",
        "received": "10:42 PM ET on Monday, January 11, 2027",
        "deadline": DEADLINE,
        "link": LINK,
    }

    @classmethod
    def of(cls, preference_list):
        return cls.about_cycle(
            preference_list.application.applicant,
            preference_list,
            f"version-{preference_list.times_submitted}",
            number=preference_list.receipt_number,
            received=preference_list.submitted_words,
            deadline=preference_list.closes_words,
            link=absolute(reverse("matching:list_receipt", args=[preference_list.pk])),
        )


class PairingEmail(AboutCycle):
    reason = "You get this because staff have proposed a pairing to you."

    @classmethod
    def to_person(cls, pairing, person, occasion, **placeholders):
        link = absolute(pairing.get_absolute_url())
        return cls.about_cycle(person, pairing, occasion, link=link, **placeholders)


class PairingToMentee(PairingEmail):
    """To the mentee, when staff propose a pairing."""

    template = "matching/email/pairing_to_mentee.txt"
    while_status = ("proposed", "confirmed")
    placeholders = {**PROGRAM, "deadline": DEADLINE, "link": LINK}

    @classmethod
    def of(cls, pairing):
        return cls.to_person(pairing, pairing.mentee, "proposal", deadline=pairing.respond_by_words_for(pairing.mentee))


class PairingToMentor(PairingEmail):
    """To the mentor, when staff propose a pairing."""

    template = "matching/email/pairing_to_mentor.txt"
    while_status = ("proposed", "confirmed")
    placeholders = {**PROGRAM, "deadline": DEADLINE, "link": LINK}

    @classmethod
    def of(cls, pairing):
        return cls.to_person(pairing, pairing.mentor, "proposal", deadline=pairing.respond_by_words_for(pairing.mentor))


class PairingReminder(PairingEmail):
    """Before the reply-by date, to whoever has not answered."""

    template = "matching/email/pairing_reminder.txt"
    while_status = ("proposed", "confirmed")
    placeholders = {**PROGRAM, "deadline": DEADLINE, "left": "2 days left", "link": LINK}

    @classmethod
    def of(cls, pairing, person, occasion, left):
        return cls.to_person(pairing, person, occasion, deadline=pairing.respond_by_words_for(person), left=left)


class PairingConfirmed(PairingEmail):
    """To the person who said yes first."""

    template = "matching/email/pairing_confirmed.txt"
    placeholders = {**PROGRAM, "deadline": DEADLINE, "link": LINK}

    @classmethod
    def of(cls, pairing, person):
        return cls.to_person(pairing, person, f"yes-{pairing.version}", deadline=pairing.respond_by_words_for(person))


class PairingDeclined(PairingEmail):
    """To the person who said no, as a receipt. The other person is told nothing."""

    template = "matching/email/pairing_declined.txt"
    placeholders = {**PROGRAM, "link": LINK}

    @classmethod
    def of(cls, pairing, person):
        return cls.about_cycle(person, pairing, "no", link=absolute(reverse("home")))


class PairingChanged(PairingEmail):
    """To who has been asked, when staff change the terms of a proposal: a yes to the earlier terms no longer counts."""

    template = "matching/email/pairing_changed.txt"
    while_status = ("proposed", "confirmed")
    placeholders = {**PROGRAM, "earlier": "Your yes to the earlier terms no longer counts.", "terms": "At least 2 hours a month.",
                    "deadline": DEADLINE, "link": LINK}  # fmt: skip

    @classmethod
    def of(cls, pairing, person, *, said_yes):
        earlier = "Your yes to the earlier terms no longer counts." if said_yes else "You had not answered yet."
        occasion = f"version-{pairing.version}"
        deadline, terms = pairing.respond_by_words_for(person), pairing.terms_words
        return cls.to_person(pairing, person, occasion, earlier=earlier, terms=terms, deadline=deadline)


class PairingExtended(PairingEmail):
    """To who knows of a proposal, when staff give more time to answer it."""

    template = "matching/email/pairing_extended.txt"
    while_status = ("proposed", "confirmed")
    placeholders = {**PROGRAM, "who": "You", "deadline": DEADLINE, "link": LINK}

    @classmethod
    def of(cls, pairing, person):
        who = "You" if pairing.awaits(person) else "We have your yes. The other person"
        occasion = f"until-{pairing.respond_by:%Y%m%dT%H%M}"
        return cls.to_person(pairing, person, occasion, who=who, deadline=pairing.respond_by_words_for(person))


class PairingClosed(PairingEmail):
    """To who knew of a proposal that came to nothing, when staff send it. It says neither who ended it nor why."""

    template = "matching/email/pairing_closed.txt"
    placeholders = {**PROGRAM, "yes": "The yes you gave no longer counts.", "next": "Staff look for another mentor for you.",
                    "link": LINK}  # fmt: skip

    @classmethod
    def of(cls, pairing, person):
        as_mentee = "Staff look for another mentor for you, and write to you when they have found one."
        as_mentor = (
            "Your place is free again, and staff may propose another mentee to you. They ask you first, as always."
        )
        following = as_mentee if person == pairing.mentee else as_mentor
        yes = "The yes you gave no longer counts." if pairing.said_yes_at(person) else "You need not answer it."
        return cls.about_cycle(person, pairing, "closed", yes=yes, next=following, link=absolute(reverse("home")))


class MentorshipEnded(PairingEmail):
    """To both, when a mentorship ends before its last day. It blames nobody."""

    template = "matching/email/mentorship_ended.txt"
    reason = "You get this because you were in this mentorship."
    placeholders = {**PROGRAM, "partner": "Ada Example, MD", "next": "Staff look at whether another mentor can be found.",
                    "link": LINK}  # fmt: skip

    @classmethod
    def of(cls, pairing, person):
        takes_part = (
            pairing.application.status == "accepted"
            if person == pairing.mentee
            else pairing.interest.status in ("approved", "paused")
        )
        following = {
            (
                True,
                True,
            ): "You need do nothing. Staff look at whether another mentor can be found for the rest of the term.",
            (False, True): "You need do nothing. Staff ask you before they propose anybody else to you.",
        }.get((person == pairing.mentee, takes_part), "Nothing more is needed from you.")
        partner = pairing.partner_of(person).full_name
        return cls.to_person(pairing, person, "ended early", partner=partner, next=following)


class PairingFinal(PairingEmail):
    reason = "You get this because you and your partner have both said yes."
    placeholders = {**PROGRAM, "partner": "Ada Example, MD", "partner_email": "ada@example.org",
                    "hours": "1 hour a month", "ends": "Friday, February 25, 2028", "link": LINK}  # fmt: skip

    @classmethod
    def to_side(cls, pairing, person):
        partner, hours = pairing.partner_of(person), pairing.hours_a_month
        return cls.to_person(
            pairing,
            person,
            "final",
            partner=partner.full_name,
            partner_email=partner.email,
            hours=f"{hours} hour{'s' if hours != 1 else ''} a month",
            ends=f"{pairing.ends_on:%A, %B} {pairing.ends_on.day}, {pairing.ends_on.year}",
        )


class PairingFinalMentee(PairingFinal):
    """To the mentee, when both have said yes."""

    template = "matching/email/pairing_final_mentee.txt"
    while_status = ("final", "active")

    @classmethod
    def of(cls, pairing):
        return cls.to_side(pairing, pairing.mentee)


class PairingFinalMentor(PairingFinal):
    """To the mentor, when both have said yes."""

    template = "matching/email/pairing_final_mentor.txt"
    while_status = ("final", "active")

    @classmethod
    def of(cls, pairing):
        return cls.to_side(pairing, pairing.mentor)


class PairingNeedsStaff(AboutCycle):
    """To the program's managers, when a pairing falls through."""

    template = "matching/email/pairing_needs_staff.txt"
    reason = FOR_STAFF
    placeholders = {**PROGRAM, "what": "No answer came in time.", "pair": "Ben Example with Ada Example",
                    "told": "Nobody else has been told.", "link": LINK}  # fmt: skip

    @classmethod
    def of(cls, pairing, manager, what):
        ended_early = pairing.final_at is not None
        told = "Both have been told, without a reason." if ended_early else "Nobody else has been told."
        link = absolute(reverse("admin:matching_workbench", args=[pairing.cycle_id]))
        pair = f"{pairing.mentee} with {pairing.mentor}"
        return cls.about_cycle(manager, pairing, f"ended-{pairing.status}", what=what, pair=pair, told=told, link=link)


class PairingsDueSoon(AboutCycle):
    """To the program's managers, two days before proposals lapse that somebody has not answered."""

    template = "matching/email/pairings_due_soon.txt"
    reason = FOR_STAFF
    placeholders = {**PROGRAM, "how_many": "2 proposals wait", "pairs": "Ben Example with Ada Example; Di Example with Bo Example",
                    "deadline": DEADLINE, "link": LINK}  # fmt: skip

    @classmethod
    def of(cls, pairings, manager):
        """``pairings`` are of one cycle and end at one moment."""
        first, count = pairings[0], len(pairings)
        names = "; ".join(f"{pairing.mentee} with {pairing.mentor}" for pairing in pairings[:10])
        more = f"; and {count - 10} more" if count > 10 else ""
        link = absolute(f"{reverse('admin:matching_pairing_changelist')}?queue=due")
        return cls(
            manager,
            about=first.cycle,
            occasion=f"due-{first.respond_by:%Y%m%dT%H%M}",
            scope=first.cycle.slug,
            program=str(first.cycle),
            contact=first.cycle.contact.email,
            how_many="1 proposal waits" if count == 1 else f"{count} proposals wait",
            pairs=names + more,
            deadline=first.respond_by_words_for(manager),
            link=link,
        )


class PartnersAtOneInstitution(AboutCycle):
    """To the program's managers, when someone in a mentorship comes nearer to their partner than the cycle allows. It goes on."""

    template = "matching/email/partners_at_one_institution.txt"
    reason = FOR_STAFF
    placeholders = {**PROGRAM, "person": "Ada Example", "pair": "Ben Example with Ada Example", "unit": "institution",
                    "rule": "Mentor and mentee are never from one institution, its parents or its affiliates.",
                    "link": LINK}  # fmt: skip

    @classmethod
    def of(cls, pairing, manager, person, institutions):
        link = absolute(reverse("admin:matching_pairing_change", args=[pairing.pk]))
        pair = f"{pairing.mentee} with {pairing.mentor}"
        occasion = f"move-{person.pk}-{'-'.join(str(each.pk) for each in institutions)}"
        apart = pairing.cycle.apart
        return cls.about_cycle(
            manager, pairing, occasion, person=str(person), pair=pair, unit=apart.unit, rule=apart.rule, link=link
        )
