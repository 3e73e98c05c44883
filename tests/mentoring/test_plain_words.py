"""What forms say when something is missing or does not fit, and that nothing that was typed is cut off."""

import html

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications import sections
from applications.forms import MentorInterestForm
from applications.merging import token
from applications.models import MentorInterest
from mentoring.accounts import zones
from mentoring.accounts.forms import ProfileForm
from programs.forms import AnswersForm, AskForm, answer_problems
from tests import factories

pytestmark = pytest.mark.django_db
GOALS = "What would you like to have reached by the end of the year, and where would a mentor make the difference?"
SENTENCE = (
    "You do not wish to work alongside your mentor in clinical trials or research: This program is not meant for that"
)


def page_of(row, part=None, person=None, **data):
    client = Client()
    client.force_login(person or row.applicant)
    address = reverse(f"applications:{part}", args=[row.pk]) if part in ("overview", "review", "withdraw") else part
    response = client.post(address, data) if data else client.get(address)
    return html.unescape(response.content.decode())


def errors(form):
    return {name: list(sentences) for name, sentences in form.errors.items()}


# --- Sentences -------------------------------------------------------------------------------------------------------


def test_questions_that_are_not_answered():
    cycle = factories.cycle("vmp")
    asks = [question.ask for question in cycle.questions.all()]
    told = errors(AnswersForm([*asks, *cycle.rule_asks], data={"membership": "x"}))
    assert told["goals"] == ["Please answer this."]
    assert told["topics"] == ["Choose at least one."]
    assert told["membership"] == ["Choose from the list."]


def test_a_mentor_form_with_nothing_in_it():
    cycle = factories.cycle("vmp")
    form = MentorInterestForm({"places_offered": "0"}, instance=MentorInterest(cycle=cycle, mentor=factories.person()))
    told = errors(form)
    assert told["places_offered"] == ["Offer at least 1 place, at most 10."]
    assert told["agreed"] == ["Tick this to go on."]
    assert told["topics"] == ["Choose at least one."]
    assert told["profile"] == ["Please answer this."]


@pytest.mark.parametrize("places", ["", "x", "11"])
def test_how_many_places_can_be_offered(places):
    form = MentorInterestForm(
        {"places_offered": places}, instance=MentorInterest(cycle=factories.cycle(), mentor=factories.person())
    )
    assert errors(form)["places_offered"] == ["Offer at least 1 place, at most 10."]


def test_an_empty_select_says_choose():
    page = str(ProfileForm(instance=factories.person()))
    assert "---" not in page
    assert page.count("Choose…") == 1


# --- Nothing is cut off ----------------------------------------------------------------------------------------------


def test_a_text_that_is_too_long_is_kept_whole_and_told_of():
    draft = factories.application()
    long = "ä" * 3400 + "\r\n" * 100  # a line end counts once, as in the browser
    asks = draft.question_asks
    page = str(AnswersForm(asks))
    assert "maxlength" not in page
    assert 'data-count="3000"' in page
    assert "maxlength" not in str(AskForm()["situation"])
    saw = {"base.goals": token(draft.answers["goals"])}
    page_of(draft, reverse("applications:section", args=[draft.pk, "answers"]), goals=long, topics="Teaching", **saw)
    draft.refresh_from_db()
    assert draft.answers["goals"] == long.replace("\r\n", "\n")
    told = f"{GOALS} This has 3400 characters; at most 3000 fit. Please shorten it."
    stored = {**draft.answers, "goals": long + "x"}
    assert answer_problems(asks, stored) == [("goals", told.replace("3400", "3501"))]


def test_a_line_end_counts_as_one_character():
    draft = factories.application()
    assert answer_problems(draft.question_asks, {**draft.answers, "goals": "x\r\n" * 1500}) == []


# --- What is missing, and what does not fit --------------------------------------------------------------------------


def test_missing_and_unfit_answers_are_told_apart():
    rules = {**factories.VMP_ANSWERS, "no_research": "yes", "online": ""}
    draft = factories.application(rule_answers=rules, answers={"topics": ["Teaching"]})
    overview = page_of(draft, "overview")
    assert "1 thing missing. 1 answer does not fit the program." in overview
    draft.answers = {"goals": "x" * 3001}
    assert [step["date_text"] for step in sections.progress(draft, draft.problems())][2] == (
        "1 thing missing. 1 answer needs another look."
    )
    review = page_of(draft, "review")
    assert SENTENCE in review
    assert f"Not answered yet: {GOALS}" in review
    assert "This field is required" not in review


