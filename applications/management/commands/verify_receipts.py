"""Check every receipt that was ever given against what is stored."""

from django.core.management.base import BaseCommand, CommandError

from applications.models import Submission
from applications.receipt import differing


class Command(BaseCommand):
    help = "Check every submission against the fingerprint on its receipt. Fails, and names them, if any differs."

    def handle(self, **options):
        checked = Submission.objects.order_by("pk")
        found = list(differing(checked.iterator(chunk_size=500)))
        for number, what in found:
            self.stderr.write(f"{number}: {what}")
        total = f"{checked.count():,} receipts checked"
        if found:
            raise CommandError(f"{total}, {len(found):,} differ.")
        self.stdout.write(f"{total}: none differs.")
