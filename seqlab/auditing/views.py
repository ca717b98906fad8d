"""One split laid out for counting: flat arrays of words, classes and spans."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from seqlab.arrays import BoolArray, Int64Array
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag, decode_spans
from seqlab.corpus.sentence import Sentences
from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.encoding.encoder import Encoder


class PlacedSpan(NamedTuple):
    """A span: tokens [start, end) of a sentence (by number), and `first`, its place in the split."""

    sentence: int
    start: int
    end: int
    kind: str
    first: int


@dataclass(frozen=True, kw_only=True)
class SplitView:
    """A split as the figures need it.

    encoded: by the vocabularies of train. names: the classes of all splits, the most frequent of
    train first. classes: int64 (tokens,), index into `names`. spans: empty for plain tags.
    """

    sentences: Sentences
    scheme: Scheme
    encoded: EncodedCorpus
    names: tuple[str, ...]
    classes: Int64Array
    spans: tuple[PlacedSpan, ...]

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return len(self.classes)

    @property
    def is_entity(self) -> BoolArray:
        """The tokens of spans, bool (tokens,); for plain tags none."""
        if self.scheme is Scheme.PLAIN or OUTSIDE_TAG not in self.names:
            return np.full(self.tokens, self.scheme is not Scheme.PLAIN)
        return np.not_equal(self.classes, self.names.index(OUTSIDE_TAG))

    def span_text(self, span: PlacedSpan) -> tuple[str, ...]:
        """The tokens of a span."""
        return self.sentences[span.sentence].tokens[span.start : span.end]


def view_splits(
    splits: Mapping[str, Sentences], scheme: Scheme, encoder: Encoder
) -> dict[str, SplitView]:
    """The view of every split."""
    kinds = class_of_tags(splits, scheme)
    names = class_order(splits, kinds)
    return {name: view(split, scheme, encoder, names, kinds) for name, split in splits.items()}


def class_of_tags(splits: Mapping[str, Sentences], scheme: Scheme) -> dict[str, str]:
    """The class of every tag that occurs."""
    tags = {tag for split in splits.values() for s in split for tag in s.tags or ()}
    return {tag: class_of_tag(tag, scheme) for tag in tags}


def class_order(splits: Mapping[str, Sentences], kinds: Mapping[str, str]) -> tuple[str, ...]:
    """All classes: by their tokens in train, most first, then by name."""
    counts = dict.fromkeys(kinds.values(), 0)
    tags = Counter(chain.from_iterable(s.tags or () for s in splits["train"]))
    for tag, count in tags.items():
        counts[kinds[tag]] += count
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def view(
    sentences: Sentences,
    scheme: Scheme,
    encoder: Encoder,
    names: tuple[str, ...],
    kinds: Mapping[str, str],
) -> SplitView:
    """One split; `kinds` gives the class of each tag."""
    ids = {tag: names.index(kind) for tag, kind in kinds.items()}
    encoded = encoder.encode(sentences)
    flat = (ids[tag] for s in sentences for tag in s.tags or ())
    return SplitView(
        sentences=sentences,
        scheme=scheme,
        encoded=encoded,
        names=names,
        classes=np.fromiter(flat, np.int64, encoded.tokens),
        spans=placed_spans(sentences, scheme, encoded.offsets),
    )


def placed_spans(
    sentences: Sentences, scheme: Scheme, offsets: Int64Array
) -> tuple[PlacedSpan, ...]:
    """Every span of a split; none for plain tags."""
    if scheme is Scheme.PLAIN:
        return ()
    return tuple(
        PlacedSpan(number, start, end, kind, int(offsets[number]) + start)
        for number, sentence in enumerate(sentences)
        for start, end, kind in decode_spans(sentence.tags or (), scheme)
    )
