"""A training step of one BiLSTM: Keras' own loop against the block kernels that seqlab calls on a CPU.

A step is forward and backward with all gradients, on sentences of different lengths. The two alternate.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.spread import ratios

STEPS = 4  # per round


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The sizes of a batch and a layer.

    sequences: rows of the batch. length: steps of the longest row. inputs: features per step. units: per direction.
    """

    sequences: int
    length: int
    inputs: int
    units: int
    return_sequences: bool = True


SHAPES = {
    "8 sentences": Shape(sequences=8, length=25, inputs=158, units=100),
    "32 sentences": Shape(sequences=32, length=20, inputs=158, units=100),
    "128 sentences": Shape(sequences=128, length=20, inputs=158, units=100),
    "400 words' characters": Shape(
        sequences=400, length=15, inputs=25, units=25, return_sequences=False
    ),
}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds per step for each shape, and the ratio of the two, for each round."""
    from seqlab.modeling.quiet_import import import_tensorflow

    import_tensorflow()
    figures: dict[str, list[float]] = {}
    for name, shape in SHAPES.items():
        steps = make_steps(shape)
        times: dict[str, list[float]] = {layer: [] for layer in steps}
        for step in steps.values():
            step()
        for _ in range(options.rounds):
            for layer, step in steps.items():
                times[layer].append(milliseconds(step))
        figures |= {f"{name}, {layer}": values for layer, values in times.items()}
        figures[f"{name}, ratio"] = ratios(times["Keras"], times["block"])
    return {"sizes": {"shapes": list(SHAPES)}, "figures": figures}


def milliseconds(step: Callable[[], Any]) -> float:
    """Mean milliseconds of a few steps."""
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    return 1000 * (time.perf_counter() - start) / STEPS


def make_steps(shape: Shape) -> dict[str, Callable[[], Any]]:
    """The compiled step of Keras' layer and of seqlab's, with the same weights, inputs and mask."""
    import tensorflow as tf
    from keras import layers

    from seqlab.modeling.bilstm import BiLSTM

    ours = BiLSTM(shape.units, return_sequences=shape.return_sequences)
    theirs = layers.Bidirectional(layers.LSTM(shape.units, return_sequences=shape.return_sequences))
    inputs = tf.random.stateless_normal((shape.sequences, shape.length, shape.inputs), seed=(1, 2))
    lengths = tf.range(shape.sequences) % shape.length + 1
    mask = tf.sequence_mask(tf.reverse(lengths, [0]), shape.length)
    for layer in (ours, theirs):
        layer(inputs, mask=mask)
    theirs.set_weights(ours.get_weights())
    return {"Keras": compiled(theirs, inputs, mask), "block": compiled(ours, inputs, mask)}


def compiled(layer: Any, inputs: Any, mask: Any) -> Callable[[], Any]:
    """One graph with unknown shapes: the gradients of the sum of the squared outputs."""
    import tensorflow as tf

    signature = [
        tf.TensorSpec((None, None, inputs.shape[-1]), tf.float32),
        tf.TensorSpec((None, None), tf.bool),
    ]

    @tf.function(input_signature=signature, autograph=False)
    def gradients(inputs: Any, mask: Any) -> Any:
        weights = [variable.value for variable in layer.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            total = tf.reduce_sum(tf.square(layer(inputs, mask=mask)))
        return tape.gradient(total, [inputs, *weights])

    return lambda: gradients(inputs, mask)[0].numpy()
