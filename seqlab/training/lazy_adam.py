"""Adam that leaves the rows of absent words alone: what a step costs does not grow with the vocabulary.

Dense Adam moves every row of a table at every step, by its moments, although a batch holds some
hundreds of words: over 400,000 words that is most of a step. The gradient of a lookup comes as rows
already (`tf.IndexedSlices`); here it stays so.
"""

from typing import Any

import keras
import tensorflow as tf

from seqlab.training.fused_adam import FusedAdam, Rates, corrected


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
