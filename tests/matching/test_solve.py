"""Suggestions for a whole cycle: around what stands, the same for the same input, with reasons; and what staff change by hand."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.models import MentorInterest
from matching.models import Pairing, SuggestionRun
from matching.ranking import Ranking
from matching.solve import choose_by_hand, is_stale, solve
from matching.workbench.board import read
from matching.workbench.what_if import WhatIf
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from tests import factories
from tests.matching.crowd import crowd

pytestmark = pytest.mark.django_db


class Scene:
    """A cycle whose mentees rank as few mentors as they like."""

    def __init__(self):
        self.cycle, self.manager = factories.cycle(least_choices=1), factories.staff()

    def mentor(self, name, places=1, **facts):
        return factories.interest(
            self.cycle, factories.person(name), places=places, manager=self.manager, **{"topics": [], **facts}
        )

    def mentee(self, name, *choices, **facts):
        row = factories.application(
            self.cycle, factories.person(name), in_status="accepted", manager=self.manager, **facts
        )
        if choices:
            row.preference_list.submit(
                by=row.applicant, received_at=timezone.now(), ranking=Ranking([each.pk for each in choices])
            )
        return row

    def solve(self, policy="on_list_first"):
        return solve(self.cycle, policy, by=self.manager)

    def drafted(self):
        pairs = Pairing.objects.live().order_by("mentee__name").values_list("mentee__name", "mentor__name")
        return list(pairs)


@pytest.fixture
def scene():
    return Scene()


def test_everybody_gets_the_best_there_is_and_nobody_is_told(scene):
    ada, bea = scene.mentor("Ada"), scene.mentor("Bea")
    scene.mentee("Xan", ada, bea)
    scene.mentee("Yve", ada)
    mail = OutgoingEmail.objects.count()

    run = scene.solve()

    assert scene.drafted() == [("Xan", "Bea"), ("Yve", "Ada")]
    assert (run.figures["matched"], run.figures["on_list"]) == (2, 2)
    assert set(Pairing.objects.values_list("status", "by_hand")) == {("drafted", False)}
    assert OutgoingEmail.objects.count() == mail
    done, started, asked = Event.objects.about(run)
    assert [done.verb, started.verb, asked.verb] == ["finish", "start", "suggest"]
    assert (asked.actor_id, asked.details["policy"]) == (scene.manager.pk, "on_list_first")


def test_the_same_input_gives_the_same_pairs_and_what_can_stay_stays(scene):
    mentors = [scene.mentor(name) for name in ("Ada", "Bea", "Cleo", "Dora")]
    for name in ("Uma", "Vic", "Xan", "Yve"):
        scene.mentee(name, *mentors[:2])
    first = scene.solve()
    before, drafts = scene.drafted(), set(Pairing.objects.values_list("pk", flat=True))

    second = scene.solve()

    assert scene.drafted() == before
    assert first.digest == second.digest
    assert list(first.pairs.values_list("application", "interest", "because")) == list(
        second.pairs.values_list("application", "interest", "because")
    )
    # The very drafts stay, with one line of history each.
    assert set(Pairing.objects.values_list("pk", flat=True)) == drafts
    assert Event.objects.filter(target_type="matching.pairing").count() == 4


def test_only_the_drafts_that_are_others_now_give_way(scene):
    ada, bea, cleo = (scene.mentor(name) for name in ("Ada", "Bea", "Cleo"))
    scene.mentee("Xan", ada)
    scene.mentee("Yve", bea, cleo)
    scene.solve()
    staying = Pairing.objects.get(mentee__name="Xan")
    bea.withdraw(by=bea.mentor, reason="No time this year.")

    scene.solve()

    assert scene.drafted() == [("Xan", "Ada"), ("Yve", "Cleo")]
    assert Pairing.objects.live().get(mentee__name="Xan") == staying
    assert Event.objects.filter(verb="draft").count() == 3


def test_drafting_many_costs_what_drafting_one_costs(scene):
    def cost():
        for draft in Pairing.objects.filter(status="drafted"):
            draft.discard(by=scene.manager)
        with CaptureQueriesContext(connection) as captured:
            scene.solve()
        return len(captured)

    crowd(scene.cycle, scene.manager, 1)
    scene.solve()
    for_one = cost()
    crowd(scene.cycle, scene.manager, 29)

    assert (for_one, cost()) == (69, 69)
    assert Pairing.objects.filter(status="drafted").count() == 30


@pytest.mark.parametrize("stands", ["drafted", "proposed", "confirmed", "final", "active"])
def test_what_stands_stays_put_when_staff_suggest_again(scene, stands):
    ada, bea = scene.mentor("Ada"), scene.mentor("Bea")
    xan = scene.mentee("Xan", ada)
    scene.mentee("Yve", ada)
    # Xan wished for Ada, and staff chose Bea all the same.
    pairing = factories.pairing(in_status=stands, mentee=xan, mentor=bea, manager=scene.manager)

    scene.solve()
    scene.solve("most_first_choices")

    assert scene.drafted() == [("Xan", "Bea"), ("Yve", "Ada")]
    assert Pairing.objects.get(pk=pairing.pk).status == stands


def test_the_reasons_are_kept_with_the_pair(scene):
    ada = scene.mentor("Ada", topics=["Career planning", "Leadership"])
    scene.mentee("Xan", ada)

    (pair,) = scene.solve().pairs.all()

    assert (pair.rank, pair.fit) == (1, 1000)
    assert pair.because == "First choice; both name Career planning; same hours"
    assert pair.why_not == []
    assert Pairing.objects.get().because == pair.because
    assert Event.objects.about(Pairing.objects.get()).get().reason == pair.because


def test_an_unmet_wish_is_explained_by_who_holds_the_places(scene):
    ada, bea = scene.mentor("Ada"), scene.mentor("Bea")
    scene.mentee("Xan", ada, bea)
    scene.mentee("Yve", ada)

    run = scene.solve()

    said = {pair.application.applicant.name: pair.why_not for pair in run.pairs.all()}
    assert said == {"Xan": ["First choice: Ada, whose place goes to Yve (first choice)."], "Yve": []}


def test_a_wish_that_no_rule_allows_is_explained(scene):
    ada, bea = scene.mentor("Ada"), scene.mentor("Bea")
    xan = scene.mentee("Xan", ada, bea)
    ada.mentor.move_to(list(xan.applicant.institutions.all()))

    (pair,) = scene.solve().pairs.all()

    assert pair.rank == 2
    assert pair.why_not == ["First choice: Ada is at the mentee's own institutions."]


def test_who_gets_nobody_is_told_why(scene):
    ada = scene.mentor("Ada")
    scene.mentee("Xan", ada)
    scene.mentee("Yve", ada)
    zoe = scene.mentee("Zoe")
    zoe.applicant.move_to(list(ada.mentor.institutions.all()))

    run = scene.solve()

    said = {pair.application.applicant.name: pair.because for pair in run.pairs.filter(interest=None)}
    lucky = scene.drafted()[0][0]
    assert said == {
        {"Xan": "Yve", "Yve": "Xan"}[lucky]: (
            "All places of the mentors this mentee may have go to others; there are more mentees than places."
        ),
        "Zoe": "There are no mentors from outside the mentee's own institution who have a place free.",
    }


def test_an_unknown_policy_is_refused(scene):
    with pytest.raises(TransitionRefused, match="Choose one of the policies on the list"):
        scene.solve("whatever")


def test_a_cycle_with_nobody_in_it_is_solved(scene):
    assert scene.solve().figures["matched"] == 0


# --- Stale -----------------------------------------------------------------------------------------------------------


def a_list(scene):
    yve = scene.cycle.applications.get(applicant__name="Yve")
    mentor = MentorInterest.objects.get(mentor__name="Bea")
    yve.preference_list.submit(by=yve.applicant, received_at=timezone.now(), ranking=Ranking([mentor.pk]))


def another_place(scene):
    MentorInterest.objects.get(mentor__name="Ada").set_capacity(2, by=scene.manager)


def a_mentor_pauses(scene):
    mentor = MentorInterest.objects.get(mentor__name="Ada")
    mentor.pause(by=mentor.mentor)


def a_mentee_leaves(scene):
    yve = scene.cycle.applications.get(applicant__name="Yve")
    yve.withdraw(by=yve.applicant)


def one_more_mentee(scene):
    scene.mentee("Zoe")


def other_topics(scene):
    MentorInterest.objects.filter(mentor__name="Ada").update(topics=["Career planning"])


@pytest.mark.parametrize(
    "change", [a_list, another_place, a_mentor_pauses, a_mentee_leaves, one_more_mentee, other_topics]
)
def test_a_run_says_that_what_it_was_computed_from_has_changed(scene, change):
    ada, bea = scene.mentor("Ada"), scene.mentor("Bea")
    scene.mentee("Yve", ada)
    assert bea
    run = scene.solve()
    assert not is_stale(run)

    change(scene)

    assert is_stale(SuggestionRun.objects.get(pk=run.pk))


# --- By hand ---------------------------------------------------------------------------------------------------------


def test_staff_who_choose_by_hand_replace_the_draft_and_take_a_suggested_place(scene):
    ada, bea = scene.mentor("Ada"), scene.mentor("Bea")
    xan = scene.mentee("Xan", bea)
    scene.mentee("Yve", ada)
    scene.solve()
    assert scene.drafted() == [("Xan", "Bea"), ("Yve", "Ada")]

    choose_by_hand(xan, ada, by=scene.manager)

    assert scene.drafted() == [("Xan", "Ada")]
    pairing = Pairing.objects.live().get()
    assert (pairing.by_hand, pairing.because) == (True, f"Chosen by {scene.manager}.")
    reasons = Event.objects.filter(verb="discard").order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["Changed by hand.", "Staff gave this place to Xan."]
    scene.solve()
    assert scene.drafted() == [("Xan", "Ada"), ("Yve", "Bea")]


def test_a_place_that_staff_gave_by_hand_is_not_taken_by_hand(scene):
    ada = scene.mentor("Ada")
    xan, yve = scene.mentee("Xan"), scene.mentee("Yve")
    choose_by_hand(xan, ada, by=scene.manager)

    with pytest.raises(TransitionRefused, match="Ada has no place left"):
        choose_by_hand(yve, ada, by=scene.manager)

    assert scene.drafted() == [("Xan", "Ada")]


def test_a_refused_choice_leaves_the_draft_that_was_there(scene):
    ada, bea = scene.mentor("Ada"), scene.mentor("Bea")
    xan = scene.mentee("Xan")
    choose_by_hand(xan, ada, by=scene.manager)
    bea.pause(by=bea.mentor)

    with pytest.raises(TransitionRefused, match="Bea is not taking new mentees"):
        choose_by_hand(xan, bea, by=scene.manager)

    assert scene.drafted() == [("Xan", "Ada")]


@pytest.mark.parametrize("status", ["proposed", "final"])
def test_the_page_of_choices_is_not_there_for_a_mentee_whose_pairing_is_shared(client, status):
    pairing = factories.pairing(in_status=status)
    client.force_login(factories.staff())
    assert client.get(f"/admin/matching/pairing/choose/{pairing.application_id}/").status_code == 404


# --- What it costs ---------------------------------------------------------------------------------------------------


def test_looking_costs_the_same_for_one_and_for_thirty(scene):
    def queries(act):
        with CaptureQueriesContext(connection) as captured:
            act()
        return len(captured)

    def cost():
        run = SuggestionRun.objects.select_related("cycle").latest("pk")
        board = read(scene.cycle)
        mentee = board.mentee(scene.cycle.applications.first().pk)
        return queries(lambda: is_stale(run)), queries(
            lambda: WhatIf(scene.cycle, board, mentee, "on_list_first").options()
        )

    crowd(scene.cycle, scene.manager, 1)
    SuggestionRun.objects.create(
        cycle=scene.cycle,
        policy="on_list_first",
        computed_by=scene.manager,
        digest="",
        status="done",
        finished_at=timezone.now(),
    )
    for_one = cost()
    crowd(scene.cycle, scene.manager, 29)

    assert (for_one, cost()) == ((17, 16), (17, 16))


def test_thirty_who_each_want_another_all_get_their_first_choice(scene):
    crowd(scene.cycle, scene.manager, 30)
    run = scene.solve()
    assert (run.figures["matched"], run.figures["by_rank"][0]) == (30, 30)
