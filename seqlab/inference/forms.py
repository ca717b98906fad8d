"""What a network has worked out of the words it has met, kept for when they come again."""

import os
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from seqlab.encoding.encoder import Encoder
from seqlab.inference.forward import Forward, Pair

ROOM = 64_000_000  # bytes of what is kept; beyond that all is forgotten, and begun anew
NAME = 200  # bytes of a form's text and its entry among the others


class KnownForms:
    """Rows of the first BiLSTM's gates by word form. Text repeats its words, so most are met again.

    A form gets its number last, when its row stands: whatever interrupts it before leaves rows that nobody
    reads. room: bytes that may be kept; `ROOM` where it is None.
    """

    room: int | None = None

    def __init__(self, forward: Forward, encoder: Encoder) -> None:
        self.forward, self.encoder = forward, encoder
        self.lock, self.process = Lock(), os.getpid()
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        empty = np.zeros((0, 4 * self.forward.architecture.hidden_units), np.float32)
        self.numbers: dict[str, int] = {}
        self.tables: Pair = (empty, empty)

    def look_up(self, forms: Sequence[str]) -> tuple[Pair, NDArray[np.int64]]:
        """Two tables, float32 (rows, 4H), and the row, int64 (forms,), of each of some distinct forms."""
        if self.process != os.getpid():  # a fork: whoever held the lock is not here to let it go
            self.lock, self.process = Lock(), os.getpid()
        with self.lock:
            if len(self.numbers) + len(forms) > self.most:
                self.forget()
            new = [form for form in forms if form not in self.numbers]
            if new:
                self.learn(new)
            rows = np.fromiter(map(self.numbers.__getitem__, forms), np.int64, len(forms))
            return self.tables, rows

    @property
    def most(self) -> int:
        """How many forms there is room for."""
        room = ROOM if self.room is None else self.room
        return room // (2 * self.forward.architecture.hidden_units * 4 * 4 + NAME)

    def learn(self, new: Sequence[str]) -> None:
        """Work out rows of forms not met before."""
        first = len(self.numbers)
        added = self.forward.tables(self.encoder.form_table(new))
        ahead, back = (
            grown(kept, first, more, most=self.most)
            for kept, more in zip(self.tables, added, strict=True)
        )
        self.tables = (ahead, back)
        self.numbers.update(zip(new, range(first, first + len(new)), strict=True))


def grown(
    kept: NDArray[np.float32], count: int, more: NDArray[np.float32], *, most: int
) -> NDArray[np.float32]:
    """A table whose first `count` rows are taken, with more behind them.

    most: rows that a new one has room for, all at once: what is not written takes no memory yet, and a table
    that grew would be there twice while it is copied.
    A reader of the old table keeps what it has: rows in use are never written again.
    """
    needed = count + len(more)
    if needed > len(kept):
        larger = np.empty((max(needed, most), more.shape[1]), np.float32)
        larger[:count] = kept[:count]
        kept = larger
    kept[count:needed] = more
    return kept
