"""The first and the last day of a mentorship, for its two people's own calendars."""

from datetime import timedelta

from django.conf import settings
from icalendar import Calendar, Event

from mentoring.links import absolute


def calendar_of(pairing, person):
    """Both days as an iCalendar file, in bytes; ``person`` is one of the two."""
    made = Calendar()
    made.add("prodid", "-//Mentoring portal//Mentorship//EN")
    made.add("version", "2.0")
    partner = pairing.partner_of(person).full_name
    days = {"begins": pairing.begins_on, "ends": pairing.ends_on}
    for what, day in days.items():
        event = Event()
        event.add("uid", f"pairing-{pairing.pk}-{what}@{settings.SITE_URL.split('//')[-1]}")
        event.add("dtstamp", pairing.final_at)
        event.add("summary", f"Mentorship with {partner} {what}")
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("url", absolute(pairing.get_absolute_url()))
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return made.to_ical()
