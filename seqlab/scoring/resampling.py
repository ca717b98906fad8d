"""What all bootstraps of scores share: resamples in pieces of bounded memory, F1 of sums, and the middle 95 %."""

from collections.abc import Iterator

import numpy as np

from seqlab.arrays import DoubleArray

CHUNK = 2**22  # drawn numbers that are held in memory at once
ENDS = (0.025, 0.975)  # of the middle 95 %


def chunk_sizes(resamples: int, numbers: int) -> Iterator[int]:
    """How many resamples to draw at a time, so that memory stays bounded. numbers: of one resample."""
    rows = max(1, CHUNK // max(1, numbers))
    for start in range(0, resamples, rows):
        yield min(rows, resamples - start)


def f1_ratio(sums: DoubleArray) -> DoubleArray:
    """2 * correct / (predicted + gold). sums: (…, 3), correct, predicted and gold."""
    f1: DoubleArray = 2 * sums[..., 0] / (sums[..., 1] + sums[..., 2])
    return f1


def middle(values: DoubleArray) -> tuple[float, float] | None:
    """The ends of the middle 95 % of the finite values; None if there are none."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, ENDS)
    return float(low), float(high)
