"""Answers save themselves one by one: nothing is overwritten unseen, and an earlier text can be brought back."""

import json
from datetime import timedelta
from random import Random

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.merging import merge, token
from applications.models import EarlierText
from mentoring.devices import device_words
from tests import factories
from tests.applications.tabs import Draft, Lost, PostedDraft, play

pytestmark = pytest.mark.django_db

SCRIPT = {"X-Requested-With": "autosave"}
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def draft():
    return factories.application()


@pytest.fixture
def client(draft):
    client = Client()
    client.force_login(draft.applicant)
    return client


def address(draft, part="answers"):
    return f"/applications/{draft.pk}/{part}/"


def send(client, draft, part="answers", *, saw="", agent=DESK, **answers):
    """What the page's script sends when these answers were changed; ``saw`` is what it knew of each."""
    data = {"fields": list(answers), "version": draft.revision, **answers}
    data |= {f"base.{key}": token(saw) for key in answers}
    return client.post(address(draft, part), data, headers={**SCRIPT, "User-Agent": agent})


def goals(draft):
    draft.refresh_from_db()
    return draft.answers.get("goals")


def play_500(merging):
    for seed in range(500):
        play(Draft(merging), Random(seed))


# --- Two windows ------------------------------------------------------------------------------------------------------


def test_in_500_random_interleavings_of_two_windows_nothing_is_lost_unasked():
    play_500(merge)


@pytest.mark.parametrize("seed", range(12))
def test_nor_over_http(client, draft, seed):
    questions = list(draft.cycle.questions.all())
    for key in ("why", "when"):
        questions[0].pk, questions[0].key = None, key
        questions[0].save()
    play(PostedDraft(client, draft), Random(seed), steps=12)


@pytest.mark.parametrize(
    "careless",
    [
        pytest.param(lambda saved, typed, seen: (typed, set()), id="the last one wins"),
        pytest.param(lambda saved, typed, seen: (merge(saved, typed, seen)[0], set()), id="nobody is asked"),
    ],
)
def test_the_same_interleavings_find_careless_merging_out(careless):
    with pytest.raises(Lost):
        play_500(careless)


def test_what_was_changed_elsewhere_in_another_answer_stays(client, draft):
    send(client, draft, saw=["Career planning"], topics=["Leadership"])
    reply = send(client, draft, saw="To find my way.", goals="To teach.").json()
    draft.refresh_from_db()
    assert draft.answers == {"goals": "To teach.", "topics": ["Leadership"]}
    # The window hears of it.
    assert reply["kept"]["topics"] == [["Leadership"], token(["Leadership"])]


def test_the_same_answer_changed_elsewhere_is_not_overwritten_and_both_texts_are_told(client, draft):
    send(client, draft, saw="To find my way.", goals="From the phone.")
    response = send(client, draft, saw="To find my way.", goals="From the desk.")
    assert response.status_code == 409
    reply = response.json()
    assert reply["disputed"] == ["goals"]
    assert reply["kept"]["goals"] == ["From the phone.", token("From the phone.")]
    assert reply["saved"] == ""
    assert goals(draft) == "From the phone."


