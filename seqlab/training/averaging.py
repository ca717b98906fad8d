"""A moving average of a network's weights: what is evaluated and kept instead of the last step's.

Steps wander around a minimum, and their mean lies nearer to it (Polyak & Juditsky 1992). The word table
is left out: it is large, and a step moves few of its rows.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from seqlab.modeling.network import WORD_TABLE

WARM_UP = 10.0
"""Update n keeps at most (1 + n) / (WARM_UP + n) of the average, so that early weights fade soon."""


class WeightAverage:
    """The exponential moving average of a network's trainable weights but for its word table.

    Args:
        network: whose weights are averaged; the average begins as what they are now.
        decay: from 0 to below 1, the share of the old average that an update keeps.
    """

    def __init__(self, network: keras.Model, *, decay: float) -> None:
        self.decay = decay
        self.weights = [
            variable.value
            for variable in network.trainable_variables
            if not variable.path.startswith(WORD_TABLE)
        ]
        self.averages = [tf.Variable(weight, trainable=False) for weight in self.weights]
        self.updates = tf.Variable(0.0, trainable=False)
        self.update = tf.function(self.updated, autograph=False)

    def updated(self) -> None:
        """Take in the weights after a step: `update`, before it is traced."""
        updates = self.updates.assign_add(1.0)
        kept = tf.minimum(self.decay, (1 + updates) / (WARM_UP + updates))
        for average, weight in zip(self.averages, self.weights, strict=True):
            average.assign_add((1 - kept) * (weight - average))

    def restart(self) -> None:
        """Average anew, from the weights that the network holds now."""
        self.updates.assign(0.0)
        assign(self.averages, self.weights)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Meanwhile the network holds the average; afterwards its own weights again."""
        own = [tf.identity(weight) for weight in self.weights]
        assign(self.weights, self.averages)
        try:
            yield
        finally:
            assign(self.weights, own)


def assign(variables: Sequence[Any], values: Sequence[Any]) -> None:
    """Give each variable its value."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
