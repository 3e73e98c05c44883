"""Scenarios touch no draft and say what would come out; one is chosen. Exports hold what the view shows, and are on record."""

import csv
from io import StringIO

import pytest

from matching.models import Scenario, SuggestionRun
from matching.tasks import compute_run
from matching.workbench.scenarios import trials
from mentoring.audit.models import Event
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
