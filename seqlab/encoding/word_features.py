"""What a word looks like, as symbols with an embedding of their own: its case, its ends, its shape.

Each is a function of the word spelling alone, computed once for every distinct spelling. Extra columns of a
corpus, which differ from token to token, are in `encoder.py`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, repeat
from operator import itemgetter

import numpy as np

from seqlab.arrays import AnyArray
from seqlab.corpus.corpus_arrays import smallest_id_type
from seqlab.encoding.vocabulary import PADDING, UNKNOWN, Vocabulary, count_symbols
from seqlab.errors import SettingsError, nearest
from seqlab.text.spelling import normalise

CASE = "case"
CASES = ("lower", "capitalised", "upper", "mixed", "number", "with digits", "other")
MINIMUM = 2  # a symbol that is rarer in training is read as the unknown one
RUN = re.compile(r"(.)\1{2,}", re.DOTALL)


def case_pattern(token: str) -> str:
    """Which of `CASES` a token is.

    >>> [case_pattern(token) for token in ("dog", "Dog", "DOG", "iPod", "42", "B52", "...")]
    ['lower', 'capitalised', 'upper', 'mixed', 'number', 'with digits', 'other']
    """
    if not token.isalpha() and any(character.isdigit() for character in token):
        return "number" if re.fullmatch(r"[\d.,:/%+-]+", token) else "with digits"
    if token.islower():
        return "lower"
    if len(token) > 1 and token.isupper():
        return "upper"
    if token[:1].isupper() and (len(token) == 1 or token[1:].islower()):
        return "capitalised"
    return "mixed" if any(character.isalpha() for character in token) else "other"


def prefix(token: str, *, length: int) -> str:
    """The first characters of the normalised token; a shorter one is its own prefix.

    >>> prefix("Boeing-747", length=3), prefix("A", length=3)
    ('boe', 'a')
    """
    return normalise(token)[:length]


def suffix(token: str, *, length: int) -> str:
    """The last characters of the normalised token; a shorter one is its own suffix.

    >>> suffix("Boeing-747", length=3), suffix("A", length=3)
    ('000', 'a')
    """
    return normalise(token)[-length:]


def shape(token: str) -> str:
    """The token with X for capitals, x for other letters, 0 for digits, and of every run at most two.

    >>> shape("Boeing-747"), shape("U.S."), shape("iPhone4")
    ('Xxx-00', 'X.X.', 'xXxx0')
    """
    return RUN.sub(r"\1\1", token.translate(KINDS))


def kind(character: str) -> str:
    """What a character is drawn as in a shape."""
    if character.isalpha():
        return "X" if character.isupper() else "x"
    return "0" if character.isdigit() else character


class Kinds(dict[int, str]):
    """By the number of a character what it is drawn as; those that have been met."""

    def __missing__(self, number: int) -> str:
        found = self[number] = kind(chr(number))
        return found


KINDS = Kinds()
READERS: Mapping[str, Callable[[str], str]] = {
    CASE: case_pattern,
    "prefix_2": partial(prefix, length=2),
    "prefix_3": partial(prefix, length=3),
    "suffix_2": partial(suffix, length=2),
    "suffix_3": partial(suffix, length=3),
    "shape": shape,
}
"""By the name of the network's input: how the symbol of a token is read."""

ENDS: Mapping[str, slice] = {
    "prefix_2": slice(2),
    "prefix_3": slice(3),
    "suffix_2": slice(-2, None),
    "suffix_3": slice(-3, None),
}
"""By the name of an input that is an end of the normalised token, which end."""

INPUTS: Mapping[str, tuple[str, ...]] = {
    CASE: (CASE,),
    "prefix": ("prefix_2", "prefix_3"),
    "suffix": ("suffix_2", "suffix_3"),
    "shape": ("shape",),
    "none": (),
}
"""By the name that a setting gives it: the inputs that a feature of words is made of."""


def fit_word_features(
    spelling_counts: Mapping[str, int], features: Iterable[str]
) -> dict[str, Vocabulary]:
    """The vocabulary of every input that some features are made of.

    spelling_counts: how often each token occurs in training. features: of `INPUTS`.
    Raises SettingsError for another one.
    """
    listed = [features] if isinstance(features, str) else list(features)
    for feature in listed:
        if feature not in INPUTS:
            expected = f"expected {', '.join(INPUTS)}{nearest(feature, INPUTS)}"
            raise SettingsError(f"unknown word feature {feature!r}; {expected}")
    names = chain.from_iterable(INPUTS[feature] for feature in listed)
    return {name: fit_word_feature(spelling_counts, name) for name in names}


def fit_word_feature(spelling_counts: Mapping[str, int], name: str) -> Vocabulary:
    """The vocabulary of one input; all patterns of case are known, however rare."""
    if name == CASE:
        return word_feature_vocabulary(name, CASES)
    read, counts = READERS[name], dict[str, int]()
    for spelling, count in spelling_counts.items():
        symbol = read(spelling)
        counts[symbol] = counts.get(symbol, 0) + count
    return count_symbols(counts, minimum=MINIMUM)


def word_feature_vocabulary(name: str, symbols: Sequence[str]) -> Vocabulary:
    """Symbols as the vocabulary of an input; of case none is unknown.

    Raises ValueError for an input that no feature of words is made of.
    """
    if name not in READERS:
        raise ValueError(f"no feature of words is called {name!r}")
    return Vocabulary(tuple(symbols), has_unknown=name != CASE)


def word_feature_ids(
    name: str, vocabulary: Vocabulary, spellings: Sequence[str], normalised: Sequence[str]
) -> AnyArray:
    """Integers (spellings,), small ones: the id of each spelling's symbol.

    normalised: the same spellings, for whoever needs no more.
    """
    symbols: Iterable[str] = map(READERS[name], spellings)
    if name in ENDS:
        symbols = map(itemgetter(ENDS[name]), normalised)
    unknown = UNKNOWN if vocabulary.has_unknown else PADDING
    ids = map(vocabulary.ids.get, symbols, repeat(unknown))
    return np.fromiter(ids, smallest_id_type(len(vocabulary)), len(spellings))
