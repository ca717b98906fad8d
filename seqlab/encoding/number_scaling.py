"""Numeric columns as inputs of the network: standardised by the training split, and 0 where a number is missing."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyIntArray, BoolArray, DoubleArray, FloatArray
from seqlab.corpus.corpus_arrays import BLOCK
from seqlab.corpus.mapped_arrays import release_pages, take_and_release
from seqlab.errors import UserError

FARTHEST = (
    1e6  # training deviations from the mean; larger inputs are cut so that float32 cannot overflow
)


@dataclass(frozen=True, kw_only=True)
class NumberScaling:
    """How one numeric column becomes inputs of the network, as scikit-learn's `StandardScaler` does it.

    mean, deviation: over the training tokens with a number. The deviation divides by their count, not by their
        count minus 1. It is 1 for a column whose numbers are all equal.
    missing: whether training has tokens without a number. A second input is then 1 for such tokens and 0 for others.
    """

    mean: float
    deviation: float
    missing: bool

    @property
    def inputs(self) -> int:
        """The number of inputs: 1, or 2 with the one for missing numbers."""
        return 2 if self.missing else 1

    def write(self, numbers: DoubleArray, out: FloatArray) -> None:
        """Write the inputs of some tokens. A missing number becomes 0, the mean.

        numbers: float64 (...), NaN where a number is missing. out: float32 (..., inputs).
        """
        known = ~np.isnan(numbers)
        with np.errstate(over="ignore"):  # far beyond `FARTHEST`
            scaled = (np.where(known, numbers, self.mean) - self.mean) / self.deviation
        out[..., 0] = np.clip(scaled, -FARTHEST, FARTHEST)
        if self.missing:
            out[..., 1] = ~known


@dataclass(frozen=True, kw_only=True)
class EncodedNumbers:
    """A numeric column of a corpus. numbers: float64 (tokens,), as in the file, perhaps mapped from disk."""

    numbers: DoubleArray
    scaling: NumberScaling


def fit_scaling(numbers: DoubleArray, name: str) -> NumberScaling:
    """The scaling of a numeric column, from its training tokens. Works block by block.

    numbers: float64 (tokens,), NaN where a number is missing. name: of the column, for errors.
    Raises UserError for a column without a number, and for numbers whose squares are too large for a float.
    """
    count, mean, variance = moments(numbers)
    if not count:
        raise UserError(
            f"numeric column {name!r} has no number in training: every token misses it; leave it out"
        )
    if not math.isfinite(variance):
        raise UserError(
            f"numeric column {name!r} holds numbers too large to standardise: their mean is {mean:.3g}; "
            "give their logarithms"
        )
    # The test of StandardScaler: what rounding alone can make of a constant column is no deviation.
    epsilon = np.finfo(np.float64).eps
    constant = variance <= count * epsilon * variance + (count * mean * epsilon) ** 2
    return NumberScaling(
        mean=mean,
        deviation=1.0 if constant else math.sqrt(variance),
        missing=count < len(numbers),
    )


def moments(numbers: DoubleArray) -> tuple[int, float, float]:
    """How many numbers there are, their mean, and their mean squared distance from it.

    numbers: float64 (tokens,), NaN where a number is missing. Mean and variance are NaN if all are missing.
    """
    count = sum(len(part) for part in known_parts(numbers))
    if not count:
        return 0, math.nan, math.nan
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(sum(part.sum() for part in known_parts(numbers)) / count)
        # The distances sum to 0 but for rounding, which their sum corrects (Chan, Golub & LeVeque 1983).
        residue = sum(float((part - mean).sum()) for part in known_parts(numbers))
        squares = sum(float(((part - mean) ** 2).sum()) for part in known_parts(numbers))
        return count, mean, (squares - residue**2 / count) / count


def known_parts(numbers: DoubleArray) -> Iterator[DoubleArray]:
    """Yield the numbers of each block that are not missing, float64 (at most `BLOCK`,)."""
    for start in range(0, len(numbers), BLOCK):
        part = numbers[start : start + BLOCK]
        yield part[~np.isnan(part)]
        release_pages(numbers)


def number_inputs(
    columns: Mapping[str, EncodedNumbers], positions: AnyIntArray, mask: BoolArray
) -> FloatArray | None:
    """Return float32 (..., D): the inputs of all numeric columns, one after another; 0 on padding.

    positions: integers (...), tokens of the corpus. mask: bool (...), False on padding.
    Returns None without numeric columns.
    """
    if not columns:
        return None
    numbers = [take_and_release(column.numbers, positions) for column in columns.values()]
    inputs = scaled_inputs(numbers, [column.scaling for column in columns.values()])
    inputs[~mask] = 0
    return inputs


def scaled_inputs(columns: Sequence[DoubleArray], scalings: Sequence[NumberScaling]) -> FloatArray:
    """Return float32 (..., D): the inputs of numeric columns, one after another.

    columns: float64 (...) each, NaN where a number is missing. scalings: one per column.
    """
    inputs = np.empty((*columns[0].shape, sum(one.inputs for one in scalings)), np.float32)
    first = 0
    for numbers, scaling in zip(columns, scalings, strict=True):
        scaling.write(numbers, inputs[..., first : first + scaling.inputs])
        first += scaling.inputs
    return inputs
