from django.core.management.base import BaseCommand, CommandError

from mentoring.accounts import schools
from mentoring.accounts.registry import BadFile


class Command(BaseCommand):
    help = "Read the accredited U.S. medical schools from a CSV: name, degree (MD or DO), and where known ror_id, city, aliases."

    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, *args, file, **options):
        try:
            with open(file, encoding="utf-8-sig", newline="") as stream:
                done, said = schools.load(schools.read(stream))
        except (BadFile, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}") from error
        for what, count in done.items():
            self.stdout.write(f"{count:,} {what}")
        for sentence in said:
            self.stdout.write(sentence)
