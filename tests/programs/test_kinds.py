"""Every kind of rule: what it asks, what answers come to, and the sentence it makes; and what holds for any rules at all."""

from copy import copy
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from programs import deadlines, eligibility, readiness
from programs.eligibility import KINDS, State, judge
from programs.forms import AnswersForm, answer_problems
from programs.models import Effect, Rule
from programs.next_cycle import with_later_days
from programs.rules_admin import RuleForm
from tests import factories

SCHOOLS = {("schools", "MD", "DO"): [("Ferncliff Medical College", "Ferncliff Medical College")]}
# A rule of each kind as staff would set it, without a sentence of its own.
SET = {
    "membership": {"society": "ASCO", "categories": [["full", "full member"], ["training", "member in training"]],
                   "in_force_by": "2027-02-15"},
    "promise": {"question": "Can you?"},
    "attestation": {"question": "Do you say so?", "definition": "As defined."},
    "screen": {"question": "Do you need a laboratory?"},
    "language": {"languages": ["English", "Spanish"], "purpose": "meetings"},
    "one_of": {"question": "Which stage are you at?", "options": [["resident", "Resident"], ["fellow", "Fellow"]],
               "others": [["other", "Another"]]},
    "needs": {"question": "Which?", "options": [["women", "Women in oncology"]]},
    "hours": {"least": 2},
    "years_since": {"least": 1, "most": 5},
    "age": {"least": 18},
    "countries": {"countries": ["Canada", "Mexico"], "must_be": "in", "what": "live"},
    "enrolled": {"degrees": [["md", "MD student"], ["do", "DO student"]], "unsure": [["resident", "Resident"]]},
}  # fmt: skip


def rule(kind, key="r", **fields):
    return Rule(key=key, kind=kind, **{"parameters": SET[kind], **fields})


def outcome(kind, answers, **parameters):
    (found,) = judge([rule(kind, parameters={**SET[kind], **parameters})], answers, SCHOOLS).outcomes
    return str(found.state), found.reason


def test_there_is_a_test_for_every_kind():
    assert set(SET) == set(KINDS)
    assert all(rule(kind).lacking == [] for kind in KINDS)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("membership", "You are a member of ASCO: full member or member in training, or you apply for membership together "
                       "with this application, which must be in force by February 15, 2027."),
        ("promise", "You can answer yes to this: Can you?"),
        ("attestation", "You can answer yes to this: Do you say so?"),
        ("screen", "You can answer no to this: Do you need a laboratory?"),
        ("language", "You can meet your mentor in English or Spanish."),
        ("one_of", "Which stage are you at? Answers that fit: “Resident” or “Fellow”."),
        ("needs", "You have at least one of the needs that the program exists for: Women in oncology."),
        ("hours", "You give at least 2 hours a month."),
        ("years_since", "It is at least 1 and at most 5 years since you finished your training."),
        ("age", "You are at least 18 years old."),
        ("countries", "You live in Canada or Mexico."),
        ("enrolled", "You are enrolled at a medical school on our list, or at one that staff verify: MD student or "
                     "DO student."),
    ],
)  # fmt: skip
def test_a_rule_without_a_sentence_makes_one(kind, sentence):
    assert rule(kind).text == sentence
    assert rule(kind, sentence="Our own words.").text == "Our own words."


