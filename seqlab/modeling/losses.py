"""Losses of a token, under one contract.

Each takes tag ids (0 is padding) and scores before the softmax, and gives a loss a token, zero on
padding. Weighting and the division are done elsewhere, once: sum(weight * loss) / sum(weight).
"""

from typing import Any

import keras
import tensorflow as tf


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


def keras_loss() -> keras.losses.Loss:
    """The loss to compile a network with for Keras' own `fit`, on one-hot labels (N, T, C).

    Its reduction divides by the sum of the sample weights. Keras' default divides by the number of
    tokens that its mask leaves (the network's BiLSTM hands one on) whatever they weigh; without a
    mask by B * T, so that padding waters the loss down although its weight is 0.
    """
    return keras.losses.CategoricalCrossentropy(reduction="mean_with_sample_weight")
