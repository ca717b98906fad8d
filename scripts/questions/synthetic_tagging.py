"""A synthetic tagging task for the question scripts: sentences, arrays and a small tagger.

Words are made of syllables, and the ending of a word shows its class: a network that reads characters can classify
unseen words. But half of a class's words carry its tag only sometimes; otherwise they are `O`. So the labels can be
learnt, and the prediction for an ambiguous word depends on the weights.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import keras
import numpy as np
from numpy.typing import NDArray

from seqlab.architecture import Architecture
from seqlab.arrays import Int32Array
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.encoding.encoder import Encoder, fit_encoder
from seqlab.modeling.bilstm import ReadableMask
from seqlab.modeling.keras_loss import keras_loss
from seqlab.modeling.network import build_network
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.training.loop import TrainingResult, train_network
from seqlab.training.task import TrainingPlan, TrainingTask

SHARES = {
    OUTSIDE_TAG: 0.66,
    "PER": 0.15,
    "LOC": 0.09,
    "ORG": 0.05,
    "LAW": 0.028,
    "VES": 0.014,
    "MED": 0.008,
}
"""Share of tokens drawn from each class's words; somewhat fewer carry the class's tag."""

CERTAINTIES = (0.9, 0.45)  # probability that a word carries its class's tag, cycled over the words
DISTINCT_WORDS = {OUTSIDE_TAG: 400}  # 80 for every other class
LONGEST = 150
ENDINGS = "bdgklmnprstvz"


@cache
def words_of(name: str) -> tuple[str, ...]:
    """The distinct words of a class: three syllables and, except for `O`, the ending of the class."""
    random = np.random.default_rng(list(name.encode()))
    ending = "" if name == OUTSIDE_TAG else 2 * ENDINGS[sum(name.encode()) % len(ENDINGS)]
    syllables = [consonant + vowel for consonant in ENDINGS for vowel in "aeiou"]
    count = DISTINCT_WORDS.get(name, 80)
    return tuple("".join(random.choice(syllables, 3)) + ending for _ in range(count))


def make_sentence(
    random: np.random.Generator,
    length: int,
    shares: Mapping[str, float],
    certainties: Sequence[float] = CERTAINTIES,
) -> Sentence:
    """Draw `length` tokens; frequent words are drawn more often than rare ones."""
    names = list(shares)
    chosen = random.choice(len(names), length, p=list(shares.values()))
    tokens, tags = [], []
    for name in (names[number] for number in chosen):
        words = words_of(name)
        index = int(len(words) * random.random() ** 2)
        tokens.append(words[index])
        certainty = certainties[index % len(certainties)]
        tags.append(name if random.random() < certainty else OUTSIDE_TAG)
    return Sentence(tokens=tuple(tokens), tags=tuple(tags))


def make_sentences(
    count: int, *, seed: int, shares: Mapping[str, float] = SHARES
) -> tuple[Sentence, ...]:
    """Make `count` sentences of 3 to 150 tokens, 11 on average."""
    random = np.random.default_rng(seed)
    lengths = sentence_lengths(random, count)
    return tuple(make_sentence(random, length, shares) for length in lengths)


def sentence_lengths(random: np.random.Generator, count: int) -> list[int]:
    """Draw sentence lengths like those of real text: most short, few long."""
    drawn: list[int] = np.clip(random.lognormal(2.2, 0.6, count), 3, LONGEST).astype(int).tolist()
    return drawn


@dataclass(frozen=True, kw_only=True)
class Data:
    """Two splits, as sentences and as arrays."""

    train: Sequence[Sentence]
    valid: Sequence[Sentence]
    encoder: Encoder
    arrays: EncodedCorpus
    valid_arrays: EncodedCorpus

    @property
    def tags(self) -> tuple[str, ...]:
        """The C tags, in the order of the class ids: the most frequent in train first."""
        return tuple(self.encoder.tags)

    @property
    def counts(self) -> dict[str, int]:
        """Number of training tokens with each tag."""
        return dict(zip(self.tags, self.arrays.tag_counts().tolist(), strict=True))


def encode(train: Sequence[Sentence], valid: Sequence[Sentence]) -> Data:
    """Fit vocabularies to `train` and encode both splits."""
    encoder = fit_encoder(train)
    arrays, valid_arrays = encoder.encode(train), encoder.encode(valid)
    return Data(train=train, valid=valid, encoder=encoder, arrays=arrays, valid_arrays=valid_arrays)


def small_network(encoder: Encoder, *, seed: int, learning_rate: float = 0.005) -> keras.Model:
    """Build and compile seqlab's network at a size that trains in seconds."""
    keras.utils.set_random_seed(seed)
    network = build_network(
        Architecture(
            words=encoder.words.id_count,
            characters=encoder.characters.id_count,
            classes=len(encoder.tags.symbols),
            word_dim=16,
            char_encoder="cnn",
            char_dim=8,
            char_units=8,
            hidden_units=16,
            dropout=0.1,
        )
    )
    network.compile(keras.optimizers.Adam(learning_rate), loss=keras_loss())
    return network


