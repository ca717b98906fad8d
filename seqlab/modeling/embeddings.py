"""Word embeddings that read single rows of their table."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from seqlab.encoding.vocabulary import UNKNOWN


@keras.saving.register_keras_serializable(package="seqlab")
class Embedding(keras.layers.Embedding):
    """Keras' `Embedding`, but it gathers single rows. It keeps Keras' class name so that weight files fit both.

    Keras 3.15 converts the whole table to a tensor and gathers from that. After a write to single rows, TensorFlow
    copies the table for each such conversion: 400 MB for a million words.

    Call arguments:
        words: int32 (B, T), word ids.

    Returns float32 (B, T, D).
    """

    def call(self, words: Any) -> Any:
        """Look up the words' rows."""
        return ops.cast(tf.gather(self.embeddings.value, words), self.compute_dtype)


@keras.saving.register_keras_serializable(package="seqlab")
class TwoTableEmbedding(Embedding):
    """An `Embedding` for words of two tables: its own, and a frozen one whose rows come with the batch.

    A word that is dropped or in neither table is the unknown word of the layer's own table.

    Call arguments:
        words: int32 (B, T), word ids. The id `input_dim`, one beyond the table, marks a frozen word.
        frozen_vectors: float32 (B, T, D), the vectors of frozen words; ignored at other positions.

    Returns float32 (B, T, D).
    """

    def build(self, words_shape: Any, frozen_vectors_shape: Any = None) -> None:
        """Create the layer's own table."""
        super().build(words_shape)

    def call(self, words: Any, frozen_vectors: Any) -> Any:  # type: ignore[override]  # it takes more
        """Look up each word in its table."""
        frozen = words >= self.input_dim
        own = super().call(tf.where(frozen, tf.cast(UNKNOWN, words.dtype), words))
        return tf.where(frozen[..., None], ops.cast(frozen_vectors, self.compute_dtype), own)

    def compute_output_spec(self, words: Any, frozen_vectors: Any) -> Any:
        """(B, T) becomes (B, T, D)."""
        return super().compute_output_spec(words)
