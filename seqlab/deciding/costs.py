"""What mistakes cost, by class, and the recall that is wanted of a class: as a person writes them."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from seqlab.errors import SettingsError, nearest, shorten
from seqlab.machine.files import read_toml
from seqlab.scoring.figures import Sums

KEYS = ("miss", "false_alarm")
LARGEST = 1e9  # beyond, the costs of all mistakes may add up to infinity


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one class: a gold item that is missed, and a predicted one that is wrong."""

    miss: float = 1.0
    false_alarm: float = 1.0

    def of(self, sums: Sums) -> float:
        """What the mistakes on a class cost in all.

        >>> Cost(miss=5).of(Sums(correct=2, predicted=3, support=4))
        11.0
        """
        missed, wrong = sums.support - sums.correct, sums.predicted - sums.correct
        return self.miss * missed + self.false_alarm * wrong


def total_cost(sums: Mapping[str, Sums], costs: Mapping[str, Cost]) -> float:
    """What all mistakes cost; a class that is not in the table costs 1 either way."""
    return sum(costs.get(name, Cost()).of(row) for name, row in sums.items())


def read_costs(path: str | Path, classes: Collection[str]) -> dict[str, Cost]:
    """The costs of a TOML file, a table for each class.

    Raises SettingsError 'path: fact' for a file that can't be read, a class that does not exist, or a
    value that is no cost.
    """
    tables = read_toml(path)
    return {name: _cost(table, name, classes, str(path)) for name, table in tables.items()}


def _cost(table: object, name: str, classes: Collection[str], path: str) -> Cost:
    _check_class(name, classes, path)
    if not isinstance(table, dict):
        raise SettingsError(
            f"{path}: {name!r} is {table!r}; expected a table of {' and '.join(KEYS)}"
        )
    for key, value in table.items():
        if key not in KEYS:
            raise SettingsError(
                f"{path}: {name!r} has {key!r}; expected {' and '.join(KEYS)}{nearest(key, KEYS)}"
            )
        if type(value) not in (int, float) or not 0 <= value < math.inf:
            raise SettingsError(
                f"{path}: {key} of {name!r} is {value!r}; expected a number, 0 or more"
            )
        if value > LARGEST:
            raise SettingsError(
                f"{path}: {key} of {name!r} is {shorten(repr(value))}; expected at most {LARGEST:g}"
            )
    return Cost(**{key: float(value) for key, value in table.items()})


def parse_recalls(texts: Iterable[str], classes: Collection[str]) -> dict[str, float]:
    """The recall wanted by class, from 'NAME=VALUE'; a name may hold '='.

    Raises SettingsError for another form, a class that does not exist or comes twice, or a value outside
    (0, 1].

    >>> parse_recalls(["PER=0.8"], ["PER"])
    {'PER': 0.8}
    """
    wanted: dict[str, float] = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        try:
            number = float(value) if name and equals else math.nan
        except ValueError:
            number = math.nan
        if not 0 < number <= 1:
            raise SettingsError(
                f"recall {text!r}: expected NAME=VALUE with a value above 0 and at most 1, as 'PER=0.8'"
            )
        _check_class(name, classes, f"recall {text!r}")
        if name in wanted:
            raise SettingsError(f"recall {text!r}: {name!r} is given twice: expected each once")
        wanted[name] = number
    return wanted


def _check_class(name: str, classes: Collection[str], place: str) -> None:
    if name not in classes:
        fact = f"{name!r} is not one of the {len(classes)} classes{nearest(name, classes)}"
        raise SettingsError(f"{place}: {fact}")