def plain_network(encoder: Encoder, *, seed: int, keeps_mask: bool) -> keras.Model:
    """Build and compile the usual network: words are masked, characters are not. `Concatenate` loses the mask.

    keeps_mask: pass the mask to the recurrent layer explicitly, and divide the loss by the sum of the weights.
    Inputs int32 (B, T) and (B, T, 15); output float32 (B, T, C).
    """
    keras.utils.set_random_seed(seed)
    words, chars = keras.Input((None,), dtype="int32"), keras.Input((None, 15), dtype="int32")
    read = keras.layers.Embedding(encoder.words.id_count, 16, mask_zero=True)(words)
    spelt = keras.layers.Embedding(encoder.characters.id_count, 8)(chars)
    spelt = keras.layers.Conv2D(8, (1, 3), activation="relu")(spelt)
    spelt = keras.layers.Lambda(lambda x: keras.ops.max(x, axis=2))(spelt)
    hidden = keras.layers.Concatenate()([read, spelt])
    recurrent = keras.layers.Bidirectional(keras.layers.LSTM(16, return_sequences=True))
    hidden = recurrent(hidden, mask=ReadableMask()(words)) if keeps_mask else recurrent(hidden)
    scores = keras.layers.Dense(len(encoder.tags.symbols), activation="softmax")(hidden)
    network = keras.Model([words, chars], scores)
    loss = keras_loss() if keeps_mask else "categorical_crossentropy"
    network.compile(keras.optimizers.Adam(0.005), loss=loss, metrics=["accuracy"])
    return network


def train_small(
    data: Data, class_weights: Mapping[str, float], *, epochs: int, seed: int
) -> tuple[keras.Model, TrainingResult]:
    """Train a small network with seqlab's own loop, which scores each class at every epoch."""
    network = small_network(data.encoder, seed=seed)
    task = TrainingTask(
        train=Batcher(data.arrays, size=32),
        valid=Batcher(data.valid_arrays, size=128),
        class_weights=np.array([class_weights[tag] for tag in data.tags], np.float32),
        class_names=list(data.tags),
        score=lambda predictions: score_tokens(data, predictions),
    )
    plan = TrainingPlan(epochs=epochs, patience=epochs, select="macro_f1", seed=seed, clip_norm=5.0)
    return network, train_network(network, task, plan)


def score_tokens(data: Data, predictions: list[Int32Array]) -> Figures:
    """Figures of every class on the real tokens of `valid`. predictions: int32 (T,) tag ids for each sentence."""
    gold = [sentence.tags or () for sentence in data.valid]
    predicted = [[data.encoder.tags.symbol(number) for number in row] for row in predictions]
    return score(gold, predicted, Scheme.PLAIN, classes=data.tags)


def token_probabilities(
    network: keras.Model, corpus: EncodedCorpus
) -> Iterator[NDArray[np.float32]]:
    """Yield float32 (T, C), the class probabilities of each sentence, in corpus order."""
    batcher = Batcher(corpus, size=128)
    by_sentence: dict[int, NDArray[np.float32]] = {}
    for batch in batcher.batches(batcher.in_order()):
        scores = network.predict_on_batch([batch.words, batch.chars])
        for row, sentence in enumerate(batch.sentences.tolist()):
            by_sentence[sentence] = scores[row, : batcher.lengths[sentence]]
    return (by_sentence[number] for number in range(len(by_sentence)))