@pytest.mark.parametrize(
    ("kind", "answers", "parameters", "comes_to"),
    [
        ("membership", {"r": "training"}, {}, ("met", "You answered: member in training.")),
        ("membership", {"r": "full"}, {"categories": []}, ("met", "You are a full member.")),
        ("membership", {"r": "applied"}, {}, ("to_verify",
         "You may apply now. Your membership must be in force by February 15, 2027; staff check it before anyone is accepted.")),
        ("membership", {"r": "applied"}, {"conjunction": "no"}, ("unanswered", "You have not answered this yet.")),
        ("membership", {"r": "neither"}, {"conjunction": "no"},
         ("not_met", "The program is open to members: full member or member in training.")),
        ("language", {"r": "no"}, {}, ("not_met", "The program meets in English or Spanish only.")),
        ("language", {"r": "yes"}, {"purpose": "materials"}, ("met", "Your materials are in English or Spanish.")),
        ("one_of", {"r": "fellow"}, {}, ("met", "You answered: Fellow.")),
        ("one_of", {"r": "other"}, {}, ("not_met", "You answered: Another.")),
        ("hours", {"r": "2"}, {}, ("met", "You can give 2 hours a month.")),
        ("hours", {"r": "1"}, {}, ("not_met", "You can give 1 hour a month; it takes at least 2 hours.")),
        ("hours", {"r": "-3"}, {}, ("unanswered", "You have not answered this yet.")),
        ("hours", {"r": 4}, {}, ("met", "You can give 4 hours a month.")),
        ("years_since", {"r": "5"}, {}, ("met", "It is 5 years since you finished your training.")),
        ("years_since", {"r": "6"}, {"event": "your board examination."},
         ("not_met", "It is 6 years since your board examination; it must be at least 1 and at most 5 years.")),
        ("years_since", {"r": "0"}, {"least": None}, ("met", "It is 0 years since you finished your training.")),
        ("age", {"r": "no"}, {}, ("not_met", "The program is for people who are at least 18 years old.")),
        ("age", {"r": "yes"}, {"most": 30}, ("met", "You are between 18 and 30 years old, both included.")),
        ("countries", {"r": "yes"}, {}, ("met", "You live in Canada or Mexico.")),
        ("countries", {"r": "yes"}, {"must_be": "not_in"}, ("not_met", "You live in Canada or Mexico.")),
        ("countries", {"r": "no"}, {"must_be": "not_in"}, ("met", "You do not live in Canada or Mexico.")),
        ("enrolled", {"r": "md", "r_school": "Ferncliff Medical College"}, {},
         ("met", "You answered: MD student, at Ferncliff Medical College.")),
        ("enrolled", {"r": "md", "r_school": " ferncliff  medical College "}, {},
         ("met", "You answered: MD student, at Ferncliff Medical College.")),
        ("enrolled", {"r": "do", "r_school": "Hogshead Academy"}, {},
         ("to_verify", "You may apply. Staff look up your school before anyone is accepted.")),
        ("enrolled", {"r": "md", "r_school": " "}, {}, ("unanswered", "Say at which medical school, too.")),
        ("enrolled", {"r": "md", "r_school": ["Ferncliff Medical College"]}, {},
         ("unanswered", "Say at which medical school, too.")),
        ("enrolled", {"r": "resident"}, {},
         ("to_verify", "You may apply. Staff look into this with you before anyone is accepted.")),
        ("enrolled", {"r": "resident"}, {"unsure": []}, ("unanswered", "You have not answered this yet.")),
        ("enrolled", {"r": "none", "r_school": "Ferncliff Medical College"}, {},
         ("not_met", "It takes one of these: MD student or DO student.")),
    ],
)  # fmt: skip
def test_what_answers_come_to(kind, answers, parameters, comes_to):
    assert outcome(kind, answers, **parameters) == comes_to


def test_the_day_by_which_a_membership_must_be_in_force_is_stored():
    (found,) = judge([rule("membership")], {"r": "applied"}).outcomes
    assert found.as_json()["due"] == "2027-02-15"
    (member,) = judge([rule("membership")], {"r": "full"}).outcomes
    assert member.as_json()["due"] == ""


@pytest.mark.django_db
def test_a_cycle_whose_memberships_were_due_before_applications_close_cannot_be_published():
    cycle = factories.cycle("vmp")
    assert list(readiness.rules_in_time(cycle)) == []
    early = cycle.applications_window.closes_at.date() - timedelta(days=2)
    cycle.rules.filter(kind="membership").update(parameters={"society": "ASCO", "in_force_by": early.isoformat()})
    (sentence,) = readiness.rules_in_time(cycle)
    assert sentence.startswith(
        f"Rule “membership” must hold by {deadlines.day_words(early)}, before applications close at "
    )


