"""Staff change pairs by hand: with the effect before them, a reason for a loss, and never over a colleague's change."""

import pytest

from matching.models import Hold, Pairing
from matching.workbench.board import Board
from matching.workbench.by_hand import effect_of
from mentoring.audit.models import Event
from mentoring.workflow import TransitionRefused
from tests import factories
from tests.matching.scene import Scene
from tests.mentoring.at_once import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """Xan has Ada, whom Yve wants most; Yve has Bea; both were suggested."""
    scene = Scene()
    scene.ada, scene.bea = scene.mentor("Ada"), scene.mentor("Bea")
    scene.xan, scene.yve = scene.mentee("Xan", scene.ada), scene.mentee("Yve", scene.ada, scene.bea)
    scene.solve()
    assert scene.drafted() == [("Xan", "Ada"), ("Yve", "Bea")]
    scene.maria = factories.staff(name="Maria Manager")
    return scene


def look(scene, mentee, mentor, person=None):
    """The page that says what a choice does, and what its form then sends."""
    page = scene.client(person).get(scene.address("matching_choose", mentee.pk), {"interest": mentor.pk})
    return page, {"interest": mentor.pk, "seen": page.context["seen"], "reason": "They asked for it."}


def save(scene, mentee, data, person=None):
    return scene.client(person).post(scene.address("matching_choose", mentee.pk), data)


def totals(effect):
    return {label: (before, after) for label, before, after, _change in effect.totals if before or after}


# --- Whom there is to choose -------------------------------------------------------------------------------------------


def test_a_mentor_is_found_by_name_among_all_there_are(scene):
    address, client = scene.address("matching_choose", scene.yve.pk), scene.client()

    assert [each.name for each in client.get(address).context["options"]] == ["Bea", "Ada"]
    assert [each.name for each in client.get(address, {"q": "bEA"}).context["options"]] == ["Bea"]
    (home,) = scene.bea.mentor.institutions.values_list("name", flat=True)
    assert [each.name for each in client.get(address, {"q": home}).context["options"]] == ["Bea"]
    assert "No mentor is like that" in client.get(address, {"q": "nobody of this name"}).content.decode()


# --- The effect ------------------------------------------------------------------------------------------------------


def test_the_effect_is_what_then_happens(scene):
    page, data = look(scene, scene.yve, scene.ada)
    effect = page.context["effect"]

    assert [(move.name, move.before, move.after, move.is_worse) for move in effect.moves] == [
        ("Xan", "Ada, first choice", "nobody", True),
        ("Yve", "Bea, second choice", "Ada, first choice", False),
    ]
    assert totals(effect) == {
        "First choice": (1, 1), "Second choice": (1, 0), "Nobody yet": (0, 1), "Matched in all": (2, 1),
    }  # fmt: skip
    save(scene, scene.yve, data)
    board = scene.board()
    assert {each.name: each.outcome for each in board.mentees} == {"Xan": "none", "Yve": "first"}
    assert effect_of(board, board.mentees[1], board.mentors[0]).moves == []


def test_a_loss_needs_a_reason_and_the_reason_is_kept(scene):
    _page, data = look(scene, scene.yve, scene.ada)

    refused = save(scene, scene.yve, {**data, "reason": " "})

    assert refused.status_code == 422
    assert "This costs somebody, so please say why" in refused.content.decode()
    assert scene.drafted() == [("Xan", "Ada"), ("Yve", "Bea")]
    save(scene, scene.yve, data)
    assert scene.drafted() == [("Yve", "Ada")]
    drafted = Event.objects.filter(verb="draft", target_name__contains="Yve").first()
    assert drafted.reason == "Chosen by Morgan Manager. They asked for it."


def test_what_costs_nobody_needs_no_reason(scene):
    cleo = scene.mentor("Cleo")
    zoe = scene.mentee("Zoe", cleo)
    _page, data = look(scene, zoe, cleo)

    save(scene, zoe, {**data, "reason": ""})

    assert ("Zoe", "Cleo") in scene.drafted()


# --- Two people at once ----------------------------------------------------------------------------------------------


