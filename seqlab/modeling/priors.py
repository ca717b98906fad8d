"""Losses that know how frequent each class is: logit adjustment and LDAM.

Both obey the contract of `losses.py`, and both are for training alone: the network's own scores,
unshifted, are what it predicts by.
"""

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from seqlab.modeling.losses import token_cross_entropy


def logit_adjusted(labels: Any, logits: Any, *, counts: NDArray[np.int64], tau: float) -> Any:
    """Cross entropy of the scores plus tau * log prior (Menon et al. 2021, equation 10).

    A network trained so need not spend its scores on saying what is frequent: without the shift,
    at prediction, it is right for balanced classes.

    labels: int32 (B, T), tag ids, 0 is padding. logits: float (B, T, C).
    counts: int64 (C,), training tokens of each class, all above 0. tau: 0 is cross entropy.
    Returns float (B, T).
    """
    prior = np.log(counts / counts.sum())
    return token_cross_entropy(labels, logits + tf.constant(tau * prior, logits.dtype))


def ldam(labels: Any, logits: Any, *, counts: NDArray[np.int64], margin: float) -> Any:
    """Cross entropy that demands a margin of the gold class, larger for rarer ones (Cao et al. 2019).

    The gold score is lowered by margin * (n_min / n)^(1/4), equation 12 and 13; `margin` is that of
    the rarest class. The paper's networks normalise features and multiply scores by 30; here the
    scores are as they are, so the margin is in nats.

    labels: int32 (B, T), tag ids, 0 is padding. logits: float (B, T, C).
    counts: int64 (C,), training tokens of each class, all above 0.
    Returns float (B, T).
    """
    margins = tf.constant(margin * (counts.min() / counts) ** 0.25, logits.dtype)
    gold = tf.one_hot(labels - 1, len(counts), dtype=logits.dtype)
    return token_cross_entropy(labels, logits - gold * margins)
