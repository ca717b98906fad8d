"""Gazetteers: lists of phrases, such as the names of cities, and the fast search for all of them in sentences.

The lists of a tagger are one table of sorted hashes of 64 bits, not text: 8 bytes for each phrase, and 8 for each beginning
of a phrase. Each hash also has one bit per list, so one search finds the phrases of all lists. The tagger maps the table
from its files. The text is not stored, but a guessed phrase can be tested. With a million phrases, about one look-up in
10^13 matches a phrase that is in no list.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from seqlab.arrays import AnyIntArray, BoolArray, Int64Array, UInt64Array
from seqlab.encoding.phrase_hashes import joined

MOST_LISTS = 64  # a hash has one bit for each
NO_HASHES, NO_BITS = np.zeros(0, np.uint64), np.zeros(0, np.uint8)


@dataclass(frozen=True, eq=False)
class Gazetteers:
    """Lists of phrases as hashes. List number i has the bit `1 << i`.

    names: the lists in order.
    prefixes: uint64 (prefixes,), sorted: the hash of each beginning of a phrase, without regard to case.
    whole: unsigned (prefixes,), the lists in which this beginning is a whole phrase.
    spellings: uint64 (phrases,), sorted: the hash of each phrase as it is spelt.
    spelt_in: unsigned (phrases,), the lists that spell it so.
    """

    names: tuple[str, ...] = ()
    prefixes: UInt64Array = field(default_factory=lambda: NO_HASHES, repr=False)
    whole: AnyIntArray = field(default_factory=lambda: NO_BITS, repr=False)
    spellings: UInt64Array = field(default_factory=lambda: NO_HASHES, repr=False)
    spelt_in: AnyIntArray = field(default_factory=lambda: NO_BITS, repr=False)

    def __len__(self) -> int:
        """The number of lists."""
        return len(self.names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)


@dataclass(frozen=True, eq=False)
class Matches:
    """Phrases of some lists in some sentences, by list and then in order; none overlaps another of its list.

    lists: int64 (M,), the number of the list. starts: int64 (M,), the first token of each.
    lengths: int64 (M,), their numbers of tokens. same_spelling: bool (M,), whether the list has the phrase in this case.
    """

    lists: Int64Array
    starts: Int64Array
    lengths: Int64Array
    same_spelling: BoolArray

    def of_list(self, number: int) -> "Matches":
        """The matches of one list."""
        own = slice(*np.searchsorted(self.lists, [number, number + 1]).tolist())
        return Matches(
            self.lists[own], self.starts[own], self.lengths[own], self.same_spelling[own]
        )


NOTHING = np.zeros(0, np.int64)
NO_MATCHES = Matches(NOTHING, NOTHING, NOTHING, np.zeros(0, np.bool_))


@dataclass(frozen=True, eq=False)
class HashedTokens:
    """The tokens of some sentences, hashed for the search.

    folded, spelt: uint64 (spellings,), hashes of the distinct tokens, without and with regard to case.
    ids: integers (tokens,), rows of both. ends: int64 (tokens,), the first token after the sentence of each token.
    """

    folded: UInt64Array
    spelt: UInt64Array
    ids: AnyIntArray
    ends: Int64Array


def find_phrases(gazetteers: Gazetteers, tokens: HashedTokens) -> Matches:
    """Find the phrases of all lists in sentences, from left to right, the longest of a list at each token.

    A search starts at each token. All searches advance together, one token per step. Only a search that is still within a
    phrase goes on. Each step is a binary search in the table, so the cost grows with the logarithm of its length.
    """
    begins, whole = look_up(gazetteers.prefixes, gazetteers.whole, tokens.folded)
    starts = begins[tokens.ids].nonzero()[0]
    if not len(starts):  # most often so in a single sentence
        return NO_MATCHES
    hashes, whole = tokens.folded[tokens.ids[starts]], whole[tokens.ids[starts]]
    found, length = [(starts, whole)], 1
    while True:
        nexts = starts + length
        within = (nexts < tokens.ends[starts]).nonzero()[0]
        if not len(within):
            break
        starts = starts[within]
        hashes = joined(hashes[within], tokens.folded[tokens.ids[nexts[within]]])
        begins, whole = look_up(gazetteers.prefixes, gazetteers.whole, hashes)
        going_on = begins.nonzero()[0]
        if not len(going_on):
            break
        starts, hashes = starts[going_on], hashes[going_on]
        found.append((starts, whole[going_on]))
        length += 1
    return by_list(gazetteers, tokens, found)


def look_up(
    hashes: UInt64Array, bits: AnyIntArray, wanted: UInt64Array
) -> tuple[BoolArray, AnyIntArray]:
    """Bool (wanted,), which hashes are stored, and the bits of each; those of others mean nothing."""
    if not len(hashes):
        return np.zeros(len(wanted), np.bool_), np.zeros(len(wanted), bits.dtype)
    # A hash beyond the last one gets the row after it; `take` clips it to the last row.
    rows = hashes.searchsorted(wanted)
    same: BoolArray = hashes.take(rows, mode="clip") == wanted
    return same, bits.take(rows, mode="clip")


def by_list(
    gazetteers: Gazetteers, tokens: HashedTokens, found: Sequence[tuple[Int64Array, AnyIntArray]]
) -> Matches:
    """The matches of each list.

    found: by length from 1, the first tokens of phrases of this length, and the lists that have them.
    """
    bits = np.concatenate([whole for _, whole in found])
    some = bits.nonzero()[0]
    if not len(some):
        return NO_MATCHES
    starts = np.concatenate([starts for starts, _ in found])[some]
    lengths = np.repeat(np.arange(1, len(found) + 1), [len(starts) for starts, _ in found])[some]
    # Each list has the tokens of its own: token t of list i has the place i * tokens + t. So no two lists overlap.
    size = len(tokens.ids)
    places, phrases = places_of(bits[some], starts, len(gazetteers), size)
    kept = without_overlaps(places, lengths[phrases])
    phrases, places = phrases[kept], places[kept]
    starts, lengths = starts[phrases], lengths[phrases]
    lists = places // size
    return Matches(lists, starts, lengths, are_spelt(gazetteers, tokens, lists, starts, lengths))


def places_of(
    bits: AnyIntArray, starts: Int64Array, lists: int, tokens: int
) -> tuple[Int64Array, Int64Array]:
    """The places of the longest phrase of each list at each token, ascending, and the rows of these phrases.

    bits, starts: the lists and the first token of each phrase found, the longer the later.
    """
    own = (bits[:, None] >> np.arange(lists, dtype=bits.dtype)) & bits.dtype.type(1)
    phrases, numbers = own.nonzero()
    places = numbers * tokens + starts[phrases]
    order = np.argsort(places, kind="stable")
    places, phrases = places[order], phrases[order]
    longest = np.append(places[1:] != places[:-1], True)
    return places[longest], phrases[longest]


def without_overlaps(starts: Int64Array, lengths: Int64Array) -> BoolArray:
    """Bool (M,): False for a match that begins within an earlier match that is kept. starts: ascending."""
    kept = np.ones(len(starts), np.bool_)
    ends = starts + lengths
    # Only a match that begins before the end of any earlier one needs the sequential rule.
    if len(starts) < 2 or not (starts[1:] < np.maximum.accumulate(ends)[:-1]).any():
        return kept
    free = 0
    for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        if start < free:
            kept[number] = False
        else:
            free = end
    return kept


def are_spelt(
    gazetteers: Gazetteers,
    tokens: HashedTokens,
    lists: Int64Array,
    starts: Int64Array,
    lengths: Int64Array,
) -> BoolArray:
    """Bool (M,): whether its list has each match in the case of the text."""
    hashes = tokens.spelt[tokens.ids[starts]]
    for number in range(1, int(lengths.max(initial=0))):
        going_on = np.flatnonzero(lengths > number)
        words = tokens.spelt[tokens.ids[starts[going_on] + number]]
        hashes[going_on] = joined(hashes[going_on], words)
    same, bits = look_up(gazetteers.spellings, gazetteers.spelt_in, hashes)
    own: BoolArray = same & (((bits >> lists.astype(bits.dtype)) & bits.dtype.type(1)) != 0)
    return own


def bits_type(lists: int) -> np.dtype[np.unsignedinteger]:
    """The smallest unsigned type with a bit for each list.

    >>> bits_type(8).name, bits_type(9).name
    ('uint8', 'uint16')
    """
    return np.min_scalar_type((1 << lists) - 1)
