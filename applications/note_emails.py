"""The email to those who asked to hear of a program's next cycle."""

from mentoring.links import absolute
from mentoring.notifications.email import Email


class NextCycleOpens(Email):
    """To whoever asked for it, when a program's next applications open."""

    template = "applications/email/next_cycle.txt"
    reason = "You get this because you asked to hear when this program opens again."
    placeholders = {
        "program": "Virtual Mentoring Program 2028",
        "deadline": "11:59 PM ET on Friday, January 21, 2028",
        "link": "https://mentoring.example.org/programs/vmp/",
        "stop": "https://mentoring.example.org/programs/vmp/next/",
    }

    @classmethod
    def of(cls, note, cycle):
        return cls(
            note.person,
            about=note,
            occasion=cycle.slug,
            scope=cycle.slug,
            program=str(cycle),
            deadline=cycle.applications_window.closes_words_for(note.person),
            link=absolute(note.program.get_absolute_url()),
            stop=absolute(note.get_absolute_url()),
        )
