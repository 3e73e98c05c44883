"""Scenarios touch no draft and say what would come out; one is chosen. Exports hold what the view shows, and are on record."""

import csv
from io import StringIO

import pytest

from matching.criteria import CRITERIA, DEFAULT_WEIGHTS
from matching.models import Scenario, SuggestionRun
from matching.models.weights import weights_of
from matching.solve import is_stale
from matching.tasks import compute_run
from matching.workbench.scenarios import trials
from mentoring.audit.models import Event
from tests import factories
from tests.matching.scene import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """Ada is wanted by both and has one place; Dora waits for approval."""
    scene = Scene()
    scene.ada, scene.bea = scene.mentor("Ada"), scene.mentor("Bea")
    scene.xan, scene.yve = scene.mentee("Xan", scene.ada), scene.mentee("Yve", scene.ada, scene.bea)
    scene.zoe = scene.mentee("Zoe", scene.ada)
    scene.solve()
    return scene


def tried(scene, **data):
    """Ask for a scenario on its page, and let the worker compute it."""
    asked = {"name": "Trial", "policy": "on_list_first", "longest_list": "0", "more": "1", "notes": "", **data}
    page = scene.client().post(scene.address("matching_scenarios", scene.cycle.pk), asked)
    assert page.status_code == 302, page.context["form"].errors
    compute_run(SuggestionRun.objects.latest("pk").pk)
    (trial,) = [each for each in found(scene) if each.scenario.name == asked["name"]]
    return trial


def found(scene):
    return trials(scene.cycle, scene.board())


def then(trial):
    return {label: after for label, _before, after, _change in trial.effect.totals if after}


def choose(scene, trial):
    address = scene.address("matching_choose_scenario", trial.scenario.pk)
    text = scene.client().post(address, follow=True).content.decode()
    for run in SuggestionRun.objects.under_way():
        compute_run(run.pk)
    return text


def test_a_scenario_with_one_more_place_says_what_then_comes_out(scene):
    before = scene.drafted()

    trial = tried(scene, interest=scene.ada.pk, notes="Ask Ada.")

    assert scene.drafted() == before
    assert trial.settings == ["1 more with Ada"]
    assert trial.missing == ["Ada with 2 places"]
    assert "counts on places that are not there: Ada with 2 places" in choose(scene, trial)
    assert scene.drafted() == before
    scene.ada.set_capacity(2, by=scene.manager)
    (trial,) = found(scene)
    promised = then(trial)
    choose(scene, trial)
    assert promised == {"First choice": 2, "Second choice": 1, "Matched in all": 3}
    assert [mentee.outcome for mentee in scene.board().mentees] == ["first", "second", "first"]


def test_the_chosen_one_is_marked_and_the_others_stay(scene):
    first, second = tried(scene, name="One"), tried(scene, name="Two", policy="best_fit", longest_list="1")
    assert second.settings == ["Only the first 1 of each list"]

    choose(scene, first)
    choose(scene, second)

    marked = {each.scenario.name: each.scenario.chosen_by for each in found(scene)}
    assert marked == {"One": None, "Two": scene.manager}
    assert SuggestionRun.objects.filter(drafts=True).latest("pk").policy == "best_fit"
    verbs = Event.objects.filter(target_type="matching.scenario").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["try_out", "try_out", "choose", "choose"]
    text = scene.client().get(scene.address("matching_scenarios", scene.cycle.pk)).content.decode()
    assert text.count(">Chosen<") == 1


def test_a_name_is_there_once(scene):
    tried(scene, name="One")
    asked = {"name": "ONE", "policy": "best_fit", "longest_list": "0", "more": "1"}
    page = scene.client().post(scene.address("matching_scenarios", scene.cycle.pk), asked)
    assert "There is a scenario of this name already." in page.content.decode()
    assert Scenario.objects.count() == 1
    assert not SuggestionRun.objects.filter(policy="best_fit").exists()


def test_a_scenario_without_a_result_is_not_chosen(scene):
    asked = {"name": "Soon", "policy": "best_fit", "longest_list": "0", "more": "1"}
    scene.client().post(scene.address("matching_scenarios", scene.cycle.pk), asked)
    (trial,) = found(scene)
    assert trial.effect is None
    address = scene.address("matching_choose_scenario", trial.scenario.pk)
    assert "has no result yet" in scene.client().post(address, follow=True).content.decode()
    assert Scenario.objects.get().chosen_at is None


