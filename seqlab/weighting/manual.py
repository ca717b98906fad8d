"""Class weights that a user names: from a TOML file, or one by one as NAME=VALUE.

Whether the names exist is not known here: `class_weights` checks them against the classes.
"""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from seqlab.errors import WeightsError, shorten
from seqlab.machine.files import read_toml
from seqlab.machine.numbers import is_number

TABLE = "class_weight"
SMALLEST, LARGEST = 1e-9, 1e9  # beyond, sums of float32 weights lose the other classes


def read_weight_table(path: str | Path) -> dict[str, float]:
    """The weights of a TOML file: its table [class_weight] or, without one, NAME = VALUE lines.

    Raises WeightsError 'path: fact' when the file can't be read or a value is no weight.
    """
    document = read_toml(path, error=WeightsError)
    table = document.get(TABLE)
    if not isinstance(table, dict):
        table = document
    return {name: _weight(value, place=f"{path}: {name!r}") for name, value in table.items()}


def parse_class_weights(texts: Iterable[str]) -> dict[str, float]:
    """The weights that several 'NAME=VALUE' give, each name once.

    Raises WeightsError when one isn't of that form, or names a class that another one names.
    """
    found: dict[str, float] = {}
    for text in texts:
        name, weight = parse_class_weight(text)
        if name in found:
            raise WeightsError(
                f"class weight {text!r}: {name!r} is given twice: expected each once"
            )
        found[name] = weight
    return found


def parse_class_weight(text: str) -> tuple[str, float]:
    """The name and the weight that 'NAME=VALUE' gives; a name may hold '='.

    Raises WeightsError when it isn't of that form.

    >>> parse_class_weight("B-PER=4")
    ('B-PER', 4.0)
    """
    name, equals, value = text.rpartition("=")
    if not (name and equals):
        raise WeightsError(f"class weight {text!r}: expected NAME=VALUE, for example 'PER=4'")
    try:
        number = float(value)
    except ValueError:
        raise WeightsError(f"class weight {text!r}: {value!r} is not a number") from None
    return name.strip(), _weight(number, place=f"class weight {text!r}")


def checked_manual_weights(manual: Mapping[str, float]) -> dict[str, float]:
    """Manual weights that are all above 0 and finite.

    Raises WeightsError for the first that is not.
    """
    if not isinstance(manual, Mapping):
        raise WeightsError(
            f"manual is {shorten(repr(manual))}; expected weights by name, {{'PER': 4.0}}"
        )
    return {
        name: _weight(value, place=f"manual weight of {name!r}") for name, value in manual.items()
    }


def _weight(value: object, *, place: str) -> float:
    if not is_number(value):
        raise WeightsError(f"{place} is {value!r}; expected a number above 0")
    if not 0 < value < math.inf:
        raise WeightsError(
            f"{place} is {value}; expected a number above 0 "
            "(to leave tokens out, give them a token weight of 0)"
        )
    if not SMALLEST <= value <= LARGEST:
        raise WeightsError(f"{place} is {value}; expected one from {SMALLEST:g} to {LARGEST:g}")
    return float(value)
