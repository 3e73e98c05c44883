"""How many more mentees a mentor can take, beside the places of one cycle."""

from django.db.models import Count

from matching.models import Pairing
from mentoring.accounts.models import User


def room_in_all(cycle, standing):
    """{id of the person: how many more mentees} for the cycle's mentors with a limit over all programs. Two queries.

    Counted are the live pairings of other cycles, and ``standing`` of this one (a queryset).
    """
    mentors = User.objects.filter(mentor_interests__cycle=cycle, most_mentees__isnull=False)
    held = Pairing.objects.live().filter(mentor__in=mentors).exclude(cycle=cycle)
    held = held | Pairing.objects.filter(mentor__in=mentors, pk__in=standing.values("pk"))
    taken = dict(held.order_by().values_list("mentor").annotate(Count("pk")))
    return {pk: max(most - taken.get(pk, 0), 0) for pk, most in mentors.values_list("pk", "most_mentees")}
