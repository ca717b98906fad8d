"""A moving average of the weights over the last epochs, which is validated and kept instead of the weights themselves.

The weights after single steps scatter around a better point (Polyak & Juditsky 1992). The average is exponential and
unbiased from the first step on: the weights after step k of n count as exp(-(n - k) / horizon). The other weights are
added every few steps. `DeferredAdam` adds the rows of the word table when a batch reads them.
"""

from typing import Any

import keras
import tensorflow as tf

from seqlab.modeling.variables import assign_variable, copy_variable
from seqlab.training.deferred_adam import FusedAdam, kept_share

UPDATES = 10  # of the average in an epoch; more would cost time and change little


class WeightAverage:
    """The average of a network's trainable weights. Its variables belong to the optimizer, as the moments do.

    Args:
        network: compiled with an optimizer that has been made with `averages`, and built.
        epochs: horizon of the average; weights that are this old count as exp(-1) of the newest ones.
        steps: training steps of an epoch.
    """

    def __init__(self, network: keras.Model, *, epochs: float, steps: int) -> None:
        optimizer: Any = network.optimizer
        if not (isinstance(optimizer, FusedAdam) and optimizer.averages):
            raise ValueError("the optimizer keeps no averages")
        optimizer.average_horizon = steps * epochs
        self.optimizer, self.interval = optimizer, max(1, steps // UPDATES)
        self.pairs = list(zip(optimizer.weight_averages, network.trainable_variables, strict=True))
        self.shown = False
        self.compiled_add = tf.function(self.add, autograph=False)

    def update(self) -> None:
        """Add the present weights, as the weights of all steps since the last update."""
        self.compiled_add()

    def add(self) -> None:
        """Move each average towards its weight, but for rows that `DeferredAdam` adds."""
        optimizer = self.optimizer
        start = optimizer.average_start.value
        now, before = optimizer.iterations.value, optimizer.average_reached.value
        share = 1 - kept_share(before - start, now - start, optimizer.average_horizon)
        for average, weight in self.pairs:
            if weight is not getattr(optimizer, "table", None):
                average.assign_add((weight.value - average.value) * share)
        optimizer.average_reached.assign(now)

    def show(self) -> None:
        """Put the average into the network until `hide`. The present weights take its place meanwhile.

        All rows of the word table must be up to date.
        """
        if not self.shown:
            self.update()
            self.swap()
            self.shown = True

    def hide(self) -> None:
        """Put the present weights back into the network."""
        if self.shown:
            self.swap()
            self.shown = False

    def restart(self) -> None:
        """Forget the average: the next step begins a new one."""
        self.optimizer.average_start.assign(self.optimizer.iterations.value)
        self.optimizer.average_reached.assign(self.optimizer.iterations.value)

    def swap(self) -> None:
        """Exchange the weights and their averages."""
        for average, weight in self.pairs:
            kept = copy_variable(weight)
            assign_variable(weight, copy_variable(average))
            assign_variable(average, kept)
