"""What the Research Organization Registry's published file (JSON, schema v2) says, record by record."""

import io
import json
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field

from mentoring.accounts import countries
from mentoring.accounts.models.institutions import Kind

CHUNK = 1_000_000  # characters read at a time; a record has some thousand
LONGEST_NAME, LONGEST_CITY = 300, 120
# Of several types the first that says most of a place where people work.
TELLING = ["healthcare", "education", "facility", "government", "company", "nonprofit", "archive", "funder", "other"]


class BadFile(Exception):
    """What is wrong with the file, in a sentence."""


@dataclass
class Record:
    """One organization, as far as it matters here. Ids are the nine characters after ror.org/."""

    ror_id: str
    name: str
    aliases: list[str]
    country: str
    city: str
    kind: str
    is_active: bool
    parents: list[str] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)


@contextmanager
def opened(path):
    """The text of a JSON file, or of the JSON file of schema v2 inside a zip, as the registry publishes it."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".json")]
            named = [name for name in names if "v2" in name] or names
            if not named:
                raise BadFile("There is no JSON file in this zip.")
            with archive.open(named[0]) as raw:
                yield io.TextIOWrapper(raw, encoding="utf-8")
    else:
        with open(path, encoding="utf-8") as text:
            yield text


def records(stream):
    """The records of a JSON array, read bit by bit, so that a large file takes little memory."""
    for number, found in enumerate(_items(stream), start=1):
        try:
            yield _record(found)
        except (KeyError, TypeError, StopIteration, IndexError, AttributeError) as error:
            raise BadFile(f"Record {number} is not of the registry's schema v2.") from error


def _items(stream):
    decode, text, at = json.JSONDecoder().raw_decode, stream.read(CHUNK).lstrip("\ufeff \r\n\t"), 1
    if not text.startswith("["):
        raise BadFile("The file is not the registry's list of organizations in JSON.")
    while True:
        while text[at : at + 1] in (" ", "\n", "\r", "\t", ","):
            at += 1
        if text.startswith("]", at):
            return
        try:
            found, at = decode(text, at)
        except json.JSONDecodeError as error:
            more = stream.read(CHUNK)
            if not more:
                raise BadFile("The file ends in the middle, or is not JSON.") from error
            text, at = text[at:] + more, 0
            continue
        yield found


def _record(found):
    names = found["names"]
    shown = next(each["value"] for each in names if "ror_display" in each["types"])
    others = dict.fromkeys(each["value"].strip() for each in names if each["value"] != shown)
    place = found["locations"][0]["geonames_details"] if found["locations"] else {}
    joined = {kind: [_id(each["id"]) for each in found["relationships"] if each["type"] == kind] for kind in RELATIONS}
    return Record(
        ror_id=_id(found["id"]),
        name=shown.strip()[:LONGEST_NAME],
        aliases=[name for name in others if 0 < len(name) <= LONGEST_NAME],
        country=place.get("country_code") or "",
        city=(place.get("name") or "")[:LONGEST_CITY],
        kind=next((kind for kind in TELLING if kind in found["types"]), Kind.OTHER.value),
        is_active=found["status"] == "active",
        parents=joined["parent"],
        children=joined["child"],
        related=joined["related"],
    )


RELATIONS = ("parent", "child", "related")
COUNTRIES = {letters for letters, _name in countries.choices()}


def _id(address):
    return address.rpartition("/")[2]
