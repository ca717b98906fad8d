"""A BiLSTM over right-padded sequences, and the mask that it reads by.

On a GPU it is Keras' own layer, on the CPU it uses TensorFlow's block kernels. Both compute the same numbers from
the same weights, to float rounding. `scripts/bench/recurrence.py` prints the time of both.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

from seqlab.modeling.block_lstm import LstmWeights, block_bilstm


@keras.saving.register_keras_serializable(package="seqlab")
class ReadableMask(layers.Layer):
    """True at the positions that a recurrent layer reads: every real symbol.

    It is also True at the first position of a row of padding, because cuDNN refuses sequences of length 0. The
    weight of such a row is 0 everywhere.

    Call arguments:
        ids: int32 (rows, positions); 0 is padding, on the right.

    Returns bool (rows, positions).

    >>> ReadableMask()(ops.array([[5, 0], [0, 0]])).numpy().tolist()
    [[True, False], [True, False]]
    """

    def call(self, ids: Any) -> Any:
        """Return the mask."""
        first = ops.arange(ops.shape(ids)[1]) == 0
        return ops.logical_or(ids != 0, first)

    def compute_output_spec(self, ids: Any) -> Any:
        """The shape of the ids, as bool."""
        return keras.KerasTensor(ids.shape, dtype="bool")


@keras.saving.register_keras_serializable(package="seqlab")
class BiLSTM(layers.Layer):
    """Reads each sequence in both directions and concatenates the states of both.

    Args:
        units: hidden units of each direction.
        return_sequences: True for one vector per position, False for one per sequence.

    Call arguments:
        inputs: float (B, T, D).
        mask: bool (B, T), True on positions to read: at least one per sequence, padding on the right.

    Returns float (B, T, 2 * units); meaningless on padding. Without `return_sequences` it returns
    (B, 2 * units): the forward direction's state at the last real position, and the backward direction's state at
    the first position.
    """

    def __init__(self, units: int, *, return_sequences: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.units, self.return_sequences = units, return_sequences
        lstm = layers.LSTM(units, return_sequences=return_sequences, dtype=self.dtype_policy)
        self.pair = layers.Bidirectional(lstm, name="pair", dtype=self.dtype_policy)
        self.supports_masking = True
        self.supports_jit = False  # XLA has no block kernels

    def build(self, shape: Any) -> None:
        """Create the weights of both directions."""
        self.pair.build(shape)
        self.built = True

    def call(self, inputs: Any, mask: Any) -> Any:
        """Run both directions over one batch."""
        if self.compute_dtype != "float32" or tf.config.list_physical_devices("GPU"):
            return self.pair(inputs, mask=mask)
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        cells = (self.pair.forward_layer.cell, self.pair.backward_layer.cell)
        states = block_bilstm(inputs, lengths, *map(weight_tensors, cells))
        if self.return_sequences:
            return states
        last = tf.stack([tf.range(tf.size(lengths)), lengths - 1], axis=-1)
        forward, backward = states[..., : self.units], states[:, 0, self.units :]
        return tf.concat([tf.gather_nd(forward, last), backward], -1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Pass the mask on if there is one vector per position."""
        return mask if self.return_sequences else None

    def compute_output_shape(self, shape: Any) -> Any:
        """(B, T, D) becomes (B, T, 2 * units) or (B, 2 * units)."""
        kept = shape[:-1] if self.return_sequences else shape[:1]
        return (*kept, 2 * self.units)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        own = {"units": self.units, "return_sequences": self.return_sequences}
        return {**super().get_config(), **own}


def weight_tensors(cell: Any) -> LstmWeights:
    """The weights of one direction as tensors. cell: Keras' LSTM cell."""
    tensor = tf.convert_to_tensor
    return tensor(cell.kernel), tensor(cell.recurrent_kernel), tensor(cell.bias)
