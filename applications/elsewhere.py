"""What there is for somebody who was declined: other programs that fit by the answers they gave."""

from django.utils import timezone

from programs.models import Cycle


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
