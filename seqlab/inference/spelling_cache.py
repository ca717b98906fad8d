"""A cache of the first BiLSTM's gate inputs by spelling. Text repeats its words, so most look-ups hit.

A word's row is the same, bit for bit, whatever words were computed with it. So scores do not depend on what
was tagged before.
"""

import os
from collections.abc import Sequence
from itertools import repeat
from threading import Lock
from weakref import ref

import numpy as np

from seqlab.arrays import FloatArray, Int64Array
from seqlab.encoding.encoder import Encoder
from seqlab.inference.blas import ONE_THREAD
from seqlab.inference.forward import Forward
from seqlab.inference.lstm import DIRECTIONS, GATES

MAX_BYTES = 96_000_000  # of the whole cache
SPELLING_BYTES = 200  # of a spelling's text and its dictionary entry
MAX_SPELLINGS = 65_536  # rarer words are not worth their memory, however small a row is
COMPUTED_TOGETHER = 2048  # spellings; bounds the memory of their computation
EVICTED_PART = 8  # a full cache forgets at least 1 / EVICTED_PART of its spellings at once


class Forks:
    """How often this process and its parents were forked."""

    def __init__(self) -> None:
        self.lock, self.count = Lock(), 0

    def add(self) -> None:
        """Count one fork, in the new process, which has a single thread."""
        self.lock, self.count = Lock(), self.count + 1


FORKS = Forks()
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=FORKS.add)


class SpellingCache:
    """A table of gate inputs with one row per spelling.

    A full cache forgets the spellings that were used least. It is safe under interrupts: a spelling enters
    `row_of` after its row is complete and leaves it before the row is given away.

    row_of: by spelling, its row. uses: int64 (rows,), look-ups of each row; halved at each eviction.
    free_rows: int64, rows without a spelling. lent: tables given to callers that may still read them.
    """

    def __init__(self, forward: Forward, encoder: Encoder) -> None:
        self.forward, self.encoder = forward, encoder
        self.lock, self.forks = Lock(), FORKS.count
        self.lent: list[ref[FloatArray]] = []
        self.clear()

    def clear(self) -> None:
        """Forget all spellings."""
        width = DIRECTIONS * GATES * self.forward.architecture.hidden_units
        self.row_of: dict[str, int] = {}
        self.table = np.empty((0, width), np.float32)
        self.uses = self.free_rows = np.zeros(0, np.int64)

    def look_up(self, tokens: Sequence[str]) -> tuple[FloatArray, Int64Array]:
        """A table, float32 (rows, 8H), and the row of each token, int64 (tokens,).

        Hold the table while you read its rows; afterwards they may be given to other spellings.
        """
        if self.forks != FORKS.count:
            self.start_again()
        with self.lock:
            rows = self.find_or_compute(tokens)
            table = self.table[:]  # a view per caller: its weak reference dies with its last reader
            self.lent = [*(one for one in self.lent if one() is not None), ref(table)]
            return table, rows

    def start_again(self) -> None:
        """Replace the lock in a forked process, where the thread that may hold it does not exist.

        That thread may have been changing the table. Its spellings are then forgotten.
        """
        with FORKS.lock:
            if self.forks == FORKS.count:  # another thread has done it
                return
            if self.lock.locked():
                self.clear()
            self.lock, self.forks = Lock(), FORKS.count

    def find_or_compute(self, tokens: Sequence[str]) -> Int64Array:
        """int64 (tokens,): the row of each token; new spellings are computed."""
        rows = self.known_rows(tokens)
        new = new_spellings(tokens, rows)
        if new and len(self.row_of) + len(new) > self.capacity:
            self.make_room(rows, len(new))
            rows = self.known_rows(tokens)
            new = new_spellings(tokens, rows)
        if new:
            self.compute(new)
            rows = self.known_rows(tokens)
        self.uses[rows] += 1
        return rows

    def known_rows(self, tokens: Sequence[str]) -> Int64Array:
        """int64 (tokens,): the row of each token; -1 for a spelling that is not in the cache."""
        return np.fromiter(map(self.row_of.get, tokens, repeat(-1)), np.int64, len(tokens))

    @property
    def capacity(self) -> int:
        """The largest number of spellings."""
        row_bytes = self.table.shape[1] * self.table.itemsize
        return min(MAX_SPELLINGS, MAX_BYTES // (row_bytes + SPELLING_BYTES))

    def make_room(self, rows: Int64Array, count: int) -> None:
        """Make room for `count` spellings; the spellings of `rows` stay if that is possible.

        While a lent table is read, its rows are never given away: the cache starts a new table instead.
        It also does so when the table has grown beyond its capacity.
        """
        needed = np.unique(rows[rows >= 0])
        is_read = any(one() is not None for one in self.lent)
        if is_read or len(needed) + count > self.capacity or len(self.table) > self.capacity:
            self.clear()
            return
        excess = len(self.row_of) + count - self.capacity
        evictable = len(self.row_of) - len(needed)
        self.evict(needed, min(evictable, max(excess, self.capacity // EVICTED_PART)))

    def evict(self, needed: Int64Array, count: int) -> None:
        """Forget the `count` least used spellings, but none of the rows `needed`."""
        spellings = list(self.row_of)
        rows = np.fromiter(self.row_of.values(), np.int64, len(spellings))
        self.uses[needed] += self.uses.max()  # lifts them above all others
        for index in np.argpartition(self.uses[rows], count - 1)[:count].tolist():
            del self.row_of[spellings[index]]
        self.uses >>= 1  # so that words of an earlier text fade
        self.free_rows = np.setdiff1d(np.arange(len(self.table)), self.taken_rows())

    def compute(self, spellings: Sequence[str]) -> None:
        """Add the rows of new spellings."""
        if len(spellings) > len(self.free_rows):
            self.grow(max(self.capacity, len(self.row_of) + len(spellings)))
        for first in range(0, len(spellings), COMPUTED_TOGETHER):
            part = spellings[first : first + COMPUTED_TOGETHER]
            with ONE_THREAD.held():  # two threads would sum in another order than one
                gate_inputs = self.forward.gate_inputs(self.encoder.encode_spellings(part))
            rows, self.free_rows = self.free_rows[: len(part)], self.free_rows[len(part) :]
            self.table[rows], self.uses[rows] = gate_inputs, 0
            self.row_of.update(zip(part, rows.tolist(), strict=True))

    def grow(self, size: int) -> None:
        """Replace the table by one with `size` rows; rows that are not written take no memory yet."""
        table, uses = np.empty((size, self.table.shape[1]), np.float32), np.zeros(size, np.int64)
        table[: len(self.table)], uses[: len(self.uses)] = self.table, self.uses
        self.table, self.uses = table, uses
        self.free_rows = np.setdiff1d(np.arange(size), self.taken_rows())

    def taken_rows(self) -> Int64Array:
        """int64 (spellings,): the rows of all spellings."""
        return np.fromiter(self.row_of.values(), np.int64, len(self.row_of))


def new_spellings(tokens: Sequence[str], rows: Int64Array) -> list[str]:
    """The distinct tokens whose row is -1, in order."""
    return list(dict.fromkeys([tokens[index] for index in np.flatnonzero(rows < 0).tolist()]))
