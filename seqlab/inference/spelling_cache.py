"""What a network has worked out of the words it has met, kept for when they come again.

A word's row is the same, bit for bit, whatever words it was worked out with: scores do not depend on what was
tagged before.
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
from seqlab.inference.lstm import GATES, WAYS

ROOM = 96_000_000  # bytes of what is kept
NAME = 200  # bytes of a form's text and its entry among the others
MOST = 65_536  # forms: what is met more rarely is not worth its room, however small a row is
PART = 2048  # forms that are worked out together: what is held of them on the way grows with them
SHARE = 8  # when there is no room, one part in so many is forgotten at once


class SpellingCache:
    """Rows of the first BiLSTM's gates by word form. Text repeats its words, so most are met again.

    Where there is no more room, those that were met least often are forgotten. A form gets its number last,
    when its row stands, and loses it first: whatever interrupts leaves rows that nobody reads.
    numbers: by form its row. met: int64 (rows,), how often it was looked up, which fades. free: rows of no form.
    """

    def __init__(self, forward: Forward, encoder: Encoder) -> None:
        self.forward, self.encoder = forward, encoder
        self.lock, self.process = Lock(), os.getpid()
        self.lent: list[ref[FloatArray]] = []
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        width = WAYS * GATES * self.forward.architecture.hidden_units
        self.numbers: dict[str, int] = {}
        self.table = np.empty((0, width), np.float32)
        self.met = self.free = np.zeros(0, np.int64)

    def look_up(self, tokens: Sequence[str]) -> tuple[FloatArray, Int64Array]:
        """A table, float32 (rows, 8H), and the row, int64 (tokens,), of each token.

        The table must be held for as long as it is read: its rows may be given to other forms after that.
        """
        if self.process != os.getpid():  # a fork: whoever held the lock is not here to let it go
            self.lock, self.process = Lock(), os.getpid()
        with self.lock:
            rows = self.find(tokens)
            table = self.table[:]
            self.lent = [*(one for one in self.lent if one() is not None), ref(table)]
            return table, rows

    def find(self, tokens: Sequence[str]) -> Int64Array:
        """The row of each token; forms not met before are learnt."""
        rows = self.known_rows(tokens)
        new = distinct_of(tokens, rows)
        if new and len(self.numbers) + len(new) > self.most:
            self.make_room(rows, len(new))
            rows = self.known_rows(tokens)
            new = distinct_of(tokens, rows)
        if new:
            self.learn(new)
            rows = self.known_rows(tokens)
        self.met[rows] += 1
        return rows

    def known_rows(self, tokens: Sequence[str]) -> Int64Array:
        """int64 (tokens,): the row of each token; -1 where it has none."""
        return np.fromiter(map(self.numbers.get, tokens, repeat(-1)), np.int64, len(tokens))

    @property
    def most(self) -> int:
        """How many forms there is room for."""
        return min(MOST, ROOM // (self.table.shape[1] * self.table.itemsize + NAME))

    def make_room(self, rows: Int64Array, count: int) -> None:
        """Forget some forms but those of `rows`, so that `count` more can be kept, or else all.

        Rows that somebody still reads are never given away, nor is a table kept that has grown beyond its room.
        """
        kept = np.unique(rows[rows >= 0])
        read = any(one() is not None for one in self.lent)
        if read or len(kept) + count > self.most or len(self.table) > self.most:
            self.forget()
            return
        excess = len(self.numbers) + count - self.most
        others = len(self.numbers) - len(kept)
        self.drop(kept, min(others, max(excess, self.most // SHARE)))

    def drop(self, kept: Int64Array, count: int) -> None:
        """Forget so many forms, those that were met least; none of the rows `kept`."""
        forms = list(self.numbers)
        rows = np.fromiter(self.numbers.values(), np.int64, len(forms))
        self.met[kept] += self.met.max()
        for place in np.argpartition(self.met[rows], count - 1)[:count].tolist():
            del self.numbers[forms[place]]
        self.met >>= 1
        taken = np.fromiter(self.numbers.values(), np.int64, len(self.numbers))
        self.free = np.setdiff1d(np.arange(len(self.table)), taken)

    def learn(self, new: Sequence[str]) -> None:
        """Work out rows of forms not met before."""
        if len(new) > len(self.free):
            self.grow(max(self.most, len(self.numbers) + len(new)))
        for first in range(0, len(new), PART):
            part = new[first : first + PART]
            with ONE_THREAD.held():  # two threads sum in another order than one
                added = self.forward.table(self.encoder.encode_spellings(part))
            rows, self.free = self.free[: len(part)], self.free[len(part) :]
            self.table[rows], self.met[rows] = added, 0
            self.numbers.update(zip(part, rows.tolist(), strict=True))

    def grow(self, size: int) -> None:
        """A larger table in place of this one, all at once: what is not written takes no memory yet."""
        table, met = np.empty((size, self.table.shape[1]), np.float32), np.zeros(size, np.int64)
        table[: len(self.table)], met[: len(self.met)] = self.table, self.met
        taken = np.fromiter(self.numbers.values(), np.int64, len(self.numbers))
        self.table, self.met = table, met
        self.free = np.setdiff1d(np.arange(size), taken)


def distinct_of(tokens: Sequence[str], rows: Int64Array) -> list[str]:
    """The distinct tokens that have no row yet, in order."""
    return list(dict.fromkeys([tokens[place] for place in np.flatnonzero(rows < 0).tolist()]))
