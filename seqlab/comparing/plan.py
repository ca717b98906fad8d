"""The plan of a comparison: named settings, seeds and a baseline, checked before any training."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from seqlab.errors import SettingsError, UserError, nearest, shorten
from seqlab.machine.numbers import is_whole
from seqlab.machine.wording import plural
from seqlab.settings.declaring import declared, rivals
from seqlab.settings.training import TrainSettings, chosen_settings
from seqlab.weighting.weight_options import stated_class_weights

FOLDER_NAME = re.compile(r"[\w+=-][\w.+=, -]{0,99}")
MOST_TRAININGS = 100_000  # a plan lists them all
NOT_COMMON = {
    "seed": "the seeds are those of --seeds",
    "out": "each training has its own directory",
    "folds": "all settings are tested on the same folds",
    "fold": "every fold is tested once",
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One training: one of the compared settings under one seed, on one fold if there are folds. name: of the setting."""

    name: str
    seed: int
    settings: TrainSettings

    @property
    def title(self) -> str:
        """The name in messages."""
        fold = "" if self.fold is None else f", fold {self.fold}"
        return f"{self.name}, seed {self.seed}{fold}"

    @property
    def fold(self) -> int | None:
        """The fold that is tested; None for a test split."""
        return self.settings.fold

    @property
    def folder(self) -> str:
        """The name of its directory and its log, within those of its setting."""
        return f"seed-{self.seed}" + ("" if self.fold is None else f"-fold-{self.fold}")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All trainings of a comparison.

    changed: for each compared setting by name, the values that differ from the common ones.
    baseline: the name of the setting that the others are compared with.
    folds: in how many parts the corpus is tested; None for a test split.
    """

    cells: tuple[Cell, ...]
    changed: Mapping[str, Mapping[str, Any]]
    seeds: tuple[int, ...]
    baseline: str
    folds: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the compared settings, in the order given."""
        return tuple(self.changed)

    @property
    def shared(self) -> dict[str, Any]:
        """The values, other than defaults, that all cells share, without `out`."""
        if not self.cells:  # finished runs
            return {}
        default = dict(TrainSettings().items())
        first, *others = [dict(cell.settings.items()) for cell in self.cells]
        return {
            name: value
            for name, value in first.items()
            if name not in ("out", "fold")
            and value != default.get(name)
            and all(other.get(name) == value for other in others)
        }


def make_plan(
    changed: Mapping[str, Mapping[str, Any]],
    common: Mapping[str, Any],
    *,
    seeds: int | Sequence[int],
    baseline: str | None = None,
) -> Plan:
    """Plan a training of every setting under every seed: all settings with the first seed, then the next.

    With the common setting `folds`, each of these is a training for every fold.

    changed: for each compared setting by name, the values that differ from `common`.
    seeds: a number of seeds, or the seeds. baseline: a name; default the first.
    Raises SettingsError for fewer than two settings, a name that cannot be a folder, settings that no run
    could use, settings with different test data, no seed, and an unknown baseline.
    """
    if not isinstance(changed, Mapping) or not all(
        isinstance(name, str) and isinstance(table, Mapping) for name, table in changed.items()
    ):
        raise SettingsError(
            f"settings is {shorten(repr(changed))}: expected a mapping from each setting's name to its values, such as "
            "{'plain': {}, 'focal': {'loss': 'focal'}}"
        )
    if len(changed) < 2:
        raise SettingsError(
            f"{plural(len(changed), 'setting')} to compare: expected 2 or more, from --vary or [settings.NAME] tables"
        )
    check_folder_names(list(changed))
    baseline = next(iter(changed)) if baseline is None else baseline
    if baseline not in changed:
        raise SettingsError(
            f"baseline is {baseline!r}: expected one of {shorten(', '.join(changed))}"
            f"{nearest(baseline, changed)}"
        )
    numbers = seed_numbers(seeds)
    folds = common.get("folds")
    if common.get("fold") is not None:
        raise SettingsError(f"fold cannot be set: {NOT_COMMON['fold']}")
    tested = [None] if folds is None else range(1, 1 + parse_folds(folds))
    check_number(len(numbers) * len(tested) * len(changed))
    cells = tuple(
        Cell(name=name, seed=seed, settings=cell_settings(name, common, changed[name], seed, fold))
        for seed in numbers
        for fold in tested
        for name in changed
    )
    check_same_task(cells[: len(changed)])
    return Plan(cells=cells, changed=dict(changed), seeds=numbers, baseline=baseline, folds=folds)


