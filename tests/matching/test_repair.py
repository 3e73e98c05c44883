"""After a pairing came to nothing: the smallest repair, what it costs, and what it never touches."""

import itertools
import random

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.market import cycle_market
from matching.models import Pairing, Preference
from matching.repair import draft_repair, repair_of
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return Scene()


class Scene:
    """A cycle with its manager; mentees and mentors by short names."""

    def __init__(self):
        self.cycle, self.manager = factories.cycle(least_choices=1), factories.staff()

    def mentee(self, name, *wants, at=None):
        person = factories.person(name, at=at)
        row = factories.application(self.cycle, person, in_status="accepted", manager=self.manager)
        Preference.objects.bulk_create(
            Preference(list=row.preference_list, rank=rank, interest=interest) for rank, interest in enumerate(wants, 1)
        )
        return row

    def mentor(self, name, *, at=None, places=1):
        person = factories.person(name, at=at, degrees="MD")
        return factories.interest(self.cycle, person, manager=self.manager, places=places)

    def suggested(self, mentee, mentor):
        return Pairing.draft(mentee, mentor, by=self.manager, by_hand=False)

    def refused(self, mentee, mentor):
        pairing = factories.pairing(mentee=mentee, mentor=mentor, in_status="proposed", manager=self.manager)
        pairing.say_no(by=pairing.mentor, received_at=timezone.now(), why="No time.")
        return pairing

    def repair(self):
        return repair_of(self.cycle)

    def drafts(self):
        rows = Pairing.objects.filter(status="drafted").select_related("mentee", "mentor")
        return {row.mentee.name: row.mentor.name for row in rows}


def test_a_free_mentor_is_found_without_moving_anyone_and_the_refused_one_is_not_tried_again(scene):
    first, second, third = (scene.mentor(name) for name in ("Ada", "Bo", "Cy"))
    mia = scene.mentee("Mia", first, third)
    scene.suggested(scene.mentee("Noor", third), second)
    scene.refused(mia, first)
    mails = OutgoingEmail.objects.count()

    repair = scene.repair()

    assert [(line.name, line.before, line.after) for line in repair.lines] == [("Mia", "", "Cy")]
    assert (repair.stay, repair.moved) == (1, [])
    assert draft_repair(scene.cycle, by=scene.manager, seen=repair.seen) == 1
    assert scene.drafts() == {"Mia": "Cy", "Noor": "Bo"}
    assert OutgoingEmail.objects.count() == mails
    assert not scene.repair().changes


def test_who_has_to_move_does_and_what_is_shared_or_by_hand_stays(scene):
    hospital = factories.institution("General Hospital")
    first, second, third = scene.mentor("Ada"), scene.mentor("Bo"), scene.mentor("Cy", at=hospital)
    mia = scene.mentee("Mia", first, at=hospital)
    scene.suggested(scene.mentee("Noor", second), second)
    scene.refused(mia, first)
    standing = {
        status: factories.pairing(scene.cycle, in_status=status, manager=scene.manager)
        for status in ("drafted", "proposed", "confirmed", "final")
    }
    scene.suggested(scene.mentee("Omar", third), third)

    repair = scene.repair()
    draft_repair(scene.cycle, by=scene.manager, seen=repair.seen)

    # Only Bo is left for Mia: Ada refused, Cy is at Mia's hospital. Noor gives way to Ada; Omar does not move.
    assert {line.name: (line.before, line.after) for line in repair.lines} == {"Mia": ("", "Bo"), "Noor": ("Bo", "Ada")}
    drafts = scene.drafts()
    assert {name: drafts[name] for name in ("Mia", "Noor", "Omar")} == {"Mia": "Bo", "Noor": "Ada", "Omar": "Cy"}
    for status, pairing in standing.items():
        assert Pairing.objects.get(pk=pairing.pk).status == status


def test_what_moving_so_few_costs_is_said_in_numbers(scene):
    first, second, _free = (scene.mentor(name) for name in ("Ada", "Bo", "Cy"))
    lost = scene.mentee("Mia", second)
    scene.suggested(scene.mentee("Noor", first), second)
    gone = scene.mentor("Di")
    scene.refused(lost, gone)

    figures = {name: (now, few, again) for name, now, few, again in scene.repair().figures}

    # Noor has Bo and wants Ada; Mia wants Bo. All again gives both their first choice, and moves Noor.
    assert figures["Mentees with a mentor"] == (1, 2, 2)
    assert figures["First choices"] == (0, 0, 2)
    assert figures["Drafts that move"] == (0, 0, 1)


