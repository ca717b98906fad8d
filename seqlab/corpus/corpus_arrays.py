"""A corpus as flat arrays of ids, in memory or mapped from a file.

Training reads a corpus in this form. A token takes five bytes instead of two hundred. Code that needs
words walks over the distinct spellings and their counts, not over all tokens. The arrays may lie on
disk (`cache.py`). Vocabularies and classes come later, in `seqlab.encoding`.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, overload

import numpy as np

from seqlab.arrays import AnyArray, DoubleArray, Int32Array, Int64Array
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.corpus.numeric_columns import numbers_error, numbers_of
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.corpus.sentence_checks import (
    LARGEST_WEIGHT,
    check_finite,
    check_sentences,
    weights_of_sentence,
)
from seqlab.errors import UserError
from seqlab.machine.progress import watched
from seqlab.machine.wording import plural

SentenceMeasures = Mapping[str, Callable[[Sequence[Sentence]], DoubleArray]]
"""Functions by name; each gives one float64 per sentence, read from its metadata."""

BLOCK = 1 << 20  # tokens processed at a time
NO_TAGS = ""  # tag of every token of an unlabelled sentence


class SymbolIds(dict[str, int]):
    """Ids of symbols, from 0, in the order in which the symbols are first looked up.

    >>> symbols = SymbolIds()
    >>> [symbols[word] for word in ("the", "cat", "the")]
    [0, 1, 0]
    """

    def __missing__(self, symbol: str) -> int:
        if not isinstance(symbol, str):
            raise UserError(f"a token, tag or feature is {symbol!r}; expected a string")
        number = self[symbol] = len(self)
        return number


def symbol_ids(symbols: SymbolIds, lists: Iterable[Iterable[str]], count: int = -1) -> Int32Array:
    """int32 (count,): the ids of the symbols of all lists. Raises UserError for one that is not a string."""
    try:
        values = map(symbols.__getitem__, chain.from_iterable(lists))
        return np.fromiter(values, np.int32, count)
    except TypeError as error:  # a list, or another value without a hash
        fact = f"a token, tag or feature is no string ({error})"
        raise UserError(f"{fact}; expected strings") from None


@dataclass(frozen=True, kw_only=True)
class FeatureArray:
    """A feature of every token. values: the distinct values. ids: int32 (tokens,), index into `values`."""

    values: tuple[str, ...] = field(repr=False)
    ids: AnyArray

    def counts(self) -> dict[str, int]:
        """Return how often each value occurs."""
        counts = count_ids(self.ids, len(self.values)).tolist()
        return dict(zip(self.values, counts, strict=True))


@dataclass(frozen=True, kw_only=True)
class CorpusArrays:
    """N sentences of one corpus as arrays.

    spellings: the distinct tokens, in order of first occurrence.
    spelling_ids: int32 (tokens,), index into `spellings`.
    spelling_counts: int64 (spellings,), tokens with each spelling.
    tags: the distinct tags; `NO_TAGS` stands for "no tag".
    tag_ids: unsigned or int32 (tokens,), index into `tags`.
    tag_counts: int64 (tags,), tokens with each tag.
    offsets: int64 (N + 1), where each sentence begins; the last entry is the number of tokens.
    weights: float64 (N,), sentence weights.
    token_weights: float64 (tokens,), or None when every token weighs 1.
    measured: by name float64 (N,), the values that `SentenceMeasures` read from the metadata.
    features: by name, further columns of the corpus.
    numbers: by name float64 (tokens,), numeric columns; NaN where a number is missing.
    lines: int64 (N,), line of each sentence's first token in the file `name`; None when unknown.
    place: what stands before the line in `Sentence.source`.
    """

    spellings: tuple[str, ...] = field(repr=False)
    spelling_ids: Int32Array
    spelling_counts: Int64Array
    tags: tuple[str, ...]
    tag_ids: AnyArray
    tag_counts: Int64Array
    offsets: Int64Array
    weights: DoubleArray
    token_weights: DoubleArray | None = None
    measured: Mapping[str, DoubleArray] = field(default_factory=dict)
    features: Mapping[str, FeatureArray]
    numbers: Mapping[str, DoubleArray] = field(default_factory=dict)
    lines: Int64Array | None = None
    name: str = ""
    place: str = ""

    @property
    def lengths(self) -> Int64Array:
        """int64 (N,): tokens of each sentence."""
        return np.diff(self.offsets)

    def counts_by_spelling(self) -> dict[str, int]:
        """Return how often each spelling occurs, in order of first occurrence."""
        return dict(zip(self.spellings, self.spelling_counts.tolist(), strict=True))

    def counts_by_tag(self) -> dict[str, int]:
        """Return how often each tag occurs. Tokens without a tag are not counted."""
        counts = zip(self.tags, self.tag_counts.tolist(), strict=True)
        return {tag: count for tag, count in counts if tag != NO_TAGS}


class LazySentences(Sequence[Sentence]):
    """The sentences of a `CorpusArrays`, each built when it is accessed. They have no metadata."""

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
        """Build one sentence. number: from 0."""
        arrays = self.arrays
        start, stop = arrays.offsets[number : number + 2].tolist()
        tags = tuple(arrays.tags[i] for i in arrays.tag_ids[start:stop].tolist())
        weights = arrays.token_weights
        return Sentence(
            tokens=tuple(arrays.spellings[i] for i in arrays.spelling_ids[start:stop].tolist()),
            tags=None if NO_TAGS in tags else tags,
            weight=float(arrays.weights[number]),
            token_weights=None if weights is None else tuple(weights[start:stop].tolist()),
            features={
                name: tuple(feature.values[i] for i in feature.ids[start:stop].tolist())
                for name, feature in arrays.features.items()
            },
            numbers={name: with_one_nan(n[start:stop]) for name, n in arrays.numbers.items()},
            source="" if arrays.lines is None else f"{arrays.place}{arrays.lines[number]}",
        )


class CorpusArraysBuilder:
    """Turns batches of sentences into arrays. A symbol has the same id in every batch.

    measures: what to read from the metadata of each sentence.
    features, numbers: names of the features and of the numeric columns to keep.
    measure_arrays, feature_arrays, number_arrays: by name, the name of its array in the result of `take`.
    """

    def __init__(
        self,
        measures: SentenceMeasures = NOTHING,
        features: Sequence[str] = (),
        numbers: Sequence[str] = (),
    ) -> None:
        self.spellings, self.tags = SymbolIds(), SymbolIds()
        self.measures = measures
        self.measure_arrays = {name: f"measured-{i}" for i, name in enumerate(measures)}
        self.features = {name: SymbolIds() for name in features}
        self.feature_arrays = {name: f"feature-{i}" for i, name in enumerate(features)}
        self.number_arrays = {name: f"number-{i}" for i, name in enumerate(numbers)}

    def take(self, sentences: Sequence[Sentence]) -> dict[str, AnyArray | None]:
        """Return the arrays of one batch, named as in `CorpusArrays`, with `lengths` instead of `offsets`.

        Raises UserError for a sentence without one of the features or numeric columns, for a sentence whose tags or weights
        do not match its tokens in number, and whatever a measure raises.
        """
        check_sentences(sentences)
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        total = int(lengths.sum())
        tags = ((NO_TAGS,) * len(s) if s.tags is None else s.tags for s in sentences)
        told = watched(sentences, "encoding", total=len(sentences))

        def feature_ids(name: str) -> Int32Array:
            return symbol_ids(self.features[name], (feature_of(s, name) for s in sentences))

        return {
            "lengths": lengths,
            "spelling_ids": symbol_ids(self.spellings, (s.tokens for s in told), total),
            "tag_ids": symbol_ids(self.tags, tags, total),
            "weights": weights_as_array((s.weight for s in sentences), len(sentences), sentences),
            "token_weights": weights_of_tokens(sentences, total),
            **{self.measure_arrays[name]: read(sentences) for name, read in self.measures.items()},
            **{self.feature_arrays[name]: feature_ids(name) for name in self.features},
            **{array: number_array(sentences, n) for n, array in self.number_arrays.items()},
        }


def corpus_arrays(
    sentences: Sequence[Sentence] | CorpusArrays,
    features: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> CorpusArrays:
    """Return sentences as arrays in memory. Arrays, and the arrays of `LazySentences`, come back as they are.

    features, numbers: names that every sentence must have.
    Raises UserError when a sentence lacks one, and as `CorpusArraysBuilder.take` does.
    """
    if isinstance(sentences, LazySentences):
        sentences = sentences.arrays
    if isinstance(sentences, CorpusArrays):
        for name in features:
            if name not in sentences.features:
                raise feature_error(name, sentences.name)
        for name in numbers:
            if name not in sentences.numbers:
                raise numbers_error(name, sentences.name)
        return sentences
    builder = CorpusArraysBuilder(features=features, numbers=numbers)
    arrays: dict[str, Any] = builder.take(sentences)
    place, lines = lines_of(sentences)
    spellings, tags, tag_ids = tuple(builder.spellings), tuple(builder.tags), arrays.pop("tag_ids")
    return CorpusArrays(
        spellings=spellings,
        spelling_counts=count_ids(arrays["spelling_ids"], len(spellings)),
        tags=tags,
        tag_ids=tag_ids.astype(smallest_id_type(len(tags))),
        tag_counts=count_ids(tag_ids, len(tags)),
        offsets=offsets_of(arrays.pop("lengths")),
        features={
            name: FeatureArray(values=tuple(builder.features[name]), ids=arrays.pop(array))
            for name, array in builder.feature_arrays.items()
        },
        numbers={name: arrays.pop(array) for name, array in builder.number_arrays.items()},
        lines=lines,
        place=place,
        **arrays,  # the other arrays have the names of the fields
    )


def lines_of(sentences: Sequence[Sentence]) -> tuple[str, Int64Array | None]:
    """What stands before the line in each sentence's source, and int64 (N,), the lines.

    ('', None) if the sentences are of several files, or a source has no line.
    """
    parts = [sentence.source.rpartition(":") for sentence in sentences]
    places = {start + colon for start, colon, _ in parts}
    if len(places) != 1 or not all(line.isdecimal() for _, _, line in parts):
        return "", None
    return places.pop(), np.array([int(line) for _, _, line in parts], np.int64)


def feature_of(sentence: Sentence, name: str) -> tuple[str, ...]:
    """Return the values of one feature. Raises UserError unless there is one value per token."""
    if not isinstance(sentence.features, Mapping):
        raise feature_error(name, sentence.source)
    values = sentence.features.get(name, ())
    if len(values) == len(sentence):
        return values
    if name not in sentence.features:
        raise feature_error(name, sentence.source)
    counts = f"{plural(len(values), 'value')} for {plural(len(sentence), 'token')}"
    raise feature_error(name, sentence.source, counts)


def feature_error(name: str, source: str, found: str = "none") -> UserError:
    """Return the error for a sentence without one value per token of a feature."""
    fact = f"feature {name!r}: expected one value per token, found {found}"
    return UserError(f"{source}: {fact}" if source else fact)


def number_array(sentences: Sequence[Sentence], name: str) -> DoubleArray:
    """float64 (tokens,): a numeric column. Raises UserError unless every sentence has one number per token."""
    columns = [numbers_of(sentence, name) for sentence in sentences]
    try:
        numbers = np.fromiter(chain.from_iterable(columns), np.float64)
    except (TypeError, ValueError):
        numbers = np.full(1, np.inf)
    if np.isinf(numbers).any():
        for number, sentence in enumerate(sentences, start=1):
            check_finite(sentence, name, number)
    return numbers


def with_one_nan(numbers: DoubleArray) -> tuple[float, ...]:
    """The numbers as floats. Each NaN is `math.nan`, so that equal sentences compare as equal."""
    return tuple(math.nan if number != number else number for number in numbers.tolist())


def weights_of_tokens(sentences: Sequence[Sentence], total: int) -> DoubleArray | None:
    """float64 (tokens,), 1 where a sentence has no token weights; None when no sentence has any."""
    if all(s.token_weights is None for s in sentences):
        return None
    weights = ((1.0,) * len(s) if s.token_weights is None else s.token_weights for s in sentences)
    return weights_as_array(chain.from_iterable(weights), total, sentences)


def weights_as_array(
    weights: Iterable[float], count: int, sentences: Sequence[Sentence]
) -> DoubleArray:
    """float64 (count,). Raises UserError, naming the sentence, unless all are numbers from 0 to 1e9."""
    try:
        array = np.fromiter(weights, np.float64, count)
    except (TypeError, ValueError, OverflowError):
        array = np.full(count, np.nan)
    if not ((array >= 0) & (array <= LARGEST_WEIGHT)).all():
        for number, sentence in enumerate(sentences, start=1):
            weights_of_sentence(sentence, number)
    return array


def offsets_of(lengths: Int64Array) -> Int64Array:
    """int64 (N + 1): where each sentence begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def smallest_id_type(symbols: int) -> type[np.integer[Any]]:
    """Return the smallest integer type that can number this many symbols.

    >>> [smallest_id_type(count).__name__ for count in (256, 257, 70_000)]
    ['uint8', 'uint16', 'int32']
    """
    if symbols <= 2**8:
        return np.uint8
    return np.uint16 if symbols <= 2**16 else np.int32


def count_ids(ids: AnyArray, size: int) -> Int64Array:
    """int64 (size,): how often each id occurs. Works block by block, so that memory stays flat.

    >>> count_ids(np.array([2, 0, 2], np.uint8), 4).tolist()
    [1, 0, 2, 0]
    """
    total = np.zeros(size, np.int64)
    for start in range(0, len(ids), BLOCK):
        total += np.bincount(ids[start : start + BLOCK], minlength=size)
        release_pages(ids)
    return total
