"""Shared by these tests: a small corpus, and networks that trace quickly."""

import keras
import numpy as np

from seqlab.architecture import Architecture
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.encoding.encoder import fit_encoder
from seqlab.modeling.dropout import WordDropout
from seqlab.modeling.keras_loss import keras_loss
from seqlab.modeling.network import build_network

TAGS = ("X", "Y", "Z")


def make_corpus(count=21, seed=1):
    """Sentences of 1 to 7 tokens whose tags depend on their words; every third sentence has weight 2."""
    random = np.random.default_rng(seed)
    out = []
    for number in range(count):
        words = random.integers(0, 9, random.integers(1, 8))
        out.append(
            Sentence(
                tokens=tuple("abcdefghi"[word] for word in words),
                tags=tuple(TAGS[word % 3] for word in words),
                weight=2.0 if number % 3 == 0 else 1.0,
                token_weights=tuple(float(word + 1) for word in words) if number % 5 == 0 else None,
            )
        )
    return out


def encode(sentences, train=None):
    encoder = fit_encoder(train or sentences, min_word_count=1, word_features=("case",))
    return encoder.encode(sentences)


def make_batcher(sentences, train=None, **options):
    return Batcher(encode(sentences, train), **{"size": 4, **options})


def word_network(optimizer=None, seed=3, dropout=0.0):
    """Predicts a tag from its word only: an embedding and a dense layer."""
    keras.utils.set_random_seed(seed)
    words = keras.Input((None,), dtype="int32", name="words")
    hidden = WordDropout(dropout)(words) if dropout else words
    hidden = keras.layers.Embedding(11, 4, name="word_embedding")(hidden)
    hidden = keras.layers.Dropout(dropout)(hidden) if dropout else hidden
    logits = keras.layers.Dense(3, name="logits")(hidden)
    network = keras.Model(words, keras.layers.Activation("softmax")(logits))
    network.compile(optimizer or keras.optimizers.SGD(0.5), loss=keras_loss())
    return network


def tagger_network(optimizer=None, seed=3, **options):
    """A small tagger network, by default without dropout."""
    keras.utils.set_random_seed(seed)
    sizes = {"words": 11, "characters": 11, "classes": 3, "word_dim": 5, "char_dim": 3}
    more = {"char_units": 2, "hidden_units": 4, "dropout": 0.0, "word_dropout": 0.0}
    network = build_network(Architecture(**{**sizes, **more, "char_encoder": "none", **options}))
    network.compile(optimizer or keras.optimizers.SGD(0.5), loss=keras_loss())
    return network
