"""A corpus as numbers of its own words and tags: flat arrays, in memory or mapped from a file.

What a training corpus is once its text has been read. A token costs five bytes instead of two
hundred, whatever walks over words can walk over distinct words and their counts, and the arrays may
lie on disk (`cache.py`). Knows no vocabulary and no class: see `encoding`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, overload

import numpy as np

from seqlab.arrays import AnyArray, DoubleArray, Int32Array, Int64Array
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_checks import check_sentences, weights_of_sentence
from seqlab.errors import UserError

SentenceMeasures = Mapping[str, Callable[[Sequence[Sentence]], DoubleArray]]

BLOCK = 1 << 20  # tokens that are looked at together
NO_TAGS = ""  # the tag of the tokens of a sentence that has none


class SymbolIds(dict[str, int]):
    """Symbols numbered from 0, in the order in which they are first asked for.

    >>> symbols = SymbolIds()
    >>> [symbols[word] for word in ("the", "cat", "the")]
    [0, 1, 0]
    """

    def __missing__(self, symbol: str) -> int:
        if not isinstance(symbol, str):
            raise UserError(f"a token, tag or feature is {symbol!r}; expected a text")
        number = self[symbol] = len(self)
        return number


@dataclass(frozen=True, kw_only=True)
class FeatureArray:
    """An extra column of a corpus. values: the distinct ones. ids: int32 (tokens,), rows of `values`."""

    values: tuple[str, ...] = field(repr=False)
    ids: AnyArray

    def counts(self) -> dict[str, int]:
        """How often each value occurs."""
        found = count_ids(self.ids, len(self.values)).tolist()
        return dict(zip(self.values, found, strict=True))


@dataclass(frozen=True, kw_only=True)
class CorpusArrays:
    """N sentences of one corpus as numbers.

    spellings: the distinct tokens, by first occurrence. spelling_ids: int32 (tokens,).
    tags: the distinct tags; `NO_TAGS` where there is none. tag_ids: unsigned or int32 (tokens,).
    offsets: int64 (N + 1), where each sentence begins. weights: float64 (N,), of the sentences.
    token_weights: float64 (tokens,), or None for 1 each.
    measured: by name float64 (N,), what was measured of each sentence while its metadata was there.
    features: by name, what further columns of the corpus say of each token.
    lines: int64 (N,), the line of each first token in the file `name`; None where it is not known.
    """

    spellings: tuple[str, ...] = field(repr=False)
    spelling_ids: Int32Array
    tags: tuple[str, ...]
    tag_ids: AnyArray
    offsets: Int64Array
    weights: DoubleArray
    token_weights: DoubleArray | None
    measured: Mapping[str, DoubleArray]
    features: Mapping[str, FeatureArray] = field(default_factory=dict)
    lines: Int64Array | None = None
    name: str = ""

    @property
    def lengths(self) -> Int64Array:
        """int64 (N,): tokens of each sentence."""
        return np.diff(self.offsets)

    def spelling_counts(self) -> dict[str, int]:
        """How often each token occurs, by first occurrence, as `Counter` over all tokens has it."""
        counts = count_ids(self.spelling_ids, len(self.spellings)).tolist()
        return dict(zip(self.spellings, counts, strict=True))

    def tag_counts(self) -> dict[str, int]:
        """How often each tag occurs; tokens without a tag are not counted."""
        counts = count_ids(self.tag_ids, len(self.tags)).tolist()
        found = dict(zip(self.tags, counts, strict=True))
        return {tag: count for tag, count in found.items() if tag != NO_TAGS}


class LazySentences(Sequence[Sentence]):
    """A numbered corpus as the sequence of its sentences, each made when it is asked for.

    Metadata is gone; the rest of a sentence is as it was read.
    """

    def __init__(self, arrays: CorpusArrays) -> None:
        self.arrays = arrays

    def __len__(self) -> int:
        return len(self.arrays.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> Sentence: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Sentence, ...]: ...
    def __getitem__(self, index: int | slice) -> Sentence | tuple[Sentence, ...]:
        if isinstance(index, slice):
            return tuple(self.sentence(number) for number in range(len(self))[index])
        return self.sentence(range(len(self))[index])

    def sentence(self, number: int) -> Sentence:
        """One sentence, counted from 0."""
        found = self.arrays
        start, stop = found.offsets[number : number + 2].tolist()
        tags = tuple(found.tags[i] for i in found.tag_ids[start:stop].tolist())
        own = found.token_weights
        return Sentence(
            tokens=tuple(found.spellings[i] for i in found.spelling_ids[start:stop].tolist()),
            tags=None if NO_TAGS in tags else tags,
            weight=float(found.weights[number]),
            token_weights=None if own is None else tuple(own[start:stop].tolist()),
            features={
                name: tuple(feature.values[i] for i in feature.ids[start:stop].tolist())
                for name, feature in found.features.items()
            },
            source="" if found.lines is None else f"{found.name}:{found.lines[number]}",
        )


class CorpusArraysBuilder:
    """Numbers sentences part by part; what a symbol means stays the same from part to part.

    features: the names of those that are numbered; `feature_arrays` has the name of each one's array.
    """

    def __init__(
        self, measures: SentenceMeasures | None = None, features: Sequence[str] = ()
    ) -> None:
        self.spellings, self.tags = SymbolIds(), SymbolIds()
        self.measures = measures or {}
        self.features = {name: SymbolIds() for name in features}
        self.feature_arrays = {name: f"feature-{number}" for number, name in enumerate(features)}

    def take(self, sentences: Sequence[Sentence]) -> dict[str, AnyArray | None]:
        """The arrays of some sentences, by the names that `CorpusArrays` gives them, lengths for offsets.

        What a column measures may raise UserError, and so does a sentence without one of the features, or
        with more or fewer tags or weights than tokens.
        """
        check_sentences(sentences)
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        total = int(lengths.sum())
        tokens = chain.from_iterable(s.tokens for s in sentences)
        tags = chain.from_iterable(tags_of(s) for s in sentences)
        return {
            "lengths": lengths,
            "spelling_ids": np.fromiter(map(self.spellings.__getitem__, tokens), np.int32, total),
            "tag_ids": np.fromiter(map(self.tags.__getitem__, tags), np.int32, total),
            "weights": weights_as_array((s.weight for s in sentences), len(sentences), sentences),
            "token_weights": weights_of_tokens(sentences, total),
            **{name: measure(sentences) for name, measure in self.measures.items()},
            **{
                array: self.take_feature(name, sentences)
                for name, array in self.feature_arrays.items()
            },
        }

    def take_feature(self, name: str, sentences: Sequence[Sentence]) -> Int32Array:
        """int32 (tokens,): the numbers of a feature's values."""
        values = chain.from_iterable(feature_of(s, name) for s in sentences)
        return np.fromiter(map(self.features[name].__getitem__, values), np.int32)


