"""All settings of a training run, and how they are made from keywords and TOML files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seqlab.errors import SettingsError, nearest
from seqlab.machine.files import read_toml
from seqlab.settings.combinations import check_combinations
from seqlab.settings.corpora import CorpusSettings, WordSettings
from seqlab.settings.declaring import declared
from seqlab.settings.network import NetworkSettings, OptimizationSettings, RareClassSettings
from seqlab.settings.values import plain
from seqlab.settings.weights import LossSettings, SamplingSettings, WeightSettings


@dataclass(frozen=True, kw_only=True)
class TrainSettings(
    # Python collects the fields of the last base first: these groups stand in reverse order.
    RareClassSettings,
    OptimizationSettings,
    NetworkSettings,
    LossSettings,
    SamplingSettings,
    WeightSettings,
    WordSettings,
    CorpusSettings,
):
    """What one training run does. Every field is an option of `seqlab train` and a key of its TOML file."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_combinations(self)


def setting_names() -> list[str]:
    """The names of all settings of a training run."""
    return list(declared(TrainSettings))


def make_settings(**values: Any) -> TrainSettings:
    """Settings from keyword values.

    Raises SettingsError for an unknown name, with the nearest, and for values that no run could use.

    >>> make_settings(epochs=3).epochs
    3
    """
    check_names(values)
    return TrainSettings(**values)


def check_names(names: Mapping[str, Any]) -> None:
    """Raise SettingsError for a name that is no setting."""
    known = setting_names()
    for name in names:
        if name not in known:
            raise SettingsError(f"unknown setting {name!r}{nearest(name, known)}")


def read_settings(path: str) -> dict[str, Any]:
    """The settings in a TOML file, spelt with `_` or `-`.

    Raises SettingsError when the file is missing or is not TOML, and as `table_settings` does.
    """
    return table_settings(read_toml(path), source=path)


def table_settings(table: Mapping[str, Any], *, source: str) -> dict[str, Any]:
    """The settings in a TOML table, in types that TOML has. source: where the table is, for messages.

    Raises SettingsError for an unknown name and for a value of another type.
    """
    values = {name.replace("-", "_"): value for name, value in table.items()}
    settings = declared(TrainSettings)
    try:
        check_names(values)
        return {name: plain(settings[name].read(value)) for name, value in values.items()}
    except SettingsError as error:
        raise SettingsError(f"{source}: {error}") from None
