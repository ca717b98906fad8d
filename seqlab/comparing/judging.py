"""From finished cells to results: averages over seeds, and differences from the baseline with p-values."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.comparing.bootstrap import FIGURES, Resampled, paired_bootstrap
from seqlab.comparing.intervals import Spread, holm, spread
from seqlab.comparing.plan import Plan
from seqlab.comparing.results import Results, SettingDifference, SettingResult
from seqlab.comparing.store import FinishedCell, FinishedCells
from seqlab.errors import RunError
from seqlab.training.epoch_record import EndReason


def make_results(
    plan: Plan, cells: FinishedCells, failed: Mapping[str, Mapping[int, str]], *, resamples: int
) -> Results:
    """Average every setting over its seeds, and test its differences from the baseline.

    failed: the reasons of failed cells, by setting and seed.
    Raises RunError if no cell finished, or if cells of one seed scored different sentences.
    """
    finished = [cell for by_seed in cells.values() for cell in by_seed.values()]
    if not finished:
        reason = next((r for reasons in failed.values() for r in reasons.values()), "")
        raise RunError(f"no training finished; the first one failed: {reason}")
    names = tuple(sorted({name for cell in finished for name in cell.sums.names}))
    counts = {
        name: {seed: cell.sums.aligned(names) for seed, cell in by_seed.items()}
        for name, by_seed in cells.items()
    }
    same = check_gold(counts)
    differences = differences_from_baseline(
        plan.baseline, counts, cells, resamples=resamples, same_sentences=same
    )
    golds = [c[..., 2].sum(axis=0) for by_seed in counts.values() for c in by_seed.values()]
    support = dict(zip(names, np.mean(golds, axis=0).tolist(), strict=True))
    classes = sorted(names, key=lambda name: (-support[name], name))
    return Results(
        split=finished[0].split,
        sentences=len(finished[0].sums.counts),
        same_sentences=same,
        baseline=plan.baseline,
        resamples=resamples,
        support={name: support[name] for name in classes},
        settings=tuple(
            setting_result(name, plan, cells, failed, classes, differences) for name in plan.names
        ),
        shared=plan.shared,
        out_of_time=sum(cell.end_reason == EndReason.MAX_SECONDS for cell in finished),
    )


def setting_result(
    name: str,
    plan: Plan,
    cells: FinishedCells,
    failed: Mapping[str, Mapping[int, str]],
    classes: Sequence[str],
    differences: Mapping[str, Mapping[str, SettingDifference]],
) -> SettingResult:
    """The averages of one setting over its seeds."""
    by_seed = cells.get(name, {})
    finished = list(by_seed.values())
    by_class = [cell.metrics["classes"] for cell in finished]
    lost = Counter(c for cell in finished for c in cell.metrics["classes_never_found"])
    return SettingResult(
        name=name,
        changed=plan.changed[name],
        seeds=tuple(by_seed),
        failed=failed.get(name, {}),
        figures={
            **{name: spread([cell.metrics[name] for cell in finished]) for name in FIGURES},
            "min_f1": spread([min_f1(cell) for cell in finished]),
        },
        classes={c: spread([row.get(c, {}).get("f1") for row in by_class]) for c in classes},
        lost={c: lost[c] for c in classes if lost[c]},
        seconds=spread([cell.seconds for cell in finished]),
        differences=differences.get(name, {}),
    )


def min_f1(cell: FinishedCell) -> float | None:
    """The smallest F1 over the classes with gold support."""
    classes = cell.metrics["classes"].values()
    return min((c["f1"] for c in classes if c["support"] and c["f1"] is not None), default=None)


def check_gold(counts: Mapping[str, Mapping[int, Int64Array]]) -> bool:
    """Check that all settings have the same gold under one seed. Returns whether all seeds share it too.

    counts: by setting and seed, int64 (N, C, 3): correct, predicted and gold per sentence and class.
    Raises RunError if two settings differ.
    """
    first: dict[int, tuple[str, Int64Array]] = {}
    for name, by_seed in counts.items():
        for seed, cell in by_seed.items():
            other, gold = first.setdefault(seed, (name, cell[..., 2]))
            if not np.array_equal(gold, cell[..., 2]):
                raise RunError(
                    f"seed {seed}: {other!r} and {name!r} were scored on different gold tags; "
                    "compare settings on the same test data"
                )
    golds = [gold for _, gold in first.values()]
    return all(np.array_equal(golds[0], gold) for gold in golds[1:])


def differences_from_baseline(
    baseline: str,
    counts: Mapping[str, Mapping[int, Int64Array]],
    cells: FinishedCells,
    *,
    resamples: int,
    same_sentences: bool,
) -> dict[str, dict[str, SettingDifference]]:
    """The differences of every other setting, by figure.

    p-values are corrected over all settings and figures together.
    """
    tests: dict[tuple[str, str], tuple[Spread, Resampled]] = {}
    theirs = counts.get(baseline, {})
    for name, ours in counts.items():
        seeds = [seed for seed in ours if seed in theirs]
        if name == baseline or not seeds:
            continue
        over_sentences = paired_bootstrap(
            [ours[seed] for seed in seeds],
            [theirs[seed] for seed in seeds],
            resamples=resamples,
            same_sentences=same_sentences,
        )
        mine, base = cells[name], cells[baseline]
        for figure in FIGURES:
            values = [(mine[s].metrics[figure], base[s].metrics[figure]) for s in seeds]
            over_seeds = spread([subtract(*pair) for pair in values])
            tests[name, figure] = over_seeds, over_sentences[figure]
    corrected = holm([over_sentences.p for _, over_sentences in tests.values()])
    differences: dict[str, dict[str, SettingDifference]] = {}
    for (name, figure), p in zip(tests, corrected, strict=True):
        over_seeds, resampled = tests[name, figure]
        difference = SettingDifference(seeds=over_seeds, sentences=resampled, corrected=p)
        differences.setdefault(name, {})[figure] = difference
    return differences


def subtract(ours: float | None, theirs: float | None) -> float | None:
    """The difference; None if either side is None."""
    return None if ours is None or theirs is None else ours - theirs
