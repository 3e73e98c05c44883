"""What would be if: the numbers that staff read are those that come out when they do it."""

from collections import Counter

import pytest
from django.db import transaction

from applications.models import MentorInterest
from matching import holds
from matching.models import Hold
from matching.solve import choose_by_hand
from matching.workbench.board import OUTCOMES
from matching.workbench.gaps import Gaps, past_mentors
from matching.workbench.what_if import WhatIf, policy_of
from tests import factories
from tests.matching.scene import Scene

pytestmark = pytest.mark.django_db
POLICY = "on_list_first"


@pytest.fixture
def scene():
    """Six mentees for five places, Ada wanted most; Val's home is also Bea's, and Cleo's two places count for two."""
    scene, home = Scene(), factories.institution("Larkmoor Clinic")
    scene.ada, scene.bea = scene.mentor("Ada", topics=["Leadership"]), scene.mentor("Bea", at=home)
    scene.cleo, scene.dora = scene.mentor("Cleo", places=2), scene.mentor("Dora", topics=["Leadership"])
    scene.una = scene.mentee("Una", scene.ada, scene.bea)
    scene.val = scene.mentee("Val", scene.ada, scene.cleo, at=home)
    scene.wim = scene.mentee("Wim", scene.ada, scene.bea, scene.dora)
    scene.xan = scene.mentee("Xan", scene.cleo)
    scene.yve = scene.mentee("Yve", scene.cleo, scene.ada)
    scene.zoe = scene.mentee("Zoe")
    scene.solve()
    return scene


def outcomes(board):
    count = Counter(mentee.outcome for mentee in board.mentees)
    return {label: count[name] for name, label, _tone in OUTCOMES}


def then(effect):
    return {label: after for label, _before, after, _change in effect.totals if label != "Matched in all"}


def what_if(scene, mentee):
    board = scene.board()
    return WhatIf(scene.cycle, board, board.mentee(mentee.pk), POLICY)


def done(scene, mentee, mentor):
    """What comes out when staff choose this pair and suggest again; taken back afterwards."""
    with transaction.atomic():
        choose_by_hand(mentee, mentor, by=scene.manager)
        scene.solve()
        found = outcomes(scene.board())
        transaction.set_rollback(True)
    return found


def test_what_a_wish_would_cost_is_what_comes_out_when_it_is_given(scene):
    assert outcomes(scene.board())["Nobody yet"] == 1
    tried = 0
    for mentee in (scene.una, scene.val, scene.wim, scene.zoe):
        asked = what_if(scene, mentee)
        for mentor in (scene.ada, scene.bea, scene.cleo, scene.dora):
            if cost := asked.cost(mentor.pk):
                assert (mentee, mentor, then(cost)) == (mentee, mentor, done(scene, mentee, mentor))
                tried += 1
    assert tried == 15  # Val and Bea are at one institution


def test_what_no_rule_allows_has_no_cost(scene):
    assert what_if(scene, scene.val).cost(scene.bea.pk) is None
    assert what_if(scene, scene.val).cost(10**9) is None


def test_a_place_that_is_pinned_cannot_be_forced(scene):
    holder = next(each for each in scene.board().mentees if each.mentor and each.mentor.name == "Ada")
    other = scene.wim if holder.id != scene.wim.pk else scene.una
    application = next(each for each in (scene.una, scene.val, scene.wim, scene.yve) if each.pk == holder.id)
    holds.put(Hold.Kind.PIN, application, scene.ada, by=scene.manager, reason="Kin.")

    assert what_if(scene, other).cost(scene.ada.pk) is None


def test_alternatives_come_with_the_best_for_everybody_first(scene):
    found = what_if(scene, scene.wim).alternatives()

    assert [each.effect.worth for each in found] == sorted(each.effect.worth for each in found)
    assert {each.interest for each in found} == {scene.ada.pk, scene.bea.pk, scene.cleo.pk, scene.dora.pk}
    assert found[0].effect.moves == []  # what a suggestion would give


def test_the_page_of_choices_tells_both_effects(scene):
    address = scene.address("matching_choose", scene.zoe.pk)

    page = scene.client().get(address, {"interest": scene.ada.pk})
    assert then(page.context["forced"]) == done(scene, scene.zoe, scene.ada)
    assert "And if you suggest again around it" in page.content.decode()
    costs = scene.client().get(address, {"costs": 1}).context["costs"]
    assert next(mentor.name for mentor, _each in costs) in {"Ada", "Bea", "Cleo", "Dora"}


# --- Who has nobody --------------------------------------------------------------------------------------------------


def gaps(scene):
    return Gaps(scene.cycle, scene.board(), POLICY)


def groups(scene):
    return {title: [mentee.name for mentee in mentees] for title, _help, mentees in gaps(scene).groups}


def test_who_has_nobody_is_grouped_by_what_they_lack():
    scene, home = Scene(), factories.institution("Larkmoor Clinic")
    ada, bea = scene.mentor("Ada", at=home), scene.mentor("Bea")
    una = scene.mentee("Una", bea)
    scene.mentee("Wim", bea)
    val, xan = scene.mentee("Val", at=home), scene.mentee("Xan", ada)
    scene.pair(una, bea)
    scene.pair(scene.mentee("Tom"), ada)
    for mentee, mentor in ((val, bea), (xan, ada)):
        holds.put(Hold.Kind.BAN, mentee, mentor, by=scene.manager, reason="Kin.")

    assert groups(scene) == {
        "No mentor of this cycle may be theirs": ["Val"],
        "Nobody on their list may be theirs": ["Xan"],
        "The mentors they may have are full": ["Wim"],
    }
    bea.set_capacity(2, by=scene.manager)
    assert groups(scene)["A place is free for them"] == ["Wim"]


def test_what_would_help_is_what_more_places_bring(scene):
    found = {each.what: each for each in gaps(scene).helps(["Leadership", "Writing"])}
    before = outcomes(scene.board())

    ada = found["Ada"]
    scene.ada.set_capacity(2, by=scene.manager)
    scene.solve()

    after = outcomes(scene.board())
    assert ada.matched == before["Nobody yet"] - after["Nobody yet"] == 1
    assert ada.places == 1
    assert "mentors who offer Writing" not in found
    assert found["mentors who offer Leadership"].matched == 1


def test_past_mentors_who_are_not_in_this_cycle_are_there_to_be_asked():
    old, new = factories.cycle(), factories.cycle()
    again, asked, elsewhere = factories.person("Ada"), factories.person("Bea"), factories.person("Cleo")
    factories.interest(old, again)
    factories.interest(old, asked, topics=["Leadership"])
    factories.interest(old, factories.person("Dora"), in_status="declined")
    factories.interest(factories.cycle("dmp"), elsewhere)
    factories.interest(new, again)

    assert [row.mentor.name for row in past_mentors(new)] == ["Bea"]
    assert MentorInterest.objects.filter(cycle=old).count() == 3


def test_the_page_of_gaps_tells_them(scene):
    text = scene.client().get(scene.address("matching_gaps", scene.cycle.pk)).content.decode()
    assert "The mentors they may have are full: 1" in text
    assert "What would help most" in text


def test_a_policy_that_is_gone_is_the_usual_one(scene):
    run = scene.solve("most_first_choices")
    assert (policy_of(run), policy_of(None)) == ("most_first_choices", "on_list_first")
    run.policy = "of old"
    assert policy_of(run) == "on_list_first"