def test_age_is_asked_as_a_yes_or_no_and_kept_in_confidence():
    (ask,) = eligibility.asks([rule("age")])
    assert (ask.kind, ask.text) == ("yes_no", "Are you at least 18 years old?")
    assert eligibility.sensitive_keys([rule("age"), rule("hours")]) == {"r"}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(SET))
def test_the_settings_of_a_kind_come_through_its_form_unchanged(kind):
    row = rule(kind)
    form = RuleForm(instance=row)
    typed = {name: form[name].field.prepare_value(form[name].value()) for name in form.fields}
    again = RuleForm({name: "" if value is None else value for name, value in typed.items()}, instance=rule(kind))
    assert again.is_valid(), again.errors
    stored = again.instance.parameters
    assert {name: stored[name] for name in SET[kind]} == SET[kind]


@pytest.mark.django_db
def test_settings_that_make_no_sense_are_refused():
    typed = {"position": 1, "effect": "must_hold", "question": "Which?", "options": "a: A\na: B"}
    form = RuleForm(typed, instance=rule("one_of"))
    assert form.errors == {"options": ["Two options have the same value. Give each its own."]}
    form = RuleForm({**typed, "options": "no colon"}, instance=rule("one_of"))
    assert form.errors == {"options": ["Type one option per line, as value: label."]}
    unfinished = rule("hours", parameters={}, pk=1)
    assert unfinished.lacking == ["Hours a month, at least"]


# --- Alternatives ----------------------------------------------------------------------------------------------------

EITHER = [
    rule("countries", "country", any_of="place", way_out="Move."),
    rule("language", "speech", any_of="place", way_out="Learn it."),
    rule("promise", "alone"),
]


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({}, "unanswered"),
        ({"country": "yes"}, "met"),
        ({"speech": "yes"}, "met"),
        ({"country": "no"}, "unanswered"),
        ({"country": "no", "speech": "yes"}, "met"),
        ({"country": "no", "speech": "no"}, "not_met"),
    ],
)
def test_any_one_of_several_is_enough(answers, state):
    found, alone = judge(EITHER, answers).outcomes
    assert (found.key, str(found.state), str(alone.state)) == ("country", state, "unanswered")


def test_when_none_is_met_every_reason_and_every_way_out_is_told():
    found, _alone = judge(EITHER, {"country": "no", "speech": "no"}).outcomes
    assert found.reason == "You do not live in Canada or Mexico. The program meets in English or Spanish only."
    assert found.way_out == "Move. Learn it."


def test_a_form_does_not_insist_on_every_alternative():
    asks = eligibility.asks(EITHER)
    assert [ask.required for ask in asks] == [False, False, True]
    form = AnswersForm(asks)
    assert form.fields["country"].label == "Do you live in Canada or Mexico?"
    assert "one is enough here" in form.fields["country"].help_text
    assert answer_problems(asks, {"speech": "yes", "alone": "yes"}) == []


# --- Any rules, any answers ------------------------------------------------------------------------------------------

