"""The encoder: fit vocabularies on the training split and turn sentences into arrays."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Self

import numpy as np

from seqlab.architecture import Architecture
from seqlab.arrays import FloatArray, Int32Array
from seqlab.corpus.corpus_arrays import CorpusArrays, FeatureArray, corpus_arrays, smallest_id_type
from seqlab.corpus.mapped_arrays import memory_map_of, release_pages
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.distinct_words import DistinctWords
from seqlab.encoding.encoded_corpus import EncodedColumn, EncodedCorpus, check_at_least_one
from seqlab.encoding.encoder_files import load_parts, save_parts
from seqlab.encoding.frozen_words import FrozenWords
from seqlab.encoding.gazetteer import Gazetteers
from seqlab.encoding.gazetteer_features import (
    SYMBOLS,
    PhraseSearch,
    gazetteer_input,
    is_gazetteer,
)
from seqlab.encoding.number_scaling import EncodedNumbers, NumberScaling, fit_scaling
from seqlab.encoding.vocabulary import UNKNOWN, Vocabulary, fit_vocabulary
from seqlab.encoding.word_clusters import WordClusters
from seqlab.encoding.word_features import MIN_COUNT, fit_word_features, word_feature_ids
from seqlab.settings.choices import UnicodeFormName, WordFeatureName
from seqlab.text.spelling import normalise
from seqlab.text.unicode_form import in_form

COLUMN = "column_"  # prefix of the network inputs that are feature columns


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """The vocabularies of a tagger, and the scaling of its numeric columns.

    words: normalised tokens.
    characters: as written.
    word_features: by the name of the network's input; see `word_features.py`.
    feature_columns: by the name of the feature in `Sentence.features`.
    numeric_columns: by the name of the column in `Sentence.numbers`, its scaling.
    gazetteers: lists of phrases.
    clusters: of the words of a raw text; None without it.
    frozen_words: vectors of words that `words` lacks; None when such words are unknown.
    unicode_form: the form that spellings are brought into before they are looked up.
    """

    words: Vocabulary
    characters: Vocabulary
    tags: Vocabulary
    word_features: Mapping[str, Vocabulary] = field(default_factory=dict)
    feature_columns: Mapping[str, Vocabulary] = field(default_factory=dict)
    numeric_columns: Mapping[str, NumberScaling] = field(default_factory=dict)
    gazetteers: Gazetteers = field(default_factory=Gazetteers, compare=False, repr=False)
    clusters: WordClusters | None = field(default=None, compare=False, repr=False)
    frozen_words: FrozenWords | None = field(default=None, compare=False, repr=False)
    unicode_form: UnicodeFormName = "none"

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the encoder as a directory, whole or not at all. Returns its path. `Encoder.load` reads it.

        overwrite: replace an encoder that is there.
        Raises UserError when `path` exists or cannot be written.
        """
        return save_parts(self.parts(), path, overwrite=overwrite)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Load the encoder that `save` wrote. No file runs code.

        Raises UserError when there is none, or it is damaged.
        """
        return cls(**load_parts(path))

    def parts(self) -> dict[str, Any]:
        """The fields, by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @property
    def features(self) -> dict[str, Vocabulary]:
        """The vocabularies of all features, by the names of the network's inputs."""
        columns = {column_input(name): values for name, values in self.feature_columns.items()}
        lists = {gazetteer_input(name): SYMBOLS for name in self.gazetteers}
        clusters = {} if self.clusters is None else self.clusters.vocabularies
        return {**self.word_features, **clusters, **columns, **lists}

    def architecture(self, **options: Any) -> Architecture:
        """The architecture of a network that reads this encoder's arrays.

        options: further fields of `Architecture`, such as head="crf" or layers=2.
        Raises SettingsError for a value that no network has.

        >>> from seqlab.corpus.sentence import Sentence
        >>> fit_encoder([Sentence(tokens=("a",), tags=("O",))]).architecture(head="crf").words
        3
        """
        sizes: dict[str, Any] = {
            "words": self.words.id_count,
            "characters": self.characters.id_count,
            "classes": len(self.tags),
            "features": {name: values.id_count for name, values in self.features.items()},
            "numbers": self.number_inputs,
            "reads_words": len(self.words) > 0,
        }
        if self.frozen_words is not None:
            sizes |= {"outside_vectors": True, "word_dim": self.frozen_words.dim}
        return Architecture(**(sizes | options))

    @property
    def number_inputs(self) -> int:
        """D, the number of inputs that the numeric columns give to the network."""
        return sum(scaling.inputs for scaling in self.numeric_columns.values())

    def encode(self, sentences: Sequence[Sentence] | CorpusArrays) -> EncodedCorpus:
        """Encode sentences as ragged arrays.

        Unknown words, characters and features get id 1, unknown tags 0. A frozen word gets the id
        `words.id_count` and its vector. The arrays of a cached corpus are used as they are and stay mapped.
        Raises UserError when a sentence lacks a feature column or a numeric column.
        """
        arrays = corpus_arrays(sentences, tuple(self.feature_columns), tuple(self.numeric_columns))
        token_weights, weights = arrays.token_weights, arrays.weights.astype(np.float32)
        release_pages(arrays.weights)
        if token_weights is not None and not memory_map_of(token_weights):
            token_weights = token_weights.astype(np.float32)
        search = self.phrase_search(arrays)
        return EncodedCorpus(
            spelling_ids=arrays.spelling_ids,
            tags=arrays.tag_ids,
            tag_labels=np.array([self.tags.ids.get(tag, 0) for tag in arrays.tags], np.int32),
            offsets=arrays.offsets,
            distinct_words=self.encode_spellings(arrays.spellings),
            sentence_weights=weights,
            token_weights=token_weights,
            classes=len(self.tags.symbols),
            columns={
                column_input(name): encode_column(arrays.features[name], vocabulary)
                for name, vocabulary in self.feature_columns.items()
            }
            | list_columns(search, arrays),
            numeric_columns={
                name: EncodedNumbers(numbers=arrays.numbers[name], scaling=scaling)
                for name, scaling in self.numeric_columns.items()
            },
            phrase_search=search,
        )

    def phrase_search(self, arrays: CorpusArrays) -> PhraseSearch | None:
        """The search for the phrases of all lists in a corpus; None without lists."""
        if not len(self.gazetteers):
            return None
        return PhraseSearch.of(self.gazetteers, arrays.spellings, self.unicode_form)

    def encode_spellings(self, spellings: Sequence[str]) -> DistinctWords:
        """Encode distinct words: word ids, characters and features."""
        if self.unicode_form != "none":
            spellings = [in_form(spelling, self.unicode_form) for spelling in spellings]
        lengths = np.fromiter(map(len, spellings), np.int64, len(spellings))
        letters, unknown = chain.from_iterable(spellings), repeat(self.characters.unknown)
        characters = map(self.characters.ids.get, letters, unknown)
        id_type = smallest_id_type(self.characters.id_count)
        normalised = list(map(normalise, spellings))
        word_ids = self.words.find(normalised)
        frozen_rows, frozen_table = self.add_frozen_words(spellings, word_ids)
        return DistinctWords(
            word_ids=word_ids,
            characters=np.fromiter(characters, id_type, int(lengths.sum())),
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            features={
                name: word_feature_ids(name, vocabulary, spellings, normalised)
                for name, vocabulary in self.word_features.items()
            }
            | ({} if self.clusters is None else self.clusters.features(normalised)),
            frozen_rows=frozen_rows,
            frozen_table=frozen_table,
        )

    def add_frozen_words(
        self, spellings: Sequence[str], word_ids: Int32Array
    ) -> tuple[Int32Array | None, FloatArray | None]:
        """Look unknown words up among the frozen words.

        word_ids: int32 (words,), changed in place to `words.id_count` for frozen words.
        Returns `frozen_rows` and `frozen_table` of `DistinctWords`.
        """
        if self.frozen_words is None:
            return None, None
        unknown = np.flatnonzero(word_ids == UNKNOWN)
        known, vectors = self.frozen_words.look_up([spellings[i] for i in unknown.tolist()])
        word_ids[unknown[known]] = self.words.id_count
        rows = np.zeros(len(spellings), np.int32)
        rows[unknown[known]] = np.arange(1, len(vectors) + 1)
        return rows, np.concatenate([np.zeros((1, self.frozen_words.dim), np.float32), vectors])


