"""What people were asked, attested and judged by stays word for word, whatever staff change later."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from applications.merging import token
from applications.models import Application, Attestation
from mentoring.accounts.roles import MANAGER, REVIEWER
from programs.load import load_all
from programs.models import Cycle, Question, Rule, Wording
from programs.models.examples import examples_of
from tests import factories
from tests.programs.admin_forms import as_shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def dmp():
    return factories.cycle("dmp")


def hand_in_again(application, **answers):
    application = Application.objects.get(pk=application.pk)
    application.save_draft(answers=answers)
    application.submit(by=application.applicant, received_at=timezone.now())


def reword(cycle, definition="Another definition."):
    rule = cycle.rules.get(key="uim")
    rule.parameters["definition"] = definition
    rule.save()
    return rule


# --- Statements ------------------------------------------------------------------------------------------------------


def test_a_statement_is_kept_with_who_when_and_its_exact_words(dmp):
    application = factories.application(dmp, in_status="submitted")
    rule = dmp.rules.get(key="uim")
    made = Attestation.objects.get()
    assert (made.attested_by, made.attested_at) == (application.applicant, application.submitted_at)
    assert (made.wording.text, made.wording.help) == (rule.parameters["question"], rule.parameters["definition"])

    reword(dmp)
    assert Attestation.objects.get().wording.help == rule.parameters["definition"]


def test_nothing_but_a_yes_to_the_statement_itself_makes_one(dmp):
    factories.application(factories.cycle("vmp"), in_status="submitted")
    dmp.rules.filter(key="uim").update(effect="shown")
    factories.application(dmp, rule_answers={**factories.DMP_ANSWERS, "uim": "no"}, in_status="submitted")
    assert not Attestation.objects.exists()


def test_two_people_make_the_same_statement_to_one_wording_and_to_two_once_it_changes(dmp):
    factories.application(dmp, in_status="submitted")
    factories.application(dmp, in_status="submitted")
    assert Wording.objects.filter(key="uim").count() == 1
    reword(dmp)
    last = factories.application(type(dmp).objects.get(pk=dmp.pk), in_status="submitted")
    assert Wording.objects.filter(key="uim").count() == 2
    assert last.latest.attestations.get().wording.help == "Another definition."


def test_a_yes_to_a_wording_that_has_changed_is_asked_for_again(client, dmp):
    application = factories.application(dmp, rule_answers={})
    client.force_login(application.applicant)
    address = f"{application.get_absolute_url()}eligibility/"
    shown = yes_of(client.get(address))

    reword(dmp)
    late = client.post(address, {**factories.DMP_ANSWERS, "uim": shown})
    assert late.status_code == 422
    assert late.context["form"].errors.keys() == {"uim"}
    assert "Another definition." in late.content.decode()
    assert f'value="{shown}"' not in late.content.decode()

    told = [sentence for _part, key, sentence in Application.objects.get().problems() if key == "uim"]
    assert len(told) == 1
    assert "The wording of this statement has changed since you answered." in told[0]
    assert "Yes, to an earlier wording" in client.get(f"{application.get_absolute_url()}review/").content.decode()

    now, kept = yes_of(client.get(address)), token(Application.objects.get().rule_answers["uim"])
    assert client.post(address, {**factories.DMP_ANSWERS, "uim": now, **seen(), "base.uim": kept}).status_code == 302
    assert Application.objects.get().problems() == []


def yes_of(page):
    return page.context["form"].fields["uim"].choices[0][0]


def seen():
    return {f"base.{key}": token(value) for key, value in Application.objects.get().rule_answers.items()}


def test_an_example_says_yes_to_whatever_the_words_are(dmp):
    reword(dmp)
    assert all(example.agrees for example in examples_of(dmp))


def test_staff_see_the_statement_where_what_was_said_in_confidence_is_shown(client, dmp):
    application = factories.application(dmp, in_status="submitted")
    words = dmp.rules.get(key="uim").parameters["definition"]
    reword(dmp)
    here = f"/admin/applications/application/{application.pk}"
    client.force_login(factories.staff(REVIEWER))
    assert words not in client.get(f"{here}/change/").content.decode()
    client.force_login(factories.staff(MANAGER))
    shown = client.post(f"{here}/confidential/").content.decode()
    assert words in shown
    assert f"By {application.applicant} at {application.latest.received_words}" in shown


def test_the_person_reads_on_the_receipt_what_they_attested(client, dmp):
    application = factories.application(dmp, in_status="submitted")
    client.force_login(application.applicant)
    words = dmp.rules.get(key="uim").parameters["definition"]
    reword(dmp)
    assert words in client.get(f"{application.get_absolute_url()}receipt/").content.decode()


# --- Questions -------------------------------------------------------------------------------------------------------


def test_a_submission_shows_the_question_and_options_that_were_answered(client):
    cycle = factories.cycle()
    Question.objects.create(
        cycle=cycle, key="day", kind="one_of", text="On which day?", options=["Monday", "Friday"], position=9
    )
    answers = {**factories.ANSWERS, "day": "Friday"}
    application = factories.application(cycle, answers=answers, in_status="submitted")
    Question.objects.filter(key="day").update(text="Which weekday suits you?", options=["Tuesday", "Thursday"])
    Rule.objects.filter(cycle=cycle, key="hours").update(parameters={"question": "Two hours a month?"})

    client.force_login(application.applicant)
    receipt = client.get(f"{application.get_absolute_url()}receipt/").content.decode()
    assert "On which day?" in receipt
    assert "Friday" in receipt
    assert "Which weekday suits you?" not in receipt
    assert "Can you give at least one hour a month for the whole term?" in receipt
    client.force_login(factories.staff())
    page = client.get(f"/admin/applications/application/{application.pk}/change/").content.decode()
    assert "On which day?" in page
    assert "Which weekday suits you?" not in page


def test_a_question_that_is_taken_away_stays_with_those_who_answered_it(client):
    cycle = factories.cycle()
    application = factories.application(cycle, in_status="submitted")
    Question.objects.filter(cycle=cycle).delete()
    client.force_login(factories.staff())
    page = client.get(f"/admin/applications/application/{application.pk}/change/").content.decode()
    assert "To find my way." in page


def test_each_version_that_is_handed_in_keeps_its_own_words():
    cycle = factories.cycle()
    application = factories.application(cycle, in_status="submitted")
    Question.objects.filter(cycle=cycle, key="goals").update(text="What is next for you?")
    hand_in_again(application, goals="Another way.")
    first, second = [
        [row.wording.text for row in each.asked.all() if row.wording.key == "goals"]
        for each in application.submissions.order_by("number")
    ]
    assert first != second == ["What is next for you?"]
    assert Wording.objects.filter(key="goals").count() == 2
    assert Wording.objects.filter(key="topics").count() == 1


@time_machine.travel(datetime(2023, 12, 1, 12, tzinfo=UTC))
def test_staff_read_the_earlier_words_and_an_answered_question_keeps_its_key(client):
    load_all()
    cycle = Cycle.objects.get(slug="vmp-2024")
    factories.application(cycle, in_status="submitted")
    factories.application(cycle, in_status="submitted")
    client.force_login(factories.staff())
    change, overview = (f"/admin/programs/cycle/{cycle.pk}/{name}/" for name in ("change", "overview"))
    assert "earlier words" not in client.get(overview).content.decode()

    data = as_shown(client.get(change))
    goals = next(name.removesuffix("-key") for name, value in data.items() if value == "goals")
    before = data[f"{goals}-text"]
    refused = client.post(change, {**data, f"{goals}-key": "aims"})
    assert "People have answered this question, so its key stays." in refused.content.decode()
    saved = client.post(change, {**data, f"{goals}-text": "What is next for you?"}, follow=True)
    assert "keeps the words that they answered" in saved.content.decode()

    factories.application(Cycle.objects.get(pk=cycle.pk), in_status="submitted")
    page = " ".join(client.get(overview).content.decode().split())
    assert f"<b>{before}</b>" in page
    assert "in 2 submissions." in page
    assert "in 1 submission." in page
