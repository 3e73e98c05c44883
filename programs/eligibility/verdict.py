"""What a cycle's rules come to on one person's answers."""

from dataclasses import dataclass, replace

from programs.eligibility.kinds import KINDS, NOT_ANSWERED, YES, State, one_answer

MARKS = {State.MET: 0, State.TO_VERIFY: 1, State.UNANSWERED: 2, State.NOT_MET: 3}


@dataclass(frozen=True)
class Outcome:
    """What one condition comes to for one person, with the reason in words and what would change it."""

    key: str
    sentence: str
    state: State
    reason: str
    way_out: str = ""
    sensitive: bool = False
    # The day, in ISO form, by which what staff verify must hold.
    due: str = ""

    @property
    def open_because(self):
        """Why something that was answered is open all the same; empty where it was not answered."""
        return "" if self.state != State.UNANSWERED or self.reason == NOT_ANSWERED else self.reason

    def as_json(self):
        return {**self.__dict__, "state": str(self.state)}


@dataclass(frozen=True)
class Verdict:
    """What all conditions come to together."""

    outcomes: list[Outcome]

    def _in(self, state):
        return [outcome for outcome in self.outcomes if outcome.state == state]

    @property
    def not_met(self):
        return self._in(State.NOT_MET)

    @property
    def unanswered(self):
        return self._in(State.UNANSWERED)

    @property
    def to_verify(self):
        return self._in(State.TO_VERIFY)

    @property
    def waived(self):
        return self._in(State.WAIVED)

    @property
    def states(self):
        """What each condition comes to, by its key."""
        return {outcome.key: outcome.state for outcome in self.outcomes}

    @property
    def may_submit(self):
        """Every condition is met, waived, or will be verified by staff before acceptance."""
        return not self.not_met and not self.unanswered


@dataclass(frozen=True)
class Condition:
    """One enforced rule, or several of which any one is enough."""

    rules: list

    @property
    def key(self):
        return self.rules[0].key

    @property
    def is_choice(self):
        return len(self.rules) > 1

    @property
    def never_waived(self):
        """Why staff cannot waive it for one person; empty where they can."""
        return next((why for rule in self.rules if (why := KINDS[rule.kind].never_waived)), "")

    @property
    def sentence(self):
        """What every page says of it."""
        if not self.is_choice:
            return self.rules[0].text
        return "Any one of these: " + " ".join(f"({each}) {rule.text}" for each, rule in enumerate(self.rules, 1))


def conditions(rules):
    """The enforced rules in order, those that share an ``any_of`` taken together where the first of them stands."""
    groups: dict[str, list] = {}
    for rule in rules:
        if rule.is_enforced:
            groups.setdefault(f"any of {rule.any_of}" if rule.any_of else f"rule {rule.key}", []).append(rule)
    return [Condition(group) for group in groups.values()]


def judge(rules, answers, lists=None, waived=None):
    """The verdict of a cycle's rules on one person's answers. Total: no answer raises.

    ``lists`` gives, by name, the (value, label) pairs of options that are kept elsewhere. ``waived`` says, by the key of a
    condition, that staff do without it for this person.
    """
    return Verdict([_judged(each, answers, lists, waived or {}) for each in conditions(rules)])


def _judged(condition, answers, lists, waived):
    """One condition. A waiver stands in for what is not met or to be verified; it never answers a question."""
    found = _together(condition, [_outcome(rule, answers, lists) for rule in condition.rules])
    waivable = found.state in (State.NOT_MET, State.TO_VERIFY) and not condition.never_waived
    if condition.key in waived and waivable:
        return replace(found, state=State.WAIVED, reason=waived[condition.key], way_out="", due="")
    return found


def _outcome(rule, answers, lists):
    rule_kind = KINDS[rule.kind]
    state, reason = rule_kind.judge(rule, _offered(_asks(rule, lists), answers))
    if state == State.MET and rule.staff_verify:
        state, reason = State.TO_VERIFY, f"{reason} Staff verify this before anyone is accepted."
    way_out = rule.way_out if state == State.NOT_MET else ""
    due = rule_kind.due(rule) if state == State.TO_VERIFY else None
    return Outcome(rule.key, rule.text, state, reason, way_out, rule_kind.sensitive, due.isoformat() if due else "")


def _together(condition, outcomes):
    """One outcome for a condition: of several rules the best counts, and of none met every reason is told."""
    best = min(outcomes, key=lambda outcome: MARKS[outcome.state])
    told = outcomes if best.state == State.NOT_MET else [best]
    return Outcome(
        condition.key,
        condition.sentence,
        best.state,
        " ".join(dict.fromkeys(outcome.reason for outcome in told)),
        " ".join(dict.fromkeys(outcome.way_out for outcome in told if outcome.way_out)),
        any(outcome.sensitive for outcome in outcomes),
        best.due,
    )


def _offered(asks, answers):
    """The answers, without the choices that nobody was offered, and with the word of a list for what was typed of it."""
    kept = dict(answers)
    for ask in asks:
        values = {value for value, _label in ask.options}
        if ask.kind == "listed":
            kept[ask.key] = _on_list(ask, one_answer(kept, ask.key))
        elif ask.kind in ("yes_no", "one_of") and not ask.statement:
            given = kept.get(ask.key)
            kept[ask.key] = given if isinstance(given, str) and given in values else None
    return kept


def _on_list(ask, typed):
    """(words, whether they are on the list), or None where nothing was typed. Case and spaces are forgiven."""
    if typed is None:
        return None
    words = " ".join(typed.split())
    found = next((value for value, _label in ask.options if value.casefold() == words.casefold()), None)
    return found or words, found is not None


def _asks(rule, lists):
    """What one rule asks, with the options of the lists it names."""
    return [
        replace(ask, options=[*(lists or {}).get(ask.options_from, []), *ask.options]) if ask.options_from else ask
        for ask in KINDS[rule.kind].asks(rule)
    ]


def asks(rules, lists=None):
    """Everything to ask a person for these rules, in order. ``lists`` as for ``judge``."""
    return [
        replace(ask, required=False, alternative=True) if condition.is_choice else ask
        for condition in conditions(rules)
        for rule in condition.rules
        for ask in _asks(rule, lists)
    ]


def sensitive_keys(rules):
    """The keys whose answers are kept from everyone who need not verify them."""
    return {ask.key for rule in rules if KINDS[rule.kind].sensitive for ask in KINDS[rule.kind].asks(rule)}


def in_words(ask, value):
    """An answer as people read it."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    labels = dict(ask.options)
    return "; ".join(labels.get(item) or _unlisted(ask, item) if isinstance(item, str) else str(item) for item in items)


def _unlisted(ask, item):
    if ask.statement and item.partition(":")[0] == YES:
        return "Yes, to an earlier wording" if ":" in item else "Yes"
    return item