# --- Weights ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def torn():
    """Xan, in New York, may have Ada, who shares a topic and lives far away, or Bea, who shares the hours of the day."""
    scene = Scene()
    scene.ada = scene.mentor("Ada", topics=["Leadership"])
    scene.bea = scene.mentor("Bea", topics=["Teaching"])
    scene.ada.mentor.time_zone = "Asia/Tokyo"
    scene.ada.mentor.save()
    scene.xan = scene.mentee("Xan", answers={**factories.ANSWERS, "topics": ["Leadership"]})
    scene.solve()
    return scene


ONLY_HOURS = {f"weight_{name}": "0" for name in CRITERIA} | {"weight_hours": "10"}


def test_other_weights_are_tried_without_touching_the_cycles(torn):
    assert torn.drafted() == [("Xan", "Ada")]

    trial = tried(torn, **ONLY_HOURS)

    assert torn.drafted() == [("Xan", "Ada")]
    assert weights_of(torn.cycle) == DEFAULT_WEIGHTS
    assert trial.settings == ["Weights: “Hours of the day in common” 10"]
    (move,) = trial.effect.moves
    assert ("Ada" in move.before, "Bea" in move.after) == (True, True)
    assert [label for label, _then, _before in trial.met] == [each.label for each in CRITERIA.values()]
    met = {label: (then, before) for label, then, before in trial.met}
    assert met["What the mentee asks for and the mentor offers"] == (0, 100)
    assert met["Hours of the day in common"] == (100, 16)
    text = torn.client().get(torn.address("matching_scenarios", torn.cycle.pk)).content.decode()
    assert "Its weights become those of the cycle." in text
    assert "Hours of the day in common: <b>100%</b>" in text


def test_choosing_makes_its_weights_the_cycles_on_record(torn):
    trial = tried(torn, **ONLY_HOURS)

    choose(torn, trial)

    assert torn.drafted() == [("Xan", "Bea")]
    assert weights_of(torn.cycle) == dict.fromkeys(CRITERIA, 0) | {"hours": 10}
    (event,) = Event.objects.filter(verb="weigh")
    assert event.actor_id == torn.manager.pk
    assert event.details["values"] == {"needs": [7, 0], "hours": [3, 10]}
    run = SuggestionRun.objects.filter(drafts=True).first()
    assert not is_stale(run)


def test_the_cycles_own_weights_are_no_other_ones(torn):
    same = {f"weight_{name}": str(weight) for name, weight in DEFAULT_WEIGHTS.items()}
    trial = tried(torn, **same)
    assert not trial.has_weights
    choose(torn, trial)
    assert not Event.objects.filter(verb="weigh").exists()
    assert "weights" not in trial.scenario.run.asked["changes"]


def test_a_weight_that_is_none_is_said_where_it_is_typed(torn):
    asked = {"name": "Much", "policy": "best_fit", "longest_list": "0", "more": "1", "weight_hours": "11"}
    text = torn.client().post(torn.address("matching_scenarios", torn.cycle.pk), asked).content.decode()
    assert '<details class="disclosure" open>' in text
    assert "less than or equal to 10" in text
    assert not Scenario.objects.exists()


# --- Export ----------------------------------------------------------------------------------------------------------


def test_the_export_is_the_view_and_is_on_record(scene):
    scene.mentee("=1+1", scene.bea)
    address = scene.address("matching_export", scene.cycle.pk)

    assert scene.client().get(address).status_code == 302
    assert not Event.objects.filter(verb="export").exists()
    response = scene.client().post(f"{address}?got=none")

    rows = list(csv.DictReader(StringIO(response.content.decode("utf-8-sig"))))
    shown = scene.client().get(scene.address("matching_workbench", scene.cycle.pk), {"got": "none"}).context["view"]
    assert [row["Mentee"] for row in rows] == ["'=1+1", *(each.name for each in shown.mentees[1:])]
    assert rows[0]["Choice 1"] == "Bea"
    assert response["Content-Type"].startswith("text/csv")
    (event,) = Event.objects.filter(verb="export")
    assert (event.actor_id, event.details) == (scene.manager.pk, {"rows": len(rows), "asked": {"got": "none"}})


def test_the_list_of_workbenches_leads_to_what_waits(scene):
    text = scene.client().get(scene.address("matching_workbenches")).content.decode()
    bench = scene.address("matching_workbench", scene.cycle.pk)
    assert f'{bench}?got=none#mentees"><b>1</b> without a mentor' in text
    assert f'{bench}?state=draft#mentees"><b>2</b> drafted' in text
