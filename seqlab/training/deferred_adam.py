"""Adam in fused kernels, and Adam for large word tables that writes only the rows of a batch.

A table row without a gradient still moves under Adam, because its first moment m decays slowly. In step j
after its last gradient it moves by rate_j * r**j * m / (sqrt(v) + epsilon * (1 + d_j)), where
r = beta_1 / sqrt(beta_2) and d_j = beta_2**(-j / 2) - 1. Here m and v are the moments at that last gradient.
The divisor hardly depends on j, so the sum over j is one factor per row. `DeferredAdam` therefore leaves
a row alone until a batch reads it, and then makes up for all missed steps at once.

Both optimizers rely on private Keras API: `_backend_update_step` hands its learning rate on to `update_step`
untouched, even a tuple; `_momentums` and `_velocities` hold the moments. `tests/training/test_keras_private_api.py`
tests this, and pyproject.toml caps Keras to the minor versions that were tested.
"""

from typing import Any

import keras
import tensorflow as tf

from seqlab.modeling.network import WORD_TABLE

HISTORY = 4096  # largest number of steps between two calls of `settle`, and of learning rates that are kept
COAST = 192  # steps after which a row without gradient stands still: r**192 is 2e-9
SETTLED_ROWS = 1 << 13  # rows that `settle` updates at a time

StepRates = tuple[Any, Any, Any]
"""The learning rate, beta_1**step and beta_2**step; steps count from 1."""


@keras.saving.register_keras_serializable(package="seqlab")
class FusedAdam(keras.optimizers.Adam):
    """Adam (Kingma & Ba 2015), equal to Keras' Adam to rounding, with one fused kernel per variable.

    `amsgrad` has no effect.

    Args:
        averages: keep variables for `WeightAverage`.
        options: those of Keras' Adam.
    """

    def __init__(self, *options: Any, averages: bool = False, **named_options: Any) -> None:
        super().__init__(*options, **named_options)
        self.averages, self.average_horizon = averages, 1.0

    def build(self, variables: list[Any]) -> None:
        """Create the moments, and the averages if they are kept."""
        if self.built:
            return
        super().build(variables)
        if self.averages:
            self.weight_averages = [
                self.add_variable_from_reference(variable, name="average") for variable in variables
            ]
            self.average_start = self.add_variable((), dtype="int64", name="average_start")
            self.average_reached = self.add_variable((), dtype="int64", name="average_reached")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "averages": self.averages}

    def _backend_update_step(
        self, grads: list[Any], trainable_variables: list[Any], learning_rate: Any
    ) -> None:
        """Update all variables; the powers of both betas are computed once for all of them."""
        step = tf.cast(self.iterations.value + 1, tf.float32)
        rates = (tf.cast(learning_rate, tf.float32), self.beta_1**step, self.beta_2**step)
        super()._backend_update_step(grads, trainable_variables, rates)

    def update_step(self, gradient: Any, variable: Any, learning_rate: StepRates) -> None:
        """Update one `tf.Variable` by its gradient, a tensor."""
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


