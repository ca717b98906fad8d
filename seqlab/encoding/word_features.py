"""Features of a word's spelling: its case, its first and last characters, and its shape.

Each feature is a symbol with an embedding. It depends only on the spelling, so it is computed once per
distinct word. Extra columns of a corpus, which differ from token to token, are in `encoder.py`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, repeat
from operator import itemgetter

import numpy as np

from seqlab.arrays import AnyArray
from seqlab.corpus.corpus_arrays import smallest_id_type
from seqlab.encoding.vocabulary import Vocabulary, fit_vocabulary
from seqlab.errors import SettingsError, nearest
from seqlab.text.spelling import normalise

CASE = "case"
CASES = ("lower", "capitalised", "upper", "mixed", "number", "with digits", "other")
MIN_COUNT = 2  # a symbol that is rarer in training becomes the unknown symbol
RUN = re.compile(r"(.)\1{2,}", re.DOTALL)


def case_pattern(token: str) -> str:
    """Return which of `CASES` a token has.

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


def affix(token: str, *, part: slice) -> str:
    """Return the first or last characters of the normalised token; a shorter token is its own affix.

    >>> affix("Boeing-747", part=slice(3)), affix("Boeing-747", part=slice(-3, None))
    ('boe', '000')
    """
    return normalise(token)[part]


def word_shape(token: str) -> str:
    """Return the token with X for capitals, x for other letters and 0 for digits; longer runs become two.

    >>> word_shape("Boeing-747"), word_shape("U.S."), word_shape("iPhone4")
    ('Xxx-00', 'X.X.', 'xXxx0')
    """
    return RUN.sub(r"\1\1", token.translate(SHAPE_CHARACTERS))


class ShapeCharacters(dict[int, str]):
    """The shape character of each code point, filled when a code point is first looked up."""

    def __missing__(self, code_point: int) -> str:
        character = chr(code_point)
        if character.isalpha():
            self[code_point] = "X" if character.isupper() else "x"
        else:
            self[code_point] = "0" if character.isdigit() else character
        return self[code_point]


SHAPE_CHARACTERS = ShapeCharacters()
AFFIXES: Mapping[str, slice] = {
    "prefix_2": slice(2),
    "prefix_3": slice(3),
    "suffix_2": slice(-2, None),
    "suffix_3": slice(-3, None),
}
"""For each prefix or suffix input, the slice of the normalised token."""

READERS: Mapping[str, Callable[[str], str]] = {
    CASE: case_pattern,
    **{name: partial(affix, part=part) for name, part in AFFIXES.items()},
    "shape": word_shape,
}
"""For each network input, the function from a token to its symbol."""

FEATURE_INPUTS: Mapping[str, tuple[str, ...]] = {
    CASE: (CASE,),
    "prefix": ("prefix_2", "prefix_3"),
    "suffix": ("suffix_2", "suffix_3"),
    "shape": ("shape",),
    "none": (),
}
"""For each value of the setting `word_features`, the network inputs that it adds."""


def fit_word_features(
    spelling_counts: Mapping[str, int], features: Iterable[str]
) -> dict[str, Vocabulary]:
    """Return the vocabulary of every network input that the features need.

    spelling_counts: how often each token occurs in training. features: keys of `FEATURE_INPUTS`.
    Raises SettingsError for an unknown feature.
    """
    names = [features] if isinstance(features, str) else list(features)
    for feature in names:
        if feature not in FEATURE_INPUTS:
            expected = f"expected {', '.join(FEATURE_INPUTS)}{nearest(feature, FEATURE_INPUTS)}"
            raise SettingsError(f"unknown word feature {feature!r}; {expected}")
    inputs = chain.from_iterable(FEATURE_INPUTS[feature] for feature in names)
    return {name: fit_word_feature(spelling_counts, name) for name in inputs}


def fit_word_feature(spelling_counts: Mapping[str, int], name: str) -> Vocabulary:
    """Return the vocabulary of one network input. The case input has all of `CASES`, even the rare ones."""
    if name == CASE:
        return word_feature_vocabulary(name, CASES)
    read, counts = READERS[name], dict[str, int]()
    for spelling, count in spelling_counts.items():
        symbol = read(spelling)
        counts[symbol] = counts.get(symbol, 0) + count
    return fit_vocabulary(counts, minimum=MIN_COUNT)


def word_feature_vocabulary(name: str, symbols: Sequence[str]) -> Vocabulary:
    """Return symbols as the vocabulary of a network input. The case input has no unknown symbol.

    Raises ValueError when no word feature has this input.
    """
    if name not in READERS:
        raise ValueError(f"no word feature has the input {name!r}")
    return Vocabulary(tuple(symbols), has_unknown=name != CASE)


def word_feature_ids(
    name: str, vocabulary: Vocabulary, spellings: Sequence[str], normalised: Sequence[str]
) -> AnyArray:
    """Return integers (spellings,) of a small type: the id of each spelling's symbol.

    normalised: the spellings, normalised. Prefixes and suffixes are read from them.
    """
    symbols: Iterable[str] = map(READERS[name], spellings)
    if name in AFFIXES:
        symbols = map(itemgetter(AFFIXES[name]), normalised)
    ids = map(vocabulary.ids.get, symbols, repeat(vocabulary.unknown))
    return np.fromiter(ids, smallest_id_type(vocabulary.id_count), len(spellings))
