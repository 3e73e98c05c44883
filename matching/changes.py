"""What staff ask of a suggestion beyond the rules: pairs to give whatever it costs, pairs never to give, "what if" of places."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Changes:
    """Pairs are (application id, interest id); places and mentors are by interest id."""

    pins: frozenset[tuple[int, int]] = frozenset()
    bans: frozenset[tuple[int, int]] = frozenset()
    # How many places more (or, below nothing, fewer) a mentor would have.
    more_places: Mapping[int, int] = field(default_factory=dict)
    # Mentors who do not take part yet, as if staff had approved them with so many places.
    mentors: Mapping[int, int] = field(default_factory=dict)
    # Choices beyond so many are not counted as choices; 0 for all.
    longest_list: int = 0
    # criterion -> weight, in place of the cycle's; empty for the cycle's own.
    weights: Mapping[str, int] = field(default_factory=dict)

    def as_json(self):
        """The same changes always as the same text of numbers, for a run to keep."""
        said = {
            "pins": sorted(map(list, self.pins)),
            "bans": sorted(map(list, self.bans)),
            "more_places": sorted(map(list, self.more_places.items())),
            "mentors": sorted(map(list, self.mentors.items())),
            "longest_list": self.longest_list,
        }
        return said | ({"weights": dict(self.weights)} if self.weights else {})

    @classmethod
    def from_json(cls, kept):
        """What ``as_json`` made; an empty dict is no change."""
        return cls(
            pins=frozenset(map(tuple, kept.get("pins", []))),
            bans=frozenset(map(tuple, kept.get("bans", []))),
            more_places=dict(kept.get("more_places", [])),
            mentors=dict(kept.get("mentors", [])),
            longest_list=kept.get("longest_list", 0),
            weights=kept.get("weights", {}),
        )
