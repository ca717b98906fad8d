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

Rates = tuple[Any, Any, Any]
"""The learning rate, and beta_1 and beta_2 to the power of the step's number."""


@keras.saving.register_keras_serializable(package="seqlab")
class FusedAdam(keras.optimizers.Adam):
    """Adam (Kingma & Ba 2015) as Keras computes it, to rounding.

    `amsgrad` is not known to the kernel, nor to this class.
    """

    def _backend_update_step(
        self, grads: list[Any], trainable_variables: list[Any], learning_rate: Any
    ) -> None:
        """Move all variables. What is the same for all of them is computed once."""
        step = tf.cast(self.iterations.value + 1, tf.float32)
        rates = (tf.cast(learning_rate, tf.float32), self.beta_1**step, self.beta_2**step)
        super()._backend_update_step(grads, trainable_variables, rates)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Rates) -> None:
        """Move one variable by its gradient, a tensor."""
        index = self._get_variable_index(variable)
        rate, *powers = (tf.cast(number, variable.dtype) for number in learning_rate)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=powers[0],
            beta2_power=powers[1],
            lr=rate,
            beta1=tf.cast(self.beta_1, variable.dtype),
            beta2=tf.cast(self.beta_2, variable.dtype),
            epsilon=tf.cast(self.epsilon, variable.dtype),
            grad=tf.cast(gradient, variable.dtype),
        )


def corrected(rates: Rates, dtype: Any) -> Any:
    """The learning rate after the correction of both moments' bias."""
    rate, first, second = (tf.cast(number, dtype) for number in rates)
    return rate * tf.sqrt(1 - second) / (1 - first)


@keras.saving.register_keras_serializable(package="seqlab")
class LazyAdam(FusedAdam):
    """Adam (Kingma & Ba 2015) that updates, of a gradient given in rows, those rows alone.

    A row of the batch moves as under Adam, bias corrected by the number of all steps. A row that is
    absent keeps its value and both moments, where Adam would go on moving it by its first moment and
    let both decay. So it differs by design from Adam as soon as a word is missing from a batch, and
    equals it where every row is in every batch. Known as LazyAdam from TensorFlow Addons.
    A gradient that is a tensor is applied as Adam does.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Rates) -> None:
        """Move one variable by its gradient.

        gradient: a tensor, or `tf.IndexedSlices`; a row that comes several times is summed first.
        """
        if not isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        gradient = distinct_rows(gradient)
        rows, values = gradient.indices, tf.cast(gradient.values, variable.dtype)
        index = self._get_variable_index(variable)
        shares = [1 - tf.cast(beta, variable.dtype) for beta in (self.beta_1, self.beta_2)]
        momentum = moved(self._momentums[index].value, rows, values, shares[0])
        velocity = moved(self._velocities[index].value, rows, tf.square(values), shares[1])
        change = momentum * corrected(learning_rate, variable.dtype)
        change /= tf.sqrt(velocity) + self.epsilon
        variable.scatter_sub(tf.IndexedSlices(change, rows))


def moved(average: Any, rows: Any, values: Any, share: Any) -> Any:
    """Some rows of a running average after they took in new values; float32 (R, D).

    average: variable (rows, D), which is written. rows: int (R,), distinct. values: (R, D).
    """
    old = tf.gather(average, rows)
    new = old + (values - old) * share
    average.scatter_update(tf.IndexedSlices(new, rows))
    return new


def distinct_rows(gradient: Any) -> Any:
    """The same gradient with each row once, its values summed: its norm is that of the whole tensor.

    >>> rows = distinct_rows(tf.IndexedSlices(tf.constant([[1.0], [2.0], [4.0]]), tf.constant([7, 3, 7])))
    >>> rows.indices.numpy().tolist(), rows.values.numpy().tolist()
    ([7, 3], [[5.0], [2.0]])
    """
    rows, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)


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
