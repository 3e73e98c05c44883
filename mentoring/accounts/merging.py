"""Two rows that are one institution become one: everything moves to the one that is kept, and is on record."""

from django.db import IntegrityError, connection, transaction
from django.dispatch import Signal

from mentoring.accounts.models import Alias, Institution
from mentoring.audit.models import record
from mentoring.constraints import sentence_for
from mentoring.workflow import TransitionRefused

# Asked with gone and kept, before anything is merged: the apps above answer with lines about what of theirs it touches.
merging = Signal()


def will_move(gone, kept):
    """What a merge moves, as (title, lines), for staff to read first."""
    pairings = [line for _receiver, lines in merging.send(Institution, gone=gone, kept=kept) for line in lines]
    return [
        ("People", [f"{each.person} ({each.person.email})" for each in gone.affiliations.select_related("person")]),
        ("Institutions below it", [str(each) for each in gone.children.exclude(pk=kept.pk)]),
        ("Affiliates", [str(each) for each in gone.affiliates.exclude(pk=kept.pk)]),
        ("Names that become aliases", _names(gone, kept)),
        ("Pairings in progress of these people", pairings),
    ]


def merge(gone, kept, *, by):
    """Move everything of ``gone`` to ``kept`` and delete it.

    Raises TransitionRefused, with a sentence, where the database says that a pairing in progress stands against it.
    """
    if gone == kept:
        raise TransitionRefused("An institution cannot be merged into itself.")
    try:
        with transaction.atomic():
            _merge(gone, kept, by)
    except IntegrityError as error:
        if sentence := sentence_for(error):
            raise TransitionRefused(sentence) from error
        raise


def _merge(gone, kept, by):
    with connection.cursor() as cursor:
        # The lock that the guards of institutions take, first, so that pairings made meanwhile wait or are seen.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('institutions'))")
    rows = {row.pk: row for row in Institution.objects.filter(pk__in=[gone.pk, kept.pk]).select_for_update()}
    if len(rows) < 2:
        raise TransitionRefused("One of the two has been merged meanwhile.")
    gone, kept = rows[gone.pk], rows[kept.pk]
    moved = {title: len(lines) for title, lines in will_move(gone, kept) if lines}
    names, others = _names(gone, kept), list(gone.affiliates.exclude(pk=kept.pk))
    gone.affiliations.filter(person__in=kept.affiliations.values("person")).delete()
    gone.affiliations.update(institution=kept)
    set_by_staff = {*kept.set_by_staff, *(["affiliates"] if others else [])}
    if kept.parent_id in (None, gone.pk) and gone.parent_id not in (kept.pk, kept.parent_id):
        kept.parent_id = gone.parent_id
        set_by_staff.add("parent")
        kept.save(update_fields=["parent"])
    gone.children.exclude(pk=kept.pk).update(parent=kept)
    kept.affiliates.add(*others)
    Alias.objects.bulk_create([Alias(institution=kept, name=name) for name in names], ignore_conflicts=True)
    gone.delete()
    numbers = [number for number in (kept.ror_id, gone.ror_id, *gone.merged_ror_ids) if number]
    kept.ror_id = numbers[0] if numbers else ""
    kept.merged_ror_ids = sorted({*kept.merged_ror_ids, *numbers[1:]} - {kept.ror_id})
    kept.is_medical_school = kept.is_medical_school or gone.is_medical_school
    kept.degrees = sorted({*kept.degrees, *gone.degrees})
    kept.set_by_staff = sorted(set_by_staff)
    kept.save()
    record("merge", kept, by=by, merged=gone.label, moved=moved)


def _names(gone, kept):
    """The names of the one that goes that the other does not have yet."""
    have = {name.casefold() for name in (kept.name, *kept.aliases.values_list("name", flat=True))}
    names = dict.fromkeys([gone.name, *gone.aliases.values_list("name", flat=True)])
    return [name for name in names if name.casefold() not in have]
