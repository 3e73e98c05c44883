"""What would be if: the numbers that staff read are those that come out when they do it."""

import dataclasses
from collections import Counter
from copy import deepcopy

import numpy as np
import pytest
from django.db import transaction

from applications.models import MentorInterest
from matching import holds
from matching.models import Hold, Pairing
from matching.solve import choose_by_hand
from matching.suggest import suggest
from matching.workbench.board import OUTCOMES
from matching.workbench.gaps import Gaps, past_mentors
from matching.workbench.what_if import ALIKE, GIVEN, WhatIf, in_words, policy_of
from tests import factories
from tests.matching.scene import Scene

pytestmark = pytest.mark.django_db
POLICY = "on_list_first"


@pytest.fixture
def scene(solved):
    return deepcopy(solved)


@pytest.fixture(scope="module")
def solved(shared_rows):
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


def figures(scene, asked, interest=None):
    """What the best assignment reaches, with this mentor for the mentee where one is named."""
    market = asked.found.market
    if interest is None:
        return suggest(market, asked.policy).figures
    pinned = np.zeros(len(market.rank), dtype=np.int64)
    pinned[asked.found.edge(asked.mentee.id, interest)] = 1
    return suggest(dataclasses.replace(market, pinned=pinned), asked.policy).figures


@pytest.mark.parametrize("name", ["una", "val", "wim", "yve", "zoe"])
def test_every_mentor_comes_with_what_solving_anew_says_it_costs_the_best_for_everybody_first(scene, name):
    asked = what_if(scene, getattr(scene, name))
    best = figures(scene, asked)

    found = asked.options()

    order = []
    for each in found:
        forced = figures(scene, asked, each.id)
        change = {
            "matched": forced["matched"] - best["matched"],
            "on_list": forced["on_list"] - best["on_list"],
            "rank 1": forced["by_rank"][0] - best["by_rank"][0],
            "rank 2": forced["by_rank"][1] - best["by_rank"][1],
            "fit": forced["fit_total"] - best["fit_total"],
        }
        order.append(list(change.values()))
        assert each.cost in (in_words(change) or GIVEN, in_words(change) or ALIKE)
    assert order == sorted(order, reverse=True)
    allowed = {"val": 3}.get(name, 4)  # Val and Bea are at one institution
    assert (len(found), sum(each.cost == GIVEN for each in found)) == (
        allowed,
        int(asked.best[asked.mentee.id] is not None),
    )


def test_a_change_is_told_by_what_matters_most():
    assert in_words({"matched": -1, "on_list": 0, "rank 1": 2, "rank 2": -1, "fit": -58, "kept": 1}) == (
        "1 fewer with a mentor, 2 more first choices, 1 fewer second choice, fit 58 less in all"
    )
    assert (
        in_words({"above rank 3": -2, "on_list": 1})
        == "2 fewer above their third choice, 1 more with somebody from their list"
    )
    assert in_words({"matched": 0, "kept": -1}) == ""


def test_where_no_prices_tell_costs_the_mentees_own_choices_come_first_and_then_by_fit(scene):
    board = scene.board()
    options = WhatIf(scene.cycle, board, board.mentee(scene.wim.pk), "stable").options()
    assert [(each.name, each.cost) for each in options] == [("Ada", ""), ("Bea", ""), ("Dora", ""), ("Cleo", "")]
    assert options[0].because.startswith("First choice; ")
    page = scene.client().get(scene.address("matching_choose", scene.wim.pk)).content.decode()
    assert "What it costs all together" in page

    draft = Pairing.objects.filter(status="drafted").first()
    holds.put(Hold.Kind.PIN, draft.application, draft.interest, by=scene.manager, reason="Kin.")
    page = scene.client().get(scene.address("matching_choose", draft.application_id)).content.decode()
    assert "What it costs all together" not in page


def test_the_page_of_choices_tells_both_effects(scene):
    address = scene.address("matching_choose", scene.zoe.pk)

    page = scene.client().get(address, {"interest": scene.ada.pk})
    assert then(page.context["forced"]) == done(scene, scene.zoe, scene.ada)
    assert "And if you suggest again around it" in page.content.decode()


# --- Who has nobody --------------------------------------------------------------------------------------------------


def gaps(scene):
    return Gaps(scene.cycle, scene.board(), POLICY)


def groups(scene):
    return {title: [mentee.name for mentee in mentees] for title, _help, mentees in gaps(scene).groups}


def test_who_has_nobody_is_grouped_by_what_they_lack():
    scene, home = Scene(), factories.institution("Ferncliff Clinic")
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
    old, new = factories.cycle("dmp"), factories.cycle("dmp")
    again, asked, elsewhere = factories.person("Ada"), factories.person("Bea"), factories.person("Cleo")
    factories.interest(old, again)
    factories.interest(old, asked, topics=["Leadership"])
    factories.interest(old, factories.person("Dora"), in_status="declined")
    factories.interest(factories.cycle("vmp"), elsewhere)
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
