"""The numeric columns of each split: their range, and how far they have drifted from train.

Training standardises numbers by the mean and the deviation of train. A split whose numbers lie elsewhere, for
example because of other units, shows the network inputs that it has hardly seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import DoubleArray
from seqlab.corpus.corpus_arrays import CorpusArrays
from seqlab.encoding.number_scaling import NumberScaling
from seqlab.machine.wording import ratio


@dataclass(frozen=True, kw_only=True)
class NumberFigures:
    """One numeric column of one split.

    minimum, mean, maximum: None if all numbers are missing. missing: tokens without a number.
    missing_share: of all tokens.
    shift: the mean minus that of train, in deviations of train. outside: the share of its numbers that lie below the
        minimum or above the maximum of train. Both are None for train, and without numbers.
    """

    minimum: float | None
    mean: float | None
    maximum: float | None
    missing: int
    missing_share: float | None
    shift: float | None
    outside: float | None


def count_numbers(
    arrays: Mapping[str, CorpusArrays], scalings: Mapping[str, NumberScaling]
) -> dict[str, dict[str, NumberFigures]]:
    """For each numeric column, its figures by split.

    arrays: by split. scalings: by column, fitted to train.
    """
    return {
        name: {
            split: figures_of(each.numbers[name], arrays["train"].numbers[name], scaling)
            for split, each in arrays.items()
        }
        for name, scaling in scalings.items()
    }


def figures_of(numbers: DoubleArray, train: DoubleArray, scaling: NumberScaling) -> NumberFigures:
    """The figures of one column of a split.

    numbers, train: float64 (tokens,) of the split and of train, NaN where a number is missing.
    """
    known = numbers[~np.isnan(numbers)]
    missing = len(numbers) - len(known)
    mean = float(known.mean()) if len(known) else None
    shift = outside = None
    if numbers is not train and mean is not None:
        shift = (mean - scaling.mean) / scaling.deviation
        beyond = (known < np.nanmin(train)) | (known > np.nanmax(train))
        outside = ratio(int(beyond.sum()), len(known))
    return NumberFigures(
        minimum=float(known.min()) if len(known) else None,
        mean=mean,
        maximum=float(known.max()) if len(known) else None,
        missing=missing,
        missing_share=ratio(missing, len(numbers)),
        shift=shift,
        outside=outside,
    )
