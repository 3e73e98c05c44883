"""Who knows of a pairing, who has said what, and who still has to answer."""

from django.db import models

from programs import deadlines


class Status(models.TextChoices):
    DRAFTED = "drafted", "Drafted"
    PROPOSED = "proposed", "Proposed"
    CONFIRMED = "confirmed", "Confirmed by one"
    FINAL = "final", "Final"
    ACTIVE = "active", "Active"
    COMPLETED = "completed", "Completed"
    ENDED_EARLY = "ended_early", "Ended early"
    DECLINED = "declined", "Declined"
    LAPSED = "lapsed", "Lapsed"
    WITHDRAWN = "withdrawn", "Withdrawn"


# The emails that ask for an answer.
ASKING = ("PairingToMentee", "PairingToMentor", "PairingReminder", "PairingChanged")
AGREED = [Status.FINAL, Status.ACTIVE, Status.COMPLETED, Status.ENDED_EARLY]


class Side(models.TextChoices):
    MENTEE = "mentee", "The mentee"
    MENTOR = "mentor", "The mentor"


class Answers:
    """What a pairing says of its two people. Nothing here changes it."""

    @property
    def is_open(self):
        """Shared, and waiting for an answer of somebody."""
        return self.status in (Status.PROPOSED, Status.CONFIRMED)

    @property
    def is_agreed(self):
        return self.status in AGREED

    @property
    def is_off(self):
        """It ended before it was final."""
        return not self.is_open and not self.is_agreed

    @property
    def is_under_way(self):
        """Final, and not over: the two know how to reach each other."""
        return self.is_agreed and self.ended_at is None

    @property
    def respond_by_words(self):
        return deadlines.words(deadlines.last_minute(self.respond_by), self.cycle.time_zone)

    def respond_by_words_for(self, person):
        """The same for a mail to one person, with the offset and their own time."""
        return deadlines.words_for(self.respond_by_moment, self.cycle.time_zone, person.own_zone)

    @property
    def respond_by_moment(self):
        return deadlines.last_minute(self.respond_by)

    @property
    def terms_words(self):
        """What both agree to, in a sentence or two."""
        hours = f"{self.hours_a_month} hour{'s' if self.hours_a_month != 1 else ''}"
        begins = self._term_in_words or deadlines.day_words(self.begins_on, weekday=False)
        return f"At least {hours} a month, from {begins} to {deadlines.day_words(self.ends_on, weekday=False)}."

    @property
    def _term_in_words(self):
        """The cycle's words for the first day, such as "Summer 2027", while staff have set no day and it is that one."""
        return self.cycle.term_begins_words if self.begins_on == self.cycle.term_begins else ""

    @property
    def begins_words(self):
        """ "in Summer 2027", "on Tuesday, June 1, 2027" """
        return f"in {self._term_in_words}" if self._term_in_words else f"on {deadlines.day_words(self.begins_on)}"

    @property
    def ends_words(self):
        return deadlines.day_words(self.ends_on)

    def said_yes_at(self, person):
        """When this person said yes, or None."""
        return self.mentee_yes_at if person.pk == self.mentee_id else self.mentor_yes_at

    def asked_at(self, person):
        """When this person was told of it and asked, or None."""
        return self.mentee_asked_at if person.pk == self.mentee_id else self.mentor_asked_at

    def awaits(self, person):
        """Whether this person has been asked and still has to answer."""
        return self.is_open and self.asked_at(person) is not None and self.said_yes_at(person) is None

    def has_last_word(self, person):
        """Whether this person was asked only once the other had said yes, so that a yes makes it final."""
        partner = self.partner_of(person)
        return (
            self.awaits(person)
            and self.said_yes_at(partner) is not None
            and self.asked_at(partner) < self.asked_at(person)
        )

    def partner_of(self, person):
        return self.mentor if person.pk == self.mentee_id else self.mentee

    @property
    def as_seen(self):
        """What somebody who changes it has to have looked at: the terms, and whether there was a yes."""
        return f"{self.version}-{self.status}"

    @property
    def told(self):
        """Who of the two knows of it."""
        return [person for person in (self.mentee, self.mentor) if self.asked_at(person)]

    @property
    def owed_a_word(self):
        """Who may be told by staff that a proposal came to nothing: whoever knew of it, takes part still, and did not say no."""
        if not self.is_off:
            return []
        left = {self.mentee: self.application.status == "withdrawn", self.mentor: self.interest.status == "withdrawn"}
        said_no = {Side.MENTEE: self.mentee, Side.MENTOR: self.mentor}.get(self.no_from)
        return [person for person in self.told if person != said_no and not left[person]]

    def unanswered(self):
        """Who still has to answer."""
        return [person for person in (self.mentee, self.mentor) if self.awaits(person)]

    def wants_mail(self, kind, recipient):
        """Whether mail of this kind still makes sense for this person: nobody is asked again after an answer."""
        return kind not in ASKING or self.awaits(recipient)
