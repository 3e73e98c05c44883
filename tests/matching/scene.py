"""A cycle whose mentees rank as few mentors as they like, for tests about suggestions and the workbench."""

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching.models import Pairing
from matching.ranking import Ranking
from matching.solve import solve
from matching.workbench.board import read
from tests import factories


class Scene:
    def __init__(self):
        self.cycle, self.manager = factories.cycle(least_choices=1), factories.staff(name="Morgan Manager")

    def mentor(self, name, places=1, *, at=None, **facts):
        person = factories.person(name, at=at)
        return factories.interest(self.cycle, person, places=places, manager=self.manager, **{"topics": [], **facts})

    def mentee(self, name, *choices, at=None, **facts):
        person = factories.person(name, at=at)
        row = factories.application(self.cycle, person, in_status="accepted", manager=self.manager, **facts)
        if choices:
            interests = [each.pk for each in choices]
            row.preference_list.submit(by=row.applicant, received_at=timezone.now(), ranking=Ranking(interests))
        return row

    def pair(self, mentee, mentor, in_status="drafted"):
        return factories.pairing(in_status=in_status, mentee=mentee, mentor=mentor, manager=self.manager)

    def solve(self, policy="on_list_first"):
        return solve(self.cycle, policy, by=self.manager)

    def board(self):
        return read(self.cycle)

    def drafted(self):
        return list(Pairing.objects.live().order_by("mentee__name").values_list("mentee__name", "mentor__name"))

    def client(self, person=None):
        client = Client()
        client.force_login(person or self.manager)
        return client

    def address(self, name, *args):
        return reverse(f"admin:{name}", args=args)