def column_input(name: str) -> str:
    """Return the name of the network's input for a feature column."""
    return f"{COLUMN}{name}"


def is_column(name: str) -> bool:
    """Tell whether a network input of this name depends on more than the spelling of its token.

    These are the feature columns and the gazetteers. They are the last features of a network.
    """
    return name.startswith(COLUMN) or is_gazetteer(name)


def encode_column(feature: FeatureArray, vocabulary: Vocabulary) -> EncodedColumn:
    """Encode a feature column. Each distinct value is looked up once."""
    ids = np.fromiter(map(vocabulary.id, feature.values), np.int32, len(feature.values))
    return EncodedColumn(values=feature.ids, ids=ids)


def list_columns(search: PhraseSearch | None, arrays: CorpusArrays) -> dict[str, EncodedColumn]:
    """Find the phrases of all lists; the columns have the names of the network's inputs."""
    if search is None:
        return {}
    every_id = np.arange(SYMBOLS.id_count, dtype=np.int32)
    positions = search.positions(arrays.spelling_ids, arrays.offsets)
    return {name: EncodedColumn(values=ids, ids=every_id) for name, ids in positions.items()}


def fit_encoder(
    train: Sequence[Sentence] | CorpusArrays,
    *,
    min_word_count: int = 1,
    keep_words: Collection[str] = (),
    word_features: Sequence[WordFeatureName] = (),
    feature_columns: Sequence[str] = (),
    unicode_form: UnicodeFormName = "none",
    numeric_columns: Sequence[str] = (),
    reads_words: bool = True,
) -> Encoder:
    """Fit the vocabularies, and the scaling of numeric columns, on the training split only.

    min_word_count: rarer words are left out, so that the network meets unknown words in training.
        Characters and features that occur once are left out for the same reason.
    keep_words: normalised words that stay however rare, such as the keys of
        `seqlab.encoding.vectors.vector_spellings`.
    word_features: features of a word's spelling that the network reads.
    feature_columns: names of features in `Sentence.features` that the network reads.
    unicode_form: the form of all words, in training and later; `keep_words` must be in it.
    numeric_columns: names of columns in `Sentence.numbers` that the network reads.
    reads_words: False for a corpus without words; the vocabularies of words and characters stay empty.
    Raises SettingsError for a count below 1 or an unknown word feature. Raises UserError when a sentence lacks a
    column, and for a numeric column that cannot be scaled.
    """
    check_at_least_one(min_word_count, "min_word_count")
    feature_columns = (feature_columns,) if isinstance(feature_columns, str) else feature_columns
    numeric_columns = (numeric_columns,) if isinstance(numeric_columns, str) else numeric_columns
    arrays = corpus_arrays(train, feature_columns, numeric_columns)
    spelling_counts: Counter[str] = Counter()
    for spelling, count in arrays.counts_by_spelling().items() if reads_words else ():
        spelling_counts[in_form(spelling, unicode_form)] += count
    words: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for token, count in spelling_counts.items():
        words[normalise(token)] += count
        for character in token:
            characters[character] += count
    return Encoder(
        words=fit_vocabulary(words, minimum=min_word_count, keep=keep_words),
        characters=fit_vocabulary(characters, minimum=2),
        tags=fit_vocabulary(arrays.counts_by_tag(), has_unknown=False),
        word_features=fit_word_features(spelling_counts, word_features),
        feature_columns={
            name: fit_vocabulary(arrays.features[name].counts(), minimum=MIN_COUNT)
            for name in feature_columns
        },
        unicode_form=unicode_form,
        numeric_columns={name: fit_scaling(arrays.numbers[name], name) for name in numeric_columns},
    )
