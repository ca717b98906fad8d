"""The figures of a comparison: each setting over its seeds, and against the baseline.

Two questions are kept apart. Would the difference stand on other sentences (the bootstrap)? Would it
stand under other seeds (the t-interval of the differences, seed by seed)? `verdict` asks for both.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.comparing.bootstrap import FIGURES, Resampled, paired_bootstrap
from seqlab.comparing.intervals import Spread, holm, spread
from seqlab.comparing.plan import Plan
from seqlab.comparing.store import Finished
from seqlab.errors import RunError
from seqlab.training.epoch_record import EndReason

ALPHA = 0.05  # the corrected p below which sentences tell two settings apart

Verdict = Literal["better", "worse", "seeds disagree", "not distinguishable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure of a setting less that of the baseline, over the seeds that both have.

    seeds: the differences seed by seed. sentences: over resamples. corrected: Holm's p.
    """

    seeds: Spread
    sentences: Resampled
    corrected: float

    @property
    def verdict(self) -> Verdict:
        """What may be said of it."""
        mean, low, high = self.seeds.mean, self.seeds.low, self.seeds.high
        if mean is None or self.corrected >= ALPHA:
            return "not distinguishable"
        if low is None or high is None or low <= 0 <= high:
            return "seeds disagree"
        return "better" if mean > 0 else "worse"

    def to_json(self) -> dict[str, Any]:
        """As results.json holds it."""
        return {
            "over_seeds": self.seeds.to_json(),
            "over_sentences": self.sentences.to_json(),
            "p_holm": self.corrected,
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingResult:
    """One setting. seeds: those that finished. failed: the reason of each that did not.

    figures: micro_f1, macro_f1 and min_f1 over seeds. classes: F1 of each class, over seeds.
    lost: of each class that was never found, under how many seeds. seconds: of training.
    differences: from the baseline, by figure; empty for the baseline itself.
    """

    name: str
    changed: Mapping[str, Any]
    seeds: tuple[int, ...]
    failed: Mapping[int, str]
    figures: Mapping[str, Spread]
    classes: Mapping[str, Spread]
    lost: Mapping[str, int]
    seconds: Spread
    differences: Mapping[str, Difference]

    def to_json(self) -> dict[str, Any]:
        """As results.json holds it."""
        return {
            "changed": dict(self.changed),
            "seeds": list(self.seeds),
            "failed": {str(seed): reason for seed, reason in self.failed.items()},
            **{name: found.to_json() for name, found in self.figures.items()},
            "classes": {name: found.to_json() for name, found in self.classes.items()},
            "classes_lost": dict(self.lost),
            "seconds": self.seconds.to_json(),
            "differences": {name: found.to_json() for name, found in self.differences.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A whole comparison. split, sentences: what was scored. support: gold of each class, mean over seeds.

    same_sentences: False where each seed splits off test sentences of its own.
    shared: settings that all cells share, other than the defaults. out_of_time: cells that `max_seconds`
    cut short.
    """

    split: str
    sentences: int
    same_sentences: bool
    baseline: str
    resamples: int
    support: Mapping[str, float]
    settings: tuple[SettingResult, ...]
    shared: Mapping[str, Any]
    out_of_time: int

    def to_json(self) -> dict[str, Any]:
        """As results.json holds it."""
        kept = ("split", "sentences", "same_sentences", "baseline", "resamples", "out_of_time")
        return {
            **{name: getattr(self, name) for name in kept},
            "shared": dict(self.shared),
            "support": dict(self.support),
            "settings": {found.name: found.to_json() for found in self.settings},
        }


Cells = Mapping[str, Mapping[int, Finished]]
"""The finished cells by setting and seed."""


def make_results(
    plan: Plan, cells: Cells, failed: Mapping[str, Mapping[int, str]], *, resamples: int
) -> Results:
    """Averages, differences and their correction.

    Raises RunError when not one cell finished, or cells of one seed scored different sentences.
    """
    everything = [cell for found in cells.values() for cell in found.values()]
    if not everything:
        reason = next((r for reasons in failed.values() for r in reasons.values()), "")
        raise RunError(f"no cell finished; the first said: {reason}")
    names = tuple(sorted({name for cell in everything for name in cell.sums.names}))
    counts = {
        name: {seed: cell.sums.aligned(names) for seed, cell in found.items()}
        for name, found in cells.items()
    }
    same = check_gold(counts)
    differences = against(plan.baseline, counts, cells, resamples=resamples, same_sentences=same)
    golds = [cell[..., 2].sum(axis=0) for found in counts.values() for cell in found.values()]
    support = dict(zip(names, np.mean(golds, axis=0).tolist(), strict=True))
    order = sorted((n for n in names), key=lambda n: (-support[n], n))
    return Results(
        split=everything[0].split,
        sentences=len(everything[0].sums.counts),
        same_sentences=same,
        baseline=plan.baseline,
        resamples=resamples,
        support={name: support[name] for name in order},
        settings=tuple(
            setting_result(
                name,
                plan.changed[name],
                cells.get(name, {}),
                failed.get(name, {}),
                classes=order,
                differences=differences.get(name, {}),
            )
            for name in plan.names
        ),
        shared=plan.shared,
        out_of_time=sum(cell.end_reason == EndReason.MAX_SECONDS for cell in everything),
    )


def setting_result(
    name: str,
    changed: Mapping[str, Any],
    cells: Mapping[int, Finished],
    failed: Mapping[int, str],
    *,
    classes: Sequence[str],
    differences: Mapping[str, Difference],
) -> SettingResult:
    """One setting over its seeds."""
    found = list(cells.values())
    lost = Counter(c for cell in found for c in cell.metrics["classes_never_found"])
    return SettingResult(
        name=name,
        changed=changed,
        seeds=tuple(cells),
        failed=failed,
        figures={
            "micro_f1": spread([cell.metrics["micro_f1"] for cell in found]),
            "macro_f1": spread([cell.metrics["macro_f1"] for cell in found]),
            "min_f1": spread([min_f1(cell) for cell in found]),
        },
        classes={
            c: spread([cell.metrics["classes"].get(c, {}).get("f1") for cell in found])
            for c in classes
        },
        lost={c: lost[c] for c in classes if lost[c]},
        seconds=spread([cell.seconds for cell in found]),
        differences=differences,
    )


def min_f1(cell: Finished) -> float | None:
    """The smallest F1 of a class with gold support."""
    classes = cell.metrics["classes"].values()
    return min((c["f1"] for c in classes if c["support"] and c["f1"] is not None), default=None)


def check_gold(counts: Mapping[str, Mapping[int, Int64Array]]) -> bool:
    """Refuse seeds whose gold differs between settings. Returns whether all seeds share it as well."""
    first: dict[int, tuple[str, Int64Array]] = {}
    for name, found in counts.items():
        for seed, cell in found.items():
            other, gold = first.setdefault(seed, (name, cell[..., 2]))
            if not np.array_equal(gold, cell[..., 2]):
                raise RunError(
                    f"seed {seed}: {other!r} and {name!r} were scored on different gold tags: "
                    "settings are compared on the same test data"
                )
    golds = [gold for _, gold in first.values()]
    return all(np.array_equal(golds[0], gold) for gold in golds[1:])


def against(
    baseline: str,
    counts: Mapping[str, Mapping[int, Int64Array]],
    cells: Cells,
    *,
    resamples: int,
    same_sentences: bool,
) -> dict[str, dict[str, Difference]]:
    """Every other setting less the baseline; p-values corrected over all settings and figures."""
    found: dict[tuple[str, str], tuple[Spread, Resampled]] = {}
    theirs = counts.get(baseline, {})
    for name, ours in counts.items():
        seeds = [seed for seed in ours if seed in theirs]
        if name == baseline or not seeds:
            continue
        resampled = paired_bootstrap(
            [ours[seed] for seed in seeds],
            [theirs[seed] for seed in seeds],
            resamples=resamples,
            same_sentences=same_sentences,
        )
        for figure in FIGURES:
            by_seed = [
                less(cells[name][seed].metrics[figure], cells[baseline][seed].metrics[figure])
                for seed in seeds
            ]
            found[name, figure] = spread(by_seed), resampled[figure]
    corrected = holm([resampled.p for _, resampled in found.values()])
    made: dict[str, dict[str, Difference]] = {}
    for ((name, figure), (by_seed_spread, resampled_one)), p in zip(
        found.items(), corrected, strict=True
    ):
        made.setdefault(name, {})[figure] = Difference(
            seeds=by_seed_spread, sentences=resampled_one, corrected=p
        )
    return made


def less(ours: float | None, theirs: float | None) -> float | None:
    """A difference, undefined where one side is."""
    return None if ours is None or theirs is None else ours - theirs
