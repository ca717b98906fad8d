"""A BiLSTM over right-padded sequences: Keras' own on a GPU, block kernels on the CPU.

Both compute the same numbers, to float rounding, from the same weights. What it costs on two CPU cores is
printed by `scripts/bench/recurrence.py`.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

from seqlab.modeling.block_lstm import Weights, block_bilstm


@keras.saving.register_keras_serializable(package="seqlab")
class ReadableMask(layers.Layer):
    """True where a recurrent layer has something to read.

    That is every real symbol, and the first position of a row that is padding alone: cuDNN refuses
    a sequence of length 0. What such a row gives has weight 0 everywhere.

    Call arguments:
        ids: int32 (rows, positions); 0 is padding, on the right.

    Returns bool (rows, positions).

    >>> ReadableMask()(ops.array([[5, 0], [0, 0]])).numpy().tolist()
    [[True, False], [True, False]]
    """

    def call(self, ids: Any) -> Any:
        """The mask of one array of ids."""
        first = ops.arange(ops.shape(ids)[1]) == 0
        return ops.logical_or(ids != 0, first)

    def compute_output_spec(self, ids: Any) -> Any:
        """bool, of the shape that came."""
        return keras.KerasTensor(ids.shape, dtype="bool")


@keras.saving.register_keras_serializable(package="seqlab")
class BiLSTM(layers.Layer):
    """Reads each sequence in both directions and joins what each one says.

    Args:
        units: hidden units of each direction.
        return_sequences: True for a vector a position, False for one a sequence.

    Call arguments:
        inputs: float (B, T, D).
        mask: bool (B, T), True on what is to be read: one position or more, padding on the right.

    Returns float (B, T, 2 * units), or (B, 2 * units) without `return_sequences`: the last state of the
    forward direction and the state of the backward direction at the first position. What stands at
    padded positions has no meaning.
    """

    def __init__(self, units: int, *, return_sequences: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.units, self.return_sequences = units, return_sequences
        one = layers.LSTM(units, return_sequences=return_sequences, dtype=self.dtype_policy)
        self.pair = layers.Bidirectional(one, name="pair", dtype=self.dtype_policy)
        self.supports_masking = True
        self.supports_jit = False  # XLA has no block kernels

    def build(self, shape: Any) -> None:
        """Build both directions for inputs of D numbers."""
        self.pair.build(shape)
        self.built = True

    def call(self, inputs: Any, mask: Any) -> Any:
        """Both directions over one batch."""
        if self.compute_dtype != "float32" or tf.config.list_physical_devices("GPU"):
            return self.pair(inputs, mask=mask)
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        pair = (self.pair.forward_layer.cell, self.pair.backward_layer.cell)
        states = block_bilstm(inputs, lengths, *map(tensors, pair))
        if self.return_sequences:
            return states
        last = tf.stack([tf.range(tf.size(lengths)), lengths - 1], axis=-1)
        return tf.concat(
            [tf.gather_nd(states[..., : self.units], last), states[:, 0, self.units :]], -1
        )

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask goes on where there is a vector a position."""
        return mask if self.return_sequences else None

    def compute_output_shape(self, shape: Any) -> Any:
        """(B, T, D) becomes (B, T, 2 * units) or (B, 2 * units)."""
        kept = shape[:-1] if self.return_sequences else shape[:1]
        return (*kept, 2 * self.units)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        own = {"units": self.units, "return_sequences": self.return_sequences}
        return {**super().get_config(), **own}


def tensors(cell: Any) -> Weights:
    """The weights of one direction, as tensors. cell: Keras' LSTM cell."""
    kernel, recurrent, bias = map(
        tf.convert_to_tensor, (cell.kernel, cell.recurrent_kernel, cell.bias)
    )
    return kernel, recurrent, bias
