"""Trying every move of a workflow from one status, and taking each back."""

from django.db import connection, transaction

from mentoring.workflow import TransitionRefused


def reached(row, moves):
    """{move: the status it leads to} for those of ``moves`` (name -> arguments) that are not refused from here."""
    found = {}
    for name, arguments in moves.items():
        fresh = type(row).objects.get(pk=row.pk)
        with transaction.atomic():
            try:
                getattr(fresh, name)(**arguments)
                found[name] = type(row).objects.get(pk=row.pk).status
                connection.check_constraints()
            except TransitionRefused:
                assert type(row).objects.get(pk=row.pk).status == row.status
            transaction.set_rollback(True)
    return found
