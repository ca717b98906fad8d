"""`--resample auto`: copies only for sentences with rare classes.

Repeat-factor sampling (Gupta, Dollár and Girshick, 'LVIS: A Dataset for Large Vocabulary Instance Segmentation',
CVPR 2019, section 3.3). The paper counts the images that contain a class; here the class's share of tokens decides.
"""

import numpy as np
import numpy.typing as npt

from seqlab.arrays import BoolArray, DoubleArray, Int64Array

RARE_SHARE = 0.02  # of the tokens; below it a class is rare
LONGEST_EPOCH = 2.0  # times the windows of an epoch without copies


def class_factors(counts: Int64Array, lengths: npt.ArrayLike) -> DoubleArray:
    """Return how often an epoch should contain each class: sqrt(RARE_SHARE / share), at least 1.

    counts: int (N, E), tokens of each class in each sentence. lengths: int (N,), tokens.
    Returns float64 (E,); 1 for a class without tokens.

    >>> class_factors(np.array([[1, 50, 0]]), [200]).tolist()
    [2.0, 1.0, 1.0]
    """
    totals = counts.sum(axis=0)
    wanted = RARE_SHARE * np.asarray(lengths, np.float64).sum()
    return np.where(totals > 0, np.sqrt(np.maximum(wanted / np.maximum(totals, 1), 1.0)), 1.0)


def rare_classes(counts: Int64Array, lengths: npt.ArrayLike) -> BoolArray:
    """Tell which classes occur and have less than RARE_SHARE of the tokens. Arguments as for `class_factors`."""
    return np.asarray(class_factors(counts, lengths) > 1.0)


def automatic_copies(counts: Int64Array, lengths: npt.ArrayLike) -> DoubleArray:
    """Return how often an epoch holds each sentence on average, float64 (N,), at least once each.

    A sentence has the factor of its rarest class. All sentences of the rarest class have the largest factor, so its
    share of tokens cannot fall. An epoch that would be longer than LONGEST_EPOCH gets fewer copies of each sentence.
    Arguments as for `class_factors`.

    >>> automatic_copies(np.array([[1, 30], [0, 50], [0, 0]]), [50, 75, 75]).tolist()
    [2.0, 1.0, 1.0]
    """
    factors = class_factors(counts, lengths)
    copies: DoubleArray = np.where(counts > 0, factors, 1.0).max(axis=1, initial=1.0)
    added = float((copies - 1).sum())
    room = (LONGEST_EPOCH - 1) * len(copies)
    return copies if added <= room else 1 + (copies - 1) * (room / added)


def describe_rare(counts: Int64Array, lengths: npt.ArrayLike) -> str:
    """Return a clause on the number of rare classes.

    >>> describe_rare(np.array([[1, 50]]), [200])
    '1 of 2 classes has under 2 % of the tokens'
    """
    rare = int(rare_classes(counts, lengths).sum())
    limit = f"under {RARE_SHARE:.0%} of the tokens".replace("%", " %")
    if not rare:
        return f"no class has {limit}"
    return f"{rare} of {counts.shape[1]} classes {'has' if rare == 1 else 'have'} {limit}"
