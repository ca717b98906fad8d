"""Recall of seen and of unseen mentions: what a tagger memorised, and what it generalises.

A mention is the words of a span with its class. For plain tags it is a word, whatever its tags in training. Training keeps
the mentions as hashes of 8 bytes, so that a run holds no text of its corpus beyond its vocabulary.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from seqlab.arrays import BoolArray, Int64Array, UInt64Array
from seqlab.corpus.corpus_arrays import CorpusArrays
from seqlab.corpus.schemes import Scheme
from seqlab.encoding.word_index import encode_word, hash_words
from seqlab.machine.wording import ratio
from seqlab.scoring.items import ScoredItems
from seqlab.scoring.pairs import TagPairs
from seqlab.scoring.span_counts import mark_spans

FACTOR = np.uint64(
    0x9E3779B97F4A7C15
)  # odd, so that no bit of a word is lost; 2**64 / the golden ratio
BLOCK = 1 << 20  # tokens processed at a time


def training_mentions(arrays: CorpusArrays, scheme: Scheme) -> UInt64Array:
    """uint64 (mentions,): the hashes of the distinct mentions of a training corpus, in order."""
    words = word_hashes(arrays.spellings)
    if scheme is Scheme.PLAIN:
        return np.unique(words)
    found = []
    for start, stop in sentence_blocks(arrays.offsets):
        tokens = slice(arrays.offsets[start], arrays.offsets[stop])
        tags = arrays.tag_ids[tokens]
        first = np.zeros(len(tags), np.bool_)
        lengths = np.diff(arrays.offsets[start : stop + 1])
        first[(arrays.offsets[start:stop] - arrays.offsets[start])[lengths > 0]] = True
        spans = mark_spans(
            TagPairs(names=arrays.tags, gold=tags, predicted=tags, first=first), scheme
        )
        classes = word_hashes(spans.names)[spans.gold_class]
        hashes = mention_hashes(words[arrays.spelling_ids[tokens]], spans.gold, spans.gold_last)
        found.append(np.unique(hashes ^ classes))
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.uint64)


def sentence_blocks(offsets: Int64Array) -> list[tuple[int, int]]:
    """The first and the last sentence, exclusive, of each block of about `BLOCK` tokens."""
    count, blocks, start = len(offsets) - 1, [], 0
    while start < count:
        stop = int(np.searchsorted(offsets, offsets[start] + BLOCK, side="right")) - 1
        stop = min(max(stop, start + 1), count)
        blocks.append((start, stop))
        start = stop
    return blocks


def word_hashes(words: Sequence[str]) -> UInt64Array:
    """uint64 (words,): a hash of each word, the same in every process."""
    return hash_words([encode_word(word) for word in words])


def mention_hashes(words: UInt64Array, first: Int64Array, last: Int64Array) -> UInt64Array:
    """uint64 (spans,): a hash of the words of each span. Two spans share it if their words are the same.

    words: uint64 (M,), hash of each token. first, last: int64 (spans,), tokens of each span.
    """
    if not len(first):
        return np.zeros(0, np.uint64)
    lengths = last - first + 1
    begins = np.cumsum(lengths) - lengths
    position = np.arange(int(lengths.sum())) - np.repeat(begins, lengths)
    powers = np.cumprod(np.full(int(lengths.max()), FACTOR))  # modulo 2**64, as all sums here
    terms = words[np.repeat(first, lengths) + position] * powers[position]
    hashes: UInt64Array = np.add.reduceat(terms, begins)
    return hashes


def seen_recall(
    items: ScoredItems,
    tokens: Sequence[Sequence[str]],
    mentions: UInt64Array,
    scheme: Scheme,
) -> dict[str, Any]:
    """Support, correct items and recall of each class, for mentions that training has seen and for others.

    tokens: the words of each sentence. mentions: as `training_mentions` gives them. Classes with most gold items first.
    """
    marked = items.marked
    known = is_known(items, tokens, mentions, scheme)
    size = len(marked.names)
    parts: dict[str, list[dict[str, Any]]] = {}
    for name, of in (("seen", known), ("unseen", ~known)):
        support = np.bincount(marked.gold_class[of], minlength=size).tolist()
        correct = np.bincount(marked.gold_class[of & items.found], minlength=size).tolist()
        parts[name] = [
            {"support": s, "correct": c, "recall": ratio(c, s)}
            for s, c in zip(support, correct, strict=True)
        ]
    gold = np.bincount(marked.gold_class, minlength=size).tolist()
    order = sorted(range(size), key=lambda index: (-gold[index], marked.names[index]))
    return {
        marked.names[index]: {name: rows[index] for name, rows in parts.items()}
        for index in order
        if gold[index]
    }


def is_known(
    items: ScoredItems, tokens: Sequence[Sequence[str]], mentions: UInt64Array, scheme: Scheme
) -> BoolArray:
    """Bool (gold items,): whether training has seen the mention."""
    flat = list(chain.from_iterable(tokens))
    number_of = {word: number for number, word in enumerate(dict.fromkeys(flat))}
    ids = np.fromiter(map(number_of.__getitem__, flat), np.int64, count=len(flat))
    words = word_hashes(list(number_of))[ids]
    marked = items.marked
    if scheme is Scheme.PLAIN:
        return np.isin(words[marked.gold], mentions)
    classes = word_hashes(marked.names)[marked.gold_class]
    return np.isin(mention_hashes(words, marked.gold, marked.gold_last) ^ classes, mentions)
