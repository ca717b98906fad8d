"""The tagger network: words and characters in, a probability for each class of each token out."""

from typing import Any

import keras
import numpy as np
from keras import layers

from seqlab.architecture import Architecture, feature_dim
from seqlab.arrays import FloatArray
from seqlab.encoding.encoded_corpus import FROZEN_INPUT, NUMBERS_INPUT
from seqlab.encoding.gazetteer_features import is_gazetteer
from seqlab.errors import UserError, with_type
from seqlab.modeling.bilstm import BiLSTM, ReadableMask
from seqlab.modeling.characters import CharacterEncoder
from seqlab.modeling.crf import CrfMarginals
from seqlab.modeling.dropout import Dropout, GazetteerDropout, WordDropout
from seqlab.modeling.embeddings import Embedding, TwoTableEmbedding
from seqlab.modeling.quiet_import import require_tensorflow

WORD_TABLE = "word_embedding"  # name of the word embedding's layer


def build_network(
    architecture: Architecture, *, word_vectors: FloatArray | None = None
) -> keras.Model:
    """A word + character BiLSTM tagger, as a plain `keras.Model`.

    `network.fit(x, y, sample_weight=W)` works as for any compiled Keras model.

    Inputs, by name; 0 is padding, on the right:
        words: int32 (B, T). Without words, only the padding is read from it.
        chars: int32 (B, T, W), unless `char_encoder` is none.
        each word feature of the architecture: int32 (B, T).
        outside_vectors: float32 (B, T, word_dim), vectors of frozen words, if the architecture has them.
        numbers: float32 (B, T, D), standardised numbers, if the architecture has them. They skip the dropout of
            features: a dropped number would be read as the mean.

    Output: float32 (B, T, C), probability of each class. The layer before it is called `logits`; losses take its
    output. With the CRF output layer, the probabilities are marginals over all paths of the sentence, and the logits
    are their logarithms.

    word_vectors: float32 (words, word_dim), initial word embedding; None for random numbers.
    Raises UserError for an argument of the wrong type, and for word vectors of the wrong shape or with NaN or infinity.
    Raises UserError if Keras has another backend than TensorFlow.
    """
    require_tensorflow("build_network")
    if not isinstance(architecture, Architecture):
        raise UserError(f"expected a seqlab.Architecture, found {with_type(architecture)}")
    if word_vectors is not None:
        check_vectors(word_vectors, architecture)
    words = keras.Input((None,), dtype="int32", name="words")
    mask = ReadableMask(name="mask")(words)
    inputs = [words]
    if architecture.outside_vectors:
        inputs.append(keras.Input((None, architecture.word_dim), name=FROZEN_INPUT))
    token_vectors = []
    if architecture.reads_words:
        token_vectors.append(embed_words(architecture, inputs, word_vectors))
    if architecture.reads_characters:
        chars = keras.Input((None, architecture.max_chars), dtype="int32", name="chars")
        inputs.append(chars)
        token_vectors.append(encode_characters(architecture, chars))
    for name, symbols in architecture.features.items():
        ids = keras.Input((None,), dtype="int32", name=name)
        inputs.append(ids)
        if is_gazetteer(name):
            ids = GazetteerDropout(architecture.gazetteer_dropout, name=f"{name}_dropout")(ids)
        embedding = Embedding(symbols, feature_dim(name), name=f"{name}_embedding")
        token_vectors.append(embedding(ids))
    parts = []
    if token_vectors:
        joined = concatenated(token_vectors, "features")
        parts.append(Dropout(architecture.dropout, name="feature_dropout")(joined))
    if architecture.numbers:
        inputs.append(keras.Input((None, architecture.numbers), name=NUMBERS_INPUT))
        parts.append(inputs[-1])
    hidden = concatenated(parts, "features_and_numbers")
    for number in range(1, architecture.layers + 1):
        # The mask is passed explicitly. Since Keras 3.4, Concatenate of a masked and an unmasked tensor yields a
        # mask that is True everywhere, without a warning.
        hidden = BiLSTM(architecture.hidden_units, name=f"bilstm_{number}")(hidden, mask=mask)
        hidden = Dropout(architecture.dropout, name=f"dropout_{number}")(hidden)
    logits = output_layer(architecture, hidden, mask)
    scores = layers.Activation("softmax", dtype="float32", name="probabilities")(logits)
    network = keras.Model(inputs, scores, name="tagger")
    network.architecture = architecture  # for `tagger_of_network`
    return network


def concatenated(parts: list[Any], name: str) -> Any:
    """Tensors joined along their last axis. name: of the layer, which a single tensor does without."""
    return parts[0] if len(parts) == 1 else layers.Concatenate(name=name)(parts)


def check_vectors(vectors: FloatArray, architecture: Architecture) -> None:
    """Raise UserError unless there is one finite vector per word."""
    shape, expected = np.shape(vectors), (architecture.words, architecture.word_dim)
    if shape != expected:
        raise UserError(f"word_vectors have shape {shape}; expected {expected}, one row per word")
    if not np.isfinite(vectors).all():
        raise UserError("word_vectors contain NaN or infinity; expected finite numbers")


def output_layer(architecture: Architecture, hidden: Any, mask: Any) -> Any:
    """The logits, float32 (B, T, C), from a layer called `logits`."""
    if architecture.head == "softmax":
        return layers.Dense(architecture.classes, dtype="float32", name="logits")(hidden)
    emissions = layers.Dense(architecture.classes, dtype="float32", name="emissions")(hidden)
    return CrfMarginals(dtype="float32", name="logits")(emissions, mask)


def logits_network(network: keras.Model) -> keras.Model:
    """The same network without its softmax: it returns the logits, float32 (B, T, C)."""
    return keras.Model(network.inputs, network.get_layer("logits").output, name="scorer")


def embed_words(architecture: Architecture, inputs: list[Any], vectors: FloatArray | None) -> Any:
    """Word embeddings, float32 (B, T, word_dim), with word dropout in training.

    inputs: words, and the vectors of frozen words if the architecture has them. vectors: the initial embedding.
    """
    words, *frozen_vectors = inputs
    embedding = (TwoTableEmbedding if frozen_vectors else Embedding)(
        architecture.words,
        architecture.word_dim,
        embeddings_initializer=keras.initializers.RandomUniform(-0.1, 0.1),
        trainable=architecture.trainable_words,
        name=WORD_TABLE,
    )
    dropped = WordDropout(architecture.word_dropout, name="word_dropout")(words)
    embedded = embedding(dropped, *frozen_vectors)
    if vectors is not None:
        embedding.set_weights([vectors])
    return embedded


def encode_characters(architecture: Architecture, chars: Any) -> Any:
    """Each word's vector from its characters, float32 (B, T, 2 * char_units)."""
    encoder = CharacterEncoder(
        architecture.characters,
        dim=architecture.char_dim,
        units=architecture.char_units,
        kind=architecture.char_encoder,
        name="characters",
    )
    return encoder(chars)
