"""Class weights that a user names: from a TOML file, or one by one as NAME=VALUE.

Whether the names exist is not known here: `class_weights` checks them against the classes.
"""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path

from seqlab.errors import WeightsError

TABLE = "class_weight"


def read_weight_table(path: str | Path) -> dict[str, float]:
    """The weights of a TOML file: its table [class_weight] or, without one, NAME = VALUE lines.

    Raises WeightsError 'path: fact' when the file can't be read or a value is no weight.
    """
    document = _read_toml(Path(path))
    table = document.get(TABLE)
    if not isinstance(table, dict):
        table = document
    return {name: _weight(value, place=f"{path}: {name!r}") for name, value in table.items()}


def parse_weight(text: str) -> tuple[str, float]:
    """The name and the weight that 'NAME=VALUE' gives; a name may hold '='.

    Raises WeightsError when it isn't of that form.

    >>> parse_weight("B-PER=4")
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


def checked_weights(manual: Mapping[str, float]) -> dict[str, float]:
    """Manual weights that are all above 0 and finite.

    Raises WeightsError for the first that is not.
    """
    return {
        name: _weight(value, place=f"manual weight of {name!r}") for name, value in manual.items()
    }


def _read_toml(path: Path) -> dict[str, object]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise WeightsError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WeightsError(f"{path}: not UTF-8 text; expected a TOML file") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WeightsError(f"{path}: not TOML: {error}") from None


def _weight(value: object, *, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WeightsError(f"{place} is {value!r}; expected a number above 0")
    if not (math.isfinite(value) and value > 0):
        raise WeightsError(
            f"{place} is {value}; expected a number above 0 "
            "(to leave tokens out, give them a token weight of 0)"
        )
    return float(value)
