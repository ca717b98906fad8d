"""Losses and probabilities of a network on one corpus, in a given batch size and padding."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqlab.arrays import AnyIntArray, FloatArray, Int32Array
from seqlab.encoding.batches import Batch, Batcher
from seqlab.modeling.losses import TokenLoss


@dataclass(frozen=True, kw_only=True)
class CompiledNetwork:
    """names: of the network's inputs. logits: the function from them to float32 (B, T, C) logits."""

    names: tuple[str, ...]
    logits: Callable[..., Any]


def compile_network(network: keras.Model) -> CompiledNetwork:
    """The network as a function of open shapes, so that it is traced once for all layouts."""
    shapes = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in network.inputs]

    def forward(*inputs: Any) -> Any:
        return network(list(inputs), training=False)

    return CompiledNetwork(
        names=tuple(tensor.name for tensor in network.inputs),
        logits=tf.function(forward, input_signature=shapes),
    )


@dataclass(frozen=True, kw_only=True)
class LayoutMeasure:
    """What is measured in every layout.

    losses: by name. weights: float32 (C + 1,), the weight of each label, 0 for padding.
    """

    network: CompiledNetwork
    losses: Mapping[str, TokenLoss]
    weights: FloatArray

    def run(self, batcher: Batcher, width: int | None) -> tuple[dict[str, float], FloatArray]:
        """Each loss of the corpus, and float32 (tokens, C), the probabilities, in one layout.

        width: pad every batch to this many tokens; None pads to its longest sentence.
        """
        totals = dict.fromkeys(self.losses, 0.0)
        total_weight = 0.0
        by_sentence: dict[int, FloatArray] = {}
        for batch in batcher.batches(mixed_batches(batcher)):
            inputs = [pad_tokens(batch.inputs[name], width) for name in self.network.names]
            labels = pad_tokens(batch.labels, width)
            logits = self.network.logits(*inputs)
            # Padding weighs 1 in the sum of losses, but 0 in the sum of weights: a loss that is not 0 on
            # padding by itself then shows as a difference between the layouts.
            weights = np.where(labels > 0, self.weights[labels], 1)
            for name, loss in self.losses.items():
                losses = np.asarray(loss(labels, logits))
                totals[name] += float((losses * weights).sum(dtype=np.float64))
            total_weight += float(self.weights[labels].sum(dtype=np.float64))
            probabilities = tf.nn.softmax(logits).numpy()
            by_sentence |= dict(real_tokens(batch, probabilities, batcher.lengths))
        ordered = np.concatenate([by_sentence[number] for number in range(len(by_sentence))])
        return {name: total / total_weight for name, total in totals.items()}, ordered


def mixed_batches(batcher: Batcher) -> list[AnyIntArray]:
    """Batches in the order of the corpus, because batches sorted by length need little padding."""
    return batcher.split_sorted(batcher.all())


def pad_tokens(array: Int32Array, width: int | None) -> Int32Array:
    """int32 (B, T, …), with zeros up to T = width."""
    if width is None:
        return array
    room = ((0, 0), (0, width - array.shape[1]))
    return np.pad(array, room + ((0, 0),) * (array.ndim - 2))


def real_tokens(
    batch: Batch, probabilities: FloatArray, lengths: AnyIntArray
) -> Iterator[tuple[int, FloatArray]]:
    """The number of each sentence of a batch, and float32 (T, C) of its real tokens."""
    for row, number in enumerate(batch.sentences.tolist()):
        yield number, probabilities[row, : lengths[number]]