def test_an_attempt_that_did_not_go_through_says_what_was_missing_and_what_came_of_it():
    draft = factories.application(answers={"topics": ["Teaching"]})
    page_of(draft, "review", **factories.CONFIRMED)
    overview = page_of(draft, "overview")
    assert f"Something was missing or did not fit:<ul><li>Not answered yet: {GOALS}</li></ul>" in overview
    assert "You handed in successfully later." not in overview
    draft.save_draft(answers=factories.ANSWERS)
    draft.submit(by=draft.applicant, received_at=timezone.now())
    assert "You handed in successfully later." in page_of(draft, "overview")


def test_a_changed_application_says_which_version_counts():
    handed_in = factories.application(in_status="submitted")
    handed_in.save_draft(answers={"goals": "Something else."})
    overview = page_of(handed_in, "overview")
    assert "Version 1 is with us. Your changes are not handed in." in overview
    assert "Not handed in yet." not in overview


@pytest.mark.parametrize(
    ("status", "given_up"),
    [
        ("submitted", None),
        ("waitlisted", "Your place on the waitlist is given up."),
        ("accepted", "Your place, your list"),
    ],
)
def test_only_what_one_has_is_given_up(status, given_up):
    page = page_of(factories.application(in_status=status), "withdraw")
    assert ("given up" in page) is bool(given_up)
    assert (given_up or "You can undo the withdrawal until") in page


def test_the_check_names_what_staff_check():
    factories.cycle("vmp")
    data = {**factories.VMP_ANSWERS, "membership": "applied"}
    page = html.unescape(Client().post(reverse("programs:check", args=["vmp"]), data).content.decode())
    assert "Before anyone is accepted, staff check with you:</p>\n        <ul><li>You are a full ASCO member" in page


# --- Time zones ------------------------------------------------------------------------------------------------------


def test_time_zones_are_few_and_those_of_most_come_first():
    choices = dict(zones.choices())
    assert next(iter(choices.items())) == ("America/New_York", "Eastern (New York)")
    names = list(choices)
    assert len(names) == len({zones.plain(words) for words in choices.values()}) < 430
    assert not {"US/Eastern", "America/Buenos_Aires", "Asia/Calcutta", "Etc/GMT+5", "Brazil/East"} & set(names)
    assert choices["America/Argentina/Buenos_Aires"] == "Buenos Aires (Argentina)"
    assert "UTC" in names


def test_a_zone_that_is_no_longer_offered_stays_whose_it_is():
    person = factories.person(time_zone="US/Eastern")
    form = ProfileForm(instance=person)
    assert 'value="US/Eastern"' in str(form["time_zone"])
    assert zone_of("US/Eastern", person) == ("US/Eastern", [])
    assert zone_of("US/Eastern")[1] == [NO_SUCH_ZONE]


NO_SUCH_ZONE = "Choose a time zone from the list, such as Eastern (New York) or Madrid."


def zone_of(typed, person=None):
    """What the profile takes it for, and what it says against it."""
    form = ProfileForm({"time_zone": typed}, instance=person or factories.person())
    told = form.errors.get("time_zone", [])
    return form.cleaned_data.get("time_zone"), list(told)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Central (Chicago)", "America/Chicago"),
        ("America/Chicago", "America/Chicago"),
        (" los angeles", "America/Los_Angeles"),
        ("SÃO PAULO", "America/Sao_Paulo"),
        ("Madrid", "Europe/Madrid"),
    ],
)
def test_a_time_zone_is_typed_as_people_call_it(typed, zone):
    assert zone_of(typed) == (zone, [])
    page = str(ProfileForm(instance=factories.person(time_zone=zone))["time_zone"])
    assert f'value="{zones.called(zone)}"' in page.partition("<datalist")[0]
    assert '<option value="Central (Chicago)">America/Chicago</option>' in page


def test_a_time_zone_that_could_be_several_or_none_is_told():
    (several,) = zone_of("Kentucky")[1]
    assert several == (
        "Several time zones are called so: Louisville (Kentucky), Monticello (Kentucky). Choose one from the list."
    )
    assert zone_of("Atlantis")[1] == [NO_SUCH_ZONE]
    assert zone_of("")[1] == ["Please answer this."]
