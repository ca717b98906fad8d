"""Words in: their vectors looked up row by row, unknown words rehearsed in training."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

UNKNOWN = 1


@keras.saving.register_keras_serializable(package="seqlab")
class WordDropout(keras.layers.Layer):
    """Reads a random share of the words as the unknown word, in training only.

    A word seen in training never meets the unknown word's embedding otherwise, so that embedding
    would stay at its random start (Dai & Le 2015 drop words; Kiperwasser & Goldberg 2016 likewise).

    Args:
        rate: share of the words replaced, at least 0 and below 1.
        seed: integer, or None for a random one.

    Call arguments:
        words: int32 (B, T), word ids; 0 is padding and stays.

    >>> int(WordDropout(0.0)(ops.array([[5, 0]]), training=True)[0, 0])
    5
    """

    def __init__(self, rate: float, *, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.rate = rate
        self.seed = seed
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, words: Any, training: bool = False) -> Any:
        """`words` with a share of the real ones replaced by the unknown word."""
        if not training or self.rate == 0:
            return words
        drawn = keras.random.uniform(ops.shape(words), seed=self.seeds)
        dropped = ops.logical_and(drawn < self.rate, words != 0)
        return ops.where(dropped, ops.cast(UNKNOWN, words.dtype), words)

    def compute_output_shape(self, shape: Any) -> Any:
        """(B, T), as it came."""
        return shape

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


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
