"""How often each class occurs in a split, in how many sentences, and with how many different texts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyIntArray, Int64Array
from seqlab.auditing.views import SplitView
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.machine.wording import ratio


@dataclass(frozen=True, kw_only=True)
class ClassCounts:
    """The counts of one class in one split.

    spans: None for `O` and for plain tags. share: of the split's tokens. sentences: that contain it.
    forms: different texts of its spans; of its tokens if it has no spans.
    unknown: share of its tokens that the network would read as the unknown word.
    """

    spans: int | None
    tokens: int
    share: float | None
    sentences: int
    forms: int
    unknown: float | None

    @property
    def examples(self) -> int:
        """How many examples the F1 is computed on: spans, or tokens for a plain tag."""
        return self.tokens if self.spans is None else self.spans


@dataclass(frozen=True, kw_only=True)
class SplitCounts:
    """The counts of one split. longest: tokens of its longest sentence. classes: those of all splits."""

    sentences: int
    tokens: int
    longest: int
    classes: Mapping[str, ClassCounts]


def count_classes(split: SplitView) -> SplitCounts:
    """Count every class, in the order of `split.classes`."""
    size = len(split.classes)
    lengths = split.arrays.lengths
    sentence_ids = np.repeat(np.arange(len(lengths)), lengths)
    tokens = np.bincount(split.class_ids, minlength=size)
    unknown = np.bincount(split.class_ids[split.unknown], minlength=size)
    sentences = distinct_per_class(sentence_ids, split.class_ids, size)
    token_texts = distinct_per_class(split.arrays.spelling_ids, split.class_ids, size)
    spans = Counter(span.class_name for span in split.spans)
    distinct = {(span.class_name, split.span_text(span)) for span in split.spans}
    span_texts = Counter(name for name, _ in distinct)
    classes = {}
    for i, name in enumerate(split.classes):
        spanned = has_spans(name, split.scheme)
        classes[name] = ClassCounts(
            spans=spans[name] if spanned else None,
            tokens=int(tokens[i]),
            share=ratio(int(tokens[i]), split.tokens),
            sentences=int(sentences[i]),
            forms=span_texts[name] if spanned else int(token_texts[i]),
            unknown=ratio(int(unknown[i]), int(tokens[i])),
        )
    return SplitCounts(
        sentences=len(split.sentences),
        tokens=split.tokens,
        longest=int(lengths.max(initial=0)),
        classes=classes,
    )


def distinct_per_class(values: AnyIntArray, class_ids: Int64Array, size: int) -> Int64Array:
    """int64 (C,): for each class, how many different values its tokens have.

    >>> distinct_per_class(np.array([7, 7, 8]), np.array([0, 0, 0]), 2).tolist()
    [2, 0]
    """
    pairs = np.unique(values.astype(np.int64) * size + class_ids)
    return np.bincount(pairs % size, minlength=size)


def has_spans(class_name: str, scheme: Scheme) -> bool:
    """Whether a class is scored on spans: all but `O`, unless tags are plain."""
    return scheme is not Scheme.PLAIN and class_name != OUTSIDE_TAG


def has_f1(class_name: str, scheme: Scheme) -> bool:
    """Whether a class has an F1: all but the `O` of a span scheme."""
    return scheme is Scheme.PLAIN or class_name != OUTSIDE_TAG


def example_counts(split: SplitCounts, scheme: Scheme) -> dict[str, int]:
    """Spans (plain tags: tokens) of each class that has an F1."""
    return {n: counts.examples for n, counts in split.classes.items() if has_f1(n, scheme)}