def test_a_change_from_an_old_view_is_refused_with_what_changed_and_the_choice_kept(scene):
    cleo = scene.mentor("Cleo")
    _page, data = look(scene, scene.yve, scene.ada)
    _page, marias = look(scene, scene.xan, cleo, scene.maria)
    save(scene, scene.xan, marias, scene.maria)

    page = save(scene, scene.yve, data)

    text = " ".join(page.content.decode().split())
    assert page.status_code == 409
    assert scene.drafted() == [("Xan", "Cleo"), ("Yve", "Bea")]
    assert "Maria Manager changed 1 pair now." in text
    assert f'name="interest" value="{scene.ada.pk}"' in text
    assert 'value="They asked for it."' in text
    # The effect is the new one: Ada's place is free by now.
    assert [move.name for move in page.context["effect"].moves] == ["Yve"]
    assert save(scene, scene.yve, {**data, "seen": page.context["seen"]}).status_code == 302
    assert scene.drafted() == [("Xan", "Cleo"), ("Yve", "Ada")]


def test_without_the_version_the_old_view_would_undo_a_colleagues_change(scene, monkeypatch):
    """The control of the test above: what the version is there against."""
    monkeypatch.setattr(Board, "version", "always the same")
    scene.cycle.refresh_from_db()
    _page, data = look(scene, scene.yve, scene.ada)
    _page, marias = look(scene, scene.yve, scene.mentor("Cleo"), scene.maria)
    save(scene, scene.yve, marias, scene.maria)

    save(scene, scene.yve, data)

    assert scene.drafted() == [("Yve", "Ada")]  # Maria's pair is gone, and so is Xan's


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_instant_one_reads_what_the_other_did(scene):
    cleo = scene.mentor("Cleo")
    _page, data = look(scene, scene.yve, scene.ada)
    _page, marias = look(scene, scene.yve, cleo, scene.maria)

    answers = at_once(
        lambda: save(scene, scene.yve, data).status_code,
        lambda: save(scene, scene.yve, marias, scene.maria).status_code,
    )

    assert sorted(answers) == [302, 409]
    assert Pairing.objects.live().filter(application=scene.yve).count() == 1


def test_others_news_come_to_an_open_page_and_ones_own_do_not(scene):
    address = scene.address("matching_news", scene.cycle.pk)
    page = scene.client().get(scene.address("matching_workbench", scene.cycle.pk))
    since = {"since": page.context["cycle"].with_news}
    assert scene.client().get(address, since).content.strip() == b""

    _page, data = look(scene, scene.yve, scene.ada)
    save(scene, scene.yve, data)

    assert scene.client().get(address, since).content.strip() == b""
    assert "Morgan Manager changed 2 pairs now." in scene.client(scene.maria).get(address, since).content.decode()
    scene.solve()
    told = scene.client(scene.maria).get(address, since).content.decode()
    assert "Morgan Manager asked for a new suggestion now." in told
    elsewhere = scene.address("matching_news", factories.cycle("dmp").pk)
    assert scene.client(scene.maria).get(elsewhere, since).content.strip() == b""
    for nonsense in ("", "x", "9" * 40):
        assert scene.client().get(address, {"since": nonsense}).status_code == 200


# --- Pins and bans ---------------------------------------------------------------------------------------------------


def held(scene, kind, mentee, mentor, reason="They know each other.", person=None):
    data = {"kind": kind, "application": mentee.pk, "interest": mentor.pk, "reason": reason}
    return scene.client(person).post(scene.address("matching_hold", scene.cycle.pk), data, follow=True).content.decode()


def test_a_banned_pair_is_dropped_and_never_suggested_chosen_or_written(scene):
    held(scene, "ban", scene.xan, scene.ada)

    assert scene.drafted() == [("Yve", "Bea")]
    scene.solve()
    assert ("Xan", "Ada") not in scene.drafted()
    assert ("Yve", "Ada") in scene.drafted()
    page, data = look(scene, scene.xan, scene.ada)
    assert scene.ada.pk not in {option.id for option in page.context["options"]}
    assert "Staff have ruled this pair out" in save(scene, scene.xan, data).content.decode()
    (hold,) = Hold.objects.all()
    assert (hold.reason, hold.put_by, str(hold)) == ("They know each other.", scene.manager, "Xan never with Ada")

    scene.client(scene.maria).post(scene.address("matching_lift", hold.pk))

    hold.refresh_from_db()
    assert hold.lifted_by == scene.maria
    scene.solve()
    assert scene.drafted() == [("Xan", "Ada"), ("Yve", "Bea")]
    verbs = Event.objects.about(hold).order_by("pk").values_list("verb", "actor_name")
    assert list(verbs) == [("ban", "Morgan Manager"), ("lift_ban", "Maria Manager")]


