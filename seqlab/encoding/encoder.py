"""The encoder: vocabularies of the training split, and sentences as numbers by them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

import numpy as np

from seqlab.arrays import FloatArray, Int32Array
from seqlab.corpus.corpus_arrays import CorpusArrays, FeatureArray, corpus_arrays
from seqlab.corpus.mapped_arrays import memory_map_of, release_pages
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoded import DistinctWords, EncodedColumn, EncodedCorpus, check_size
from seqlab.encoding.frozen_words import FrozenWords
from seqlab.encoding.vocabulary import UNKNOWN, Vocabulary, count_symbols
from seqlab.encoding.word_features import MINIMUM, fit_word_features, word_feature_ids
from seqlab.settings.choices import WordFeatureName
from seqlab.text.spelling import normalise

COLUMN = "column_"  # begins the names of inputs that are feature columns


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """The vocabularies: words (normalised), characters (as written), tags, and those of features.

    word_features: by the name of the network's input; see `word_features.py`.
    feature_columns: by the name that a sentence has for the feature.
    frozen_words: frozen vectors of words that `words` lacks; None where those are unknown.
    """

    words: Vocabulary
    characters: Vocabulary
    tags: Vocabulary
    word_features: Mapping[str, Vocabulary] = field(default_factory=dict)
    feature_columns: Mapping[str, Vocabulary] = field(default_factory=dict)
    frozen_words: FrozenWords | None = field(default=None, compare=False, repr=False)

    @property
    def features(self) -> dict[str, Vocabulary]:
        """The vocabularies of all features, by the names of the network's inputs."""
        columns = {column_input(name): found for name, found in self.feature_columns.items()}
        return {**self.word_features, **columns}

    def encode(self, sentences: Sequence[Sentence] | CorpusArrays) -> EncodedCorpus:
        """Sentences as ragged arrays. Unknown words, characters and features get id 1, unknown tags 0.

        A word that only the second table has gets the id `len(words)`, and brings its vector.

        What is numbered already is not walked over, and arrays that are mapped stay so.
        Raises UserError for a sentence without one of the feature columns.
        """
        found = corpus_arrays(sentences, features=tuple(self.feature_columns))
        own, weights = found.token_weights, found.weights.astype(np.float32)
        release_pages(found.weights)
        return EncodedCorpus(
            spelling_ids=found.spelling_ids,
            tags=found.tag_ids,
            tag_labels=np.array([self.tags.ids.get(tag, 0) for tag in found.tags], np.int32),
            offsets=found.offsets,
            distinct_words=self.encode_spellings(found.spellings),
            sentence_weights=weights,
            token_weights=own if own is None or memory_map_of(own) else own.astype(np.float32),
            classes=len(self.tags.symbols),
            columns={
                column_input(name): encode_column(found.features[name], vocabulary)
                for name, vocabulary in self.feature_columns.items()
            },
        )

    def encode_spellings(self, spellings: Sequence[str]) -> DistinctWords:
        """Word, characters and features of each distinct spelling."""
        lengths = np.fromiter(map(len, spellings), np.int64, len(spellings))
        ids, unknown = self.characters.ids, self.characters.id("")
        found = map(ids.get, chain.from_iterable(spellings), repeat(unknown))
        normalised = list(map(normalise, spellings))
        words = self.words.find(normalised)
        frozen_rows, frozen_table = self.place_frozen(spellings, words)
        return DistinctWords(
            words=words,
            characters=np.fromiter(found, smallest(len(self.characters)), int(lengths.sum())),
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            features={
                name: word_feature_ids(name, vocabulary, spellings, normalised)
                for name, vocabulary in self.word_features.items()
            },
            frozen_rows=frozen_rows,
            frozen_table=frozen_table,
        )

    def place_frozen(
        self, spellings: Sequence[str], words: Int32Array
    ) -> tuple[Int32Array | None, FloatArray | None]:
        """Look unknown words up in the second table; `words`, their ids, is changed where it has them.

        Returns `frozen_rows` and `frozen_table`, as `DistinctWords` has them.
        """
        if self.frozen_words is None:
            return None, None
        unknown = np.flatnonzero(words == UNKNOWN)
        known, vectors = self.frozen_words.look_up(
            [spellings[number] for number in unknown.tolist()]
        )
        words[unknown[known]] = len(self.words)
        rows = np.zeros(len(spellings), np.int32)
        rows[unknown[known]] = np.arange(1, len(vectors) + 1)
        return rows, np.concatenate([np.zeros((1, self.frozen_words.dim), np.float32), vectors])


def column_input(name: str) -> str:
    """The name of the network's input for a feature column."""
    return f"{COLUMN}{name}"


def is_column(name: str) -> bool:
    """Whether the network's input of this name is a feature column."""
    return name.startswith(COLUMN)


def encode_column(feature: FeatureArray, vocabulary: Vocabulary) -> EncodedColumn:
    """A feature column by its vocabulary; each distinct value is looked up once."""
    ids = np.fromiter(map(vocabulary.id, feature.values), np.int32, len(feature.values))
    return EncodedColumn(values=feature.ids, ids=ids)


def fit_encoder(
    train: Sequence[Sentence] | CorpusArrays,
    *,
    min_word_count: int = 1,
    keep_words: Collection[str] = (),
    word_features: Sequence[WordFeatureName] = (),
    feature_columns: Sequence[str] = (),
) -> Encoder:
    """The vocabularies of the training split; no other split is ever looked at.

    Words rarer than `min_word_count` are left out, so that the network meets them in training as
    the unknown word, which is how it learns what to do with one. Words of `keep_words` (normalised: those that
    have a vector, as `seqlab.encoding.vectors.vector_spellings` gives them) stay however rare they are.
    Characters and features seen once are left out for the same reason.
    word_features: what of a word's looks is fed to the network beside its characters.
    feature_columns: the names of the features of `Sentence` that are fed to it, too.
    """
    check_size(min_word_count, "min_word_count")
    feature_columns = (feature_columns,) if isinstance(feature_columns, str) else feature_columns
    found = corpus_arrays(train, features=feature_columns)
    spelling_counts = found.counts_by_spelling()
    words: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for token, count in spelling_counts.items():
        words[normalise(token)] += count
        for character in token:
            characters[character] += count
    return Encoder(
        words=count_symbols(words, minimum=min_word_count, keep=keep_words),
        characters=count_symbols(characters, minimum=2),
        tags=count_symbols(found.counts_by_tag(), has_unknown=False),
        word_features=fit_word_features(spelling_counts, word_features),
        feature_columns={
            name: count_symbols(found.features[name].counts(), minimum=MINIMUM)
            for name in feature_columns
        },
    )


def smallest(count: int) -> np.dtype[np.unsignedinteger[Any]]:
    """The smallest unsigned type that holds so many ids, from 0 on.

    >>> smallest(256), smallest(257), smallest(65_537)
    (dtype('uint8'), dtype('uint16'), dtype('uint32'))
    """
    return np.min_scalar_type(count - 1)
