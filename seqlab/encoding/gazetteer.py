"""A gazetteer: a list of phrases, such as the names of cities, and the fast search for them in sentences.

A list is held as sorted hashes of 64 bits, not as text: 8 bytes for each phrase, and 8 for each beginning of a phrase. The
tagger maps them from its files. The text is not stored, but a guessed phrase can be tested. With a million phrases, about
one look-up in 10^12 matches a phrase that is not in the list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from seqlab.arrays import AnyIntArray, BoolArray, Int64Array, UInt64Array
from seqlab.machine.checksums import word_hashes
from seqlab.settings.choices import UnicodeFormName
from seqlab.text.unicode_form import in_form

FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses no bit
ABSENT = np.uint64(2)
STATES = np.array([1, 2, 0], np.int8)  # by the distance of a stored hash from the wanted one
WHOLE = np.uint64(1)  # the lowest bit of a stored hash: a phrase ends here


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """A list of phrases as hashes.

    prefixes: uint64 (prefixes,), sorted: the hash of each beginning of a phrase, without regard to case. Its lowest bit
        is 1 if the beginning is a whole phrase.
    spellings: uint64 (phrases,), sorted: the hash of each phrase as it is spelt.
    """

    prefixes: UInt64Array
    spellings: UInt64Array

    def __len__(self) -> int:
        return len(self.spellings)

    def states(self, hashes: UInt64Array) -> AnyIntArray:
        """int8 (…): 2 for the hash of a whole phrase, 1 for that of another beginning of a phrase, else 0."""
        if not len(self.prefixes):
            return np.zeros(len(hashes), np.int8)
        wanted = hashes & ~WHOLE
        # A hash beyond the last one gets the row behind it; `take` clips it to the last row.
        stored = self.prefixes.take(self.prefixes.searchsorted(wanted), mode="clip")
        # 0: a beginning. 1: a whole phrase. All other differences are no match.
        states: AnyIntArray = STATES.take(np.minimum(stored - wanted, ABSENT))
        return states


@dataclass(frozen=True, eq=False)
class Matches:
    """Phrases of a list in some sentences, in order; none overlaps another.

    starts: int64 (M,), the first token of each. lengths: int64 (M,), their numbers of tokens.
    same_spelling: bool (M,), whether the list has the phrase in this case.
    """

    starts: Int64Array
    lengths: Int64Array
    same_spelling: BoolArray


NO_MATCHES = Matches(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_))


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


def find_phrases(gazetteer: Gazetteer, tokens: HashedTokens) -> Matches:
    """Find the phrases of a list in sentences, from left to right, the longest at each token.

    A search starts at each token. All searches advance together, one token per step. Only a search that is still within a
    phrase goes on. Each step is a binary search in the list, so the cost grows with the logarithm of its length.
    """
    first = gazetteer.states(tokens.folded)[tokens.ids]
    starts = first.nonzero()[0]
    if not len(starts):  # most often so in a single sentence
        return NO_MATCHES
    hashes = tokens.folded[tokens.ids[starts]]
    longest = (first[starts] == 2).astype(np.int64)
    open_ones, length = np.arange(len(starts)), 1
    while True:
        nexts = starts[open_ones] + length
        within = (nexts < tokens.ends[starts[open_ones]]).nonzero()[0]
        if not len(within):
            break
        open_ones = open_ones[within]
        hashes = joined(hashes[within], tokens.folded[tokens.ids[nexts[within]]])
        length += 1
        states = gazetteer.states(hashes)
        longest[open_ones[states == 2]] = length
        going_on = states.nonzero()[0]
        open_ones, hashes = open_ones[going_on], hashes[going_on]
    whole = longest.nonzero()[0]
    if not len(whole):
        return NO_MATCHES
    kept = without_overlaps(starts[whole], longest[whole])
    starts, lengths = starts[whole][kept], longest[whole][kept]
    return Matches(starts, lengths, are_spelt(gazetteer, tokens, starts, lengths))


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
    gazetteer: Gazetteer, tokens: HashedTokens, starts: Int64Array, lengths: Int64Array
) -> BoolArray:
    """Bool (M,): whether the list has each match in the case of the text."""
    hashes = tokens.spelt[tokens.ids[starts]]
    for number in range(1, int(lengths.max(initial=0))):
        going_on = np.flatnonzero(lengths > number)
        words = tokens.spelt[tokens.ids[starts[going_on] + number]]
        hashes[going_on] = joined(hashes[going_on], words)
    if not len(gazetteer.spellings):
        return np.zeros(len(starts), np.bool_)
    rows = np.searchsorted(gazetteer.spellings, hashes)
    same: BoolArray = gazetteer.spellings[np.minimum(rows, len(gazetteer) - 1)] == hashes
    return same


def joined(hashes: UInt64Array, words: UInt64Array) -> UInt64Array:
    """uint64 (…): the hashes of phrases that have one more word each. It wraps around at 64 bits."""
    return hashes * FACTOR + words


def spelling_hashes(
    spellings: Iterable[str], unicode_form: UnicodeFormName
) -> tuple[UInt64Array, UInt64Array]:
    """uint64 (spellings,) each: hashes without and with regard to case. Both apostrophes are the same."""
    texts = [in_form(spelling, unicode_form).replace("’", "'") for spelling in spellings]
    return hash_texts([text.casefold() for text in texts]), hash_texts(texts)


def hash_texts(texts: Sequence[str]) -> UInt64Array:
    """uint64 (texts,): the same in every process. A lone surrogate is hashed as a question mark."""
    return np.frombuffer(word_hashes(text.encode("utf-8", "replace") for text in texts), "<u8")


def make_gazetteer(
    phrases: Iterable[Sequence[str]], unicode_form: UnicodeFormName = "none"
) -> Gazetteer:
    """A gazetteer of phrases, each a sequence of tokens; empty ones are left out.

    unicode_form: the form that phrases and tokens are brought into before they are compared.
    """
    lists = [phrase for phrase in phrases if len(phrase)]
    numbers: dict[str, int] = {}
    ids = np.fromiter(
        (numbers.setdefault(token, len(numbers)) for token in chain.from_iterable(lists)), np.int64
    )
    folded, spelt = spelling_hashes(numbers, unicode_form)
    lengths = np.fromiter(map(len, lists), np.int64, len(lists))
    starts = np.cumsum(lengths) - lengths
    keys, spellings = folded[ids[starts]], spelt[ids[starts]]
    prefixes, open_ones = [np.zeros(0, np.uint64)], np.arange(len(lists))
    for number in range(1, 1 + int(lengths.max(initial=0))):
        ends = lengths[open_ones] == number
        prefixes.append((keys[open_ones] & ~WHOLE) | ends.astype(np.uint64))
        open_ones = open_ones[~ends]
        words = ids[starts[open_ones] + number] if len(open_ones) else open_ones
        keys[open_ones] = joined(keys[open_ones], folded[words])
        spellings[open_ones] = joined(spellings[open_ones], spelt[words])
    return Gazetteer(without_doubles(np.concatenate(prefixes)), np.unique(spellings))


def without_doubles(prefixes: UInt64Array) -> UInt64Array:
    """uint64, sorted: each beginning once; one that is a whole phrase and begins another is marked as whole."""
    distinct = np.unique(prefixes)
    is_marked_again = np.append(distinct[1:] == (distinct[:-1] | WHOLE), False)
    kept: UInt64Array = distinct[~(is_marked_again & ((distinct & WHOLE) == 0))]
    return kept
