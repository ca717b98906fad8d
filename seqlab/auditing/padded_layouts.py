"""Losses and probabilities of a network on one corpus, in a given batch size and padding."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqlab.arrays import FloatArray, Int32Array
from seqlab.encoding.batches import Batcher
from seqlab.modeling.losses import TokenLoss


class LayoutMeasure:
    """What is measured in every layout.

    Args:
        network: gives float32 (B, T, C) logits.
        losses: by name.
        weights: float32 (C + 1,), the weight of each label, 0 for padding.
    """

    def __init__(
        self, network: keras.Model, *, losses: Mapping[str, TokenLoss], weights: FloatArray
    ) -> None:
        def forward(*inputs: Any) -> Any:
            return network(list(inputs), training=False)

        # A function of open shapes is traced once for all layouts.
        shapes = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in network.inputs]
        self.logits = tf.function(forward, input_signature=shapes)
        self.names = [tensor.name for tensor in network.inputs]
        self.losses, self.weights = losses, weights

    def run(self, batcher: Batcher, width: int | None) -> tuple[dict[str, float], FloatArray]:
        """Each loss of the corpus, and float32 (tokens, C), the probabilities, in one layout.

        width: pad every batch to this many tokens; None pads to its longest sentence.
        """
        totals = dict.fromkeys(self.losses, 0.0)
        total_weight = 0.0
        by_sentence: dict[int, FloatArray] = {}
        # In the order of the corpus, because batches sorted by length need little padding.
        for batch in batcher.batches(batcher.split_sorted(batcher.all())):
            inputs = [pad_tokens(batch.inputs[name], width) for name in self.names]
            labels = pad_tokens(batch.labels, width)
            logits = self.logits(*inputs)
            # Padding weighs 1 in the sum of losses, but 0 in the sum of weights: a loss that is not 0 on
            # padding by itself then shows as a difference between the layouts.
            weights = np.where(labels > 0, self.weights[labels], 1)
            for name, loss in self.losses.items():
                losses = np.asarray(loss(labels, logits))
                totals[name] += float((losses * weights).sum(dtype=np.float64))
            total_weight += float(self.weights[labels].sum(dtype=np.float64))
            probabilities = tf.nn.softmax(logits).numpy()
            for row, number in enumerate(batch.sentences.tolist()):
                by_sentence[number] = probabilities[row, : batcher.lengths[number]]
        ordered = np.concatenate([by_sentence[number] for number in range(len(by_sentence))])
        return {name: total / total_weight for name, total in totals.items()}, ordered


def pad_tokens(array: Int32Array, width: int | None) -> Int32Array:
    """int32 (B, T, …), with zeros up to T = width."""
    if width is None:
        return array
    room = ((0, 0), (0, width - array.shape[1]))
    return np.pad(array, room + ((0, 0),) * (array.ndim - 2))
