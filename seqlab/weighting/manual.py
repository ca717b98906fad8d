"""Class weights set by hand: read from a TOML file, or given as a mapping.

The names are checked against the classes in `class_weights`.
"""

import math
from collections.abc import Mapping
from pathlib import Path

from seqlab.errors import WeightsError, shorten
from seqlab.machine.files import read_toml
from seqlab.machine.numbers import is_number

TABLE = "class_weight"
SMALLEST, LARGEST = 1e-9, 1e9  # outside this range float32 sums of weights lose the other classes


def read_weight_table(path: str | Path) -> dict[str, float]:
    """Read weights from a TOML file: from its table [class_weight], or from its top level without this table.

    Raises WeightsError when the file can't be read or a value is not a weight.
    """
    document = read_toml(path, error=WeightsError)
    table = document.get(TABLE)
    if not isinstance(table, dict):
        table = document
    return {key: _checked_weight(value, source=f"{path}: {key!r}") for key, value in table.items()}


def checked_manual_weights(manual: Mapping[str, float] | None) -> dict[str, float]:
    """Return manual weights as floats; none for None. Raises WeightsError for a weight that is not above 0 and finite."""
    if manual is None:
        return {}
    if not isinstance(manual, Mapping):
        fact = f"manual is {shorten(repr(manual))}"
        raise WeightsError(f"{fact}; expected weights by name, {{'PER': 4.0}}")
    weights = manual.items()
    return {
        key: _checked_weight(value, source=f"manual weight of {key!r}") for key, value in weights
    }


def _checked_weight(value: object, *, source: str) -> float:
    if not is_number(value):
        raise WeightsError(f"{source} is {value!r}; expected a number above 0")
    weight = float(value)  # 1e9 does not fit into each number type of numpy
    if not 0 < weight < math.inf:
        advice = "to leave tokens out, give them a token weight of 0"
        raise WeightsError(f"{source} is {value}; expected a number above 0 ({advice})")
    if not SMALLEST <= weight <= LARGEST:
        expected = f"a number from {SMALLEST:g} to {LARGEST:g}"
        raise WeightsError(f"{source} is {value}; expected {expected}")
    return weight
