from django.apps import AppConfig

from mentoring.notifications import scopes


class ProgramsConfig(AppConfig):
    name = "programs"

    def ready(self):
        scopes.sources.append(self.cycles)

    def cycles(self):
        """The cycles, newest first, for which staff may word an email."""
        rows = self.get_model("Cycle").objects.select_related("program").order_by("-term_begins", "slug")
        return [(cycle.slug, str(cycle)) for cycle in rows]
