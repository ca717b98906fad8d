"""Characters in, one vector a word: each distinct spelling of a batch is encoded once."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

from seqlab.modeling.bilstm import BiLSTM, ReadableMask
from seqlab.modeling.embeddings import Embedding


@keras.saving.register_keras_serializable(package="seqlab")
class CharacterEncoder(layers.Layer):
    """Encodes every word of a batch from its characters, in a BiLSTM or a convolution.

    Text repeats its words, within a batch too. The rows of characters are made unique first, so that
    the costly part runs over distinct words only; the result is the same (to float rounding), since
    a word's vector depends on nothing but its characters.

    Args:
        characters: symbols of the character vocabulary, padding included.
        dim: size of a character's embedding.
        units: BiLSTM: units a direction; convolution: half of the number of filters.
        kind: "lstm" (Lample et al. 2016) or "cnn" (Ma & Hovy 2016: width 3, maximum over the word).

    Call arguments:
        chars: int32 (B, T, W), character ids, 0 is padding.

    Returns float (B, T, 2 * units), zero for padding.
    """

    def __init__(
        self, characters: int, *, dim: int, units: int, kind: str = "lstm", **options: Any
    ) -> None:
        super().__init__(**options)
        self.characters, self.dim, self.units, self.kind = characters, dim, units, kind
        self.embedding = Embedding(characters, dim, name="character_embedding")
        self.readable = ReadableMask()
        self.encoder: Any
        if kind == "lstm":
            self.encoder = BiLSTM(units, return_sequences=False, name="character_bilstm")
        else:
            self.encoder = layers.Conv1D(
                2 * units, 3, padding="same", activation="relu", name="character_cnn"
            )

    def build(self, shape: Any) -> None:
        """Build the inner layers for words of W characters."""
        self.embedding.build((None, shape[-1]))
        self.encoder.build((None, shape[-1], self.dim))
        self.built = True

    def call(self, chars: Any) -> Any:
        """One vector for every word of the batch."""
        batch, tokens, width = ops.shape(chars)
        rows = ops.reshape(chars, (-1, width))
        distinct, index = tf.raw_ops.UniqueV2(x=rows, axis=[0])
        distinct = ops.reshape(distinct, (-1, chars.shape[-1]))
        vectors = ops.take(self.encode(distinct), index, axis=0)
        return ops.reshape(vectors, (batch, tokens, 2 * self.units))

    def encode(self, words: Any) -> Any:
        """words: int32 (U, W), distinct words' characters. Returns float (U, 2 * units)."""
        if self.kind == "cnn":
            return self.convolve(words)
        vectors = self.encoder(self.embedding(words), mask=self.readable(words))
        return vectors * ops.cast(words[:, :1] != 0, vectors.dtype)

    def convolve(self, words: Any) -> Any:
        """The convolution at real characters alone, and its maximum over each word."""
        at = tf.where(words != 0)
        sides = tf.pad(words, [[0, 0], [1, 1]])
        windows = tf.gather_nd(tf.stack([sides[:, :-2], words, sides[:, 2:]], axis=-1), at)
        table = ops.cast(self.embedding.embeddings, self.compute_dtype)
        real = tf.cast(tf.range(self.characters) > 0, table.dtype)
        embedded = tf.gather(table * real[:, None], windows)
        kernel, bias = (ops.cast(w, self.compute_dtype) for w in self.encoder.weights)
        filters = tf.shape(kernel)[-1]
        found = tf.matmul(
            tf.reshape(embedded, [-1, 3 * self.dim]), tf.reshape(kernel, [-1, filters])
        )
        greatest = greatest_of(found + bias, tf.cast(at[:, 0], tf.int32), tf.shape(words)[0])
        return tf.nn.relu(greatest)  # of the greatest it is the greatest: 0 for padding too

    def compute_output_shape(self, shape: Any) -> Any:
        """(B, T, W) becomes (B, T, 2 * units)."""
        return (*shape[:-1], 2 * self.units)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        own = {
            "characters": self.characters,
            "dim": self.dim,
            "units": self.units,
            "kind": self.kind,
        }
        return {**super().get_config(), **own}


def greatest_of(numbers: Any, words: Any, count: Any) -> Any:
    """The maximum over the positions of each word, float (U, F); least of all where a word has none.

    numbers: float (P, F). words: int32 (P,), the word of each position. count: U.
    TensorFlow's own gradient spends as long again on ids that are negative, which these never are.
    """

    def maximum_and_gradient(numbers: Any) -> tuple[Any, Callable[[Any], Any]]:
        greatest = tf.math.unsorted_segment_max(numbers, words, count)

        def gradient(of_greatest: Any) -> Any:
            chosen = tf.cast(tf.equal(numbers, tf.gather(greatest, words)), numbers.dtype)
            equals = tf.math.unsorted_segment_sum(chosen, words, count)  # share the gradient
            return chosen * tf.gather(tf.math.divide_no_nan(of_greatest, equals), words)

        return greatest, gradient

    return tf.custom_gradient(maximum_and_gradient)(numbers)
