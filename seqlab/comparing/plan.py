"""What is compared: named settings, seeds and a baseline, checked before anything is trained."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from seqlab.errors import SettingsError, UserError, nearest, shorten
from seqlab.experiment.classes import class_weight_rule
from seqlab.machine.numbers import is_whole
from seqlab.settings.declaring import declared, rivals
from seqlab.settings.training import TrainSettings, make_settings

FOLDER_NAME = re.compile(r"[\w+=-][\w.+=, -]{0,99}")
NOT_COMMON = {"seed": "the seeds are those of --seeds", "out": "every cell has its own directory"}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One training: a setting under one seed."""

    name: str
    seed: int
    settings: TrainSettings

    @property
    def title(self) -> str:
        """How messages call it."""
        return f"{self.name}, seed {self.seed}"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The grid. changed: of each setting, what it changes. baseline: what the others are held against."""

    cells: tuple[Cell, ...]
    changed: Mapping[str, Mapping[str, Any]]
    seeds: tuple[int, ...]
    baseline: str

    @property
    def names(self) -> tuple[str, ...]:
        """The settings, in the order in which they were given."""
        return tuple(self.changed)

    @property
    def shared(self) -> dict[str, Any]:
        """Settings that all cells share and that are not the defaults, `out` left out."""
        default = dict(TrainSettings().items())
        found = [dict(cell.settings.items()) for cell in self.cells]
        return {
            name: value
            for name, value in found[0].items()
            if name != "out"
            and value != default.get(name)
            and all(other.get(name) == value for other in found)
        }


def make_plan(
    changed: Mapping[str, Mapping[str, Any]],
    common: Mapping[str, Any],
    *,
    seeds: int | Sequence[int],
    baseline: str | None = None,
) -> Plan:
    """Every setting under every seed; the first seed of all settings comes first.

    changed: of each setting by its name, what differs from `common`. baseline: default the first.
    Raises SettingsError for fewer than two settings, a name that is no folder's, settings that no run
    could use or whose test data differ, no seed, or an unknown baseline.
    """
    if not isinstance(changed, Mapping) or not all(
        isinstance(name, str) and isinstance(table, Mapping) for name, table in changed.items()
    ):
        raise SettingsError(
            f"settings is {shorten(repr(changed))}: expected by name what each setting changes, "
            "{'plain': {}, 'focal': {'loss': 'focal'}}"
        )
    if len(changed) < 2:
        raise SettingsError(
            f"{len(changed)} settings to compare: expected 2 or more, from --vary or [settings.NAME] tables"
        )
    check_names(list(changed))
    baseline = next(iter(changed)) if baseline is None else baseline
    if baseline not in changed:
        raise SettingsError(
            f"baseline is {baseline!r}: expected one of the settings{nearest(baseline, changed)}"
        )
    numbers = seed_numbers(seeds)
    cells = tuple(
        Cell(name=name, seed=seed, settings=cell_settings(name, common, changed[name], seed))
        for seed in numbers
        for name in changed
    )
    check_same_task(cells[: len(changed)])
    return Plan(cells=cells, changed=dict(changed), seeds=numbers, baseline=baseline)


def seed_numbers(seeds: int | Sequence[int]) -> tuple[int, ...]:
    """1 to n, or the seeds that are listed.

    >>> seed_numbers(3), seed_numbers([7, 9])
    ((1, 2, 3), (7, 9))
    """
    listed = seeds if isinstance(seeds, Sequence) and not isinstance(seeds, str) else ()
    numbers = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(listed)
    if not numbers or not all(map(is_whole, numbers)):
        raise SettingsError(f"seeds is {seeds!r}: expected a number of 1 or more, or a list")
    if len(set(numbers)) < len(numbers):
        raise SettingsError(f"seeds is {seeds!r}: a seed is listed twice")
    return numbers


def check_names(names: Sequence[str]) -> None:
    """Refuse names that cannot be a folder, and two that some file systems take for one."""
    for name in names:
        if not FOLDER_NAME.fullmatch(name):
            raise SettingsError(
                f"setting {name!r}: expected a name of letters, digits and . + = - _, for it names a folder"
            )
    for one, other in combinations(names, 2):
        if one.casefold() == other.casefold():
            raise SettingsError(
                f"two settings are called {one!r} and {other!r}: expected two names"
            )


def cell_settings(
    name: str, common: Mapping[str, Any], changed: Mapping[str, Any], seed: int
) -> TrainSettings:
    """The settings of one cell; what a setting changes goes before what is common."""
    for key, reason in NOT_COMMON.items():
        if key in changed:
            raise SettingsError(f"settings.{name}: {key} cannot be set: {reason}")
    values = {key: value for key, value in common.items() if key not in (*NOT_COMMON, "overwrite")}
    values = {key: value for key, value in values.items() if not left_out(key, changed)}
    try:
        settings = make_settings(**(values | dict(changed)), seed=seed)
        class_weight_rule(settings)
    except UserError as error:
        raise SettingsError(f"settings.{name}: {error}") from None
    return settings


def left_out(name: str, changed: Mapping[str, Any]) -> bool:
    """Whether a common setting gives way to what a cell changes: a rival, or a setting that it needs."""
    if name not in declared(TrainSettings):
        return False  # `make_settings` refuses it, with the nearest name
    rules = declared(TrainSettings)[name].rules
    idle = any(key in changed and not rules.act_with(changed[key]) for key in rules.needs[:1])
    return idle or bool(rivals(TrainSettings, name) & set(changed))


def check_same_task(cells: Sequence[Cell]) -> None:
    """Refuse settings that are scored on different data: their figures cannot be compared."""
    keys = ["test", "test_share", "tag_column", "token_column"]
    first = cells[0].settings
    if first.test is None and first.test_share is None:
        keys += ["valid", "valid_share"]
        if first.valid is None:
            keys.append("train")
    for cell in cells[1:]:
        for key in keys:
            one, other = getattr(first, key), getattr(cell.settings, key)
            if one != other:
                raise SettingsError(
                    f"{key} is {one!r} in {cells[0].name!r} and {other!r} in {cell.name!r}: "
                    "settings are compared on the same test data"
                )
