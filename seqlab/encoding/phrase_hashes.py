"""Hashes of words and phrases, by which gazetteers are searched."""

from collections.abc import Iterable, Sequence

import numpy as np

from seqlab.arrays import UInt64Array
from seqlab.machine.checksums import word_hashes
from seqlab.settings.choices import UnicodeFormName
from seqlab.text.unicode_form import in_form

FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses no bit


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
