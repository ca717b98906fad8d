"""Adam on a large word table at the cost of the batch's words: what absent rows miss is made up for.

A row without a gradient follows a fixed course under Adam: its first moment m decays by beta_1 and its
second, v, by beta_2 a step, and it moves by rate * m / (sqrt(v) + epsilon). After j such steps since
then that is rate_j * r**j * m / (sqrt(v) + epsilon * (1 + d_j)), where r = beta_1 / sqrt(beta_2) and
d_j = beta_2**(-j / 2) - 1. But for epsilon's small drift d_j, the sum over j is one number a row, so any
count of steps is made up for at once, when the row is next read.
"""

from typing import Any

import keras
import tensorflow as tf

from seqlab.modeling.network import WORD_TABLE
from seqlab.training.fused_adam import Rates, corrected
from seqlab.training.lazy_adam import LazyAdam, distinct_rows

HISTORY = 4096  # steps after which all rows are brought up to date, so that no more rates are kept
COAST = 192  # steps after which a row has come to rest: r**192 is 2e-9
ROWS = 1 << 13  # that are brought up to date together


@keras.saving.register_keras_serializable(package="seqlab")
class DeferredAdam(LazyAdam):
    """Adam, to rounding, that writes only the rows of the word table that are read.

    Whoever trains calls `catch_up` with the rows that a step is about to read, and `settle` before the
    table is read in another way and at least every `HISTORY` steps. A network without a trainable word
    table is trained as by Adam. One replica only.
    """

    table: Any = None

    def build(self, variables: list[Any]) -> None:
        """Make moments, and for each row of the word table the step that it is up to date with."""
        if self.built:
            return
        super().build(variables)
        self.table = next((v for v in variables if v.path.startswith(WORD_TABLE)), None)
        if self.table is not None:
            rows = self.table.shape[0]
            self.reached = self.add_variable((rows,), dtype="int64", name="reached")
            self.rates = self.add_variable((HISTORY,), dtype="float32", name="rates")
            self.start = self.add_variable((), dtype="int64", name="start")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Rates) -> None:
        """Move one variable by its gradient; the word table by rows, and keep the rate of the step."""
        super().update_step(gradient, variable, learning_rate)
        if self.table is None or variable is not self.table.value:
            return
        step = self.iterations.value + 1
        rows = distinct_rows(gradient).indices
        self.reached.value.scatter_update(tf.IndexedSlices(tf.fill(tf.shape(rows), step), rows))
        rate = corrected(learning_rate, tf.float32)
        self.rates.value.scatter_update(tf.IndexedSlices(rate, step - 1 - self.start.value))

    def catch_up(self, rows: Any) -> None:
        """Bring rows to where Adam would have them after all steps so far. rows: int (R,), distinct."""
        index = self._get_variable_index(self.table)
        momenta, velocities = self._momentums[index].value, self._velocities[index].value
        reached = tf.gather(self.reached.value, rows)
        missed = self.iterations.value - reached
        momentum, velocity = tf.gather(momenta, rows), tf.gather(velocities, rows)
        change = self.coasted(momentum, velocity, reached)
        self.table.value.scatter_sub(tf.IndexedSlices(change, rows))
        steps = tf.cast(missed, tf.float32)[:, None]
        momenta.scatter_update(tf.IndexedSlices(momentum * self.beta_1**steps, rows))
        velocities.scatter_update(tf.IndexedSlices(velocity * self.beta_2**steps, rows))
        self.reached.value.scatter_update(tf.IndexedSlices(reached + missed, rows))

    def coasted(self, momentum: Any, velocity: Any, reached: Any) -> Any:
        """float32 (R, D): how far rows go without a gradient until now.

        momentum, velocity: float32 (R, D), when they were left. reached: int64 (R,), the step after which.
        1 / (1 + q d_j) is taken as 1 - q d_j + (q d_j)**2, where q is epsilon's share of the divisor.
        """
        left, places = tf.unique(reached)  # most rows were left together
        sums = tf.gather(self.sums_of_rates(left), places)
        plain, first, second = (sums[:, place, None] for place in range(3))
        divisor = tf.sqrt(velocity) + self.epsilon
        share = self.epsilon / divisor
        return momentum / divisor * (plain - share * first + share**2 * second)

    def sums_of_rates(self, left: Any) -> Any:
        """float32 (S, 3): over the steps from each of `left`, int64 (S,), until now, the sums of
        rate_j r**j, of rate_j r**j d_j and of rate_j r**j d_j**2.
        """
        steps = tf.range(1, COAST + 1)
        first, missed = (
            tf.cast(count, tf.int32)  # half the memory: there are up to `HISTORY` rows of these
            for count in (left - self.start.value, self.iterations.value - left)
        )
        kept = tf.minimum(first[:, None] + (steps - 1), HISTORY - 1)
        rates = tf.where(steps <= missed[:, None], tf.gather(self.rates.value, kept), 0.0)
        number = tf.cast(steps, tf.float32)
        drift = self.beta_2 ** (-number / 2) - 1
        decay = (self.beta_1 / self.beta_2**0.5) ** number
        return tf.matmul(rates, tf.stack([decay, decay * drift, decay * drift**2], axis=1))

    def settle(self) -> None:
        """Bring all rows up to date, some at a time, and begin the rates anew."""
        if self.table is None:
            return
        total = self.table.shape[0]
        for start in range(0, total, ROWS):
            self.catch_up_all(tf.range(start, min(start + ROWS, total), dtype=tf.int64))
        self.start.assign(self.iterations.value)

    @property
    def catch_up_all(self) -> Any:
        """`catch_up`, compiled once for any number of rows."""
        if self.compiled is None:
            self.compiled = tf.function(
                self.catch_up, input_signature=[tf.TensorSpec((None,), tf.int64)]
            )
        return self.compiled

    compiled: Any = None
