"""Where given sentences first stand in a corpus, however large it is.

In numbered corpora they are found by a checksum of every sentence's numbers, a block at a time, and
then compared word by word: two sentences of one checksum are told apart.
"""

from collections.abc import Collection, Sequence

import numpy as np

from seqlab.arrays import Int32Array, Int64Array, UInt64Array
from seqlab.corpus.corpus_arrays import CorpusArrays, LazySentences, offsets_of
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.corpus.sentence import Sentence

SENTENCES = 1 << 16  # that are looked at together
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd (Knuth, TAOCP 6.4)
HALF = np.uint64(32)


def first_occurrences(
    sentences: Sequence[Sentence], wanted: Collection[tuple[str, ...]]
) -> dict[tuple[str, ...], Sentence]:
    """The first sentence with each of the wanted lists of tokens; those that occur nowhere are left out."""
    if isinstance(sentences, LazySentences):
        return first_occurrences_by_checksum(sentences, wanted)
    found: dict[tuple[str, ...], Sentence] = {}
    for sentence in sentences:
        if sentence.tokens in wanted:
            found.setdefault(sentence.tokens, sentence)
    return found


def first_occurrences_by_checksum(
    sentences: LazySentences, wanted: Collection[tuple[str, ...]]
) -> dict[tuple[str, ...], Sentence]:
    """The same, by checksums."""
    numbers = sentences.arrays
    sums = checksums_of(numbers, wanted)
    found: dict[tuple[str, ...], Sentence] = {}
    for start in range(0, len(sentences), SENTENCES):
        offsets = numbers.offsets[start : start + SENTENCES + 1]
        ids = numbers.spelling_ids[offsets[0] : offsets[-1]]
        for place in np.flatnonzero(np.isin(checksums(ids, offsets - offsets[0]), sums)):
            sentence = sentences.sentence(start + int(place))
            if sentence.tokens in wanted:
                found.setdefault(sentence.tokens, sentence)
        release_pages(numbers.spelling_ids)
    return found


def checksums_of(numbers: CorpusArrays, wanted: Collection[tuple[str, ...]]) -> UInt64Array:
    """uint64 (M,): the checksums of those of the wanted lists all of whose tokens the corpus has."""
    tokens = {token for each in wanted for token in each}
    ids = {
        spelling: number for number, spelling in enumerate(numbers.spellings) if spelling in tokens
    }
    known = [[ids[token] for token in each] for each in wanted if ids.keys() >= set(each)]
    lengths = np.fromiter(map(len, known), np.int64, len(known))
    flat = np.fromiter((number for each in known for number in each), np.int32, int(lengths.sum()))
    return checksums(flat, offsets_of(lengths))


def checksums(ids: Int32Array, offsets: Int64Array) -> UInt64Array:
    """uint64 (N,): a number of each sentence that depends on its words and on their places.

    ids: int32 (tokens,). offsets: int64 (N + 1).
    """
    places = np.arange(len(ids)) - np.repeat(offsets[:-1], np.diff(offsets))
    mixed = (ids.astype(np.uint64) + np.uint64(1)) * SPREAD
    mixed ^= mixed >> HALF
    mixed *= 2 * places.astype(np.uint64) + np.uint64(1)
    mixed ^= mixed >> HALF
    ends = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mixed * SPREAD, dtype=np.uint64)])
    sums: UInt64Array = ends[offsets[1:]] - ends[offsets[:-1]]
    return sums
