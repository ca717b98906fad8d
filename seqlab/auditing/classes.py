"""How often each class occurs in a split, in how many sentences, with how many surface forms."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyIntArray, Int64Array
from seqlab.auditing.views import SplitView
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.encoding.vocabulary import UNKNOWN
from seqlab.machine.wording import ratio


@dataclass(frozen=True, kw_only=True)
class ClassCounts:
    """One class in one split.

    spans: None for `O` and for plain tags. share: of the split's tokens.
    sentences: those that hold it. forms: distinct texts of its spans; of its tokens where it has none.
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
        """What a score of the class is counted on: spans, or tokens of a plain tag."""
        return self.tokens if self.spans is None else self.spans


@dataclass(frozen=True, kw_only=True)
class SplitCounts:
    """One split. longest: tokens of its longest sentence. classes: every class of any split, by name."""

    sentences: int
    tokens: int
    longest: int
    classes: Mapping[str, ClassCounts]


def count_classes(split: SplitView) -> SplitCounts:
    """The counts of every class, in the order of `split.names`."""
    size = len(split.names)
    tokens = np.bincount(split.classes, minlength=size)
    lengths = split.encoded.lengths
    sentence = np.repeat(np.arange(len(lengths)), lengths)
    holding = pairs_by_class(sentence, split.classes, size)
    token_forms = pairs_by_class(split.encoded.spelling_ids, split.classes, size)
    unknown = np.bincount(split.classes[split.encoded.words == UNKNOWN], minlength=size)
    spans, span_forms = count_spans(split)
    classes = {
        name: ClassCounts(
            spans=spans[name] if has_spans(name, split.scheme) else None,
            tokens=int(tokens[i]),
            share=ratio(int(tokens[i]), split.tokens),
            sentences=int(holding[i]),
            forms=span_forms[name] if has_spans(name, split.scheme) else int(token_forms[i]),
            unknown=ratio(int(unknown[i]), int(tokens[i])),
        )
        for i, name in enumerate(split.names)
    }
    return SplitCounts(
        sentences=len(split.sentences),
        tokens=split.tokens,
        longest=int(lengths.max(initial=0)),
        classes=classes,
    )


def count_spans(split: SplitView) -> tuple[Counter[str], Counter[str]]:
    """Spans of each class, and distinct texts of them."""
    forms: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for span in split.spans:
        forms[span.kind].add(split.span_text(span))
    found = Counter(span.kind for span in split.spans)
    return found, Counter({kind: len(texts) for kind, texts in forms.items()})


def pairs_by_class(other: AnyIntArray, classes: Int64Array, size: int) -> Int64Array:
    """int64 (C,): for each class, how many different values of `other` its tokens have.

    >>> pairs_by_class(np.array([7, 7, 8]), np.array([0, 0, 0]), 2).tolist()
    [2, 0]
    """
    pairs = np.unique(other.astype(np.int64) * size + classes)
    return np.bincount(pairs % size, minlength=size)


def has_spans(name: str, scheme: Scheme) -> bool:
    """Whether a class is scored on spans: all but `O`, unless tags are plain."""
    return scheme is not Scheme.PLAIN and name != OUTSIDE_TAG


def is_watched(name: str, scheme: Scheme) -> bool:
    """Whether a class has an F1: all but the `O` of a span scheme."""
    return scheme is Scheme.PLAIN or name != OUTSIDE_TAG