words = st.text(max_size=6)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words
    | st.sampled_from(["yes", "no", "full", "applied", "neither", "md", "none", "Ferncliff Medical College",
                       "resident", "2", "2027-02-15", "women"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
names = sorted({name for kind in KINDS.values() for name in kind.parameters})
keys = [f"r{number}" for number in range(5)]
asked = st.sampled_from([key + end for key in keys for end in ("", "_reference", "_school")])


@st.composite
def any_rules(draw):
    """Rules of any kinds, well set or with any nonsense in their settings, alone or as alternatives."""
    found = []
    for key in keys[: draw(st.integers(0, 5))]:
        kind = draw(st.sampled_from(sorted(KINDS)))
        nonsense = st.dictionaries(st.sampled_from(names), anything, max_size=4)
        parameters = draw(st.just(SET[kind]) | nonsense | nonsense.map(lambda more, kind=kind: {**SET[kind], **more}))
        effect, any_of = draw(st.sampled_from(Effect.values)), draw(st.sampled_from(["", "", "a", "b"]))
        sentence = draw(st.sampled_from(["", f"Sentence of {key}."]))
        found.append(
            Rule(
                key=key,
                kind=kind,
                parameters=parameters,
                effect=effect,
                any_of=any_of,
                sentence=sentence,
                way_out="Ask us.",
            )
        )
    return found


@settings(max_examples=300, deadline=None)
@given(rules=any_rules(), answers=st.dictionaries(asked | words, anything, max_size=8))
def test_for_any_rules_and_any_answers_page_and_engine_agree(rules, answers):
    verdict = judge(rules, answers, SCHOOLS)

    # What the page lists is what is judged: each enforced rule in exactly one condition, in the same words.
    conditions = eligibility.conditions(rules)
    assert [outcome.sentence for outcome in verdict.outcomes] == [condition.sentence for condition in conditions]
    assert sorted(each.key for condition in conditions for each in condition.rules) == sorted(
        each.key for each in rules if each.is_enforced
    )
    # What is asked is what the judgement reads: other answers change nothing.
    read = {ask.key for ask in eligibility.asks(rules, SCHOOLS)}
    assert judge(rules, {key: value for key, value in answers.items() if key in read}, SCHOOLS) == verdict
    # Whatever is not met is said in words, with the way out; a condition is met exactly if one of its rules is.
    for condition, found in zip(conditions, verdict.outcomes, strict=True):
        assert found.sentence.strip()
        assert found.reason.strip()
        assert bool(found.way_out) == (found.state == State.NOT_MET)
        each = [judge([as_alone(row)], answers, SCHOOLS).outcomes[0].state for row in condition.rules]
        assert (found.state == State.MET) == (State.MET in each)
        assert (found.state == State.NOT_MET) == (set(each) == {State.NOT_MET})
    assert verdict.may_submit == all(found.state in (State.MET, State.TO_VERIFY) for found in verdict.outcomes)


def as_alone(row):
    fields = {"key": row.key, "kind": row.kind, "parameters": row.parameters, "effect": row.effect}
    return Rule(**fields, sentence=row.sentence, way_out=row.way_out)


@settings(max_examples=100, deadline=None)
@given(rules=any_rules(), answers=st.dictionaries(asked | words, anything, max_size=8))
def test_for_any_rules_the_questions_can_be_asked_and_the_answers_read(rules, answers):
    asks = eligibility.asks(rules, SCHOOLS)
    AnswersForm(asks).as_div()
    assert {key for key, _sentence in answer_problems(asks, answers)} <= {ask.key for ask in asks}
    assert all(isinstance(eligibility.in_words(ask, answers.get(ask.key)), str) for ask in asks)


@settings(max_examples=200, deadline=None)
@given(
    rules=any_rules(),
    answers=st.dictionaries(asked | words, anything, max_size=8),
    weeks=st.integers(1, 160),
)
@example(rules=[rule("membership")], answers={"r": "applied", "r_applied_on": "2027-02-15"}, weeks=52)
def test_whole_weeks_change_no_decision_of_a_whole_set_of_rules(rules, answers, weeks):
    """Who answers the same in next year's cycle, with each day so many weeks later, is judged as before."""
    before = judge(rules, answers, SCHOOLS)
    after = judge([with_later_days(copy(row), weeks) for row in rules], in_weeks(answers, weeks), SCHOOLS)

    assert (after.states, after.may_submit) == (before.states, before.may_submit)
    for was, now in zip(before.outcomes, after.outcomes, strict=True):
        assert now.due == (was.due and (date.fromisoformat(was.due) + timedelta(weeks=weeks)).isoformat())
        assert (now.way_out, now.sensitive) == (was.way_out, was.sensitive)


def in_weeks(answers, weeks):
    """The answers with each day so many weeks later."""
    later = {"2027-02-15": (date(2027, 2, 15) + timedelta(weeks=weeks)).isoformat()}
    return {key: later.get(value, value) if isinstance(value, str) else value for key, value in answers.items()}
