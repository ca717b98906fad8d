"""The tagger network: words and characters in, a probability for every class of every token out."""

from typing import Any

import keras
import numpy as np
from keras import layers

from seqlab.arrays import FloatArray
from seqlab.errors import UserError, with_type
from seqlab.modeling.architecture import Architecture, feature_dim
from seqlab.modeling.bilstm import BiLSTM, ReadableMask
from seqlab.modeling.characters import CharacterEncoder
from seqlab.modeling.crf import CrfMarginals
from seqlab.modeling.dropout import Dropout, WordDropout
from seqlab.modeling.embeddings import Embedding, TwoTableEmbedding

WORD_TABLE = "word_embedding"  # the layer's name


def build_network(
    architecture: Architecture, *, word_vectors: FloatArray | None = None
) -> keras.Model:
    """A word + character BiLSTM tagger, as a plain `keras.Model`.

    Inputs: words int32 (B, T); chars int32 (B, T, W), unless char_encoder is none; int32 (B, T) for
    each feature of the architecture, under its name; outside_vectors float32 (B, T, word_dim) where words
    outside of the vocabulary bring vectors. 0 is padding everywhere, on the right.
    Output: float32 (B, T, C), a probability for each class; the layer before it, `logits`, gives the
    scores that losses take. With the head "crf" both are of marginals: the probability of the tag over
    all paths of the sentence, and its logarithm.
    word_vectors: float32 (words, word_dim), the start of the word embedding, or None for random.
    Raises UserError for vectors of another shape, or that are no numbers.

    The padding mask goes to the recurrent layers by hand: since Keras 3.4 `Concatenate` of a masked
    and an unmasked tensor silently yields a mask that is True everywhere.
    `network.fit(x, y, sample_weight=W)` works on it as on any compiled Keras model.
    """
    if not isinstance(architecture, Architecture):
        raise UserError(f"expected a seqlab.Architecture, found {with_type(architecture)}")
    if word_vectors is not None:
        check_vectors(word_vectors, architecture)
    words = keras.Input((None,), dtype="int32", name="words")
    mask = ReadableMask(name="mask")(words)
    inputs = [words]
    if architecture.outside_vectors:
        inputs.append(keras.Input((None, architecture.word_dim), name="outside_vectors"))
    parts = [word_part(architecture, inputs, word_vectors)]
    if architecture.char_encoder != "none":
        chars = keras.Input((None, architecture.max_chars), dtype="int32", name="chars")
        inputs.append(chars)
        parts.append(character_part(architecture, chars))
    for name, symbols in architecture.features.items():
        ids = keras.Input((None,), dtype="int32", name=name)
        inputs.append(ids)
        parts.append(Embedding(symbols, feature_dim(name), name=f"{name}_embedding")(ids))
    hidden = layers.Concatenate(name="features")(parts) if len(parts) > 1 else parts[0]
    hidden = Dropout(architecture.dropout, name="feature_dropout")(hidden)
    for number in range(1, architecture.layers + 1):
        hidden = BiLSTM(architecture.hidden_units, name=f"bilstm_{number}")(hidden, mask=mask)
        hidden = Dropout(architecture.dropout, name=f"dropout_{number}")(hidden)
    logits = head(architecture, hidden, mask)
    scores = layers.Activation("softmax", dtype="float32", name="probabilities")(logits)
    return keras.Model(inputs, scores, name="tagger")


def check_vectors(vectors: FloatArray, architecture: Architecture) -> None:
    """Refuse vectors that are not one of numbers for each word."""
    shape, expected = np.shape(vectors), (architecture.words, architecture.word_dim)
    if shape != expected:
        raise UserError(f"word_vectors have shape {shape}; expected {expected}, one for each word")
    if not np.isfinite(vectors).all():
        raise UserError("word_vectors hold NaN or infinities; expected finite numbers")


def head(architecture: Architecture, hidden: Any, mask: Any) -> Any:
    """Scores before the softmax, float32 (B, T, C), from a layer called `logits`."""
    if architecture.head == "softmax":
        return layers.Dense(architecture.classes, dtype="float32", name="logits")(hidden)
    emissions = layers.Dense(architecture.classes, dtype="float32", name="emissions")(hidden)
    return CrfMarginals(dtype="float32", name="logits")(emissions, mask)


def logits_network(network: keras.Model) -> keras.Model:
    """The same network up to its scores before the softmax, float32 (B, T, C): what losses take."""
    return keras.Model(network.inputs, network.get_layer("logits").output, name="scorer")


def word_part(architecture: Architecture, inputs: list[Any], vectors: FloatArray | None) -> Any:
    """Embedded words, float32 (B, T, word_dim), some of them dropped in training.

    inputs: words, and the vectors of those outside of the vocabulary where they bring some.
    """
    words, *outside = inputs
    embedding = (TwoTableEmbedding if outside else Embedding)(
        architecture.words,
        architecture.word_dim,
        embeddings_initializer=keras.initializers.RandomUniform(-0.1, 0.1),
        trainable=architecture.trainable_words,
        name=WORD_TABLE,
    )
    dropped = WordDropout(architecture.word_dropout, name="word_dropout")(words)
    embedded = embedding(dropped, *outside)
    if vectors is not None:
        embedding.set_weights([vectors])
    return embedded


def character_part(architecture: Architecture, chars: Any) -> Any:
    """Each word's vector from its characters, float32 (B, T, 2 * char_units)."""
    encoder = CharacterEncoder(
        architecture.characters,
        dim=architecture.char_dim,
        units=architecture.char_units,
        kind=architecture.char_encoder,
        name="characters",
    )
    return encoder(chars)