def test_a_pinned_pair_stays_whatever_it_costs_until_the_pin_is_taken_back(scene):
    _page, data = look(scene, scene.yve, scene.ada)
    save(scene, scene.yve, {**data, "pin": "on"})
    cleo = scene.mentor("Cleo")

    scene.solve("most_first_choices")
    assert ("Yve", "Ada") in scene.drafted()
    _page, other = look(scene, scene.yve, cleo)
    told = save(scene, scene.yve, other).content.decode()
    assert "Yve is pinned by Morgan Manager: They asked for it. Take the pin back first" in told
    _page, other = look(scene, scene.xan, scene.ada)
    assert "Ada has no place left" in save(scene, scene.xan, other).content.decode()

    scene.client().post(scene.address("matching_lift", Hold.objects.get().pk))
    _page, other = look(scene, scene.yve, cleo)
    assert save(scene, scene.yve, other).status_code == 302


def test_a_suggested_pair_that_is_pinned_does_not_give_way(scene):
    held(scene, "pin", scene.xan, scene.ada)
    _page, data = look(scene, scene.yve, scene.ada)

    assert "Ada has no place left" in save(scene, scene.yve, data).content.decode()
    assert scene.drafted() == [("Xan", "Ada"), ("Yve", "Bea")]


@pytest.mark.parametrize(
    ("kind", "mentor", "reason", "told"),
    [
        ("pin", "bea", "Because.", "Only a drafted pair can be pinned"),
        ("pin", "ada", "", "Please give a reason"),
        ("ban", "ada", " ", "Please give a reason"),
        ("keep", "ada", "Because.", "whether it must be or must not be"),
    ],
)
def test_a_hold_that_cannot_be_is_refused_in_words(scene, kind, mentor, reason, told):
    assert told in held(scene, kind, scene.xan, getattr(scene, mentor), reason)
    assert Hold.objects.count() == 0
    assert scene.drafted() == [("Xan", "Ada"), ("Yve", "Bea")]


def test_a_shared_pair_is_not_ruled_out(scene):
    Pairing.objects.get(application=scene.xan).propose(by=scene.manager)
    assert "These two are in a pairing now. End it first." in held(scene, "ban", scene.xan, scene.ada)
    assert Hold.objects.count() == 0


def test_a_hold_is_taken_back_once(scene):
    held(scene, "ban", scene.xan, scene.bea)
    address = scene.address("matching_lift", Hold.objects.get().pk)
    scene.client().post(address)
    assert "taken back already" in scene.client().post(address, follow=True).content.decode()


def test_a_pin_that_was_lost_is_told_on_the_workbench(scene):
    held(scene, "pin", scene.xan, scene.ada)
    Pairing.objects.get(application=scene.xan).discard(by=scene.manager)

    text = scene.client().get(scene.address("matching_workbench", scene.cycle.pk)).content.decode()

    assert "Xan is pinned to Ada and has nobody." in text
    _page, data = look(scene, scene.yve, scene.ada)
    save(scene, scene.yve, {**data, "pin": "on"})
    scene.solve()  # two pins for one place: the pair that stands counts
    assert scene.drafted()[-1] == ("Yve", "Ada")
    Pairing.objects.get(application=scene.yve, status="drafted").discard(by=scene.manager)
    _page, data = look(scene, scene.xan, scene.ada)
    save(scene, scene.xan, data)
    assert ("Xan", "Ada") in scene.drafted()


def test_a_draft_against_a_ban_is_refused_in_words(scene):
    held(scene, "ban", scene.yve, scene.ada)
    Pairing.objects.get(application=scene.xan).discard(by=scene.manager)
    with pytest.raises(TransitionRefused, match="Staff have ruled this pair out"):
        Pairing.draft(scene.yve, scene.ada, by=scene.manager)
