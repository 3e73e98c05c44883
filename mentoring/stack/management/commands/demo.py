from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mentoring.stack.demo import load_demo


class Command(BaseCommand):
    help = "Adds demo people and cycles around today, in the embedded mode only."

    def handle(self, **options):
        if not settings.EMBEDDED:
            raise CommandError("Demo people are for the embedded mode only.")
        self.stdout.write("Added the demo people." if load_demo() else "The demo people are there already.")
