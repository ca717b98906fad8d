"""The grid of a comparison: from `--vary class_weights=none,balanced` or a TOML file to named settings."""

import tomllib
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, get_args, get_type_hints

from seqlab.errors import SettingsError, nearest
from seqlab.settings.training import TrainSettings, setting_names, table_settings

OF_THE_COMPARISON = ("seeds", "baseline", "resamples", "processes", "memory")


def vary(options: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Every combination of the varied values, by name.

    A text is its own name; a number or boolean is named NAME=VALUE.
    Raises SettingsError for an option that is not NAME=VALUE,VALUE, and for an unknown name or value.

    >>> vary(["class_weights=none,balanced"])
    {'none': {'class_weights': 'none'}, 'balanced': {'class_weights': 'balanced'}}
    >>> list(vary(["loss=focal,ldam", "layers=1,2"]))
    ['focal+layers=1', 'focal+layers=2', 'ldam+layers=1', 'ldam+layers=2']
    """
    axes = [varied_values(option) for option in options]
    settings: dict[str, dict[str, Any]] = {}
    for values in product(*axes):
        name = "+".join(value_name(key, value) for key, value in values)
        if name in settings:
            raise SettingsError(f"vary: two settings are named {name!r}: expected different values")
        settings[name] = dict(values)
    return settings if axes else {}


def varied_values(option: str) -> list[tuple[str, Any]]:
    """A setting with each of its values."""
    name, equals, values = option.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or not values:
        raise SettingsError(f"vary is {option!r}: expected NAME=VALUE,VALUE")
    if name not in setting_names():
        raise SettingsError(f"vary: unknown setting {name!r}{nearest(name, setting_names())}")
    return [(name, parse_value(name, text.strip())) for text in values.split(",")]


def parse_value(name: str, text: str) -> Any:
    """The value of a number or boolean as TOML reads it; the text of any other setting."""
    hint = get_type_hints(TrainSettings)[name]
    value: Any = text
    if {int, float, bool} & {hint, *get_args(hint)}:
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text
    return table_settings({name: value}, source="vary")[name]


def value_name(name: str, value: Any) -> str:
    """The name that a value gives to its setting; it must be usable as a folder name."""
    if isinstance(value, str):
        return value.replace("/", "-").replace(":", "-").strip(".- ") or name
    if isinstance(value, list):
        return "+".join(value)
    return f"{name}={str(value).lower()}"


def split_table(
    table: Mapping[str, Any], *, source: str
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, Any]]:
    """Split the TOML file of a comparison into common settings, settings by name, and the other keys.

    Raises SettingsError for unknown settings, and for `settings` that are not tables.
    """
    others = {key: table[key] for key in OF_THE_COMPARISON if key in table}
    tables = table.get("settings", {})
    if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
        raise SettingsError(f"{source}: settings: expected tables [settings.NAME]")
    rest = {key: value for key, value in table.items() if key not in (*others, "settings")}
    changed = {
        name: table_settings(values, source=f"{source}: settings.{name}")
        for name, values in tables.items()
    }
    return table_settings(rest, source=source), changed, others
