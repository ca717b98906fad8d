"""Losses of a token, under one contract.

Each takes tag ids (0 is padding) and scores before the softmax, and gives a loss a token, zero on
padding. Weighting and the division are done elsewhere, once: sum(weight * loss) / sum(weight).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from seqlab.arrays import Int64Array

TokenLoss = Callable[[Any, Any], Any]


def token_cross_entropy(labels: Any, logits: Any) -> Any:
    """Cross entropy of every token.

    labels: int32 (B, T), tag ids from 1; 0 is padding or a tag without a class.
    logits: float32 (B, T, C), scores before the softmax; class c has the tag id c + 1.
    Returns float32 (B, T), in nats, 0 where the label is 0.
    """
    known = labels > 0
    classes = tf.where(known, labels - 1, 0)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=classes, logits=logits)
    return tf.where(known, losses, 0.0)


def label_smoothing(labels: Any, logits: Any, *, smoothing: float) -> Any:
    """Cross entropy against (1 - smoothing) of the gold class and the rest spread over all classes.

    labels: int32 (B, T), tag ids, 0 is padding. logits: float (B, T, C).
    smoothing: at least 0 and below 1 (Szegedy et al. 2016, section 7).
    Returns float (B, T).
    """
    gold = token_cross_entropy(labels, logits)
    spread = -tf.reduce_mean(tf.nn.log_softmax(logits), axis=-1)
    losses = (1 - smoothing) * gold + smoothing * spread
    return tf.where(labels > 0, losses, tf.zeros_like(losses))


LEAST = 1e-7  # 1 - p is kept above it: a fractional power has no finite slope at 0


def focal(labels: Any, logits: Any, *, gamma: float) -> Any:
    """(1 - p)^gamma * -log p of the gold class (Lin et al. 2017, equation 4).

    labels: int32 (B, T), tag ids, 0 is padding. logits: float (B, T, C).
    gamma: 0 is cross entropy; the larger, the less a token counts that is already right.
    Returns float (B, T).
    """
    losses = token_cross_entropy(labels, logits)
    wrong = tf.maximum(-tf.math.expm1(-losses), LEAST)
    return wrong**gamma * losses


def dice(labels: Any, logits: Any, *, alpha: float, smooth: float = 1.0) -> Any:
    """Self-adjusting dice loss (Li et al. 2020), each class against the rest, summed.

    With q = (1 - p)^alpha * p and y the gold label of a class, 1 or 0, its loss is
    1 - (2 q y + smooth) / (q + y + smooth): as focal loss, easy tokens lose their pull. q is largest at
    p = 1 / (1 + alpha) and 0 again at p = 1: with an alpha of 1 a network that is sure of one class for
    every token costs no more than one that is sure and right. With a small one it costs more, but its slope
    there is close to 0 all the same: where most tokens are of one class training may end there
    (docs/imbalance.md).

    labels: int32 (B, T), tag ids, 0 is padding. logits: float (B, T, C).
    alpha: how fast a token that is right is let go; 0 is the plain dice loss. smooth: above 0.
    Returns float (B, T).
    """
    probabilities = tf.nn.softmax(logits)
    gold = tf.one_hot(labels - 1, tf.shape(logits)[-1], dtype=logits.dtype)
    adjusted = tf.maximum(1 - probabilities, LEAST) ** alpha * probabilities
    overlap = (2 * adjusted * gold + smooth) / (adjusted + gold + smooth)
    losses = tf.reduce_sum(1 - overlap, axis=-1)
    return tf.where(labels > 0, losses, tf.zeros_like(losses))


def logit_adjusted(labels: Any, logits: Any, *, counts: Int64Array, tau: float) -> Any:
    """Cross entropy of the scores plus tau * log prior (Menon et al. 2021, equation 10).

    A network trained so need not spend its scores on saying what is frequent: without the shift,
    at prediction, it is right for balanced classes.

    labels: int32 (B, T), tag ids, 0 is padding. logits: float (B, T, C).
    counts: int64 (C,), training tokens of each class, all above 0. tau: 0 is cross entropy.
    Returns float (B, T).
    """
    prior = np.log(counts / counts.sum())
    return token_cross_entropy(labels, logits + tf.constant(tau * prior, logits.dtype))


def ldam(labels: Any, logits: Any, *, counts: Int64Array, margin: float) -> Any:
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
