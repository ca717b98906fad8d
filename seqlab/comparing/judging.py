"""From finished cells to results: averages over seeds, and differences from the baseline with p-values."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.comparing.best_bet import best_bet
from seqlab.comparing.bootstrap import FIGURES
from seqlab.comparing.differences import Differences, Scored, class_f1, differences_from_baseline
from seqlab.comparing.f1_intervals import f1_intervals
from seqlab.comparing.intervals import F1_RANGE, spread
from seqlab.comparing.plan import Plan
from seqlab.comparing.results import Results, SettingResult
from seqlab.comparing.store import FinishedCell, FinishedCells
from seqlab.corpus.document_split import FEWEST_DOCUMENTS
from seqlab.errors import RunError
from seqlab.scoring.uncertainty import Interval
from seqlab.training.epoch_record import EndReason


def make_results(
    plan: Plan,
    cells: FinishedCells,
    failed: Mapping[str, Mapping[int, str]],
    *,
    resamples: int,
    trained: bool = True,
) -> Results:
    """Average every setting over its seeds, and test its differences from the baseline.

    failed: the reasons of failed cells, by setting and seed. trained: False for finished runs, each with one seed.
    Raises RunError if no cell finished, or if cells of one seed scored different sentences.
    """
    finished = [cell for by_seed in cells.values() for cell in by_seed.values()]
    if not finished:
        reason = next((r for reasons in failed.values() for r in reasons.values()), "")
        raise RunError(f"no training finished; the first one failed: {reason}")
    scored, by_document = scored_cells(cells, resamples=resamples, trained=trained)
    differences = differences_from_baseline(scored, plan.baseline)
    by_seed = [counts for by_seed in scored.counts.values() for counts in by_seed.values()]
    golds = np.mean([counts[..., 2].sum(axis=0) for counts in by_seed], axis=0)
    support = dict(zip(scored.classes, golds.tolist(), strict=True))
    classes = sorted(scored.classes, key=lambda name: (-support[name], name))
    settings = tuple(
        setting_result(name, plan, scored, failed, classes, differences) for name in plan.names
    )
    sentences = len(finished[0].sums.counts)
    return Results(
        split=finished[0].split,
        sentences=sentences,
        same_sentences=scored.same_units,
        resampled="documents" if by_document else "sentences",
        units=len(by_seed[0]),
        folds=plan.folds,
        baseline=plan.baseline,
        resamples=resamples,
        support={name: support[name] for name in classes},
        settings=settings,
        shared=plan.shared,
        out_of_time=sum(cell.end_reason == EndReason.MAX_SECONDS for cell in finished),
        trained=trained,
        best=best_bet(scored, {s.name: s.figures["macro_f1"] for s in settings}, sentences),
    )


def scored_cells(cells: FinishedCells, *, resamples: int, trained: bool) -> tuple[Scored, bool]:
    """What all cells were scored on; and whether the bootstrap draws documents."""
    finished = [cell for by_seed in cells.values() for cell in by_seed.values()]
    classes = tuple(sorted({name for cell in finished for name in cell.sums.names}))
    counts = {
        name: {seed: cell.sums.aligned(classes) for seed, cell in by_seed.items()}
        for name, by_seed in cells.items()
    }
    same = check_gold(counts)
    by_document = all(cell.document_count >= FEWEST_DOCUMENTS for cell in finished)
    if by_document:
        counts = {
            name: {seed: by_seed[seed].summed_by_document(each) for seed, each in of_name.items()}
            for (name, of_name), by_seed in zip(counts.items(), cells.values(), strict=True)
        }
    scored = Scored(
        cells=cells,
        classes=classes,
        counts=counts,
        same_units=same,
        resamples=resamples,
        trained=trained,
    )
    return scored, by_document


def setting_result(
    name: str,
    plan: Plan,
    scored: Scored,
    failed: Mapping[str, Mapping[int, str]],
    classes: Sequence[str],
    differences: tuple[Mapping[str, Differences], Mapping[str, Differences]],
) -> SettingResult:
    """The averages of one setting over its seeds."""
    by_seed = scored.cells.get(name, {})
    finished = list(by_seed.values())
    lost = Counter(c for cell in finished for c in cell.metrics["classes_never_found"])
    keys = [*FIGURES, *scored.classes]
    found = f1_intervals(
        list(scored.counts.get(name, {}).values()),
        resamples=scored.resamples,
        same_units=scored.same_units,
    )
    intervals: list[Interval | None] = found or [None] * len(keys)
    of_classes = dict(zip(scored.classes, intervals[len(FIGURES) :], strict=True))
    return SettingResult(
        name=name,
        changed=plan.changed[name],
        seeds=tuple(by_seed),
        failed=failed.get(name, {}),
        figures={
            **{
                key: spread([cell.metrics[key] for cell in finished], within=F1_RANGE)
                for key in FIGURES
            },
            "min_f1": spread([min_f1(cell) for cell in finished], within=F1_RANGE),
        },
        classes={
            c: spread([class_f1(cell, c) for cell in finished], within=F1_RANGE) for c in classes
        },
        intervals=dict(zip(FIGURES, intervals[: len(FIGURES)], strict=True)),
        class_intervals={c: of_classes[c] for c in classes},
        lost={c: lost[c] for c in classes if lost[c]},
        seconds=spread([cell.seconds for cell in finished], within=(0.0, float("inf"))),
        differences=differences[0].get(name, {}),
        class_differences={
            c: of_class[c] for c in classes if c in (of_class := differences[1].get(name, {}))
        },
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