def parse_folds(folds: Any) -> int:
    """The number of folds. Raises SettingsError for what is no whole number of 2 or more."""
    if not is_whole(folds) or folds < 2:
        raise SettingsError(f"folds is {folds!r}: expected a whole number of 2 or more")
    return int(folds)


def check_number(trainings: int) -> None:
    """Raise SettingsError for more trainings than a plan can list."""
    if trainings > MOST_TRAININGS:
        raise SettingsError(
            f"the comparison has {trainings:,} trainings: expected at most {MOST_TRAININGS:,}; give fewer seeds or folds"
        )


def seed_numbers(seeds: int | Sequence[int]) -> tuple[int, ...]:
    """The seeds from 1 to a number, or the given seeds.

    Raises SettingsError for other values, no seed, and a repeated seed.

    >>> seed_numbers(3), seed_numbers([7, 9])
    ((1, 2, 3), (7, 9))
    """
    if isinstance(seeds, int):
        check_number(seeds)
    given = seeds if isinstance(seeds, Sequence) and not isinstance(seeds, str) else ()
    numbers = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(given)
    if not numbers or not all(map(is_whole, numbers)):
        raise SettingsError(f"seeds is {seeds!r}: expected a number of 1 or more, or a list")
    if len(set(numbers)) < len(numbers):
        raise SettingsError(f"seeds is {seeds!r}: a seed is listed twice")
    return numbers


def check_folder_names(names: Sequence[str]) -> None:
    """Raise SettingsError for a name that cannot be a folder, and for two that differ in case only."""
    for name in names:
        if not FOLDER_NAME.fullmatch(name):
            raise SettingsError(
                f"setting {name!r}: expected letters, digits and . + = - _, because a folder gets this name"
            )
    for one, other in combinations(names, 2):
        if one.casefold() == other.casefold():  # some file systems ignore case
            raise SettingsError(
                f"two settings are named {one!r} and {other!r}: expected different names"
            )


def cell_settings(
    name: str,
    common: Mapping[str, Any],
    changed: Mapping[str, Any],
    seed: int,
    fold: int | None = None,
) -> TrainSettings:
    """The settings of one cell: the changed values override the common ones."""
    for key, reason in NOT_COMMON.items():
        if key in changed:
            raise SettingsError(f"settings.{name}: {key} cannot be set: {reason}")
    values = {key: value for key, value in common.items() if key not in (*NOT_COMMON, "overwrite")}
    values = {key: value for key, value in values.items() if not left_out(key, changed)}
    if fold is not None:
        values |= {"folds": common["folds"], "fold": fold}
    try:
        if common.get("preset") and "preset" in changed:
            raise SettingsError("preset is given for all settings too: give it in one place")
        settings = chosen_settings(**(values | dict(changed)), seed=seed)
        stated_class_weights(settings.class_weights, settings.class_weight)
    except UserError as error:
        raise SettingsError(f"settings.{name}: {error}") from None
    return settings


def left_out(name: str, changed: Mapping[str, Any]) -> bool:
    """Whether a common setting is dropped because a cell changes its rival, or the setting that it needs."""
    if name not in declared(TrainSettings):
        return False  # `chosen_settings` refuses it, with the nearest name
    rules = declared(TrainSettings)[name].rules
    idle = any(k in changed and not rules.has_effect_with(changed[k]) for k in rules.needs[:1])
    return idle or bool(rivals(TrainSettings, name) & set(changed))


def check_same_task(cells: Sequence[Cell]) -> None:
    """Raise SettingsError for settings that are scored on different data."""
    keys = ["corpus", "test", "test_share", "tag_column", "token_column"]
    first = cells[0].settings
    if first.folds is not None:
        keys.append("train")
    elif first.test is None and first.test_share is None:
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
