"""Gold tags that a network doubts: confident learning (Northcutt, Jiang, Chuang 2021), with numpy alone.

A token is doubtful when the network gives another tag at least the probability that it gives, on average, to
tokens of that tag, and finds that tag the most probable one. These are the off-diagonal counts of the confident joint.
"""

from typing import NamedTuple

import numpy as np

from seqlab.arrays import AnyFloatArray, Int32Array, Int64Array

LEAST_RECALL = 0.2  # a tag with a smaller recall is left out: the network has not learnt it


class LabelDoubts(NamedTuple):
    """Doubtful tokens, the least probable gold tag first.

    tokens: int64 (D,), their indices. suggested: int32 (D,), the tag ids that the network prefers.
    """

    tokens: Int64Array
    suggested: Int32Array


def doubt_labels(probabilities: AnyFloatArray, labels: Int32Array) -> LabelDoubts:
    """Find the tokens whose gold tag is probably wrong.

    probabilities: float (M, C), of each tag. labels: int32 (M,), gold tag ids; negative ones are left out.

    >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.95, 0.05]])
    >>> doubt_labels(probabilities, np.array([0, 0, 1, 1], np.int32)).tokens.tolist()
    [3]
    """
    classes = probabilities.shape[1]
    known = labels >= 0
    given = probabilities[np.arange(len(labels)), np.maximum(labels, 0)]
    totals = np.bincount(labels[known], minlength=classes)
    # A tag without gold never reaches its threshold.
    means = np.full(classes, np.inf)
    seen = totals > 0
    means[seen] = (
        np.bincount(labels[known], weights=given[known], minlength=classes)[seen] / totals[seen]
    )
    chosen = probabilities.argmax(axis=1).astype(np.int32) if len(labels) else labels
    found = np.bincount(labels[known & (chosen == labels)], minlength=classes)
    learnt = found >= LEAST_RECALL * totals
    confident = np.where(probabilities >= means, probabilities, -1.0)
    best = confident.argmax(axis=1).astype(np.int32) if len(labels) else labels
    reached = confident.max(axis=1, initial=-1.0) >= 0
    doubtful = known & reached & (best != labels) & (chosen != labels) & learnt[labels]
    tokens = np.flatnonzero(doubtful)
    tokens = tokens[np.argsort(given[tokens], kind="stable")]
    return LabelDoubts(tokens, best[tokens])
