from django.core.management.base import BaseCommand

from programs.load import load_all


class Command(BaseCommand):
    help = "Adds the two programs and their real cycles where they are missing. Changes nothing that is there."

    def handle(self, **options):
        new = load_all()
        self.stdout.write(f"Added {', '.join(new)}." if new else "The programs are there already.")