def corpus_arrays(
    sentences: Sequence[Sentence],
    measures: SentenceMeasures | None = None,
    features: Sequence[str] = (),
) -> CorpusArrays:
    """Sentences as numbers, in memory; of numbered sentences, what they are made of.

    measures: what to measure of each sentence, by name. features: those that every sentence must have.
    Raises UserError when one has not.
    """
    if isinstance(sentences, LazySentences):
        for name in features:
            if name not in sentences.arrays.features:
                raise feature_error(name, sentences.arrays.name)
        return sentences.arrays
    numbering = CorpusArraysBuilder(measures, features)
    arrays: dict[str, Any] = numbering.take(sentences)
    tags = tuple(numbering.tags)
    return CorpusArrays(
        spellings=tuple(numbering.spellings),
        spelling_ids=arrays["spelling_ids"],
        tags=tags,
        tag_ids=arrays["tag_ids"].astype(smallest_id_type(len(tags))),
        offsets=offsets_of(arrays["lengths"]),
        weights=arrays["weights"],
        token_weights=arrays["token_weights"],
        measured={name: arrays[name] for name in numbering.measures},
        features={
            name: FeatureArray(values=tuple(numbering.features[name]), ids=arrays[array])
            for name, array in numbering.feature_arrays.items()
        },
    )


def tags_of(sentence: Sentence) -> tuple[str, ...]:
    """The tags of a sentence, or as many times `NO_TAGS`."""
    return (NO_TAGS,) * len(sentence) if sentence.tags is None else sentence.tags


def feature_of(sentence: Sentence, name: str) -> tuple[str, ...]:
    """The values of a feature, one a token. Raises UserError when the sentence has no or other ones."""
    if not isinstance(sentence.features, Mapping):
        raise feature_error(name, sentence.source)
    values = sentence.features.get(name, ())
    if len(values) == len(sentence):
        return values
    if name not in sentence.features:
        raise feature_error(name, sentence.source)
    raise feature_error(name, sentence.source, f"{len(values)} values for {len(sentence)} tokens")


def feature_error(name: str, source: str, found: str = "none") -> UserError:
    """What is wrong with sentences that have not one value a token of a feature."""
    fact = f"feature {name!r}: expected one value a token, found {found}"
    return UserError(f"{source}: {fact}" if source else fact)


def weights_of_tokens(sentences: Sequence[Sentence], total: int) -> DoubleArray | None:
    """float64 (tokens,), 1 where a sentence has none; None where none has any."""
    if all(s.token_weights is None for s in sentences):
        return None
    found: Iterable[float] = chain.from_iterable(
        (1.0,) * len(s) if s.token_weights is None else s.token_weights for s in sentences
    )
    return weights_as_array(found, total, sentences)


def weights_as_array(
    weights: Iterable[float], count: int, sentences: Sequence[Sentence]
) -> DoubleArray:
    """float64 (count,). sentences: those that have the weights. Raises UserError for what is no weight."""
    try:
        found = np.fromiter(weights, np.float64, count)
    except (TypeError, ValueError):
        found = np.full(count, np.nan)
    if not (np.isfinite(found) & (found >= 0)).all():
        for at, sentence in enumerate(sentences, start=1):
            weights_of_sentence(sentence, at)
    return found


def offsets_of(lengths: Int64Array) -> Int64Array:
    """int64 (N + 1): where each sentence begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def smallest_id_type(symbols: int) -> type[np.integer[Any]]:
    """The smallest kind of integer that numbers so many symbols.

    >>> [smallest_id_type(count).__name__ for count in (256, 257, 70_000)]
    ['uint8', 'uint16', 'int32']
    """
    if symbols <= 2**8:
        return np.uint8
    return np.uint16 if symbols <= 2**16 else np.int32


def count_ids(ids: AnyArray, size: int) -> Int64Array:
    """int64 (size,): how often each number occurs; memory does not grow with `ids`.

    >>> count_ids(np.array([2, 0, 2], np.uint8), 4).tolist()
    [1, 0, 2, 0]
    """
    total = np.zeros(size, np.int64)
    for start in range(0, len(ids), BLOCK):
        total += np.bincount(ids[start : start + BLOCK], minlength=size)
        release_pages(ids)
    return total
