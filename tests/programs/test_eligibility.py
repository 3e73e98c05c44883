"""The rules: what they come to for real answers, for missing ones, and for nonsense."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs import eligibility, load
from programs.eligibility import KINDS, State, judge
from programs.forms import answer_problems
from programs.models import Question, Rule
from programs.models.rules import Effect

PROGRAMS = load.read()
VMP = [Rule(**row) for row in PROGRAMS["vmp"]["rule"]]
DMP = [Rule(**row) for row in PROGRAMS["dmp"]["rule"]]
# One rule of every kind, in both effects that are enforced.
EVERY_KIND = [
    Rule(key=f"{name}_{effect}", kind=name, effect=effect, sentence=f"Sentence of {name}.", way_out="Write to us.",
         parameters={"question": "Really?", "society": "ASCO", "options": [["a", "A"], ["b", "B"]],
                     "unsure": [["u", "Unsure"]], "others": [["n", "No"]]})
    for name in KINDS for effect in (Effect.MUST_HOLD, Effect.STAFF_VERIFY)
]  # fmt: skip
KEYS = sorted({ask.key for ask in eligibility.asks([*VMP, *DMP, *EVERY_KIND])})

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["yes", "no", "full", "applied", "neither", "md", "do", "none", "training", "a", "u", "n"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip
any_answers = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), json_values, max_size=8)


@settings(max_examples=100, deadline=None)
@given(answers=any_answers)
@pytest.mark.parametrize("rules", [VMP, DMP, EVERY_KIND], ids=["vmp", "dmp", "every kind"])
def test_any_answers_come_to_a_verdict_with_a_reason_for_everything_that_is_not_met(rules, answers):
    verdict = judge(rules, answers)

    assert [outcome.key for outcome in verdict.outcomes] == [rule.key for rule in rules]
    assert all(outcome.reason.strip() for outcome in verdict.outcomes)
    states = [outcome.state for outcome in verdict.outcomes]
    assert verdict.may_submit == (State.NOT_MET not in states and State.UNANSWERED not in states)
    for rule, outcome in zip(rules, verdict.outcomes, strict=True):
        assert outcome.way_out == (rule.way_out if outcome.state == State.NOT_MET else "")
        assert not (rule.staff_verify and outcome.state == State.MET)


@settings(max_examples=100, deadline=None)
@given(answers=any_answers)
def test_any_answers_can_be_read_and_their_problems_named(answers):
    asks = eligibility.asks(EVERY_KIND)

    assert all(isinstance(eligibility.in_words(ask, answers.get(ask.key)), str) for ask in asks)
    assert {key for key, _sentence in answer_problems(asks, answers)} <= {ask.key for ask in asks}


@pytest.mark.parametrize("rules", [VMP, DMP], ids=["vmp", "dmp"])
def test_nothing_answered_is_nothing_met(rules):
    assert {outcome.state for outcome in judge(rules, {}).outcomes} == {State.UNANSWERED}


VMP_YES = {"membership": "full", "hours": "yes", "english": "yes", "needs": ["training"], "no_research": "no",
           "within_purview": "no", "online": "no"}  # fmt: skip
SCHOOLS = {("schools", "MD", "DO"): [("Ferncliff Medical College", "Ferncliff Medical College")]}
DMP_YES = {"enrolled": "md", "enrolled_school": "Ferncliff Medical College", "uim": "yes",
           "six_months": "yes", "english": "yes"}  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "answers", "states"),
    [
        (VMP, VMP_YES, {}),
        (VMP, {**VMP_YES, "membership": "applied"}, {"membership": "to_verify"}),
        (VMP, {**VMP_YES, "membership": "neither"}, {"membership": "not_met"}),
        (VMP, {**VMP_YES, "hours": "no"}, {"hours": "not_met"}),
        (VMP, {**VMP_YES, "english": "no"}, {"english": "not_met"}),
        (VMP, {**VMP_YES, "needs": ["none"]}, {"needs": "not_met"}),
        (VMP, {**VMP_YES, "needs": []}, {"needs": "unanswered"}),
        (VMP, {**VMP_YES, "needs": ["none", "women"]}, {"needs": "unanswered"}),
        (VMP, {**VMP_YES, "needs": ["practicing", "underrepresented", "women", "training"]}, {}),
        (VMP, {**VMP_YES, "needs": "training"}, {"needs": "unanswered"}),
        (VMP, {**VMP_YES, "no_research": "yes"}, {"no_research": "not_met"}),
        (VMP, {**VMP_YES, "within_purview": "yes"}, {"within_purview": "not_met"}),
        (VMP, {**VMP_YES, "online": "yes"}, {"online": "not_met"}),
        (VMP, {**VMP_YES, "online": "maybe"}, {"online": "unanswered"}),
        (DMP, DMP_YES, {}),
        (DMP, {**DMP_YES, "enrolled": "do"}, {}),
        (DMP, {**DMP_YES, "enrolled": "resident", "enrolled_school": ""}, {"enrolled": "to_verify"}),
        (DMP, {**DMP_YES, "enrolled": "leave"}, {"enrolled": "to_verify"}),
        (DMP, {**DMP_YES, "enrolled_school": "Hogshead Academy"}, {"enrolled": "to_verify"}),
        (DMP, {**DMP_YES, "enrolled_school": ""}, {"enrolled": "unanswered"}),
        (DMP, {**DMP_YES, "enrolled": "none"}, {"enrolled": "not_met"}),
        (DMP, {**DMP_YES, "uim": "no"}, {"uim": "not_met"}),
        (DMP, {**DMP_YES, "six_months": "no"}, {"six_months": "not_met"}),
        (DMP, {**DMP_YES, "english": "no"}, {"english": "not_met"}),
    ],
)
def test_what_the_two_programs_ask_comes_to(rules, answers, states):
    verdict = judge(rules, answers, SCHOOLS)

    found = {outcome.key: str(outcome.state) for outcome in verdict.outcomes if outcome.state != State.MET}
    assert found == states
    assert verdict.may_submit is not any(state in ("not_met", "unanswered") for state in states.values())


def test_who_is_not_met_is_told_what_to_do_instead():
    (outcome,) = judge(VMP, {**VMP_YES, "membership": "neither"}).not_met
    assert outcome.sentence == (
        "You are a full ASCO member, or submit a membership application together with this application."
    )
    assert outcome.reason == (
        "The program is open to full members, and to people who apply for membership at the same time."
    )
    assert outcome.way_out == (
        "Apply for membership first or together with this application, then choose the second answer."
    )


def test_a_rule_that_staff_verify_is_never_simply_met():
    (rule,) = [rule for rule in EVERY_KIND if rule.key == "promise_staff_verify"]
    (outcome,) = judge([rule], {rule.key: "yes"}).outcomes
    assert outcome.state == State.TO_VERIFY
    assert outcome.reason == "You said yes to this. Staff verify this before anyone is accepted."


def test_a_rule_that_is_only_shown_is_neither_asked_nor_judged():
    rule = Rule(key="shown", kind="promise", effect=Effect.SHOWN, sentence="Be kind.", parameters={"question": "?"})
    assert (eligibility.asks([rule]), judge([rule], {}).outcomes) == ([], [])
    assert judge([rule], {}).may_submit


@pytest.mark.parametrize(("rules", "keys"), [(VMP, {"needs"}), (DMP, {"uim"})])
def test_what_is_said_in_confidence(rules, keys):
    assert eligibility.sensitive_keys(rules) == keys


@pytest.mark.parametrize("slug", ["vmp", "dmp"])
def test_every_key_of_a_program_is_asked_once(slug):
    asked = [ask.key for ask in eligibility.asks([Rule(**row) for row in PROGRAMS[slug]["rule"]])]
    asked += [Question(**row).key for row in PROGRAMS[slug]["question"]]
    assert len(asked) == len(set(asked))
