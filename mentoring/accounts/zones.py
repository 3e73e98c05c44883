"""The time zones people choose from: one name for each place, those of most members first."""

from functools import cache
from importlib.resources import files
from itertools import groupby

UNITED_STATES = [
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
]
REGIONS = {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
OCEANS = {"Atlantic", "Indian", "Pacific"}


@cache
def places():
    """The zones of all countries, by IANA name, without the old and second names that the database also keeps."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text()
    names = {line.split("\t")[2] for line in table.splitlines() if not line.startswith("#")}
    return sorted(name for name in names if name.partition("/")[0] in REGIONS)


def in_words(name):
    """ "America/Argentina/Buenos_Aires" as "Buenos Aires (Argentina)" within its region."""
    *within, city = name.replace("_", " ").split("/")[1:]
    return f"{city} ({within[0]})" if within else city


def grouped(own=""):
    """Choices for a select, in groups. A person's ``own`` zone is among them whatever it is."""
    common = dict(UNITED_STATES)
    rest = [name for name in places() if name not in common]
    groups = [("United States", UNITED_STATES)]
    for region, names in groupby(rest, key=lambda name: name.partition("/")[0]):
        title = f"{region} Ocean" if region in OCEANS else region
        groups.append((title, sorted(((name, in_words(name)) for name in names), key=lambda choice: choice[1])))
    other = [("UTC", "UTC")]
    if own and own not in {*common, *rest, "UTC"}:
        other.append((own, own.replace("_", " ")))
    return [*groups, ("Other", other)]