def test_of_all_repairs_that_match_as_many_none_moves_fewer():
    chance = random.Random(5)
    for _ in range(3):
        scene = Scene()
        mentors = [scene.mentor(f"Mentor {n}") for n in range(5)]
        mentees = [scene.mentee(f"Mentee {n}", *chance.sample(mentors, 2)) for n in range(5)]
        for mentee, mentor in zip(mentees[1:], chance.sample(mentors, 4), strict=True):
            scene.suggested(mentee, mentor)
        for mentor in chance.sample([each for each in mentors if not each.pairings.live().exists()], 1):
            scene.refused(mentees[0], mentor)
        repair = scene.repair()
        figures = {name: few for name, _now, few, _again in repair.figures}
        assert (figures["Mentees with a mentor"], figures["Drafts that move"]) == best_by_trying_all(scene.cycle)


def best_by_trying_all(cycle):
    """(most matched, fewest moved) over every assignment there is."""
    found = cycle_market(cycle)
    market = found.market
    edges = {(int(i), int(j)): k for k, (i, j) in enumerate(zip(market.mentee, market.mentor, strict=True))}
    kept = {(int(i), int(j)) for i, j, stood in zip(market.mentee, market.mentor, market.kept, strict=True) if stood}
    results = []
    for choice in itertools.product([None, *range(len(found.mentors))], repeat=len(found.mentees)):
        pairs = [(i, j) for i, j in enumerate(choice) if j is not None]
        taken = [j for _i, j in pairs]
        if len(set(taken)) == len(taken) and all(pair in edges for pair in pairs):
            results.append((len(pairs), -sum(1 for pair in kept if pair not in pairs)))
    matched, moved = max(results)
    return matched, -moved


@pytest.mark.parametrize("change", ["a draft", "a place", "a list"])
def test_a_repair_that_is_not_the_one_looked_at_is_refused(scene, change):
    mentors = [scene.mentor(name) for name in ("Ada", "Bo", "Cy")]
    mia = scene.mentee("Mia", mentors[1])
    noor = scene.mentee("Noor", mentors[1])
    scene.refused(mia, mentors[0])
    seen = scene.repair().seen
    if change == "a draft":
        scene.suggested(noor, mentors[2])
    if change == "a place":
        mentors[0].set_capacity(2, by=scene.manager)
    if change == "a list":
        Preference.objects.create(list=mia.preference_list, rank=2, interest=mentors[2])
    before = scene.drafts()

    with pytest.raises(TransitionRefused, match="have changed since you looked"):
        draft_repair(scene.cycle, by=scene.manager, seen=seen)

    assert scene.drafts() == before


def test_staff_come_from_the_dashboard_to_the_repair_and_draft_it_with_one_press(client, scene):
    first, _second = scene.mentor("Ada"), scene.mentor("Bo")
    lost = scene.refused(scene.mentee("Mia", first), first)
    client.force_login(scene.manager)

    queues = {item["title"]: item for group in client.get("/admin/").context["queues"] for item in group["items"]}
    assert queues["Mentees who need a new mentor"]["count"] == 1
    assert "1 mentee needs a new mentor." in client.get(queues["Mentees who need a new mentor"]["url"]).content.decode()
    address = reverse("admin:matching_repair", args=[scene.cycle.pk])
    assert address in client.get(reverse("admin:matching_pairing_change", args=[lost.pk])).content.decode()
    page = client.get(address)
    assert "This gives 1 mentee a mentor and moves no drafts" in page.content.decode()
    client.post(address, {"seen": page.context["repair"].seen})

    assert scene.drafts() == {"Mia": "Bo"}
    assert client.get("/admin/matching/pairing/?queue=fallen").context["cl"].result_count == 0


@pytest.mark.parametrize(
    ("status", "needs"),
    [("declined", True), ("lapsed", True), ("withdrawn", True), ("ended_early", True), ("proposed", False), ("final", False),
     ("completed", False)],
)  # fmt: skip
def test_who_needs_another_mentor(status, needs):
    pairing = factories.pairing(in_status=status)
    assert Pairing.objects.needing_another().exists() is needs
    if needs:
        pairing.application.withdraw(by=pairing.mentee)
        assert not Pairing.objects.needing_another().exists()
