"""Differences between settings: over the seeds that both have, and over resamples, with corrected p-values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from seqlab.arrays import Int64Array
from seqlab.comparing.bootstrap import FIGURES, Resampled, paired_bootstrap
from seqlab.comparing.intervals import DIFFERENCE_RANGE, Spread, holm, spread, t_test
from seqlab.comparing.results import SettingDifference
from seqlab.comparing.store import FinishedCell, FinishedCells

Differences = dict[str, SettingDifference]
Tests = dict[str, tuple[Spread, Resampled]]
"""A difference over seeds and over resamples, by figure or class."""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Everything that finished cells were scored on.

    classes: the C classes of `counts`. counts: by setting and seed, int64 (U, C, 3): correct, predicted and gold items
    of each unit that the bootstrap draws.
    same_units: all seeds scored the same units. trained: False for finished runs, which have no seeds to judge.
    """

    cells: FinishedCells
    classes: tuple[str, ...]
    counts: Mapping[str, Mapping[int, Int64Array]]
    same_units: bool
    resamples: int
    trained: bool = True


class Tested(NamedTuple):
    """The tests of one setting against another."""

    figures: Tests
    classes: Tests


def differences_from_baseline(
    scored: Scored, baseline: str
) -> tuple[dict[str, Differences], dict[str, Differences]]:
    """The differences of every other setting: by figure, and by class.

    p-values are corrected over all settings and averages together, and separately over all settings and classes. For a
    class, the larger p-value of both tests is corrected: of many classes, some pass one test by chance.
    """
    others = [name for name in scored.counts if name != baseline]
    tested = {name: tests for name in others if (tests := tests_against(scored, name, baseline))}
    figures = {name: tests.figures for name, tests in tested.items()}
    classes = {name: tests.classes for name, tests in tested.items()}
    trained = scored.trained
    return corrected(figures, trained), corrected(classes, trained, both=trained)


def corrected(
    families: Mapping[str, Tests], trained: bool, *, both: bool = False
) -> dict[str, Differences]:
    """The tests of all settings, with p-values corrected together by Holm's method.

    both: correct the larger p-value of both tests, instead of that over sentences.
    """
    keys = [(name, key) for name, tests in families.items() for key in tests]
    larger = [larger_p(*families[name][key]) for name, key in keys]
    p_values = holm(larger if both else [families[name][key][1].p for name, key in keys])
    differences: dict[str, Differences] = {name: {} for name in families}
    for (name, key), p in zip(keys, p_values, strict=True):
        seeds, sentences = families[name][key]
        differences[name][key] = SettingDifference(
            seeds=seeds, sentences=sentences, corrected=p, trained=trained
        )
    return differences


def larger_p(seeds: Spread, sentences: Resampled) -> float:
    """The larger p-value of both tests; 1 with one seed."""
    over_seeds = t_test(seeds.values)
    return 1.0 if over_seeds is None else max(over_seeds, sentences.p)


def tests_against(scored: Scored, ours: str, theirs: str) -> Tested | None:
    """Test one setting against another on the seeds that both have; None if there are none.

    A class that one side never has, neither in gold nor predicted, is left out.
    """
    mine, base = scored.cells.get(ours, {}), scored.cells.get(theirs, {})
    seeds = [seed for seed in mine if seed in base]
    if not seeds:
        return None
    resampled = paired_bootstrap(
        [scored.counts[ours][seed] for seed in seeds],
        [scored.counts[theirs][seed] for seed in seeds],
        resamples=scored.resamples,
        same_sentences=scored.same_units,
    )
    pairs = [(mine[seed], base[seed]) for seed in seeds]
    averages = [
        between_seeds([(a.metrics[name], b.metrics[name]) for a, b in pairs]) for name in FIGURES
    ]
    of_classes = [
        between_seeds([(class_f1(a, name), class_f1(b, name)) for a, b in pairs])
        for name in scored.classes
    ]
    figures = zip(FIGURES, zip(averages, resampled[:2], strict=True), strict=True)
    classes = zip(scored.classes, zip(of_classes, resampled[2:], strict=True), strict=True)
    return Tested(
        figures=dict(figures),
        classes={name: tests for name, tests in classes if tests[0].mean is not None},
    )


def between_seeds(pairs: list[tuple[float | None, float | None]]) -> Spread:
    """The differences of pairs in which both sides are defined."""
    return spread(
        [None if ours is None or theirs is None else ours - theirs for ours, theirs in pairs],
        within=DIFFERENCE_RANGE,
    )


def class_f1(cell: FinishedCell, name: str) -> float | None:
    """The F1 of a class; None where the cell has neither gold nor predictions of it."""
    f1: float | None = cell.metrics["classes"].get(name, {}).get("f1")
    return f1
