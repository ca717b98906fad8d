"""A split as the audit counts it: sentences and arrays, with the class of every token and every span."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seqlab.arrays import BoolArray, Int64Array
from seqlab.auditing.reading import AuditedCorpora
from seqlab.corpus.corpus_arrays import CorpusArrays
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag, decode_spans
from seqlab.corpus.sentence import Sentences
from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.vocabulary import UNKNOWN


class SplitSpan(NamedTuple):
    """A span: tokens [start, end) of a sentence.

    sentence: its index in the split. first: index of the span's first token in the split.
    """

    sentence: int
    start: int
    end: int
    class_name: str
    first: int


@dataclass(frozen=True, kw_only=True)
class SplitView:
    """One split with its classes and spans.

    classes: the classes of all splits, the most frequent one in train first.
    class_ids: int64 (tokens,), index into `classes`.
    encoded: encoded by the vocabularies of train. spans: empty for plain tags.
    """

    sentences: Sentences
    arrays: CorpusArrays
    encoded: EncodedCorpus
    scheme: Scheme
    classes: tuple[str, ...]
    class_ids: Int64Array
    spans: tuple[SplitSpan, ...]

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return len(self.class_ids)

    @property
    def unknown(self) -> BoolArray:
        """Bool (tokens,): True for words that the network would read as the unknown word."""
        return np.equal(self.encoded.words, UNKNOWN)

    @property
    def in_span(self) -> BoolArray:
        """Bool (tokens,): True inside spans; False everywhere for plain tags."""
        if self.scheme is Scheme.PLAIN or OUTSIDE_TAG not in self.classes:
            return np.full(self.tokens, self.scheme is not Scheme.PLAIN)
        return np.not_equal(self.class_ids, self.classes.index(OUTSIDE_TAG))

    def span_text(self, span: SplitSpan) -> tuple[str, ...]:
        """The tokens of a span."""
        return self.sentences[span.sentence].tokens[span.start : span.end]

    def span_source(self, span: SplitSpan) -> str:
        """'path:line' of the sentence of a span."""
        return self.sentences[span.sentence].source


def view_splits(corpora: AuditedCorpora, encoder: Encoder) -> dict[str, SplitView]:
    """The view of each split."""
    classes = class_order(corpora.tag_counts, corpora.scheme)
    scheme, arrays = corpora.scheme, corpora.arrays
    return {n: view_split(corpora.splits[n], arrays[n], scheme, encoder, classes) for n in arrays}


def class_order(tag_counts: Mapping[str, Mapping[str, int]], scheme: Scheme) -> tuple[str, ...]:
    """All classes, the most frequent one in train first, then by name. tag_counts: by split."""
    tags = dict.fromkeys(tag for counts in tag_counts.values() for tag in counts)
    counts = dict.fromkeys((class_of_tag(tag, scheme) for tag in tags), 0)
    for tag, count in tag_counts["train"].items():
        counts[class_of_tag(tag, scheme)] += count
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def view_split(
    sentences: Sentences,
    arrays: CorpusArrays,
    scheme: Scheme,
    encoder: Encoder,
    classes: tuple[str, ...],
) -> SplitView:
    """The view of one split."""
    ids = [classes.index(class_of_tag(tag, scheme)) for tag in arrays.tags]
    return SplitView(
        sentences=sentences,
        arrays=arrays,
        encoded=encoder.encode(arrays),
        scheme=scheme,
        classes=classes,
        class_ids=np.array(ids, np.int64)[arrays.tag_ids],
        spans=find_spans(sentences, scheme, arrays.offsets),
    )


def find_spans(sentences: Sentences, scheme: Scheme, offsets: Int64Array) -> tuple[SplitSpan, ...]:
    """Every span of a split; none for plain tags. offsets: int64 (N + 1), where each sentence begins in the split."""
    if scheme is Scheme.PLAIN:
        return ()
    return tuple(
        SplitSpan(number, start, end, class_name, int(offsets[number]) + start)
        for number, sentence in enumerate(sentences)
        for start, end, class_name in decode_spans(sentence.tags or (), scheme)
    )
