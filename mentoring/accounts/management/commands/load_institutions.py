from django.core.management.base import BaseCommand, CommandError

from mentoring.accounts.loading import Loading
from mentoring.accounts.registry import BadFile, opened, records


class Command(BaseCommand):
    help = "Read the Research Organization Registry's published file (JSON of schema v2, or its zip). Run it as often as you like."

    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, *args, file, **options):
        try:
            with opened(file) as stream:
                loading = Loading().run(records(stream))
        except (BadFile, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error} What was read before it is kept.") from error
        done = {what: count for what, count in loading.done.items() if count}
        for what, count in done.items():
            self.stdout.write(f"{count:,} {what}")
        for name in loading.refused:
            self.stdout.write(f"{name}: left as it was, because a pairing that waits for an answer stands against it.")
        if not done:
            self.stdout.write("Everything is as the file says.")
