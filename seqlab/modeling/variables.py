"""Reads and writes the values of variables without a temporary copy of large tables.

After a write to single rows of a variable, TensorFlow copies the whole variable for each read of the whole. Assigning
the whole variable needs twice its memory. A table of a million words with 100 numbers takes 400 MB each time.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqlab.arrays import AnyArray, FloatArray, Int64Array

BLOCK_ROWS = 1 << 13  # rows per read or write; smaller variables are read or written as a whole


def copy_weights(network: keras.Model) -> list[FloatArray]:
    """The result of `network.get_weights()`."""
    return [copy_variable(variable) for variable in network.weights]


def assign_weights(network: keras.Model, values: Sequence[FloatArray]) -> None:
    """The effect of `network.set_weights(values)`."""
    for variable, value in zip(network.weights, values, strict=True):
        assign_variable(variable, value)


def copy_variable(variable: Any) -> AnyArray:
    """A copy of a Keras variable's values."""
    value = variable.value
    if not is_large_table(value):
        return np.array(tf.convert_to_tensor(value).numpy())
    copy = np.empty(value.shape, value.dtype.as_numpy_dtype)
    for rows in row_blocks(len(copy)):
        copy[rows[0] : rows[-1] + 1] = value.sparse_read(rows).numpy()
    return copy


def assign_variable(variable: Any, numbers: AnyArray) -> None:
    """Assign an array to a Keras variable of the same shape."""
    value = variable.value
    if not is_large_table(value):
        variable.assign(numbers)
        return
    for rows in row_blocks(len(numbers)):
        value.scatter_update(tf.IndexedSlices(numbers[rows[0] : rows[-1] + 1], rows))


def is_large_table(value: Any) -> bool:
    """Whether a TensorFlow variable is read and written by rows. Variables with copies on replicas never are."""
    copied = isinstance(value, tf.distribute.DistributedValues)
    return not copied and len(value.shape) >= 2 and value.shape[0] > BLOCK_ROWS


def row_blocks(count: int) -> Iterator[Int64Array]:
    """The row numbers from 0 to count - 1, in blocks."""
    for start in range(0, count, BLOCK_ROWS):
        yield np.arange(start, min(start + BLOCK_ROWS, count))
