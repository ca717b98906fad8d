"""The padding mask, made from the ids and handed to recurrent layers by hand."""

from typing import Any

import keras
from keras import layers, ops


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
