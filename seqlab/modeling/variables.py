"""The numbers of variables copied out and put back, without a second copy of a large one on the way.

Once a table has been written by rows, TensorFlow copies it whole for whoever reads it whole, and whoever
assigns it whole holds it twice: for a million words of 100 numbers 400 MB each time.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqlab.arrays import AnyArray, FloatArray, Int64Array

ROWS = 1 << 13  # copied at a time; a variable of no more is copied at once


def copy_weights(network: keras.Model) -> list[FloatArray]:
    """What `network.get_weights()` gives."""
    return [copy_variable(variable) for variable in network.weights]


def assign_weights(network: keras.Model, values: Sequence[FloatArray]) -> None:
    """What `network.set_weights(values)` does."""
    for variable, value in zip(network.weights, values, strict=True):
        assign_variable(variable, value)


def copy_variable(variable: Any) -> AnyArray:
    """A copy of the numbers of a Keras variable."""
    value = variable.value
    if not by_rows(value):
        return np.array(tf.convert_to_tensor(value).numpy())
    copy = np.empty(value.shape, value.dtype.as_numpy_dtype)
    for rows in parts(len(copy)):
        copy[rows[0] : rows[-1] + 1] = value.sparse_read(rows).numpy()
    return copy


def assign_variable(variable: Any, numbers: AnyArray) -> None:
    """Give a Keras variable the numbers of an array of its shape."""
    value = variable.value
    if not by_rows(value):
        variable.assign(numbers)
        return
    for rows in parts(len(numbers)):
        value.scatter_update(tf.IndexedSlices(numbers[rows[0] : rows[-1] + 1], rows))


def by_rows(value: Any) -> bool:
    """Whether a TensorFlow variable is large and one: replicas' copies are not read by rows."""
    return (
        len(value.shape) >= 2
        and value.shape[0] > ROWS
        and not isinstance(value, tf.distribute.DistributedValues)
    )


def parts(count: int) -> Iterator[Int64Array]:
    """The numbers of so many rows, some at a time."""
    for start in range(0, count, ROWS):
        yield np.arange(start, min(start + ROWS, count))
