"""Which mentors are often chosen, told so that nobody can tell from it what any one mentee chose."""

from collections import Counter
from datetime import timedelta

from applications.models import Place
from matching.models import CrowdReading, Preference, PreferenceList

# A list rests a day before it counts; fewer lists than these tell nothing; a reading takes so many more to be replaced.
REST = timedelta(hours=24)
LEAST_LISTS = 5
MORE_LISTS = 3
# Often: on at least so many lists, and on so many for each place.
LEAST_NAMED, FOR_EACH_PLACE = 3, 2


def read_crowd(cycle, now):
    """A new reading, or None while it would tell too much: too few lists, or too few since the last."""
    rested = PreferenceList.objects.filter(
        application__cycle=cycle, application__status="accepted", status="submitted", submitted_at__lte=now - REST
    ).exclude(no_preference=True)
    last = cycle.crowd_readings.first()
    if rested.count() < LEAST_LISTS:
        return None
    if last and rested.filter(submitted_at__gt=last.until).count() < MORE_LISTS:
        return None
    named = Counter(Preference.objects.filter(list__in=rested).values_list("interest", flat=True))
    places = Counter(Place.objects.in_use().filter(interest__in=named).values_list("interest", flat=True))
    often = [pk for pk, lists in named.items() if lists >= max(LEAST_NAMED, FOR_EACH_PLACE * places[pk])]
    return CrowdReading.objects.create(cycle=cycle, read_at=now, until=now - REST, often=sorted(often))


def often_chosen(cycle):
    """The ids of the interests that were often chosen when the cycle was last read."""
    last = cycle.crowd_readings.first()
    return set(last.often) if last else set()
