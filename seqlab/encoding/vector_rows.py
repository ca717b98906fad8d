"""Text files of word vectors, row by row: slower than gensim, and every fault has its line.

What gensim gives up on is read here too: words that hold spaces, such as `. . .` among the 840 billion tokens'
vectors of GloVe. A row that is a number too long is no such word: it is refused.
"""

import math
from array import array
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.errors import VectorsError, shorten


def read_rows(
    lines: Iterable[bytes], *, place: str, header: bool, limit: int | None
) -> tuple[dict[str, int], FloatArray]:
    """Row of each word, and float32 (words, D); of a repeated word the first row.

    header: whether the first line says 'rows dimensions'; else the first row says the dimensions.
    limit: the most rows to read. place: the file, for messages.
    Raises VectorsError for a row of another size or with something else than a finite number.
    """
    numbered = enumerate(lines, start=1)
    promised, dim = map(int, next(numbered)[1].split()) if header else (None, None)
    wanted = min((count for count in (promised, limit) if count is not None), default=None)
    rows: dict[str, int] = {}
    values = array("f")
    read = 0
    for line, text in islice(numbered, wanted):
        read += 1
        cells = text.rstrip().split(b" ")
        dim = len(cells) - 1 if dim is None else dim
        spaced = len(cells) - 1 - dim
        if spaced < 0 or (spaced and all(map(is_number, cells[1 : 1 + spaced]))):
            found = f"{place}:{line}: expected {dim} numbers, found {len(cells) - 1}"
            raise VectorsError(f"{found}: {shown(text)}")
        numbers = as_numbers(cells[1 + spaced :])
        if not np.isfinite(numbers).all():
            wrong = cells[1 + spaced + int(np.argmin(np.isfinite(numbers)))]
            kind = "a finite number" if is_number(wrong) else "a number"
            cell = shorten(wrong.decode("utf-8", "replace"))
            raise VectorsError(f"{place}:{line}: expected {kind}, found {cell!r}: {shown(text)}")
        word = b" ".join(cells[: 1 + spaced]).decode("utf-8", "replace")
        if word not in rows:
            rows[word] = len(rows)
            values.frombytes(numbers.tobytes())
    if promised is not None and wanted == promised and read < promised:
        raise VectorsError(f"{place}:1: promises {promised} rows, the file holds {read}")
    if header and limit is None and next(numbered, (0, b""))[1].strip():
        fact = f"{place}:1: promises {promised} rows, the file holds more"
        raise VectorsError(f"{fact}; --vectors-limit reads the first rows alone")
    return rows, np.array(values, np.float32).reshape(len(rows), dim or 0)


def as_numbers(cells: Sequence[bytes]) -> FloatArray:
    """float32 of texts; not a number where one is none, infinite beyond what float32 holds."""
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        numbers = [float(cell) if is_number(cell) else math.nan for cell in cells]
    with np.errstate(over="ignore"):
        return np.array(numbers, np.float64).astype(np.float32)


def is_number(text: bytes) -> bool:
    """Whether a text is written as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def shown(text: bytes) -> str:
    """A row for a message, not all of it."""
    return repr(shorten(text.decode("utf-8", "replace").strip()))
