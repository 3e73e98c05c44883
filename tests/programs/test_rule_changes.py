"""A rule changed after applications have opened: staff read whom it affects first, and nobody is un-submitted."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from programs.models import Effect
from programs.rules_admin import InlineRuleForm
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    client = Client()
    client.force_login(factories.staff())
    return client


def form_of(client, rule):
    """What the rule's page would send if nothing were touched."""
    form = client.get(reverse("admin:programs_rule_change", args=[rule.pk])).context["adminform"].form
    return {name: form[name].field.prepare_value(form[name].value()) or "" for name in form.fields}


def post(client, rule, **changes):
    return client.post(reverse("admin:programs_rule_change", args=[rule.pk]), {**form_of(client, rule), **changes})


@pytest.fixture
def cycle():
    """Open: one draft that fits, one that does not, and one application handed in."""
    made = factories.cycle("vmp")
    factories.application(made)
    factories.application(made, rule_answers={**factories.VMP_ANSWERS, "no_research": "yes"})
    factories.application(made, in_status="submitted")
    return made


def test_whom_a_change_affects_is_said_before_it_is_saved(manager, cycle):
    rule = cycle.rules.get(key="hours")

    response = post(manager, rule, effect=Effect.STAFF_VERIFY)

    assert response.context["sentences"] == [
        "1 submitted application would come to something else. It stays submitted, as it was judged."
    ]
    rule.refresh_from_db()
    assert rule.effect == Effect.MUST_HOLD, "Nothing is saved yet"

    hidden = dict(response.context["hidden"])
    assert manager.post(response.request["PATH_INFO"], hidden).status_code == 302
    rule.refresh_from_db()
    assert rule.effect == Effect.STAFF_VERIFY


def test_drafts_that_a_change_stops_or_frees_are_counted(manager, cycle):
    freed = post(manager, cycle.rules.get(key="no_research"), effect=Effect.SHOWN).context["sentences"]
    assert freed[0] == "1 draft does not meet the rules now and would."

    needs = cycle.rules.get(key="needs")
    stopped = post(manager, needs, options="women: Women in oncology").context["sentences"]
    assert stopped == [
        "1 draft meets the rules now and no longer would.",
        "1 submitted application would come to something else. It stays submitted, as it was judged.",
    ]


def test_a_change_of_words_alone_is_told_to_affect_nobody(manager, cycle):
    response = post(manager, cycle.rules.get(key="hours"), sentence="An hour a month is yours.")
    assert response.context["sentences"] == ["No draft and no submitted application would come to anything else."]


def test_other_effects_than_those_that_were_read_are_shown_again(manager, cycle):
    hidden = dict(post(manager, cycle.rules.get(key="no_research"), effect=Effect.SHOWN).context["hidden"])
    factories.application(cycle, rule_answers={**factories.VMP_ANSWERS, "no_research": "yes"})

    again = manager.post(reverse("admin:programs_rule_change", args=[cycle.rules.get(key="no_research").pk]), hidden)

    assert again.context["sentences"][0] == "2 drafts do not meet the rules now and would."
    assert cycle.rules.get(key="no_research").effect == Effect.MUST_HOLD


def test_before_applications_open_a_change_is_simply_saved(manager):
    cycle = factories.cycle("vmp", now=timezone.now() + timedelta(days=30))
    rule = cycle.rules.get(key="hours")

    assert post(manager, rule, effect=Effect.SHOWN).status_code == 302
    rule.refresh_from_db()
    assert rule.effect == Effect.SHOWN


def test_a_changed_rule_never_takes_a_submission_back(cycle):
    application = cycle.applications.get(status="submitted")
    judged = application.latest.verdict, application.latest.rules_version
    cycle.rules.filter(key="hours").update(parameters={"question": "Can you give ten?"}, sentence="Ten hours.")
    cycle.rules.filter(key="needs").update(parameters={"question": "Which?", "options": [["women", "Women"]]})

    application.refresh_from_db()

    assert application.status == "submitted"
    assert (application.latest.verdict, application.latest.rules_version) == judged
    assert application.latest.rules_have_changed


def test_the_cycles_page_sends_what_decides_to_the_rules_own_page(manager, cycle):
    rule = cycle.rules.get(key="hours")
    typed = {"position": 2, "key": "hours", "kind": "promise", "sentence": "Two hours.", "any_of": ""}
    assert InlineRuleForm({**typed, "effect": "must_hold"}, instance=rule).is_valid()
    refused = InlineRuleForm({**typed, "effect": "shown"}, instance=cycle.rules.get(key="hours"))
    assert "on the rule's own page" in refused.errors["effect"][0]
