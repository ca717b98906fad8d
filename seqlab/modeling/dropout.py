"""Dropout of words and of numbers."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from seqlab.encoding.vocabulary import UNKNOWN


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
class Dropout(keras.layers.Dropout):
    """Keras' `Dropout` (Srivastava et al. 2014) by other draws of the same seeds.

    On a CPU, drawing float32 numbers is most of what Keras' layer costs. Here each number is of one byte
    where that gives the rate exactly, as 0.5; else of two, and the rate is a whole number of 65,536ths.

    Args:
        rate: share of the numbers that become 0 in training, at least 0 and below 1.
        seed: integer, or None for a random one.

    >>> sorted(set(Dropout(0.5)(tf.ones([99]), training=True).numpy().tolist()))
    [0.0, 2.0]
    """

    def __init__(self, rate: float, *, seed: int | None = None, **options: Any) -> None:
        super().__init__(rate, seed=seed, **options)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """`inputs`, in training with a share of 0 and the rest enlarged to make up for it."""
        if not training or self.rate == 0:
            return inputs
        number, rate = drawn_type(self.rate)
        drawn = random_integers(
            tf.shape(inputs), number, tf.cast(self.seed_generator.next(), tf.int32)
        )
        kept = tf.cast(drawn >= round(rate * (number.max + 1)), inputs.dtype)
        return inputs * (kept / (1 - rate))


def drawn_type(rate: float) -> tuple[Any, float]:
    """The smallest type whose random numbers decide at a rate; and the rate at which they do.

    >>> drawn_type(0.5), drawn_type(0.3)[1] * 65536
    ((tf.uint8, 0.5), 19661.0)
    """
    if float(rate * 256).is_integer():
        return tf.uint8, rate
    return tf.uint16, min(round(rate * 65536), 65535) / 65536


def random_integers(shape: Any, number: Any, seed: Any) -> Any:
    """Random numbers of a type, uint8 or uint16, all of its values equally likely. seed: int32 (2,)."""
    count, each = tf.reduce_prod(shape), 4 // number.size
    whole = tf.random.stateless_uniform([(count + each - 1) // each], seed, None, None, tf.uint32)
    return tf.reshape(tf.reshape(tf.bitcast(whole, number), [-1])[:count], shape)
