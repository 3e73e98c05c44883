"""A suggestion is computed by a worker: the page does not wait, sees how far it is, and learns how it ended."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.models import MentorInterest
from matching import solve as solving
from matching import tasks
from matching.changes import Changes
from matching.criteria import CRITERIA
from matching.models import Pairing, SuggestionRun, Weights
from matching.solve import is_stale, solve
from matching.tasks import ask, compute_run, compute_runs_left
from mentoring.audit.models import Event
from mentoring.workflow import TransitionRefused
from tests import factories
from tests.matching.crowd import crowd

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return factories.staff()


@pytest.fixture
def cycle(manager):
    made = factories.cycle()
    crowd(made, manager, 3)
    return made


def drafts():
    return set(Pairing.objects.live().values_list("application", "interest"))


def progress(client, run):
    return client.get(reverse("admin:matching_run_progress", args=[run.pk]), headers={"HX-Request": "true"})


def test_the_page_only_asks_and_shows_how_far_it_is_until_it_is_done(
    client, cycle, manager, monkeypatch, django_capture_on_commit_callbacks
):
    nudged = []
    monkeypatch.setattr(tasks.compute_run, "apply_async", lambda args, **options: nudged.append(args))
    client.force_login(manager)
    workbench = reverse("admin:matching_workbench", args=[cycle.pk])
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:matching_suggest", args=[cycle.pk]), {"policy": "best_fit"})
    run = SuggestionRun.objects.get()
    assert (run.status, nudged, drafts()) == ("queued", [(run.pk,)], set())
    address = reverse("admin:matching_run_progress", args=[run.pk])
    assert f'hx-get="{address}"' in client.get(workbench).text
    assert client.get(address).url == workbench  # without a script
    run.start(by=None)
    run.at(30, "Looking")
    page = progress(client, run)
    assert ("Looking" in page.text, 'value="30"' in page.text, "HX-Refresh" in page) == (True, True, False)

    compute_run(run.pk)

    assert progress(client, run)["HX-Refresh"] == "true"
    assert address not in client.get(workbench).text
    run.refresh_from_db()
    assert (run.status, run.percent, run.policy, len(drafts())) == ("done", 100, "best_fit", 3)
    assert run.versions.keys() >= {"solver", "code", "numpy"}
    assert run.seconds.keys() == {"read", "solve", "explain", "store"}
    compute_run(run.pk)  # a nudge that comes twice
    assert SuggestionRun.objects.get().finished_at == run.finished_at


def test_a_lost_nudge_is_made_good_and_a_lost_worker_ends_the_run(client, cycle, manager):
    waiting, lost = ask(cycle, "best_fit", by=manager), ask(cycle, "best_fit", by=manager)
    lost.start(by=None)
    compute_runs_left()
    assert {run.status for run in SuggestionRun.objects.all()} == {"queued", "running"}
    SuggestionRun.objects.filter(pk=waiting.pk).update(computed_at=timezone.now() - timedelta(seconds=11))
    SuggestionRun.objects.filter(pk=lost.pk).update(moved_at=timezone.now() - timedelta(minutes=11))

    compute_runs_left()

    assert SuggestionRun.objects.get(pk=waiting.pk).status == "done"
    lost.refresh_from_db()
    assert (lost.status, lost.phase) == ("failed", "The worker that computed this stopped. Please ask again.")
    client.force_login(manager)
    assert "The worker that computed this stopped." in progress(client, lost).text


def test_what_a_dead_worker_began_is_taken_up_by_another(cycle, manager):
    run = ask(cycle, "best_fit", by=manager)
    run.start(by=None)
    compute_run(run.pk)
    assert SuggestionRun.objects.get().status == "done"


@pytest.mark.parametrize(("times", "status"), [(1, "done"), (2, "done"), (3, "failed")])
def test_what_changes_while_it_is_computed_is_taken_into_account(cycle, manager, monkeypatch, times, status):
    changes = iter(range(times))

    def suggest_while_a_mentee_leaves(*args, **options):
        if next(changes, None) is not None:
            leaving = cycle.applications.filter(status="accepted").first()
            leaving.withdraw(by=leaving.applicant)
        return real(*args, **options)

    real = solving.suggest
    monkeypatch.setattr(solving, "suggest", suggest_while_a_mentee_leaves)
    run = ask(cycle, "best_fit", by=manager)

    compute_run(run.pk)

    run.refresh_from_db()
    assert run.status == status
    assert run.pairs.count() == len(drafts()) == (3 - times if status == "done" else 0)
    if status == "failed":
        assert run.phase.startswith("People, lists or places kept changing")


def test_an_error_ends_the_run_and_is_not_swallowed(cycle, manager, monkeypatch):
    def broken(*args, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(solving, "suggest", broken)
    run = ask(cycle, "best_fit", by=manager)
    with pytest.raises(ZeroDivisionError):
        compute_run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.phase.startswith("An error in the portal")) == ("failed", True)


def test_the_same_asked_again_gives_the_same_and_anything_else_is_refused(cycle, manager):
    first = solve(cycle, "best_fit", by=manager, drafts=False)
    again = solve(cycle, "best_fit", by=manager, drafts=False)
    assert (first.digest, first.outcome, first.asked) == (again.digest, again.outcome, again.asked)
    SuggestionRun.objects.filter(pk=first.pk).update(outcome="0" * 64)

    with pytest.raises(TransitionRefused, match=f"the same input gave other pairs in suggestion {first.pk}"):
        solve(cycle, "best_fit", by=manager, drafts=False)

    assert solve(cycle, "on_list_first", by=manager, drafts=False).is_done
    assert drafts() == set()


def test_what_makes_two_people_fit_is_the_cycles_own_setting(client, cycle, manager):
    client.force_login(manager)
    address = reverse("admin:matching_weights", args=[cycle.pk])
    assert client.get(address).text.count('value="0"') == 5
    before = solve(cycle, "best_fit", by=manager, drafts=False)
    weights = dict.fromkeys(CRITERIA, 0) | {"hours": 10}
    told = client.post(address, weights | {"needs": 11}).text
    assert "less than or equal to 10" in told
    assert Weights.objects.count() == 0

    client.post(address, weights)

    assert is_stale(before)
    after = solve(cycle, "best_fit", by=manager, drafts=False)
    assert after.asked["weights"] == weights
    assert {pair.because for pair in after.pairs.all()} <= {
        "First choice; same hours",
        "Not on the mentee's list; same hours",
    }
    assert Event.objects.about(cycle).get(verb="weigh").details == {"values": {"needs": [7, 0], "hours": [3, 10]}}


def test_a_pin_is_drafted_and_one_that_the_rules_do_not_allow_is_told(cycle, manager):
    xan, yve, zoe = cycle.applications.order_by("pk")
    ada, bea, cleo = MentorInterest.objects.filter(cycle=cycle).order_by("pk")
    pins = Changes(pins=frozenset({(xan.pk, bea.pk)}), bans=frozenset({(yve.pk, ada.pk)}))

    solve(cycle, "on_list_first", by=manager, changes=pins)

    assert drafts() == {(xan.pk, bea.pk), (yve.pk, cleo.pk), (zoe.pk, ada.pk)}
    xan.applicant.move_to(list(bea.mentor.institutions.all()))
    before = drafts()
    with pytest.raises(TransitionRefused, match=f"do not allow what is pinned: {xan.applicant} with {bea.mentor}"):
        solve(cycle, "on_list_first", by=manager, changes=pins)
    assert drafts() == before
