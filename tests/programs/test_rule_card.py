"""The rule card: everything that is enforced, in words, with a version that submissions keep."""

from datetime import timedelta

import pytest

from programs import rule_card
from programs.models import Cycle, Effect, Rule
from tests import factories

pytestmark = pytest.mark.django_db


def again(cycle):
    return Cycle.objects.get(pk=cycle.pk)


def test_the_card_says_every_condition_every_window_the_term_and_the_limits(client):
    cycle = factories.cycle("dmp", most_choices=4)
    page = client.get("/programs/dmp/rules/")
    said = dict(page.context["card"].sections)
    assert said["Who may apply"] == [condition.sentence for condition in cycle.conditions]
    assert [sentence.split(" are accepted")[0] for sentence in said["Dates"]] == [
        "Applications", "Mentor interest forms", "Preferences",
    ]  # fmt: skip
    assert cycle.applications_window.closes_words in said["Dates"][0]
    assert "6-month minimum commitment" in said["Term and commitment"][0]
    assert "at most 4" in said["Mentors and pairings"][0]
    text = page.content.decode()
    assert page.context["card"].version in text
    assert all(sentence in text for sentence in said["Who may apply"])


def test_a_version_that_was_shown_or_judged_by_can_be_read_again_word_for_word(client):
    cycle = factories.cycle("dmp")
    shown = client.get("/programs/dmp/rules/").context["card"]
    address = f"/programs/dmp/rules/{shown.version}/"
    first = client.get(address)
    assert "This is an earlier version" not in first.content.decode()

    cycle.rules.filter(key="uim").update(parameters={"question": "Are you?", "definition": "Said anew."})
    cycle.rules.filter(key="english").delete()
    later = client.get(address)
    assert later.context["card"].sections == first.context["card"].sections
    assert "All your materials are in English." in later.content.decode()
    assert "Association of American Medical Colleges" in later.content.decode()
    assert "This is an earlier version, word for word." in later.content.decode()
    now = client.get("/programs/dmp/rules/").context["card"]
    assert dict(now.sections)["Statements, word for word"] == ["Are you? Said anew."]

    judged = factories.application(again(cycle), in_status="submitted").latest.rules_version
    cycle.rules.filter(key="uim").update(sentence="Another sentence.")
    assert client.get(f"/programs/dmp/rules/{judged}/").status_code == 200
    assert client.get("/programs/dmp/rules/0123456789/").status_code == 404
    assert client.get(f"/programs/vmp/rules/{judged}/").status_code == 404
    Cycle.objects.update(published_at=None)
    assert client.get(address).status_code == 404


def test_what_staff_verify_is_said():
    cycle = factories.cycle("dmp")
    cycle.rules.filter(key="uim").update(effect=Effect.STAFF_VERIFY)
    said = dict(rule_card.card(cycle).sections)["Who may apply"]
    assert (
        "You identify yourself as underrepresented in medicine (UIM). Staff verify this before anyone is accepted."
        in said
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda cycle: cycle.rules.filter(key="hours").update(sentence="Two hours."),
        lambda cycle: cycle.rules.filter(key="hours").update(parameters={"question": "Can you?"}),
        lambda cycle: cycle.rules.filter(key="hours").update(effect=Effect.SHOWN),
        lambda cycle: cycle.rules.filter(key="hours").update(any_of="either"),
        lambda cycle: cycle.windows.update(closes_at=cycle.applications_window.closes_at + timedelta(days=1)),
        lambda cycle: Cycle.objects.filter(pk=cycle.pk).update(most_choices=4),
        lambda cycle: Cycle.objects.filter(pk=cycle.pk).update(hours_a_month=2),
        lambda cycle: Cycle.objects.filter(pk=cycle.pk).update(most_months=11),
    ],
)
def test_the_version_changes_with_whatever_is_enforced(change):
    cycle = factories.cycle("vmp")
    before = rule_card.version(again(cycle))
    assert rule_card.version(again(cycle)) == before
    change(cycle)
    assert rule_card.version(again(cycle)) != before


def test_the_grace_is_for_staff_and_not_on_the_card():
    cycle = factories.cycle("vmp")
    before = rule_card.version(again(cycle))
    cycle.windows.update(grace=timedelta(minutes=5))
    assert rule_card.version(again(cycle)) == before


def test_a_submission_keeps_the_version_and_people_read_it(client):
    application = factories.application(in_status="submitted")
    version = rule_card.version(again(application.cycle))
    assert application.latest.rules_version == version
    assert not application.latest.rules_have_changed

    client.force_login(application.applicant)
    assert f"version {version}" in client.get(f"/applications/{application.pk}/receipt/").content.decode()
    application.cycle.rules.filter(key="hours").update(sentence="Two hours.")
    client.force_login(factories.staff())
    page = client.get(f"/admin/applications/application/{application.pk}/change/").content.decode()
    assert f"version {version}" in page
    assert "The rules have changed since; this application stays as it was judged" in page


def test_the_card_of_an_earlier_cycle_stays_to_be_read(client):
    now = factories.timezone.now()
    earlier = factories.cycle("vmp", now=now - timedelta(days=400))
    later = factories.cycle("vmp")
    assert client.get("/programs/vmp/rules/").context["cycle"] == later
    assert client.get(f"/programs/vmp/rules/?cycle={earlier.slug}").context["cycle"] == earlier
    later.published_at = None
    later.save()
    assert client.get(f"/programs/vmp/rules/?cycle={later.slug}").status_code == 404


def test_alternatives_stand_together_on_the_page_and_on_the_card(client):
    cycle = factories.cycle("vmp")
    cycle.rules.filter(key__in=["hours", "english"]).update(any_of="either")
    first, second = Rule.objects.filter(cycle=cycle, any_of="either")
    sentence = f"Any one of these: (1) {first.text} (2) {second.text}"
    assert sentence in dict(rule_card.card(cycle).sections)["Who may apply"]
    page = client.get("/programs/vmp/").content.decode()
    assert f"Any one of these:<ol><li>{first.text}</li><li>{second.text}</li></ol>" in page
