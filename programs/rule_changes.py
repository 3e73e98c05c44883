"""What a change of the rules would do to people who have begun or handed in an application."""

from dataclasses import dataclass

from django.dispatch import Signal

# Sent before rules change, with cycle, before and after: verdicts as functions of answers and of what is waived.
# Receivers return an Effect.
rules_changing = Signal()


@dataclass(frozen=True)
class Effects:
    """How many drafts and submissions would come to something else."""

    stopped: int = 0  # drafts that could be handed in as they stand, and no longer could
    freed: int = 0  # drafts that could not, and then could
    submitted: int = 0  # handed in, and would come to something else now

    def sentences(self):
        """For staff, before they save."""
        said = [
            _told(
                self.stopped,
                "draft meets the rules now and no longer would.",
                "drafts meet the rules now and no longer would.",
            ),
            _told(
                self.freed,
                "draft does not meet the rules now and would.",
                "drafts do not meet the rules now and would.",
            ),
            _told(
                self.submitted,
                "submitted application would come to something else. It stays submitted, as it was judged.",
                "submitted applications would come to something else. They stay submitted, as they were judged.",
            ),
        ]
        return [each for each in said if each] or ["No draft and no submitted application would come to anything else."]


def _told(how_many, one, many):
    return f"{how_many} {one if how_many == 1 else many}" if how_many else ""


def effects_of(cycle, before, after):
    """What every app above says of a change. ``before`` and ``after`` judge answers."""
    told = [effects for _receiver, effects in rules_changing.send(type(cycle), cycle=cycle, before=before, after=after)]
    return Effects(*(sum(getattr(each, name) for each in told) for name in ("stopped", "freed", "submitted")))
