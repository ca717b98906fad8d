"""Losses that turn from tokens the network has learnt to those it has not: focal and dice.

Both obey the contract of `losses.py`: tag ids and scores in, a loss a token out, 0 on padding.
"""

from typing import Any

import tensorflow as tf

from seqlab.modeling.losses import token_cross_entropy

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
