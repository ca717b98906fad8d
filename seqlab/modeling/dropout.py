"""Dropout of whole words, of whole lists, and of single numbers."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from seqlab.encoding.gazetteer_features import OUTSIDE
from seqlab.encoding.vocabulary import UNKNOWN


@keras.saving.register_keras_serializable(package="seqlab")
class WordDropout(keras.layers.Layer):
    """Replaces a random share of the words by the unknown word, in training only.

    Otherwise training would never use the unknown word's embedding, and it would stay at its random start (Dai & Le
    2015; Kiperwasser & Goldberg 2016).

    Args:
        rate: share of the words to replace, from 0 to below 1.
        seed: int, or None for a random one.

    Call arguments:
        words: int32 (B, T), word ids; 0 is padding and is never replaced.

    >>> int(WordDropout(0.0)(ops.array([[5, 0]]), training=True)[0, 0])
    5
    """

    def __init__(self, rate: float, *, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.rate, self.seed = rate, seed
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, words: Any, training: bool = False) -> Any:
        """Return the words, in training with some of them replaced."""
        if not training or self.rate == 0:
            return words
        drawn = keras.random.uniform(ops.shape(words), seed=self.seeds)
        dropped = ops.logical_and(drawn < self.rate, words != 0)
        return ops.where(dropped, ops.cast(UNKNOWN, words.dtype), words)

    def compute_output_shape(self, shape: Any) -> Any:
        """The shape of the words."""
        return shape

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


@keras.saving.register_keras_serializable(package="seqlab")
class GazetteerDropout(keras.layers.Layer):
    """Hides a gazetteer from a random share of the sentences, in training only.

    In these sentences no token is in a phrase of the list. So the network also learns to find entities that no list has.

    Args:
        rate: share of the sentences, from 0 to below 1.
        seed: int, or None for a random one.

    Call arguments:
        ids: int32 (B, T), positions in phrases, see `gazetteer_features.py`; 0 is padding and stays.

    >>> int(GazetteerDropout(0.0)(ops.array([[3, 4, 0]]), training=True)[0, 0])
    3
    """

    def __init__(self, rate: float, *, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.rate, self.seed = rate, seed
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, ids: Any, training: bool = False) -> Any:
        """Return the positions, in training outside of every phrase for some sentences."""
        if not training or self.rate == 0:
            return ids
        drawn = keras.random.uniform((ops.shape(ids)[0], 1), seed=self.seeds)
        hidden = ops.logical_and(drawn < self.rate, ids != 0)
        return ops.where(hidden, ops.cast(OUTSIDE, ids.dtype), ids)

    def compute_output_shape(self, shape: Any) -> Any:
        """The shape of the positions."""
        return shape

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


@keras.saving.register_keras_serializable(package="seqlab")
class Dropout(keras.layers.Dropout):
    """Keras' `Dropout` (Srivastava et al. 2014), but it draws small integers instead of float32 numbers.

    On a CPU the drawing is most of the cost of Keras' layer. Here a draw has one byte if 256 values can express the
    rate exactly, as for 0.5. Otherwise it has two bytes, and the rate is rounded to 1/65,536.

    Args:
        rate: share of the numbers that become 0 in training, from 0 to below 1.
        seed: int, or None for a random one.

    >>> sorted(set(Dropout(0.5)(tf.ones([99]), training=True).numpy().tolist()))
    [0.0, 2.0]
    """

    def __init__(self, rate: float, *, seed: int | None = None, **options: Any) -> None:
        super().__init__(rate, seed=seed, **options)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return the inputs, in training with a share of them 0 and the rest divided by 1 - rate."""
        if not training or self.rate == 0:
            return inputs
        number, rate = drawn_type(self.rate)
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        drawn = random_integers(tf.shape(inputs), number, seed)
        kept = tf.cast(drawn >= round(rate * (number.max + 1)), inputs.dtype)
        return inputs * (kept / (1 - rate))


def drawn_type(rate: float) -> tuple[Any, float]:
    """The smallest integer type that can express a rate, and the rate that it expresses.

    >>> drawn_type(0.5), drawn_type(0.3)[1] * 65536
    ((tf.uint8, 0.5), 19661.0)
    """
    if float(rate * 256).is_integer():
        return tf.uint8, rate
    return tf.uint16, min(round(rate * 65536), 65535) / 65536


def random_integers(shape: Any, number: Any, seed: Any) -> Any:
    """Uniform random numbers of a type, uint8 or uint16. seed: int32 (2,)."""
    count, per_word = tf.reduce_prod(shape), 4 // number.size
    words = (count + per_word - 1) // per_word
    drawn = tf.random.stateless_uniform([words], seed, None, None, tf.uint32)
    # One draw of 32 bits is cut into four or two numbers; what is left over of the last one is unused.
    return tf.reshape(tf.reshape(tf.bitcast(drawn, number), [-1])[:count], shape)
