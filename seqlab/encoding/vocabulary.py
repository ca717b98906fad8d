"""The vocabulary: symbols and their ids."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seqlab.arrays import Int32Array, Int64Array
from seqlab.machine.cached_property import cached_property

PADDING = 0
UNKNOWN = 1


@dataclass(frozen=True)
class Vocabulary:
    """A mapping between symbols and ids. Id 0 is padding. Id 1 is the unknown symbol, if there is one.

    Its length, iteration and `in` are those of `symbols`; `id_count` is the number of ids.

    symbols: the symbols in the order of their ids; the first has the id `first_id`.
    has_unknown: False for tags, because a tag that training never saw has no class.

    >>> words = Vocabulary(("cat", "sat"))
    >>> words.ids["sat"], words.id("dog"), len(words), words.id_count
    (3, 1, 2, 4)
    >>> tags = Vocabulary(("B-PER", "O"), has_unknown=False)
    >>> tags.ids["O"], tags.id("B-LOC"), tags.symbol(1)
    (2, 0, 'B-PER')
    """

    symbols: tuple[str, ...] = field(repr=False)
    has_unknown: bool = True

    @property
    def first_id(self) -> int:
        """The id of the first symbol, after padding and the unknown symbol."""
        return UNKNOWN + 1 if self.has_unknown else PADDING + 1

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """The id of every symbol."""
        return {symbol: number for number, symbol in enumerate(self.symbols, self.first_id)}

    def id(self, symbol: str) -> int:
        """Return the id of a symbol, or `unknown`."""
        return self.ids.get(symbol, self.unknown)

    @property
    def unknown(self) -> int:
        """The id of every symbol that the vocabulary lacks."""
        return UNKNOWN if self.has_unknown else PADDING

    def find(self, symbols: Sequence[str]) -> Int32Array:
        """Return int32 (symbols,): the id of each symbol, with a fifth of the memory that `ids` takes."""
        wanted, (known, order) = python_hashes(symbols), self.hashes
        first, last = (np.searchsorted(known, wanted, side) for side in ("left", "right"))
        hits = np.flatnonzero(first < last)
        numbers = order[first[hits]]
        ids = np.full(len(symbols), self.unknown, np.int32)
        ids[hits] = numbers + self.first_id
        # Two symbols can share a hash: where the first one is another symbol, `id` decides.
        for hit, number in zip(hits.tolist(), numbers.tolist(), strict=True):
            if self.symbols[number] != symbols[hit]:
                ids[hit] = self.id(symbols[hit])
        return ids

    @cached_property
    def hashes(self) -> tuple[Int64Array, Int32Array]:
        """The sorted hashes of all symbols, int64, and the index in `symbols` of each, int32."""
        unsorted = python_hashes(self.symbols)
        order = np.argsort(unsorted, kind="stable").astype(np.int32)
        return unsorted[order], order

    def __getstate__(self) -> dict[str, Any]:
        """Return only the fields: cached hashes are wrong in another process."""
        return {"symbols": self.symbols, "has_unknown": self.has_unknown}

    def symbol(self, number: int) -> str:
        """Return the symbol of an id. Raises IndexError for padding and the unknown symbol."""
        if number < self.first_id:
            raise IndexError(number)
        return self.symbols[number - self.first_id]

    @property
    def id_count(self) -> int:
        """The number of ids, with padding and the unknown symbol: the rows that an embedding needs."""
        return len(self.symbols) + self.first_id

    def __len__(self) -> int:
        return len(self.symbols)

    def __iter__(self) -> Iterator[str]:
        return iter(self.symbols)

    def __contains__(self, symbol: str) -> bool:
        return symbol in self.ids


def python_hashes(symbols: Sequence[str]) -> Int64Array:
    """Return int64 (symbols,): Python's own hashes, which differ between processes."""
    return np.fromiter(map(hash, symbols), np.int64, len(symbols))


def fit_vocabulary(
    counts: Mapping[str, int],
    *,
    minimum: int = 1,
    keep: Iterable[str] = (),
    has_unknown: bool = True,
) -> Vocabulary:
    """Return the vocabulary of counted symbols: most frequent first, ties by code point.

    The order of the sentences has no influence.
    minimum: rarer symbols are left out, unless `keep` has them.

    >>> fit_vocabulary({"b": 2, "a": 2, "c": 1}, minimum=2).symbols
    ('a', 'b')
    """
    kept = set(keep)
    chosen = [symbol for symbol, count in counts.items() if count >= minimum or symbol in kept]
    chosen.sort(key=lambda symbol: (-counts[symbol], symbol))
    return Vocabulary(tuple(chosen), has_unknown)
