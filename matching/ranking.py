"""What a mentee's page says of mentors, and what a press on it makes of that. No rows: texts and numbers in, a Ranking out."""

from dataclasses import dataclass, field, replace

LONGEST_WHY = 1000


@dataclass(frozen=True)
class Ranking:
    """The mentors on a list (ids of their interests) in order, and what goes with them."""

    order: list[int] = field(default_factory=list)
    no_preference: bool = False
    # Whether a mentor who is not on the list is welcome too.
    open_to_rest: bool = True
    # Why this mentor, for staff; and for whom of them the mentor may read it too.
    why: dict[int, str] = field(default_factory=dict)
    told: frozenset[int] = frozenset()

    def as_json(self):
        return {
            "order": self.order,
            "no_preference": self.no_preference,
            "open_to_rest": self.open_to_rest,
            "why": {str(pk): text for pk, text in self.why.items()},
            "told": sorted(self.told),
        }

    @classmethod
    def from_json(cls, kept):
        return cls(
            order=kept["order"],
            no_preference=kept["no_preference"],
            open_to_rest=kept.get("open_to_rest", True),
            why={int(pk): text for pk, text in kept.get("why", {}).items()},
            told=frozenset(kept.get("told", [])),
        )

    def only(self, allowed):
        """Without the mentors that are not ``allowed``, each once, and with nothing said of those who are not on the list."""
        order = [pk for pk in dict.fromkeys(self.order) if pk in allowed]
        why = {pk: text for pk, text in self.why.items() if pk in order and text}
        return replace(self, order=order, why=why, told=frozenset(pk for pk in self.told if pk in why))


def pressed(kept, data):
    """The Ranking after a press on the page: ``kept`` is what is stored, ``data`` what the page sent.

    A page may be older than what is kept: what it added, removed or moved since it was made (``version`` is the order it was
    made with) is done to what is kept, so that of two windows none undoes the other.
    """
    order = kept.order
    if "order" in data or "version" in data:
        shown = numbers(data.getlist("order"))
        made_with = numbers(data["version"].split("-")) if "version" in data else kept.order
        order = merged(kept.order, made_with, shown)
    order = _by_button(order, data)
    if "by_number" in data:
        order = by_number(order, {pk: data.get(f"rank_{pk}", "") for pk in order})
    if "version" not in data:
        none = data.get("no_preference") == "on" if "order" in data or "no_preference" in data else kept.no_preference
        return replace(kept, order=order, no_preference=none)
    said = {pk: data[f"why_{pk}"].strip()[:LONGEST_WHY] for pk in order if f"why_{pk}" in data}
    told = {pk for pk in said if data.get(f"tell_{pk}") == "on"} | {pk for pk in kept.told if pk not in said}
    return Ranking(
        order=order,
        no_preference=data.get("no_preference") == "on",
        open_to_rest=data.get("open_to_rest") == "on",
        why=kept.why | said,
        told=frozenset(told),
    )


def merged(kept, made_with, shown):
    """The kept order after what a page did, which was made with one order and shows another."""
    order = [pk for pk in kept if pk in shown or pk not in made_with]
    was_moved = [pk for pk in made_with if pk in shown] != [pk for pk in shown if pk in made_with]
    if was_moved:
        places = [place for place, pk in enumerate(order) if pk in shown]
        for place, pk in zip(places, [pk for pk in shown if pk in order], strict=True):
            order[place] = pk
    return list(dict.fromkeys([*order, *(pk for pk in shown if pk not in made_with)]))


def _by_button(order, data):
    """After the button that was pressed: add, remove, move up or down."""
    order = [pk for pk in order if pk not in numbers([data.get("remove", "")])]
    order = list(dict.fromkeys([*order, *numbers([data.get("add", "")])]))
    for button, step in (("move_up", -1), ("move_down", 1)):
        for pk in numbers([data.get(button, "")]):
            if pk in order and 0 <= order.index(pk) + step < len(order):
                here = order.index(pk)
                order[here], order[here + step] = order[here + step], order[here]
    return order


def by_number(order, typed):
    """Each mentor whose number was changed goes to that place, and the others stay in their order."""
    wanted = {pk: int(typed[pk]) for pk in order if typed[pk].isdecimal() and len(typed[pk]) < 4}
    moved = [pk for place, pk in enumerate(order, 1) if wanted.get(pk, place) != place]
    rest = [pk for pk in order if pk not in moved]
    for pk in sorted(moved, key=lambda pk: wanted[pk]):
        rest.insert(max(wanted[pk] - 1, 0), pk)
    return rest


def numbers(texts):
    return [int(text) for text in texts if text.isdecimal() and len(text) < 18]
