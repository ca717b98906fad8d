"""Token losses.

Each takes tag ids (0 is padding) and logits, and returns one loss per token, 0 on padding. The training step applies
the weights: sum(weight * loss) / sum(weight). They run on every backend of Keras.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from seqlab.arrays import Int64Array

TokenLoss = Callable[[Any, Any], Any]
"""Takes tag ids int32 (B, T) and logits float (B, T, C); returns losses float (B, T)."""

MIN_WRONG = 1e-7  # lower bound of 1 - p, because a fractional power has an infinite slope at 0


def token_cross_entropy(labels: Any, logits: Any) -> Any:
    """Cross entropy per token.

    labels: int32 (B, T), tag ids from 1; 0 is padding or a tag without a class.
    logits: float32 (B, T, C); class c has the tag id c + 1.
    Returns float32 (B, T), in nats, 0 where the label is 0.
    """
    known = labels > 0
    classes = ops.where(known, labels - 1, 0)
    losses = ops.sparse_categorical_crossentropy(classes, logits, from_logits=True)
    return ops.where(known, losses, 0.0)


def with_soft_labels(losses: Any, logits: Any, soft_labels: Any) -> Any:
    """Mix losses with the cross entropy of a teacher's probabilities (Hinton, Vinyals & Dean 2015, at temperature 1).

    losses: float (B, T), of the tokens' own tags. logits: float (B, T, C); those of a CRF are its log marginals.
    soft_labels: float (B, T, C), share * probability; the share, from 0 to 1, is the sum of a token's row.
    Returns float (B, T): (1 - share) * loss + share * cross entropy, in nats.
    """
    share = ops.sum(soft_labels, axis=-1)
    return (1 - share) * losses - ops.sum(soft_labels * ops.log_softmax(logits), axis=-1)


def label_smoothing(labels: Any, logits: Any, *, smoothing: float) -> Any:
    """Cross entropy with a smoothed target (Szegedy et al. 2016, section 7).

    The gold class has the probability 1 - smoothing; the rest is spread evenly over all classes.

    labels: int32 (B, T), tag ids; 0 is padding. logits: float (B, T, C). smoothing: from 0 to below 1.
    Returns float (B, T), in nats.
    """
    gold = token_cross_entropy(labels, logits)
    spread = -ops.mean(ops.log_softmax(logits), axis=-1)
    losses = (1 - smoothing) * gold + smoothing * spread
    return ops.where(labels > 0, losses, 0.0)


def focal(labels: Any, logits: Any, *, gamma: float) -> Any:
    """(1 - p)^gamma * -log p of the gold class (Lin et al. 2017, equation 4).

    labels: int32 (B, T), tag ids; 0 is padding. logits: float (B, T, C).
    gamma: 0 gives cross entropy; larger values reduce the loss of tokens that are already right.
    Returns float (B, T).
    """
    losses = token_cross_entropy(labels, logits)
    wrong = ops.maximum(-ops.expm1(-losses), MIN_WRONG)
    return wrong**gamma * losses


def logit_adjusted(labels: Any, logits: Any, *, counts: Int64Array, tau: float) -> Any:
    """Cross entropy of logits + tau * log prior (Menon et al. 2021, equation 10).

    The network need not learn which classes are frequent. Prediction uses the logits alone, which then suit
    balanced classes.

    labels: int32 (B, T), tag ids; 0 is padding. logits: float (B, T, C).
    counts: int64 (C,), training tokens of each class, all above 0. tau: 0 gives cross entropy.
    Returns float (B, T), in nats.
    """
    prior = np.log(counts / counts.sum())
    return token_cross_entropy(labels, logits + ops.convert_to_tensor(tau * prior, logits.dtype))


def ldam(labels: Any, logits: Any, *, counts: Int64Array, margin: float) -> Any:
    """Cross entropy with a margin that is larger for rarer classes (Cao et al. 2019, equations 12 and 13).

    The gold logit is lowered by margin * (n_min / n)^(1/4), where n is the gold class's count. The paper's networks
    normalise features and multiply logits by 30. Here the logits stay as they are, so the margin is in nats.

    labels: int32 (B, T), tag ids; 0 is padding. logits: float (B, T, C).
    counts: int64 (C,), training tokens of each class, all above 0. margin: that of the rarest class.
    Returns float (B, T), in nats.
    """
    margins = ops.convert_to_tensor(margin * (counts.min() / counts) ** 0.25, logits.dtype)
    gold = ops.one_hot(labels - 1, len(counts), dtype=logits.dtype)
    return token_cross_entropy(labels, logits - gold * margins)
