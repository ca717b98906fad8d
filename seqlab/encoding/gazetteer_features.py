"""Features of gazetteers: for each token, which part of a listed phrase it is.

Each list is one network input. Its values give the position in a phrase (B, I, E, or S for a single token), the
length of the phrase, and whether the list has it in this case. So the network can learn how much to trust a match in
another case, such as `nice` for the city Nice.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from seqlab.arrays import AnyIntArray, Int64Array
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.encoding.gazetteer import (
    Gazetteer,
    HashedTokens,
    Matches,
    find_phrases,
    spelling_hashes,
)
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.settings.choices import UnicodeFormName

GAZETTEER = "gazetteer_"  # prefix of the network inputs that are gazetteers
OUTSIDE = 1  # the id of a token outside every phrase
LONGEST = 4  # tokens; longer phrases have the symbols of this length
POSITIONS = ("S", "B2", "E2", "B3", "I3", "E3", "B4", "I4", "E4")
SYMBOLS = Vocabulary(
    ("outside", *POSITIONS, *(f"{position} in other case" for position in POSITIONS)),
    has_unknown=False,
)
FIRST_OF_LENGTH = np.array(
    [0, 2, 3, 5, 8]
)  # by length: the id of S or B of a phrase in the list's case
BLOCK = 1 << 20  # tokens searched at a time; bounds the memory of a search


def gazetteer_input(name: str) -> str:
    """The name of the network's input for a gazetteer."""
    return f"{GAZETTEER}{name}"


def is_gazetteer(name: str) -> bool:
    """Whether a network input of this name is a gazetteer."""
    return name.startswith(GAZETTEER)


def position_ids(matches: Matches, tokens: int) -> AnyIntArray:
    """uint8 (tokens,): the id in `SYMBOLS` of each token."""
    ids = np.full(tokens, OUTSIDE, np.uint8)
    starts, lengths = matches.starts, matches.lengths
    if not len(starts):
        return ids
    classes = np.minimum(lengths, LONGEST)
    first = FIRST_OF_LENGTH[classes] + np.where(matches.same_spelling, 0, len(POSITIONS))
    ids[starts] = first
    for number in range(1, int(lengths.max(initial=0)) - 1):
        inner = lengths > number + 1
        ids[starts[inner] + number] = first[inner] + 1
    several = lengths > 1
    ids[starts[several] + lengths[several] - 1] = first[several] + np.minimum(
        classes[several] - 1, 2
    )
    return ids


def gazetteer_ids(
    gazetteers: Mapping[str, Gazetteer],
    spellings: Sequence[str],
    ids: AnyIntArray,
    offsets: Int64Array,
    unicode_form: UnicodeFormName,
) -> dict[str, AnyIntArray]:
    """By network input, uint8 (tokens,): the positions of the tokens of N sentences in phrases of each list.

    spellings: the distinct tokens. ids: integers (tokens,), rows of `spellings`. offsets: int64 (N + 1,).
    """
    if not gazetteers:
        return {}
    folded, spelt = spelling_hashes(spellings, unicode_form)
    positions: dict[str, AnyIntArray] = {
        gazetteer_input(name): np.empty(len(ids), np.uint8) for name in gazetteers
    }
    for first, last in blocks(offsets):
        start, end = offsets[[first, last]].tolist()
        ends = np.repeat(offsets[first + 1 : last + 1], np.diff(offsets[first : last + 1])) - start
        tokens = HashedTokens(folded, spelt, np.array(ids[start:end]), ends)
        release_pages(ids)
        for name, one in gazetteers.items():
            found = position_ids(find_phrases(one, tokens), end - start)
            positions[gazetteer_input(name)][start:end] = found
    release_pages(offsets)
    return positions


def blocks(offsets: Int64Array) -> Iterator[tuple[int, int]]:
    """Yield the first sentence of each block, and the one after its last; a block has about `BLOCK` tokens.

    offsets: int64 (N + 1,), the first token of each sentence.
    """
    first, count = 0, len(offsets) - 1
    while first < count:
        limit = offsets[first] + BLOCK
        last = max(first + 1, int(np.searchsorted(offsets, limit, side="right")) - 1)
        yield first, last
        first = last


def ids_of_tokens(
    gazetteers: Mapping[str, Gazetteer],
    tokens: Sequence[str],
    offsets: Int64Array,
    unicode_form: UnicodeFormName,
) -> dict[str, AnyIntArray]:
    """As `gazetteer_ids`, from the tokens themselves."""
    if not gazetteers:
        return {}
    numbers = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    ids = np.fromiter(map(numbers.__getitem__, tokens), np.int64, len(tokens))
    return gazetteer_ids(gazetteers, list(numbers), ids, offsets, unicode_form)
