"""Make the table of gazetteers from their phrases."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np

from seqlab.arrays import AnyIntArray, BoolArray, UInt64Array
from seqlab.encoding.gazetteer import (
    MOST_LISTS,
    NO_BITS,
    NO_HASHES,
    Gazetteers,
    bits_type,
)
from seqlab.encoding.phrase_hashes import joined, spelling_hashes
from seqlab.errors import SettingsError
from seqlab.settings.choices import UnicodeFormName


def make_gazetteers(
    lists: Mapping[str, Iterable[Sequence[str]]], unicode_form: UnicodeFormName = "none"
) -> Gazetteers:
    """The table of some lists of phrases, each a sequence of tokens; empty phrases are left out.

    unicode_form: the form that phrases and tokens are brought into before they are compared.
    Raises SettingsError for more lists than a hash has bits.
    """
    if len(lists) > MOST_LISTS:
        raise SettingsError(f"gazetteer is given {len(lists)} times; expected at most {MOST_LISTS}")
    bits = bits_type(len(lists))
    prefixes, whole, spellings, spelt_in = [NO_HASHES], [NO_BITS], [NO_HASHES], [NO_BITS]
    for number, phrases in enumerate(lists.values()):
        bit = bits.type(1 << number)
        beginnings, are_whole, spelt = hash_phrases(phrases, unicode_form)
        prefixes.append(beginnings)
        whole.append(are_whole * bit)
        spellings.append(spelt)
        spelt_in.append(np.full(len(spelt), bit))
    return Gazetteers(
        tuple(lists), *merged(prefixes, whole, bits), *merged(spellings, spelt_in, bits)
    )


def merged(
    hashes: Sequence[UInt64Array], bits: Sequence[AnyIntArray], dtype: np.dtype[np.unsignedinteger]
) -> tuple[UInt64Array, AnyIntArray]:
    """Each hash once, sorted, with all of its bits."""
    every, own = np.concatenate(hashes), np.concatenate(bits).astype(dtype)
    if not len(every):
        return every, own
    order = np.argsort(every)
    every, own = every[order], own[order]
    first = np.flatnonzero(np.append(True, every[1:] != every[:-1]))
    return every[first], np.bitwise_or.reduceat(own, first)


def hash_phrases(
    phrases: Iterable[Sequence[str]], unicode_form: UnicodeFormName
) -> tuple[UInt64Array, BoolArray, UInt64Array]:
    """The hash of each beginning of each phrase, whether it is the whole phrase, and the hash of each spelling."""
    lists = [phrase for phrase in phrases if len(phrase)]
    numbers: dict[str, int] = {}
    ids = np.fromiter(
        (numbers.setdefault(token, len(numbers)) for token in chain.from_iterable(lists)), np.int64
    )
    folded, spelt = spelling_hashes(numbers, unicode_form)
    lengths = np.fromiter(map(len, lists), np.int64, len(lists))
    starts = np.cumsum(lengths) - lengths
    keys, spellings = folded[ids[starts]], spelt[ids[starts]]
    prefixes, whole = [NO_HASHES], [np.zeros(0, np.bool_)]
    open_ones = np.arange(len(lists))
    for number in range(1, 1 + int(lengths.max(initial=0))):
        ends = lengths[open_ones] == number
        prefixes.append(keys[open_ones])
        whole.append(ends)
        open_ones = open_ones[~ends]
        words = ids[starts[open_ones] + number] if len(open_ones) else open_ones
        keys[open_ones] = joined(keys[open_ones], folded[words])
        spellings[open_ones] = joined(spellings[open_ones], spelt[words])
    return np.concatenate(prefixes), np.concatenate(whole), spellings
