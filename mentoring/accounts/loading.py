"""From the registry's file to institutions, again and again: what is new is added, what changed follows, what staff set stays."""

from collections import Counter
from itertools import islice

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Lower

from mentoring.accounts.models import Alias, Institution
from mentoring.accounts.registry import COUNTRIES

BATCH = 1000
FACTS = ("name", "country", "city", "kind")
Link = Institution.affiliates.through
# Few statements for many rows: through the ORM they take longer than all the rest.
ADD = """
INSERT INTO accounts_institution
    (ror_id, name, country, city, kind, added_at, checked, withdrawn, is_medical_school, degrees, merged_ror_ids, set_by_staff)
SELECT told.*, now(), true, false, false, '{}', '{}', '{}'
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) told
RETURNING ror_id, id
"""
NAME = """
INSERT INTO accounts_alias (institution_id, name)
SELECT told.* FROM unnest(%s::bigint[], %s::text[]) told ON CONFLICT DO NOTHING
"""
# The country is set to what it is, because PostgreSQL reads the long expression of ``region`` once for each row of an UPDATE
# that touches no generated column, and once in all for another: four times as fast.
SET_PARENTS = """
UPDATE accounts_institution here SET parent_id = told.parent, country = here.country
FROM unnest(%s::bigint[], %s::bigint[]) told(id, parent) WHERE here.id = told.id
"""


