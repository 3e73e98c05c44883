"""`manage.py load_institutions FILE`, and then the most memory that it took, in MB."""

import sys

import django
from django.core.management import call_command

from benchmarks.suggesting.solving import peak

django.setup()
call_command("load_institutions", sys.argv[1])
print(peak())
