"""The time zones people choose from: one name for each place, those of most members first."""

import unicodedata
from functools import cache
from importlib.resources import files

UNITED_STATES = [
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
]
REGIONS = {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}


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


@cache
def choices():
    """(IANA name, words) of every zone, those of most members first, then region by region. No two have the same words."""
    common = dict(UNITED_STATES)
    rest = [(name, in_words(name)) for name in places() if name not in common]
    by_place = sorted(rest, key=lambda choice: (choice[0].partition("/")[0], choice[1]))
    return [*UNITED_STATES, *by_place, ("UTC", "UTC")]


def called(name):
    """How people call the zone of this IANA name; the name itself where it is none of the choices."""
    return dict(choices()).get(name, name)


def find(typed):
    """The IANA names that may be meant: just the one if it is called so, else all whose words hold what was typed."""
    wanted = plain(typed)
    just = [name for name, words in choices() if wanted in (plain(words), plain(name))]
    return just or [name for name, words in choices() if wanted and wanted in plain(words)]


def plain(words):
    """Without accents, case, underscores and needless spaces."""
    letters = unicodedata.normalize("NFKD", words.replace("_", " ")).casefold()
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
