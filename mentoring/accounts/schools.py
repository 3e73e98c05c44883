"""The accredited U.S. medical schools, from a CSV that a society keeps."""

import csv
from collections import Counter
from dataclasses import dataclass, field

from django.db import transaction

from mentoring.accounts.models import Alias, Institution
from mentoring.accounts.models.institutions import Degree, Kind
from mentoring.accounts.registry import BadFile

COLUMNS = {"name", "degree"}  # and, where known: ror_id, city, aliases (parted by "|")


@dataclass
class School:
    name: str
    ror_id: str
    city: str
    degrees: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)


def read(stream):
    """The schools of a CSV; one that grants both degrees may have a line for each. Raises BadFile with a sentence."""
    lines = csv.DictReader(stream)
    if missing := COLUMNS - set(lines.fieldnames or []):
        raise BadFile(f"The first line must name the columns; there is no {' and no '.join(sorted(missing))}.")
    schools: dict[str, School] = {}
    for number, line in enumerate(lines, start=2):
        said = {key: (value or "").strip() for key, value in line.items() if isinstance(key, str)}
        degrees = said["degree"].replace("/", " ").replace(",", " ").upper().split()
        if not said["name"] or not degrees or set(degrees) - set(Degree.values):
            raise BadFile(f"Line {number} needs a name and a degree, MD or DO.")
        ror_id = said.get("ror_id", "").rpartition("/")[2]
        school = schools.setdefault(
            ror_id or said["name"].casefold(), School(said["name"], ror_id, said.get("city", ""))
        )
        school.degrees = sorted({*school.degrees, *degrees})
        school.aliases += [name for each in said.get("aliases", "").split("|") if (name := each.strip())]
    return list(schools.values())


@transaction.atomic
def load(schools):
    """Put them on the list. Gives what was done, and sentences for staff: what is unclear, and who is no longer in the file."""
    done, said, listed = Counter(), [], set()
    for school in schools:
        here = list(_here(school))
        if len(here) > 1:
            said.append(f"{school.name}: there are several of this name. Add its ROR id to the file.")
            listed |= {row.pk for row in here}
            continue
        row = here[0] if here else _new(school)
        done["added" if not here else "already there" if _is_as_told(row, school) else "changed"] += 1
        _put_on_list(row, school)
        listed.add(row.pk)
    said += [
        f"{row} is on the list of medical schools, and not in the file. Nothing was changed."
        for row in Institution.objects.filter(is_medical_school=True).exclude(pk__in=listed)
    ]
    return done, said


def _here(school):
    rows = Institution.objects.filter(country="US")
    if school.ror_id and (
        found := rows.filter(ror_id=school.ror_id) or rows.filter(merged_ror_ids__contains=[school.ror_id])
    ):
        return found
    for name in (school.name, *school.aliases):
        if found := rows.named(name):
            return found
    return []


def _new(school):
    return Institution.objects.create(
        name=school.name, ror_id=school.ror_id, city=school.city, kind=Kind.EDUCATION, is_medical_school=True
    )


def _is_as_told(row, school):
    return row.is_medical_school and sorted(row.degrees) == school.degrees


def _put_on_list(row, school):
    if not {"is_medical_school", "degrees"} & set(row.set_by_staff):
        row.is_medical_school, row.degrees = True, school.degrees
        row.save(update_fields=["is_medical_school", "degrees"])
    have = {name.casefold() for name in (row.name, *row.aliases.values_list("name", flat=True))}
    names = dict.fromkeys(name for name in (school.name, *school.aliases) if name.casefold() not in have)
    Alias.objects.bulk_create([Alias(institution=row, name=name) for name in names], ignore_conflicts=True)
