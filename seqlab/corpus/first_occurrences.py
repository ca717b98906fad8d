"""Find the first sentence of a corpus that has given tokens, however large the corpus is.

In arrays, a checksum of each sentence's ids is compared first, block by block. Sentences with a wanted
checksum are then compared word by word, so that equal checksums of different sentences do no harm.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from seqlab.arrays import Int32Array, Int64Array, UInt64Array
from seqlab.corpus.corpus_arrays import CorpusArrays, LazySentences, offsets_of
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.corpus.sentence import Sentence

SENTENCES = 1 << 16  # sentences processed at a time
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd (Knuth, TAOCP 6.4)
HALF = np.uint64(32)


def first_occurrences(
    sentences: Sequence[Sentence], wanted: Collection[tuple[str, ...]]
) -> dict[tuple[str, ...], Sentence]:
    """Return the first sentence for each wanted sequence of tokens that occurs."""
    first: dict[tuple[str, ...], Sentence] = {}
    searched: Iterable[Sentence] = sentences
    if isinstance(sentences, LazySentences):
        searched = candidates(sentences, wanted)
    for sentence in searched:
        if sentence.tokens in wanted:
            first.setdefault(sentence.tokens, sentence)
    return first


def candidates(sentences: LazySentences, wanted: Collection[tuple[str, ...]]) -> Iterator[Sentence]:
    """Yield the sentences with a wanted checksum. Only these are built."""
    arrays = sentences.arrays
    sums = checksums_of(arrays, wanted)
    for start in range(0, len(sentences), SENTENCES):
        offsets = arrays.offsets[start : start + SENTENCES + 1]
        ids = arrays.spelling_ids[offsets[0] : offsets[-1]]
        for number in np.flatnonzero(np.isin(checksums(ids, offsets - offsets[0]), sums)):
            yield sentences.sentence(start + int(number))
        release_pages(arrays.spelling_ids)


def checksums_of(arrays: CorpusArrays, wanted: Collection[tuple[str, ...]]) -> UInt64Array:
    """uint64 (M,): checksums of the wanted sequences. A sequence with a word unknown to the corpus has none."""
    tokens = {token for sequence in wanted for token in sequence}
    numbered = enumerate(arrays.spellings)
    ids = {spelling: number for number, spelling in numbered if spelling in tokens}
    known = [[ids[token] for token in each] for each in wanted if ids.keys() >= set(each)]
    lengths = np.fromiter(map(len, known), np.int64, len(known))
    flat = np.fromiter((number for each in known for number in each), np.int32, int(lengths.sum()))
    return checksums(flat, offsets_of(lengths))


def checksums(ids: Int32Array, offsets: Int64Array) -> UInt64Array:
    """uint64 (N,): a checksum of each sentence that depends on its words and on their order.

    ids: int32 (tokens,). offsets: int64 (N + 1), where each sentence begins in `ids`.
    """
    positions = np.arange(len(ids)) - np.repeat(offsets[:-1], np.diff(offsets))
    mixed = (ids.astype(np.uint64) + np.uint64(1)) * SPREAD
    mixed ^= mixed >> HALF
    # The position enters as an odd factor: an odd factor loses no bit modulo 2**64.
    mixed *= 2 * positions.astype(np.uint64) + np.uint64(1)
    mixed ^= mixed >> HALF
    # The sum of a sentence is a difference of running sums. They wrap around, which cancels out.
    ends = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mixed * SPREAD, dtype=np.uint64)])
    sums: UInt64Array = ends[offsets[1:]] - ends[offsets[:-1]]
    return sums
