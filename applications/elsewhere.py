"""What there is for somebody who was declined: the next cycle, and other programs that fit by the answers they gave."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from applications.models import NextCycleNote
from programs.models import Cycle


@dataclass(frozen=True)
class WayAgain:
    """The next step towards another try, its date where one is published, and what to press; nothing if nothing is to do."""

    next_step: str
    date_text: str = ""
    moment: object = None
    url: str = ""
    label: str = ""

    @property
    def told(self):
        """What a standing shows of it."""
        return {"next_step": self.next_step, "date_text": self.date_text, "moment": self.moment}


def ways_again(person, declined):
    """The way again after each of these declined applications of a person, by its key. Asks nothing where there are none."""
    if not declined:
        return {}
    programs = {each.cycle.program_id for each in declined}
    cycles = Cycle.objects.still_to_apply_to(timezone.now()).filter(program__in=programs)
    cycles = cycles.exclude(applications__applicant=person).select_related("program").prefetch_related("windows")
    first = {cycle.program_id: cycle for cycle in reversed(cycles)}
    asked = NextCycleNote.objects.filter(person=person, program__in=programs).values_list("program", flat=True)
    return {
        each.pk: way_again(each.cycle.program, first.get(each.cycle.program_id), each.cycle.program_id in asked)
        for each in declined
    }


def way_again(program, cycle, asked):
    """The way to this cycle, if one is published; ``asked`` says whether the person asked to be told when it opens."""
    if cycle and cycle.accepts_applications:
        window = cycle.applications_window
        return WayAgain(
            f"You are welcome to apply again: applications to the {cycle} are open.",
            f"The deadline is {window.closes_words}",
            window.closes.at,
            program.get_absolute_url(),
            f"See the {cycle}",
        )
    opens = f"Applications to the {cycle} open at {cycle.applications_window.opens_words}" if cycle else ""
    welcome = "You are welcome to apply again in the next cycle, or to another program."
    if asked:
        return WayAgain(f"{welcome} We write to you when applications open.", opens)
    hear = reverse("applications:next_cycle", args=[program.slug])
    return WayAgain(welcome, opens, url=hear, label=f"Hear when the {program.name} opens again")


def programs_that_fit(application):
    """Current cycles of other programs that are open or announced, and none of whose conditions these answers fail."""
    cycles = Cycle.objects.current(timezone.now()).exclude(program=application.cycle.program_id)
    cycles = cycles.select_related("program").prefetch_related("windows", "rules")
    fitting = [
        cycle
        for cycle in cycles
        if cycle.applications_window
        and not cycle.applications_window.has_closed
        and not cycle.judge(application.rule_answers).not_met
    ]
    return sorted(fitting, key=lambda cycle: (not cycle.accepts_applications, cycle.program.name))
