"""What stands beside a moment on a page: the zone's offset on that day, the viewer's own time, and how long is left."""

from dataclasses import dataclass

from django import template
from django.utils import timezone

from programs import deadlines

register = template.Library()


@dataclass(frozen=True)
class Beside:
    """The words beside a moment; each may be empty."""

    offset: str
    own: str
    left: str


@register.simple_tag(takes_context=True)
def beside(context, moment, zone):
    """What to say beside ``moment``, the last minute in time, which the page gives in ``zone`` (an IANA name).

    The own time is that of the profile of whoever is signed in; a script puts that of the browser in its place.
    """
    offset = "" if deadlines.names_offset(zone) else deadlines.offset(moment, zone)
    left = deadlines.days_left(moment + deadlines.MINUTE, timezone.now())
    return Beside(offset, _own(context, moment, zone), "" if left == deadlines.CLOSED else left)


@register.simple_tag(takes_context=True)
def in_full(context, moment, zone):
    """The whole of it as one text, for where no elements can stand: the moment with its offset and the own time."""
    person = getattr(getattr(context, "request", None), "user", None)
    return deadlines.words_for(moment, zone, getattr(person, "own_zone", None))


def _own(context, moment, zone):
    person = getattr(getattr(context, "request", None), "user", None)
    own = person.own_zone if person is not None and person.is_authenticated else None
    return deadlines.own_words(moment, zone, own) if own else ""
