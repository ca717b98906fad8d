"""Word embeddings that read single rows of their table."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from seqlab.encoding.vocabulary import UNKNOWN


@keras.saving.register_keras_serializable(package="seqlab")
class Embedding(keras.layers.Embedding):
    """Keras' `Embedding`, read by the row. Files of weights know layers by this name: both are one to them.

    Keras 3.15 reads the whole table into a tensor and takes the rows from that. Once a table has
    been written by rows, TensorFlow copies it at each such reading: 400 MB for a million words.

    Call arguments:
        words: int32 (B, T), word ids.

    Returns float32 (B, T, D).
    """

    def call(self, words: Any) -> Any:
        """The words' rows."""
        return ops.cast(tf.gather(self.embeddings.value, words), self.compute_dtype)


@keras.saving.register_keras_serializable(package="seqlab")
class TwoTableEmbedding(Embedding):
    """An `Embedding` for words of two tables: its own, and a frozen one whose rows come with the batch.

    A word that is dropped, or that neither table has, is the unknown word of its own table.

    Call arguments:
        words: int32 (B, T), word ids; the number of rows, `input_dim`, is a word of the other table.
        outside_vectors: float32 (B, T, D), the vectors of those words; not looked at elsewhere.

    Returns float32 (B, T, D).
    """

    def build(self, words_shape: Any, outside_vectors_shape: Any = None) -> None:
        """Make its own table."""
        super().build(words_shape)

    def call(self, words: Any, outside_vectors: Any) -> Any:  # type: ignore[override]  # it takes more
        """The words' vectors."""
        outside = words >= self.input_dim
        inside = super().call(tf.where(outside, tf.cast(UNKNOWN, words.dtype), words))
        return tf.where(outside[..., None], ops.cast(outside_vectors, self.compute_dtype), inside)

    def compute_output_spec(self, words: Any, outside_vectors: Any) -> Any:
        """(B, T) becomes (B, T, D)."""
        return super().compute_output_spec(words)
