"""The search of `scripts/tune.py`: the settings that vary, and their values. A TOML file holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from seqlab.errors import SettingsError, UserError, nearest
from seqlab.machine.files import read_toml
from seqlab.machine.numbers import is_number
from seqlab.settings.declaring import Setting, declared
from seqlab.settings.training import TrainSettings, check_names, make_settings

RANGE_KEYS = ("low", "high", "step", "log")
FIXED = ("out", "overwrite", "seed", "test", "test_share", "folds", "fold", "train", "valid")
"""Settings that no search varies: seeds have an option of their own, and a test split decides nothing."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """Numbers from `low` to `high`. whole: integers only. step: between two values. log: on a logarithmic scale."""

    low: float
    high: float
    whole: bool
    step: float | None = None
    log: bool = False

    def holds(self, value: Any) -> bool:
        """Whether a value lies in the range."""
        return is_number(value) and self.low <= value <= self.high

    def draw(self, trial: Any, name: str) -> Any:
        """A value that Optuna suggests."""
        if self.whole:
            step = 1 if self.step is None else int(self.step)
            return trial.suggest_int(name, int(self.low), int(self.high), step=step, log=self.log)
        return trial.suggest_float(name, self.low, self.high, step=self.step, log=self.log)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """A list of values."""

    values: tuple[Any, ...]

    def holds(self, value: Any) -> bool:
        """Whether a value is one of them."""
        return value in self.values

    def draw(self, trial: Any, name: str) -> Any:
        """A value that Optuna suggests. Lists are shown to it as text, which its storage keeps."""
        return self.by_text[trial.suggest_categorical(name, list(self.by_text))]

    @property
    def by_text(self) -> dict[Any, Any]:
        """The values by what Optuna's storage can keep: text, a number, true or false."""
        return {str(one) if isinstance(one, list | dict) else one: one for one in self.values}


@dataclass(frozen=True, kw_only=True)
class SearchSpace:
    """common: the settings that all trainings share. ranges: those that vary, ordered so that needed ones come first."""

    common: Mapping[str, Any]
    ranges: Mapping[str, Range | Choices]

    def draw(self, trial: Any) -> dict[str, Any]:
        """The settings of one trial. A setting without effect, such as focal_gamma without focal loss, is not drawn."""
        values = dict(self.common)
        for name, one in self.ranges.items():
            if has_effect(name, values):
                values[name] = one.draw(trial, name)
        return values

    def defaults(self) -> dict[str, Any]:
        """The values that the varied settings have without a search, where these lie in their ranges."""
        chosen: dict[str, Any] = {}
        for name, one in self.ranges.items():
            default = declared(TrainSettings)[name].default
            default = list(default) if isinstance(default, tuple) else default
            if one.holds(default) and has_effect(name, {**self.common, **chosen}):
                chosen[name] = str(default) if isinstance(default, list) else default
        return chosen


def read_search(path: str | Path) -> SearchSpace:
    """Read a file of settings with a table `search`. Raises UserError for what cannot be searched."""
    table = read_toml(path)
    search = table.pop("search", None)
    common = {name.replace("-", "_"): value for name, value in table.items()}
    try:
        if not isinstance(search, dict) or not search:
            raise SettingsError(
                "there is no table [search] of settings to vary, such as dropout = [0.3, 0.5]"
            )
        ranges = {name.replace("-", "_"): one for name, one in search.items()}
        check_names({**common, **ranges})
        for name in ranges:
            if name in common:
                raise SettingsError(f"{name} is both fixed and searched: choose one")
            if name in FIXED:
                raise SettingsError(f"{name} cannot be searched")
        for name in ("out", "overwrite", "seed"):
            if name in common:
                raise SettingsError(
                    f"{name} is an option of this program: leave it out of the file"
                )
        make_settings(**common)
        settings = declared(TrainSettings)
        read = {name: range_of(settings[name], one) for name, one in ranges.items()}
    except UserError as error:
        raise SettingsError(f"{path}: {error}") from None
    return SearchSpace(common=common, ranges=in_order(read))


def range_of(setting: Setting, given: Any) -> Range | Choices:
    """What a line of the table `search` means. Raises SettingsError for values that the setting does not take."""
    if isinstance(given, list) and len(given) > 1:
        for value in given:
            setting.check(setting.read(value))
        return Choices(values=tuple(given))
    if not isinstance(given, dict) or not {"low", "high"} <= set(given):
        raise SettingsError(
            f"{setting.name} is {given!r}: expected a list of values, or low and high"
        )
    for key in given:
        if key not in RANGE_KEYS:
            raise SettingsError(f"{setting.name}: unknown key {key!r}{nearest(key, RANGE_KEYS)}")
    low, high = (setting.read(given[key]) for key in ("low", "high"))
    for value in (low, high):
        if not is_number(value):
            raise SettingsError(f"{setting.name} takes no numbers: expected a list of values")
        setting.check(value)
    if not low < high:
        raise SettingsError(f"{setting.name}: low is {low}, high is {high}: expected low < high")
    hints = (setting.hint, *get_args(setting.hint))
    step, log = given.get("step"), given.get("log", False)
    if log and (step is not None or low <= 0):
        raise SettingsError(f"{setting.name}: log needs low above 0, and no step")
    return Range(low=low, high=high, whole=float not in hints, step=step, log=log)


def in_order(ranges: Mapping[str, Range | Choices]) -> dict[str, Range | Choices]:
    """The same ranges; a setting stands behind the one that it needs."""
    needs = {name: declared(TrainSettings)[name].rules.needs[:1] for name in ranges}
    return {name: ranges[name] for name in sorted(ranges, key=lambda name: bool(needs[name]))}


def has_effect(name: str, values: Mapping[str, Any]) -> bool:
    """Whether a setting has an effect beside these."""
    settings = declared(TrainSettings)
    rules = settings[name].rules
    if not rules.needs:
        return True
    other = rules.needs[0]
    return rules.has_effect_with(values.get(other, settings[other].default))
