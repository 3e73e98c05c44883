"""Countries by their two letters, and the region of the world each lies in (United Nations, M49)."""

import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "regions.toml"


@cache
def regions():
    """{the region's number: (its name, {two letters: the country's name})}."""
    listed = tomllib.loads(FILE.read_text(encoding="utf-8"))["region"]
    return {each["code"]: (each["name"], each["countries"]) for each in listed}


def choices():
    """(two letters, name) of every country, by name; the United States first, where most members are."""
    named = {letters: name for _region, countries in regions().values() for letters, name in countries.items()}
    return sorted(named.items(), key=lambda country: (country[0] != "US", country[1]))
