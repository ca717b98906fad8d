"""Losses of a token, under one contract.

Each takes tag ids (0 is padding) and scores before the softmax, and gives a loss a token, zero on
padding. Weighting and the division are done elsewhere, once: sum(weight * loss) / sum(weight).
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

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