@keras.saving.register_keras_serializable(package="seqlab")
class DeferredAdam(FusedAdam):
    """Adam, to rounding, that writes only those rows of the word table that a batch reads.

    The training step must call `catch_up` with the rows that it is about to read. It must call `settle` before
    anything else reads the table, and at least every `HISTORY` steps. Without a trainable word table this
    is `FusedAdam`. It works on one replica only.
    """

    table: Any = None
    compiled_catch_up: Any = None

    def build(self, variables: list[Any]) -> None:
        """Create the moments; for the word table also each row's last step, and the history of rates."""
        if self.built:
            return
        super().build(variables)
        self.table = next((v for v in variables if v.path.startswith(WORD_TABLE)), None)
        if self.table is not None:
            rows = self.table.shape[0]
            self.reached = self.add_variable((rows,), dtype="int64", name="reached")
            self.rates = self.add_variable((HISTORY,), dtype="float32", name="rates")
            self.start = self.add_variable((), dtype="int64", name="start")

    def update_step(self, gradient: Any, variable: Any, learning_rate: StepRates) -> None:
        """Update one `tf.Variable`. The word table's gradient is `tf.IndexedSlices` with distinct rows."""
        if self.table is None or variable is not self.table.value:
            super().update_step(gradient, variable, learning_rate)
            return
        rows, values = gradient.indices, tf.cast(gradient.values, variable.dtype)
        index = self._get_variable_index(variable)
        shares = [1 - tf.cast(beta, variable.dtype) for beta in (self.beta_1, self.beta_2)]
        momentum = updated_rows(self._momentums[index].value, rows, values, shares[0])
        velocity = updated_rows(self._velocities[index].value, rows, tf.square(values), shares[1])
        change = momentum * bias_corrected(learning_rate, variable.dtype)
        change /= tf.sqrt(velocity) + self.epsilon
        variable.scatter_sub(tf.IndexedSlices(change, rows))

        if self.averages:
            self.add_rows_to_average(rows, self.iterations.value, self.iterations.value + 1)

        # Note that these rows are up to date, and keep this step's rate for the rows that are not.
        step = self.iterations.value + 1
        self.reached.value.scatter_update(tf.IndexedSlices(tf.fill(tf.shape(rows), step), rows))
        rate = bias_corrected(learning_rate, tf.float32)
        self.rates.value.scatter_update(tf.IndexedSlices(rate, step - 1 - self.start.value))

    def catch_up(self, rows: Any) -> None:
        """Bring rows to the values that Adam would give them after all steps so far.

        rows: int (R,), distinct row numbers of the word table.
        """
        index = self._get_variable_index(self.table)
        momenta, velocities = self._momentums[index].value, self._velocities[index].value
        reached = tf.gather(self.reached.value, rows)
        missed = self.iterations.value - reached
        momentum, velocity = tf.gather(momenta, rows), tf.gather(velocities, rows)
        # The table comes first: its change depends on the moments before they decay.
        change = self.missed_change(momentum, velocity, reached)
        self.table.value.scatter_sub(tf.IndexedSlices(change, rows))
        if self.averages:
            self.add_rows_to_average(rows, reached, self.iterations.value)
        steps = tf.cast(missed, tf.float32)[:, None]
        momenta.scatter_update(tf.IndexedSlices(momentum * self.beta_1**steps, rows))
        velocities.scatter_update(tf.IndexedSlices(velocity * self.beta_2**steps, rows))
        self.reached.value.scatter_update(tf.IndexedSlices(reached + missed, rows))

    def add_rows_to_average(self, rows: Any, reached: Any, now: Any) -> None:
        """Add the present values of rows to their average, as the values of all steps since they were last added.

        A row without gradient soon stands still, so its present value nearly is its value in all these steps.
        rows: int (R,). reached: int64 (R,) or (), the step when they were last added. now: int64, the present step.
        """
        average = self.weight_averages[self._get_variable_index(self.table)].value
        start = self.average_start.value
        share = 1 - kept_share(reached - start, now - start, self.average_horizon)
        difference = tf.gather(self.table.value, rows) - tf.gather(average, rows)
        share = tf.reshape(share, [-1, 1])
        average.scatter_add(tf.IndexedSlices(difference * share, rows))

    def missed_change(self, momentum: Any, velocity: Any, reached: Any) -> Any:
        """The sum of all steps that rows missed since they were last up to date.

        momentum, velocity: float32 (R, D), the moments then. reached: int64 (R,), the number of that step.
        Returns float32 (R, D), to be subtracted from the table.
        """
        distinct, index = tf.unique(reached)  # most rows share the step, so the sums are few
        sums = tf.gather(self.rate_sums(distinct), index)
        plain, first, second = (sums[:, column, None] for column in range(3))
        divisor = tf.sqrt(velocity) + self.epsilon
        # Subtle: the divisor drifts with j, since only sqrt(v) decays and epsilon does not. With q, the share
        # of epsilon in the divisor, 1 / (1 + q d_j) is taken as 1 - q d_j + (q d_j)**2.
        share = self.epsilon / divisor
        return momentum / divisor * (plain - share * first + share**2 * second)

    def rate_sums(self, reached: Any) -> Any:
        """Sums over the steps j after each of S steps until now, of three terms.

        reached: int64 (S,), step numbers.
        Returns float32 (S, 3): the sums of rate_j r**j, of rate_j r**j d_j and of rate_j r**j d_j**2.
        """
        steps = tf.range(1, COAST + 1)  # later steps add nothing: r**j is too small
        first, missed = (
            tf.cast(count, tf.int32)  # half the memory: S can be as large as `HISTORY`
            for count in (reached - self.start.value, self.iterations.value - reached)
        )
        # Subtle: for a row that missed fewer than `COAST` steps, the gather reads too many rates. `where` sets them to 0.
        kept = tf.minimum(first[:, None] + (steps - 1), HISTORY - 1)
        rates = tf.where(steps <= missed[:, None], tf.gather(self.rates.value, kept), 0.0)
        number = tf.cast(steps, tf.float32)
        drift = self.beta_2 ** (-number / 2) - 1
        decay = (self.beta_1 / self.beta_2**0.5) ** number
        return tf.matmul(rates, tf.stack([decay, decay * drift, decay * drift**2], axis=1))

    def settle(self) -> None:
        """Bring all rows up to date, a block at a time, and start a new history of rates."""
        if self.table is None:
            return
        if self.compiled_catch_up is None:
            rows = tf.TensorSpec((None,), tf.int64)
            self.compiled_catch_up = tf.function(self.catch_up, input_signature=[rows])
        total = self.table.shape[0]
        for start in range(0, total, SETTLED_ROWS):
            stop = min(start + SETTLED_ROWS, total)
            self.compiled_catch_up(tf.range(start, stop, dtype=tf.int64))
        self.start.assign(self.iterations.value)