def test_without_script_both_texts_are_shown_and_the_person_chooses(client, draft):
    send(client, draft, saw="To find my way.", goals="From the phone.")
    typed = {"goals": "From the desk.", "base.goals": token("To find my way."),
             "topics": ["Leadership"], "base.topics": token(["Career planning"])}  # fmt: skip
    response = client.post(address(draft), typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert "From the phone." in page
    assert "From the desk." in page
    assert goals(draft) == "From the phone."
    assert draft.answers["topics"] == ["Leadership"]
    # No choice is no permission.
    other = {**typed, "other.goals": token("From the phone."), "base.topics": token(["Leadership"])}
    assert client.post(address(draft), other).status_code == 409
    assert client.post(address(draft), {**other, "choice.goals": "theirs"}).status_code == 302
    assert goals(draft) == "From the phone."
    assert client.post(address(draft), {**other, "choice.goals": "mine"}).status_code == 302
    assert goals(draft) == "From the desk."
    assert draft.earlier_texts.first().value == "From the phone."


def test_a_choice_made_over_a_text_that_has_changed_again_is_asked_anew(client, draft):
    send(client, draft, saw="To find my way.", goals="Second.")
    send(client, draft, saw="Second.", goals="Third.")
    typed = {"goals": "Mine.", "base.goals": token("To find my way."), "other.goals": token("Second."),
             "choice.goals": "mine", "topics": ["Career planning"], "base.topics": token(["Career planning"])}  # fmt: skip
    assert client.post(address(draft), typed).status_code == 409
    assert goals(draft) == "Third."


def test_an_answer_of_the_server_that_never_arrived_is_no_conflict_with_oneself(client, draft):
    send(client, draft, saw="To find my way.", goals="One")
    data = {
        "fields": "goals",
        "goals": "One, two",
        "base.goals": token("To find my way."),
        "sent.goals": json.dumps("One"),
    }
    assert client.post(address(draft), data, headers=SCRIPT).status_code == 200
    assert goals(draft) == "One, two"


@pytest.mark.parametrize("sent", ["{", "null", "7", '{"a": 1}', "[[]]", '"\\ud800"'])
def test_what_no_page_of_ours_sent_opens_nothing(client, draft, sent):
    data = {"fields": ["goals", "no-such-question"], "goals": "Mine.", "no-such-question": "x", "sent.goals": sent}
    assert client.post(address(draft), data, headers=SCRIPT).status_code == 409
    assert goals(draft) == "To find my way."
    assert "no-such-question" not in draft.answers


# --- A draft may hold anything ------------------------------------------------------------------------------------------


def test_a_draft_takes_what_could_not_be_handed_in(client, draft):
    reply = send(client, draft, saw="To find my way.", goals="x" * 6000)
    assert reply.status_code == 200
    assert len(goals(draft)) == 6000
    assert send(client, draft, saw="x" * 6000, goals="").status_code == 200
    assert goals(draft) == ""


def test_saved_is_said_with_the_time_of_the_program(client, draft):
    with time_machine.travel("2026-11-22T03:42:00Z", tick=False):
        client.force_login(draft.applicant)
        reply = send(client, draft, saw="To find my way.", goals="To teach.").json()
    assert reply["saved"] == "Saved 10:42 PM ET"


def test_somebody_elses_draft_is_not_there(draft):
    stranger = Client()
    stranger.force_login(factories.person())
    assert send(stranger, draft, saw="To find my way.", goals="Mine.").status_code == 404
    assert goals(draft) == "To find my way."


def test_a_page_of_writing_is_fetched_anew_when_somebody_comes_back_to_it(client, draft):
    assert "no-store" in client.get(address(draft)).headers["Cache-Control"]


@pytest.mark.parametrize(("part", "answer"), [("answers", {"goals": "To teach."}), ("eligibility", {"english": "no"})])
def test_saving_takes_four_queries(client, draft, part, answer):
    saw = {**draft.answers, **draft.rule_answers}[next(iter(answer))]
    with CaptureQueriesContext(connection) as queries:
        assert send(client, draft, part, saw=saw, **answer).status_code == 200
    assert len(queries) == 4, [each["sql"] for each in queries]


def test_looking_for_changes_takes_three(client, draft):
    with CaptureQueriesContext(connection) as queries:
        assert client.post(address(draft), {"version": "0"}, headers=SCRIPT).json()["saved"] == ""
    assert len(queries) == 3


# --- Earlier texts ------------------------------------------------------------------------------------------------------


def write(draft, *texts, minutes=1, device="Firefox on Linux"):
    """Save one text after the other, so many minutes apart."""
    draft.edited_from = device
    for text in texts:
        with time_machine.travel((draft.edited_at or timezone.now()) + timedelta(minutes=minutes)):
            draft.save_draft(answers={"goals": text}, device=device)


def kept(draft):
    return [row.value for row in EarlierText.objects.filter(application=draft, question="goals")]


def test_one_earlier_text_is_kept_in_ten_minutes(draft):
    write(draft, "a text", "a text that", "a text that grows")
    assert kept(draft) == ["To find my way."]
    write(draft, "a text that grew", minutes=11)
    assert kept(draft) == ["a text that grows", "To find my way."]


def test_what_is_deleted_or_written_on_another_device_is_kept_at_once(draft):
    write(draft, "a long text of many words")
    write(draft, "short")
    assert kept(draft)[0] == "a long text of many words"
    write(draft, "short, from the phone", device="Chrome on Android")
    assert kept(draft)[0] == "short"
    assert EarlierText.objects.filter(application=draft).first().replaced_from == "Chrome on Android"


def test_no_more_than_fifty_are_kept_and_they_go_with_the_draft(draft):
    write(draft, *[f"text {number}" for number in range(55)], minutes=11)
    assert len(kept(draft)) == 50
    assert "To find my way." not in kept(draft)
    draft.delete()
    assert not EarlierText.objects.exists()


def test_what_is_answered_about_eligibility_has_no_history(client, draft):
    send(client, draft, "eligibility", saw=["training"], needs=["women"])
    draft.refresh_from_db()
    assert draft.rule_answers["needs"] == ["women"]
    assert not EarlierText.objects.exists()


def test_an_earlier_text_is_brought_back_and_what_it_replaces_is_kept(client, draft):
    send(client, draft, saw="To find my way.", agent=PHONE, goals="x")
    page = client.get(f"/applications/{draft.pk}/earlier/").content.decode()
    assert "To find my way." in page
    assert "Changed from Chrome on Android" in page
    row = draft.earlier_texts.get()
    assert client.post(f"/applications/{draft.pk}/earlier/", {"text": row.pk}).status_code == 302
    assert goals(draft) == "To find my way."
    assert kept(draft) == ["x", "To find my way."]


def test_an_earlier_text_of_somebody_else_is_not_there(client, draft):
    other = factories.application()
    other.save_draft(answers={"goals": "Theirs."})
    assert client.post(f"/applications/{draft.pk}/earlier/", {"text": other.earlier_texts.get().pk}).status_code == 404
    assert client.get(f"/applications/{other.pk}/earlier/").status_code == 404


@pytest.mark.parametrize(
    ("agent", "words"), [(PHONE, "Chrome on Android"), (DESK, "Firefox on Linux"), ("", "another device")]
)
def test_devices_in_words(agent, words):
    assert device_words(agent) == words
