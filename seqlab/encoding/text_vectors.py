"""Read word vectors from text, line by line, and report each fault with its line.

A word may hold spaces, such as `. . .` in GloVe's 840B vectors. A TAB may stand between a word and its first number.
"""

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.errors import VectorsError, shorten
from seqlab.machine.wording import plural


def read_text_vectors(
    lines: Iterable[bytes], *, path: str, header: bool, limit: int | None
) -> tuple[dict[str, int], FloatArray]:
    """Return the row of each word, and float32 (words, D). A repeated word keeps its first vector.

    header: whether the first line is 'rows dimensions'. Without a header the first row sets the dimensions.
    limit: the largest number of rows to read.
    path: the file's name in error messages.
    Raises VectorsError when a row has the wrong size or a value that is not a finite number, and when the
    number of rows differs from the header.
    """
    numbered = enumerate(lines, start=1)
    promised, dim = map(int, next(numbered)[1].split()) if header else (None, None)
    wanted = min((count for count in (promised, limit) if count is not None), default=None)
    rows: dict[str, int] = {}
    values = array("f")
    line_count = 0
    for line, text in islice(numbered, wanted):
        line_count += 1
        cells = split_row(text, dim)
        dim = len(cells) - 1 if dim is None else dim
        word, numbers = parse_row(cells, dim, text, location=f"{path}:{line}")
        if word not in rows:
            rows[word] = len(rows)
            values.frombytes(numbers.tobytes())
    if promised is not None and wanted == promised:
        check_row_count(promised, line_count, numbered, path=path, limit=limit)
    return rows, np.frombuffer(values, np.float32).reshape(len(rows), dim or 0)


def split_row(text: bytes, dim: int | None) -> list[bytes]:
    r"""Return a row's parts between spaces. dim: the expected count of numbers; None in the first row.

    >>> split_row(b"the\t0.1 0.2", None)
    [b'the', b'0.1', b'0.2']
    """
    cells = text.rstrip().split(b" ")
    if b"\t" in cells[0] and len(cells) > 1 and (dim is None or len(cells) == dim):
        word, _, first = cells[0].partition(b"\t")
        if is_number_text(first):
            return [word, first, *cells[1:]]
    return cells


def parse_row(
    cells: Sequence[bytes], dim: int, text: bytes, *, location: str
) -> tuple[str, FloatArray]:
    """Return a row's word and its vector, float32 (D,). Raises VectorsError as `read_text_vectors` does."""
    surplus = len(cells) - 1 - dim  # parts that belong to a word with spaces
    # Surplus parts that are all numbers are no word with spaces: the row has too many numbers.
    if surplus < 0 or (surplus and all(map(is_number_text, cells[1 : 1 + surplus]))):
        fault = f"expected {plural(dim, 'number')}, found {len(cells) - 1}"
        raise VectorsError(f"{location}: {fault}: {quoted_row(text)}")
    numbers = parse_numbers(cells[1 + surplus :])
    finite = np.isfinite(numbers)
    if not finite.all():
        wrong = cells[1 + surplus + int(np.argmin(finite))]
        expected = "a finite number" if is_number_text(wrong) else "a number"
        cell = shorten(wrong.decode("utf-8", "replace"))
        raise VectorsError(f"{location}: expected {expected}, found {cell!r}: {quoted_row(text)}")
    return b" ".join(cells[: 1 + surplus]).decode("utf-8", "replace"), numbers


def parse_numbers(cells: Sequence[bytes]) -> FloatArray:
    """Return float32 (cells,): nan where a text is no number, inf where it is too large for float32."""
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        numbers = [float(cell) if is_number_text(cell) else math.nan for cell in cells]
    with np.errstate(over="ignore"):
        return np.array(numbers, np.float64).astype(np.float32)


def check_row_count(
    promised: int, read: int, rest: Iterator[tuple[int, bytes]], *, path: str, limit: int | None
) -> None:
    """Raise VectorsError when the file has fewer rows than its header says, or, without a limit, more."""
    fault = f"{path}:1: the header says {plural(promised, 'row')}, but the file holds"
    if read < promised:
        raise VectorsError(f"{fault} {read}")
    if limit is None and any(line.strip() for _, line in rest):
        raise VectorsError(f"{fault} more; --vectors-limit reads only the first rows")


def is_number_text(text: bytes) -> bool:
    """Tell whether `float` accepts a text."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def quoted_row(text: bytes) -> str:
    """Return the start of a row for an error message."""
    return repr(shorten(text.decode("utf-8", "replace").strip()))
