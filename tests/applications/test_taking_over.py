"""Last year's answers can be taken over, marked until they are touched; what somebody states or hands over never is."""

import pytest
from django.test import Client

from applications.merging import token
from applications.models import Application
from mentoring.workflow import TransitionRefused
from programs.models import Question
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def last_year():
    cycle = factories.cycle(label="2026")
    Question.objects.create(cycle=cycle, key="sure", kind="yes_no", text="Are you sure?", required=False)
    earlier = factories.application(cycle, answers={**factories.ANSWERS, "sure": "yes"}, in_status="submitted")
    return earlier.latest


@pytest.fixture
def draft(last_year):
    cycle = factories.cycle()
    Question.objects.create(cycle=cycle, key="sure", kind="yes_no", text="Are you sure?", required=False)
    applicant = last_year.application.applicant
    return factories.application(cycle, applicant, answers={"topics": ["Leadership"]}, rule_answers={})


def press(draft, **buttons):
    client = Client()
    client.force_login(draft.applicant)
    data = {key: value for key, value in draft.answers.items() if value}
    data |= {f"base.{key}": token(value) for key, value in draft.answers.items()} | buttons
    assert client.post(f"/applications/{draft.pk}/answers/", data).status_code in (302, 422)
    draft.refresh_from_db()
    return client.get(f"/applications/{draft.pk}/answers/").content.decode()


def test_what_is_open_is_filled_and_marked_and_the_rest_stays(draft):
    page = press(draft, take_over="on")
    assert draft.answers["goals"] == "To find my way."
    assert draft.answers["topics"] == ["Leadership"]
    assert draft.taken_over == {"goals": "2026"}
    assert "From 2026, please check." in page


def test_what_somebody_states_is_asked_anew(draft):
    press(draft, take_over="on")
    assert not draft.answers.get("sure")
    assert draft.rule_answers == {}


def test_the_mark_goes_when_the_answer_is_touched(draft, last_year):
    draft.take_over(last_year)
    draft.save_draft(answers={"topics": ["Teaching"]})
    assert draft.taken_over == {"goals": "2026"}
    draft.save_draft(answers={"goals": "To teach."})
    assert Application.objects.get(pk=draft.pk).taken_over == {}


def test_the_mark_goes_when_the_person_says_it_is_right(draft, last_year):
    draft.take_over(last_year)
    page = press(draft, checked="on")
    assert draft.taken_over == {}
    assert draft.answers["goals"] == "To find my way."
    assert "please check" not in page


def test_it_is_offered_only_where_there_is_something_to_fill(draft, last_year):
    client = Client()
    client.force_login(draft.applicant)
    address = f"/applications/{draft.pk}/answers/"
    assert "Use my answers of 2026" in client.get(address).content.decode()
    draft.take_over(last_year)
    assert "Use my answers of 2026" not in client.get(address).content.decode()


def test_nobody_takes_over_what_somebody_else_wrote(last_year):
    with pytest.raises(TransitionRefused):
        factories.application(answers={}).take_over(last_year)
