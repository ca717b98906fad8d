"""Costs of mistakes and wanted recalls per class, parsed from a TOML file and from options."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from seqlab.errors import SettingsError, nearest, shorten
from seqlab.machine.files import read_toml
from seqlab.scoring.figures import ItemCounts

KEYS = ("miss", "false_alarm")
MAX_COST = 1e9  # above it, the sum of all costs could become infinite


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The costs of mistakes on one class, per missed gold item and per wrong predicted item."""

    miss: float = 1.0
    false_alarm: float = 1.0

    def total(self, counts: ItemCounts) -> float:
        """The cost of all mistakes on the class.

        >>> Cost(miss=5).total(ItemCounts(correct=2, predicted=3, support=4))
        11.0
        """
        misses, false_alarms = counts.support - counts.correct, counts.predicted - counts.correct
        return self.miss * misses + self.false_alarm * false_alarms


def total_cost(counts: Mapping[str, ItemCounts], costs: Mapping[str, Cost]) -> float:
    """The cost of all mistakes; each mistake on a class without costs counts 1."""
    return sum(costs.get(name, Cost()).total(row) for name, row in counts.items())


def read_costs(path: str | Path, classes: Collection[str]) -> dict[str, Cost]:
    """Read the costs of each class from a TOML file with one table per class.

    Raises SettingsError for an unreadable file, an unknown class, or a value that is not a cost.
    """
    tables = read_toml(path)
    return {name: parse_cost(table, name, classes, str(path)) for name, table in tables.items()}


def parse_cost(table: object, name: str, classes: Collection[str], path: str) -> Cost:
    """Check the table of one class. Raises SettingsError as `read_costs` does."""
    check_class(name, classes, path)
    known = " and ".join(KEYS)
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: {name!r} is {table!r}; expected a table of {known}")
    for key, value in table.items():
        if key not in KEYS:
            fact = f"{name!r} has {key!r}; expected {known}{nearest(key, KEYS)}"
            raise SettingsError(f"{path}: {fact}")
        fact = f"{path}: {key} of {name!r} is"
        if type(value) not in (int, float) or not 0 <= value < math.inf:
            raise SettingsError(f"{fact} {value!r}; expected a number, 0 or more")
        if value > MAX_COST:
            raise SettingsError(f"{fact} {shorten(repr(value))}; expected at most {MAX_COST:g}")
    return Cost(**{key: float(value) for key, value in table.items()})


def check_class(name: str, classes: Collection[str], location: str) -> None:
    """Raise SettingsError, with the nearest class, unless the class exists."""
    if name not in classes:
        fact = f"{name!r} is not one of the {len(classes)} classes{nearest(name, classes)}"
        raise SettingsError(f"{location}: {fact}")
