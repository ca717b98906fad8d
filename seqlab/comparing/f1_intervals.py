"""How sure the F1 of a setting is over sentences or documents: the intervals that `evaluate` gives, averaged over seeds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqlab.arrays import DoubleArray, Int64Array
from seqlab.scoring.uncertainty import Interval, interval_ends, intervals_of, resampled_f1

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def f1_intervals(
    counts: Sequence[Int64Array], *, resamples: int, same_units: bool = True
) -> list[Interval | None]:
    """The 95 % intervals of micro F1, macro F1 and the F1 of each class; None for a class without gold.

    counts: for each training seed int64 (U, C, 3): correct, predicted and gold items of each unit that is drawn.
    same_units: all training seeds scored the same units, so that one draw serves them all.
    """
    if not counts:
        return []
    drawn = np.mean(
        [
            resampled_f1(correct_and_errors(each), resamples=resamples, seed=1 if same_units else n)
            for n, each in enumerate(counts, 1)
        ],
        axis=0,
    )
    own = np.mean([f1_of_counts(each.sum(axis=0)) for each in counts], axis=0)
    supported = np.any([each[..., 2].sum(axis=0) > 0 for each in counts], axis=0)
    macro_drawn, macro = (
        (drawn[:, :-1][:, supported].mean(axis=1), own[:-1][supported].mean())
        if supported.any()
        else (drawn[:, -1], own[-1])
    )
    columns = np.column_stack([drawn[:, -1], macro_drawn, drawn[:, :-1]])
    points = np.array([own[-1], macro, *own[:-1]])
    defined = np.array([supported.any(), supported.any(), *supported])
    ends = interval_ends(np.ones(min(map(len, counts))))
    return intervals_of(columns, points, defined, ends)


def correct_and_errors(counts: Int64Array) -> "csr_array":
    """float64 (U, 2 * (C + 1)), sparse, as `resampled_f1` takes them: correct items of each class and all, then errors."""
    from scipy.sparse import csr_array  # imported late for a quick --help

    totals = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1).astype(np.float64)
    correct = totals[..., 0]
    errors = totals[..., 1] + totals[..., 2] - 2 * correct
    return csr_array(np.concatenate([correct, errors], axis=1))


def f1_of_counts(counts: Int64Array) -> DoubleArray:
    """float64 (C + 1,): the F1 of each class, and micro F1; 0 where undefined. counts: int64 (C, 3)."""
    totals = np.vstack([counts, counts.sum(axis=0)])
    f1: DoubleArray = 2 * totals[:, 0] / np.maximum(totals[:, 1] + totals[:, 2], 1)
    return f1
