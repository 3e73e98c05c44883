"""A made-up dump of the Research Organization Registry: as many records as the real one has, of its schema, size and shape.

Names share their words as real ones do (many are a university, towns repeat), a few families are very large, some names are
in other scripts than Latin, some organizations are withdrawn or have a successor.
"""

import json
import random
import tomllib
from itertools import accumulate
from pathlib import Path

TOLD = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))
COUNTRIES, KNOWN, SUBJECTS = TOLD["country"], TOLD["known"], TOLD["subjects"]
TYPES = ["education", "healthcare", "company", "nonprofit", "facility", "government", "archive", "funder", "other"]
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
# Shares of what has an acronym, a name in English, another name, a subject in its name; a parent, a second, a relation; is gone.
ACRONYM, ENGLISH, OTHER, SUBJECT = 0.45, 0.4, 0.35, 0.35
PARENT, SECOND, RELATED, GONE = 0.4, 0.125, 0.12, 0.06
TOWNS = 4_000
# White space as the real file has it; ``indent`` would do it, too, in a minute more.
SEPARATORS = (",\n            ", ": ")


def write(path, records=115_000, *, seed=1):
    """Write the file. The same seed gives the same bytes."""
    with open(path, "w", encoding="utf-8") as file:
        for number, each in enumerate(organizations(records, random.Random(seed))):
            file.write(",\n" if number else "[\n")
            file.write(json.dumps(each, ensure_ascii=False, separators=SEPARATORS))
        file.write("\n]\n")


def organizations(records, draw):
    """All records, those that people look for first."""
    made = []
    for each in KNOWN:
        row = _add(made, each["names"], COUNTRIES[0], "Austin", "education")
        if "above" in each:
            _join(row, made[each["above"]], "parent", "child")
    for each, row in zip(KNOWN, list(made), strict=True):
        for number in range(each["below"]):
            nth, subject = divmod(number, len(SUBJECTS))
            called = f"Department of {SUBJECTS[subject]}{f' {nth + 1}' if nth else ''}"
            name = f"{each['names'][1]} {called}" if number % 2 else f"{called}, {each['names'][0]}"
            _join(_add(made, [name], COUNTRIES[0], "Austin", "facility"), row, "parent", "child")
    towns = {each["letters"]: _towns(draw, each) for each in COUNTRIES}
    shares = list(accumulate(each["share"] for each in COUNTRIES))
    while len(made) < records:
        country = draw.choices(COUNTRIES, cum_weights=shares)[0]
        _one(made, draw, country, _rather_the_first(draw, towns[country["letters"]]))
    return map(_record, made)


def _one(made, draw, country, town):
    """One more, somewhere among those there are."""
    name = draw.choice(country["called"]).format(town)
    name += f" {draw.choice(SUBJECTS)}" if draw.random() < SUBJECT else ""
    names = [name]
    names += [f"{town} National University"] if draw.random() < ENGLISH else []
    names += (
        [f"{town} {draw.choice(SUBJECTS)} {draw.choice(['Center', 'Group', 'Lab'])}"] if draw.random() < OTHER else []
    )
    names += ["".join(word[0] for word in name.split())[:6].upper()] if draw.random() < ACRONYM else []
    row = _add(made, names, country, town, draw.choice(TYPES))

    def earlier(among):
        return made[int(among * row["number"])]

    if draw.random() < GONE:
        row["status"] = draw.choice(["withdrawn", "inactive"])
        _join(row, earlier(draw.random()), "successor", "predecessor")
        return
    if draw.random() < PARENT:
        _join(row, earlier(draw.random() ** 3), "parent", "child")  # who has children gets more
        if draw.random() < SECOND:
            _join(row, earlier(draw.random()), "parent", "child")
    if draw.random() < RELATED:
        _join(row, earlier(draw.random()), "related", "related")


def _add(made, names, country, town, kind):
    row = {
        "number": len(made),
        "names": names,
        "country": country["letters"],
        "town": town,
        "kind": kind,
        "status": "active",
        "joined": [],
    }
    made.append(row)
    return row


def _join(one, other, is_to_one, is_to_other):
    one["joined"].append((is_to_one, other))
    other["joined"].append((is_to_other, one))


def _towns(draw, country):
    begins, ends = country["begins"], country["ends"]
    pairs = ["".join(draw.choice(parts) for parts in (begins, begins, ends)) for _ in range(TOWNS)]
    return sorted({f"{town[:1].upper()}{town[1:]}" + draw.choice(["", "", f" {draw.choice(ends)}"]) for town in pairs})


def _rather_the_first(draw, values):
    return values[int(draw.random() ** 2 * len(values))]


def ror_id(number):
    """Nine characters, as the registry's own: a zero, six of base 32, two digits."""
    digits = "".join(LETTERS[(number * 7919 + 31) >> 5 * place & 31] for place in range(6))
    return f"0{digits}{number % 97:02}"


def _record(row):
    number, town, (shown, *others) = row["number"], row["town"], row["names"]
    place = {
        "continent_code": "NA", "continent_name": "North America", "country_code": row["country"], "country_name": "Somewhere",
        "country_subdivision_code": "XX", "country_subdivision_name": f"Region of {town}", "lat": 31.0, "lng": -97.0, "name": town,
    }  # fmt: skip
    changed = {"date": "2026-06-08", "schema_version": "2.1"}
    elsewhere = {"grid": f"grid.{number}.5", "isni": f"0000 0001 {number:08}", "wikidata": f"Q{number}"}
    return {
        "admin": {"created": changed, "last_modified": changed},
        "domains": [f"{number}.example.org"],
        "established": 1800 + number % 220,
        "external_ids": [{"all": [each], "preferred": each, "type": kind} for kind, each in elsewhere.items()],
        "id": f"https://ror.org/{ror_id(number)}",
        "links": [{"type": each, "value": f"https://{each}.example.org/of/{number}"} for each in ("website", "wikipedia")],
        "locations": [{"geonames_details": place, "geonames_id": number}],
        "names": [
            *({"lang": None, "types": ["acronym" if each.isupper() else "alias"], "value": each} for each in others),
            {"lang": "en", "types": ["ror_display", "label"], "value": shown},
        ],
        "relationships": [
            {"id": f"https://ror.org/{ror_id(other['number'])}", "label": other["names"][0], "type": kind}
            for kind, other in row["joined"]
        ],
        "status": row["status"],
        "types": [row["kind"], *(["funder"] if number % 3 == 0 else [])],
    }  # fmt: skip