class Loading:
    """One run. ``done`` counts what it did; ``refused`` names what an open pairing stands against."""

    def __init__(self):
        self.done = Counter()
        self.refused = []
        # As the file says: child -> its parents; pairs that are related. By ROR ids.
        self.parents: dict[str, list[str]] = {}
        self.related: set[frozenset] = set()

    def run(self, records):
        """Follow all records, then what they say of each other. Each batch is a transaction of its own."""
        records = iter(records)
        while batch := list(islice(records, BATCH)):
            with transaction.atomic():
                self._follow(batch)
            self._note_relations(batch)
        self._join()
        return self

    # --- One by one ---------------------------------------------------------------------------------------------------

    def _follow(self, batch):
        batch = {record.ror_id: record for record in batch}
        known = self._known(batch)
        new = [record for record in batch.values() if record.ror_id not in known and record.is_active]
        self.done["in countries that are not known"] += sum(record.country not in COUNTRIES for record in new)
        new = [record for record in new if record.country in COUNTRIES]
        adopted = self._adopted(new)
        self._add([record for record in new if record.ror_id not in adopted])
        changed, aliases = [], []
        for ror_id, row in {**known, **adopted}.items():
            record = batch[ror_id]
            if row.ror_id != ror_id:  # merged into another by staff
                aliases += [(row, name) for name in (record.name, *record.aliases)]
                continue
            aliases += [(row, name) for name in record.aliases]
            if self._take_over(row, record, aliases) or ror_id in adopted:
                changed.append(row)
        self._save(changed, [*FACTS, "ror_id", "withdrawn"])
        self._name(aliases)

    def _known(self, batch):
        """{ROR id: institution} of those that are here already, under that number or merged into another."""
        rows = Institution.objects.select_for_update(no_key=True)
        found = {row.ror_id: row for row in rows.filter(ror_id__in=batch).exclude(ror_id="")}
        for row in rows.exclude(merged_ror_ids=[]):  # few
            found |= {ror_id: row for ror_id in row.merged_ror_ids if ror_id in batch}
        return found

    def _adopted(self, new):
        """Institutions that were here without a number, and are surely the same: name, country and city agree."""
        by_name = {}
        rows = Institution.objects.filter(ror_id="").alias(lower=Lower("name"))
        rows = rows.filter(lower__in=[record.name.lower() for record in new])
        for row in rows.select_for_update(no_key=True):
            by_name.setdefault((row.name.lower(), row.country), []).append(row)
        found = {}
        for record in new:
            here = by_name.get((record.name.lower(), record.country), [])
            same = [row for row in here if not row.ror_id and row.city.lower() in ("", record.city.lower())]
            if len(same) == 1:
                found[record.ror_id] = same[0]
                same[0].ror_id = record.ror_id
        self.done["found here already, now with their number"] += len(found)
        return found

    def _add(self, new):
        with connection.cursor() as cursor:
            cursor.execute(ADD, [[getattr(record, name) for record in new] for name in ("ror_id", *FACTS)])
            ids = dict(cursor.fetchall())
        _insert_aliases(
            [(ids[record.ror_id], name) for record in new for name in record.aliases if _is_another(name, record)]
        )
        self.done["added"] += len(new)

    def _take_over(self, row, record, aliases):
        """What the record says, but for what staff set; whether anything changed. An old name stays as an alias."""
        said = {name: getattr(record, name) for name in FACTS if name not in row.set_by_staff}
        if record.country not in COUNTRIES:
            said.pop("country", None)
        said = {name: value for name, value in said.items() if getattr(row, name) != value}
        if "name" in said:
            aliases.append((row, row.name))
            self.done["renamed; the old name stays as an alias"] += 1
        elif record.name != row.name:
            aliases.append((row, record.name))
        if "withdrawn" not in row.set_by_staff and row.withdrawn == record.is_active:
            said["withdrawn"] = not record.is_active
            self.done["marked as withdrawn" if row.withdrawn is False else "in the registry again"] += 1
        for name, value in said.items():
            setattr(row, name, value)
        self.done["with other facts"] += bool(said.keys() - {"name", "withdrawn"})
        return bool(said)

    def _name(self, pairs):
        pairs = [(row, name) for row, name in pairs if _is_another(name, row) and "aliases" not in row.set_by_staff]
        # Both in Python's lower case, which is not the database's for every letter ("İ").
        there = Alias.objects.filter(institution__in={row.pk for row, _name in pairs})
        have = {(pk, name.lower()) for pk, name in there.values_list("institution", "name")}
        fresh = [(row.pk, name) for row, name in pairs if (row.pk, name.lower()) not in have]
        self.done["further names"] += len(fresh)
        _insert_aliases(fresh)

    def _save(self, rows, fields):
        """All at once; where the database refuses something, one by one, and what it refuses is left as it was."""
        if not rows:
            return
        try:
            with transaction.atomic():
                Institution.objects.bulk_update(rows, fields, batch_size=BATCH)
        except IntegrityError:
            for row in rows:
                self._try(str(row), lambda row=row: row.save(update_fields=fields))

    def _try(self, name, act):
        try:
            with transaction.atomic():
                act()
        except IntegrityError:
            self.refused.append(name)

    # --- What they say of each other ----------------------------------------------------------------------------------

    def _note_relations(self, batch):
        for record in batch:
            if record.is_active:
                self.parents.setdefault(record.ror_id, []).extend(record.parents)
                self.related |= {frozenset([record.ror_id, other]) for other in record.related}
                for child in record.children:
                    self.parents.setdefault(child, []).append(record.ror_id)

    def _join(self):
        told = Institution.objects.exclude(ror_id="")
        fields = ("pk", "ror_id", "merged_ror_ids", "set_by_staff", "name")
        rows = {row.pk: row for row in told.values_list(*fields, named=True).iterator()}
        by_id = {ror_id: pk for pk, row in rows.items() for ror_id in (row.ror_id, *row.merged_ror_ids)}
        above = dict(Institution.objects.exclude(parent=None).values_list("pk", "parent"))
        links = {
            frozenset(pks) for pair in self.related if len(pks := {by_id[each] for each in pair if each in by_id}) == 2
        }
        moved = []
        for ror_id, named in self.parents.items():
            row = rows.get(by_id.get(ror_id))
            if row is None or row.ror_id != ror_id or "parent" in row.set_by_staff:
                continue
            parents = [pk for pk in dict.fromkeys(by_id[each] for each in named if each in by_id) if pk != row.pk]
            if self._set_parent(row.pk, parents, above, rows):
                moved.append(row.pk)
            # There is one line upward; further parents are affiliates.
            links |= {frozenset([row.pk, pk]) for pk in parents if pk != above.get(row.pk)}
        self.done["put below another parent"] += len(moved)
        for first in range(0, len(moved), BATCH):
            self._move({pk: above.get(pk) for pk in moved[first : first + BATCH]}, rows)
        self._link(links, rows)

    def _move(self, parents, rows):
        """All at once; where the database refuses something, one by one, and what it refuses is left as it was."""
        try:
            with transaction.atomic():
                _set_parents(parents)
        except IntegrityError:
            for pk, parent in parents.items():
                self._try(rows[pk].name, lambda pk=pk, parent=parent: _set_parents({pk: parent}))

    def _set_parent(self, pk, parents, above, rows):
        """Choose the parent: the present one if the file names it, else the first that closes no ring; whether it is another."""
        now = above.get(pk)
        if now in parents or (not parents and now not in rows):
            return False
        chosen = next((each for each in parents if not _is_above(pk, each, above)), None)
        if chosen == now:
            return False
        above.pop(pk, None)
        if chosen:
            above[pk] = chosen
        return True

    def _link(self, links, rows):
        """Make the affiliates of registered institutions those of the file, where staff did not set them."""
        free = {pk for pk, row in rows.items() if "affiliates" not in row.set_by_staff}
        there = {frozenset(pair) for pair in Link.objects.values_list("from_institution", "to_institution")}
        new = sorted(sorted(pair) for pair in links - there if pair <= free)
        gone = [pair for pair in there - links if pair <= free]
        for one, other in gone:
            Link.objects.filter(from_institution__in=[one, other], to_institution__in=[one, other]).delete()
        self.done["affiliations ended"] += len(gone)
        self.done["affiliations added"] += len(new)
        for first in range(0, len(new), BATCH):
            some = new[first : first + BATCH]
            try:
                with transaction.atomic():
                    _insert_links(some)
            except IntegrityError:
                for pair in some:
                    name = " with ".join(rows[pk].name for pk in pair)
                    self._try(name, lambda pair=pair: _insert_links([pair]))


def _is_another(name, of):
    return name.casefold() != of.name.casefold()


def _insert_aliases(pairs):
    with connection.cursor() as cursor:
        cursor.execute(NAME, [[pk for pk, _name in pairs], [name for _pk, name in pairs]])


def _set_parents(parents):
    with connection.cursor() as cursor:
        cursor.execute(SET_PARENTS, [list(parents), list(parents.values())])


def _insert_links(pairs):
    both = [ends for one, other in pairs for ends in ((one, other), (other, one))]
    Link.objects.bulk_create(
        [Link(from_institution_id=one, to_institution_id=other) for one, other in both], ignore_conflicts=True
    )


def _is_above(low, high, above):
    """Whether ``low`` stands above ``high`` or is it, so that ``high`` cannot stand above ``low``."""
    seen = set()
    while high is not None and high not in seen:
        if high == low:
            return True
        seen.add(high)
        high = above.get(high)
    return False
