"""One pass over a corpus laid out in one way: every loss, and the probabilities of its tokens.

What is compared between the ways is decided in `invariance`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from seqlab.encoding.batches import Batch, Batcher, Numbers
from seqlab.modeling.losses import TokenLoss

Array = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """The names of a network's inputs, and the function from them to float32 (B, T, C) logits."""

    names: tuple[str, ...]
    logits: Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What is measured in every layout.

    losses: by name. weights: float32 (C + 1,), a weight for each tag id, 0 for padding.
    """

    scorer: Scorer
    losses: Mapping[str, TokenLoss]
    weights: Array


def compiled(network: keras.Model) -> Scorer:
    """A network as a function of shapes that are open, so that it is traced once for all layouts."""
    shapes = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in network.inputs]

    def forward(*inputs: Any) -> Any:
        return network(list(inputs), training=False)

    return Scorer(
        names=tuple(tensor.name for tensor in network.inputs),
        logits=tf.function(forward, input_signature=shapes),
    )


def run(measure: Measure, batcher: Batcher, width: int | None) -> tuple[dict[str, float], Array]:
    """Each loss of a corpus, and float32 (tokens, C), the probabilities, in one layout.

    Padding weighs 1 above the line and 0 below: a loss that is not 0 there by itself shows.
    """
    totals = dict.fromkeys(measure.losses, 0.0)
    weight = 0.0
    found: dict[int, Array] = {}
    for batch in batcher.batches(in_given_order(batcher)):
        inputs = [padded(batch.inputs[name], width) for name in measure.scorer.names]
        labels = padded(batch.labels, width)
        logits = measure.scorer.logits(*inputs)
        weights = np.where(labels > 0, measure.weights[labels], 1)
        for name, loss in measure.losses.items():
            losses = np.asarray(loss(labels, logits))
            totals[name] += float((losses * weights).sum(dtype=np.float64))
        weight += float(measure.weights[labels].sum(dtype=np.float64))
        found |= dict(by_sentence(batch, tf.nn.softmax(logits).numpy(), batcher.lengths))
    scores = np.concatenate([found[number] for number in range(len(found))])
    return {name: total / weight for name, total in totals.items()}, scores


def in_given_order(batcher: Batcher) -> list[Numbers]:
    """Batches of mixed lengths: sorted ones would hardly be padded, and hide what padding does."""
    return batcher.cut(batcher.all())


def padded(array: NDArray[np.int32], width: int | None) -> NDArray[np.int32]:
    """int32 (B, T, …) with zeros up to T = width."""
    if width is None:
        return array
    room = ((0, 0), (0, width - array.shape[1]))
    return np.pad(array, room + ((0, 0),) * (array.ndim - 2))


def by_sentence(
    batch: Batch, scores: Array, lengths: NDArray[np.integer[Any]]
) -> Iterator[tuple[int, Array]]:
    """The scores of the real tokens of each sentence of a batch."""
    for row, number in enumerate(batch.sentences.tolist()):
        yield number, scores[row, : lengths[number]]
