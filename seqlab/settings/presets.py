"""Presets: named sets of values for settings that the user does not give."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from seqlab.settings.choices import PresetName
from seqlab.settings.declaring import Setting, Settings, declared, rivals

PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "fast": {"char_encoder": "none", "epochs": 15, "patience": 3},
        "default": {},
        "accurate": {"hidden_units": 200, "epochs": 100, "patience": 15},
    }
)
"""The values of each preset, by setting. `default` changes nothing."""


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class PresetSettings(Settings):
    """The preset of a training."""

    heading = "Preset"

    preset: PresetName | None = None
    """Values for the settings that you do not give. fast: a short training of a small network. default: the defaults.
    accurate: a long training of a large network. --print-config shows the values. [default: default]"""


def with_preset(values: Mapping[str, Any], settings: type[Settings]) -> dict[str, Any]:
    """Settings as a user gives them, with the values of their preset for those that are not given.

    values: by name; an unknown preset adds nothing, as the settings refuse it. settings: the class that declares them.
    A value of the preset is left out if a given setting excludes it, or if it would have no effect.

    >>> from seqlab.settings.training import TrainSettings
    >>> with_preset({"preset": "fast", "epochs": 9}, TrainSettings)
    {'char_encoder': 'none', 'patience': 3, 'preset': 'fast', 'epochs': 9}
    """
    preset = values.get("preset")
    if not isinstance(preset, str):
        return dict(values)
    added = {
        name: value for name, value in PRESETS.get(preset, {}).items()
        if name not in values and not rivals(settings, name) & set(values)
    }  # fmt: skip
    names = declared(settings)
    idle = {name for name in added if not has_effect(names[name], {**added, **values}, names)}
    return {**{name: value for name, value in added.items() if name not in idle}, **values}


def has_effect(entry: Setting, values: Mapping[str, Any], names: Mapping[str, Setting]) -> bool:
    """Whether the setting that this one needs, if any, has a value with which this one has an effect."""
    return all(
        entry.rules.has_effect_with(values.get(other, names[other].default))
        for other in entry.rules.needs[:1]
    )