def kept_share(before: Any, now: Any, horizon: float) -> Any:
    """The share that an average keeps of itself between two steps, in which one value stands for all steps between.

    before, now: int64, numbers of the steps, counted from the start of the average; 0 and less keeps nothing.
    horizon: of the average, in steps.

    >>> float(kept_share(tf.constant(0), tf.constant(3), 10.0))  # nothing was in the average
    0.0
    >>> round(float(kept_share(tf.constant(1), tf.constant(2), 1e6)), 4)  # the mean of two
    0.5
    """
    before, now = (tf.cast(tf.maximum(step, 0), tf.float32) / horizon for step in (before, now))
    return tf.exp(before - now) * tf.math.divide_no_nan(tf.math.expm1(-before), tf.math.expm1(-now))


def bias_corrected(rates: StepRates, dtype: Any) -> Any:
    """The learning rate, corrected for the bias of both moments (Kingma & Ba 2015, end of section 2)."""
    rate, first, second = (tf.cast(number, dtype) for number in rates)
    return rate * tf.sqrt(1 - second) / (1 - first)


def updated_rows(average: Any, rows: Any, values: Any, share: Any) -> Any:
    """Update some rows of a running average, in place.

    average: variable, float32 (rows, D). rows: int (R,), distinct. values: float32 (R, D).
    share: float32, the weight of the new values; the old average keeps 1 - share.
    Returns float32 (R, D), the rows after the update.
    """
    old = tf.gather(average, rows)
    new = old + (values - old) * share
    average.scatter_update(tf.IndexedSlices(new, rows))
    return new


def distinct_rows(gradient: Any) -> Any:
    """The same `tf.IndexedSlices` with each row once, its values summed.

    Only then is its norm the norm of the whole gradient.

    >>> rows = distinct_rows(tf.IndexedSlices(tf.constant([[1.0], [2.0], [4.0]]), tf.constant([7, 3, 7])))
    >>> rows.indices.numpy().tolist(), rows.values.numpy().tolist()
    ([7, 3], [[5.0], [2.0]])
    """
    rows, index = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, index, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)
