"""Where given sentences first stand in a corpus, however large it is.

In numbered corpora they are found by a checksum of every sentence's numbers, a block at a time, and
then compared word by word: two sentences of one checksum are told apart.
"""

from collections.abc import Collection, Sequence

import numpy as np

from seqlab.arrays import Int32Array, Int64Array, UInt64Array
from seqlab.corpus.numbering import Numbered, NumberedSentences, offsets_of
from seqlab.corpus.pages import release
from seqlab.corpus.sentence import Sentence

Tokens = tuple[str, ...]

SENTENCES = 1 << 16  # that are looked at together
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd (Knuth, TAOCP 6.4)
HALF = np.uint64(32)


def first_places(
    sentences: Sequence[Sentence], wanted: Collection[Tokens]
) -> dict[Tokens, Sentence]:
    """The first sentence with each of the wanted lists of tokens; those that occur nowhere are left out."""
    if isinstance(sentences, NumberedSentences):
        return numbered_places(sentences, wanted)
    found: dict[Tokens, Sentence] = {}
    for sentence in sentences:
        if sentence.tokens in wanted:
            found.setdefault(sentence.tokens, sentence)
    return found


def numbered_places(
    sentences: NumberedSentences, wanted: Collection[Tokens]
) -> dict[Tokens, Sentence]:
    """The same, by checksums."""
    numbers = sentences.numbers
    sums = checksums_of(numbers, wanted)
    found: dict[Tokens, Sentence] = {}
    for start in range(0, len(sentences), SENTENCES):
        offsets = numbers.offsets[start : start + SENTENCES + 1]
        ids = numbers.spelling_ids[offsets[0] : offsets[-1]]
        for place in np.flatnonzero(np.isin(checksums(ids, offsets - offsets[0]), sums)):
            sentence = sentences.sentence(start + int(place))
            if sentence.tokens in wanted:
                found.setdefault(sentence.tokens, sentence)
        release(numbers.spelling_ids)
    return found


def checksums_of(numbers: Numbered, wanted: Collection[Tokens]) -> UInt64Array:
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
