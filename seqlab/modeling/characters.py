"""One vector per word from its characters; each distinct spelling of a batch is encoded once."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

from seqlab.modeling.bilstm import BiLSTM, ReadableMask
from seqlab.modeling.embeddings import Embedding


@keras.saving.register_keras_serializable(package="seqlab")
class CharacterEncoder(layers.Layer):
    """Encodes every word of a batch from its characters by a BiLSTM or a convolution.

    Words repeat within a batch, and a word's vector depends on its characters only. So the rows of characters are
    made unique first, and the costly part runs over distinct words. The result is the same, to float rounding.

    Args:
        characters: size of the character vocabulary, padding included.
        dim: size of a character's embedding.
        units: BiLSTM: units of each direction. Convolution: half of the number of filters.
        kind: "lstm" (Lample et al. 2016) or "cnn" (Ma & Hovy 2016: width 3, maximum over the word).

    Call arguments:
        chars: int32 (B, T, W), character ids; 0 is padding.

    Returns float (B, T, 2 * units), 0 on padding.
    """

    def __init__(self, characters: int, *, dim: int, units: int, kind: str, **options: Any) -> None:
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
        """Create the weights for words of W characters."""
        self.embedding.build((None, shape[-1]))
        self.encoder.build((None, shape[-1], self.dim))
        self.built = True

    def call(self, chars: Any) -> Any:
        """Encode the distinct words, and copy their vectors to every token."""
        batch, tokens, width = ops.shape(chars)
        rows = ops.reshape(chars, (-1, width))
        distinct, index = tf.raw_ops.UniqueV2(x=rows, axis=[0])
        distinct = ops.reshape(distinct, (-1, chars.shape[-1]))
        vectors = ops.take(self.encode(distinct), index, axis=0)
        return ops.reshape(vectors, (batch, tokens, 2 * self.units))

    def encode(self, words: Any) -> Any:
        """Encode U distinct words, int32 (U, W). Returns float (U, 2 * units)."""
        if self.kind == "cnn":
            return self.convolve(words)
        vectors = self.encoder(self.embedding(words), mask=self.readable(words))
        return vectors * ops.cast(words[:, :1] != 0, vectors.dtype)

    def convolve(self, words: Any) -> Any:
        """`encode` by convolution: around real characters only, then the maximum over each word."""
        # P real characters, each with its left and right neighbour: windows is int32 (P, 3).
        positions = tf.where(words != 0)
        sides = tf.pad(words, [[0, 0], [1, 1]])
        windows = tf.gather_nd(tf.stack([sides[:, :-2], words, sides[:, 2:]], axis=-1), positions)
        # Padding is embedded as zeros, as a convolution with "same" padding has it.
        table = ops.cast(self.embedding.embeddings, self.compute_dtype)
        real = tf.cast(tf.range(self.characters) > 0, table.dtype)
        embedded = tf.gather(table * real[:, None], windows)
        kernel, bias = (ops.cast(w, self.compute_dtype) for w in self.encoder.weights)
        filters = tf.shape(kernel)[-1]
        rows = tf.reshape(embedded, [-1, 3 * self.dim])
        convolved = tf.matmul(rows, tf.reshape(kernel, [-1, filters]))
        word = tf.cast(positions[:, 0], tf.int32)
        maxima = segment_max(convolved + bias, word, tf.shape(words)[0])
        # Subtle: relu(max) equals max(relu), on fewer numbers. It also turns the maximum of a row without
        # characters, the least float, into 0.
        return tf.nn.relu(maxima)

    def compute_output_shape(self, shape: Any) -> Any:
        """(B, T, W) becomes (B, T, 2 * units)."""
        return (*shape[:-1], 2 * self.units)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        own = {"characters": self.characters, "dim": self.dim}
        return {**super().get_config(), **own, "units": self.units, "kind": self.kind}


def segment_max(numbers: Any, words: Any, count: Any) -> Any:
    """The maximum over the positions of each word, with a gradient by hand.

    TensorFlow's own gradient takes twice as long, because it also handles negative word numbers.

    numbers: float (P, F). words: int32 (P,), the word of each position. count: U, the number of words.
    Returns float (U, F); the least float for a word without positions.
    """

    def maximum_and_gradient(numbers: Any) -> tuple[Any, Callable[[Any], Any]]:
        maxima = tf.math.unsorted_segment_max(numbers, words, count)

        def gradient(of_maxima: Any) -> Any:
            is_maximum = tf.cast(tf.equal(numbers, tf.gather(maxima, words)), numbers.dtype)
            # Positions that tie for the maximum share the gradient, as in TensorFlow's gradient.
            ties = tf.math.unsorted_segment_sum(is_maximum, words, count)
            return is_maximum * tf.gather(tf.math.divide_no_nan(of_maxima, ties), words)

        return maxima, gradient

    return tf.custom_gradient(maximum_and_gradient)(numbers)
