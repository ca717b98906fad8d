"""Features of gazetteers: for each token, which part of a listed phrase it is.

Each list is one network input. Its values give the position in a phrase (B, I, E, or S for a single token), the
length of the phrase, and whether the list has it in this case. So the network can learn how much to trust a match in
another case, such as `nice` for the city Nice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyIntArray, Int64Array, UInt64Array
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.encoding.gazetteer import (
    Gazetteers,
    HashedTokens,
    Matches,
    find_phrases,
)
from seqlab.encoding.phrase_hashes import spelling_hashes
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


def position_ids(matches: Matches, lists: int, tokens: int) -> AnyIntArray:
    """uint8 (lists, tokens): the id in `SYMBOLS` of each token in each list."""
    ids = np.full((lists, tokens), OUTSIDE, np.uint8)
    places, lengths = matches.lists * tokens + matches.starts, matches.lengths
    if not len(places):
        return ids
    flat = ids.reshape(-1)
    classes = np.minimum(lengths, LONGEST)
    first = FIRST_OF_LENGTH[classes] + np.where(matches.same_spelling, 0, len(POSITIONS))
    flat[places] = first
    for number in range(1, int(lengths.max()) - 1):
        inner = lengths > number + 1
        flat[places[inner] + number] = first[inner] + 1
    several = lengths > 1
    flat[places[several] + lengths[several] - 1] = first[several] + np.minimum(
        classes[several] - 1, 2
    )
    return ids


@dataclass(frozen=True, eq=False)
class PhraseSearch:
    """Finds the phrases of lists in sentences of known spellings.

    folded, spelt: uint64 (spellings,), the hashes of the spellings; see `HashedTokens`.
    """

    gazetteers: Gazetteers
    folded: UInt64Array
    spelt: UInt64Array

    @classmethod
    def of(
        cls, gazetteers: Gazetteers, spellings: Sequence[str], unicode_form: UnicodeFormName
    ) -> "PhraseSearch":
        """A search in sentences of these spellings."""
        return cls(gazetteers, *spelling_hashes(spellings, unicode_form))

    def matches(self, ids: AnyIntArray, offsets: Int64Array) -> Matches:
        """The matches in some sentences. ids: integers (tokens,), their spellings. offsets: int64 (N + 1,), from 0."""
        ends = np.repeat(offsets[1:], np.diff(offsets))
        return find_phrases(self.gazetteers, HashedTokens(self.folded, self.spelt, ids, ends))

    def positions(self, ids: AnyIntArray, offsets: Int64Array) -> dict[str, AnyIntArray]:
        """By network input, uint8 (tokens,): the positions of the tokens of N sentences in phrases of each list.

        ids: integers (tokens,), the spellings of the tokens. offsets: int64 (N + 1,).
        """
        found = np.empty((len(self.gazetteers), len(ids)), np.uint8)
        for first, last in blocks(offsets):
            bounds = offsets[first : last + 1]
            start, end = bounds[[0, -1]].tolist()
            matches = self.matches(np.array(ids[start:end]), bounds - start)
            found[:, start:end] = position_ids(matches, len(self.gazetteers), end - start)
            release_pages(ids)
        release_pages(offsets)
        names = map(gazetteer_input, self.gazetteers)
        return dict(zip(names, found, strict=True))


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
    gazetteers: Gazetteers,
    tokens: Sequence[str],
    offsets: Int64Array,
    unicode_form: UnicodeFormName,
) -> dict[str, AnyIntArray]:
    """As `PhraseSearch.positions`, from the tokens themselves."""
    if not len(gazetteers):
        return {}
    numbers = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    ids = np.fromiter(map(numbers.__getitem__, tokens), np.int64, len(tokens))
    return PhraseSearch.of(gazetteers, list(numbers), unicode_form).positions(ids, offsets)
