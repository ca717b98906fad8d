"""Symbols and their numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from seqlab.arrays import Int32Array, Int64Array

PADDING = 0
UNKNOWN = 1


@dataclass(frozen=True)
class Vocabulary:
    """Symbol <-> id. 0 is padding; 1 is the unknown symbol where the vocabulary has one.

    symbols: the symbols in the order of their ids; the first has the id `first_id`.
    has_unknown: False for tags: a tag that training never saw has no class.

    >>> words = Vocabulary(("cat", "sat"))
    >>> words.ids["sat"], words.id("dog"), len(words)
    (3, 1, 4)
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
        """The id of a symbol; of one never seen: unknown, or 0 where there is no unknown symbol."""
        return self.ids.get(symbol, self.unknown)

    @property
    def unknown(self) -> int:
        """The id of what is no symbol."""
        return UNKNOWN if self.has_unknown else PADDING

    def find(self, symbols: Sequence[str]) -> Int32Array:
        """int32 (symbols,): what `id` says of each, at a fifth of the memory that all `ids` take.

        Symbols are sought among sorted hashes and then compared; of two with one hash `id` is asked.
        """
        wanted, (known, order) = hashes_of(symbols), self.hashes
        first, last = (np.searchsorted(known, wanted, side) for side in ("left", "right"))
        places = np.flatnonzero(first < last)
        numbers = order[first[places]]
        found = np.full(len(symbols), self.unknown, np.int32)
        found[places] = numbers + self.first_id
        for place, number in zip(places.tolist(), numbers.tolist(), strict=True):
            if self.symbols[number] != symbols[place]:
                found[place] = self.id(symbols[place])
        return found

    @cached_property
    def hashes(self) -> tuple[Int64Array, Int32Array]:
        """The hashes of all symbols, sorted, and which symbol each is of, counted from 0."""
        found = hashes_of(self.symbols)
        order = np.argsort(found, kind="stable").astype(np.int32)
        return found[order], order

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: another process has other hashes."""
        return {"symbols": self.symbols, "has_unknown": self.has_unknown}

    def symbol(self, number: int) -> str:
        """The symbol of an id; ids of padding and unknown have none (IndexError)."""
        if number < self.first_id:
            raise IndexError(number)
        return self.symbols[number - self.first_id]

    def __len__(self) -> int:
        return len(self.symbols) + self.first_id

    def __iter__(self) -> Iterator[str]:
        return iter(self.symbols)

    def __contains__(self, symbol: str) -> bool:
        return symbol in self.ids


def hashes_of(symbols: Sequence[str]) -> Int64Array:
    """int64 (symbols,): Python's own hashes, which a string keeps once it has been asked for its."""
    return np.fromiter(map(hash, symbols), np.int64, len(symbols))


def count_symbols(
    counts: Mapping[str, int],
    *,
    minimum: int = 1,
    keep: Iterable[str] = (),
    has_unknown: bool = True,
) -> Vocabulary:
    """The vocabulary of what was counted: most frequent first, ties by code point.

    The order depends on the counts alone, not on the order of the sentences.
    minimum: rarer symbols are left out, unless they are among `keep`.

    >>> count_symbols({"b": 2, "a": 2, "c": 1}, minimum=2).symbols
    ('a', 'b')
    """
    kept = set(keep)
    chosen = [symbol for symbol, count in counts.items() if count >= minimum or symbol in kept]
    chosen.sort(key=lambda symbol: (-counts[symbol], symbol))
    return Vocabulary(tuple(chosen), has_unknown)
