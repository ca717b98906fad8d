"""Numbers of tokens: from the cells of a column, or the values of a JSON list, to floats. All readers use this file.

A missing number is NaN. In a file it is an empty cell, `_`, `NA`, `NaN` or `null`, in any case.
"""

import math
from collections.abc import Mapping, Sequence

from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError, UserError, shorten
from seqlab.machine.numbers import is_number, is_whole
from seqlab.machine.wording import plural

MISSING = frozenset(("", "_", "na", "nan", "null"))
EXPECTED = "expected a finite number, or NA where it is missing"

Numbers = tuple[float, ...]


def columns_of_numbers(
    columns: Mapping[str, Sequence[str]], lines: Sequence[int], path: str
) -> dict[str, Numbers]:
    """Return the numbers of one sentence, by name.

    columns: by name, the cells of a numeric column, one per token. lines: the line of each token, for errors.
    Raises CorpusError for a cell that is neither missing nor a finite number.
    """
    return {
        name: numbers_of_cells(cells, name=name, path=path, lines=lines)
        for name, cells in columns.items()
    }


def numbers_of_cells(
    cells: Sequence[str], *, name: str, path: str, lines: Sequence[int]
) -> Numbers:
    """Return the numbers of one column of a sentence; a missing one is `math.nan`.

    cells: one per token. name: of the numeric column. path, lines: the file, and the line of each cell, for errors.
    Raises CorpusError for a cell that is neither missing nor a finite number.
    """
    try:
        numbers = tuple(map(float, cells))
    except ValueError:
        numbers = (math.nan,)
    if all(map(math.isfinite, numbers)) and "_" not in "".join(cells):  # nearly always
        return numbers
    return tuple(
        _number_at(cell, name, path, line) for cell, line in zip(cells, lines, strict=True)
    )


def _number_at(cell: str, name: str, path: str, line: int) -> float:
    try:
        return number_of(cell, name)
    except ValueError as error:
        raise CorpusError(str(error), path=path, line=line) from None


def number_of(value: object, name: str) -> float:
    """Return one number; `math.nan` when it is missing.

    value: text, or a value of JSON. name: of the numeric column.
    Raises ValueError, with a message for the user, unless the value is missing or a finite number.

    >>> number_of("-1.5e3", "size"), number_of(7, "size"), number_of("NA", "size"), number_of(None, "size")
    (-1500.0, 7.0, nan, nan)
    """
    if value is None or (isinstance(value, str) and value.strip().lower() in MISSING):
        return math.nan  # always this object: tuples that hold the same NaN compare as equal
    number = _parsed(value)
    shown = shorten(repr(value), 40)
    purpose = f"but --numeric-columns reads it as {name!r}; {EXPECTED}"
    if number is None:
        raise ValueError(f"{shown} is not a number, {purpose}")
    if math.isinf(number):
        raise ValueError(f"{shown} is infinite, {purpose}")
    return math.nan if math.isnan(number) else number


def _parsed(value: object) -> float | None:
    """The float that a value states, or None. `1_000`, which Python's float accepts, gives None."""
    if isinstance(value, str) and "_" not in value:
        try:
            return float(value)
        except ValueError:
            return None
    if is_number(value):
        return float(value)
    return math.inf if is_whole(value) else None  # an int of more than 308 digits


def cells_of_numbers(numbers: Sequence[float]) -> tuple[str, ...]:
    """Return numbers as the cells of a column, NA for a missing one. Reading them gives the same floats."""
    return tuple("NA" if math.isnan(number) else repr(float(number)) for number in numbers)


def numbers_of(sentence: Sentence, name: str) -> Numbers:
    """Return one numeric column of a sentence. Raises UserError unless there is one number per token."""
    numbers = sentence.numbers.get(name) if isinstance(sentence.numbers, Mapping) else None
    if numbers is not None and len(numbers) == len(sentence):
        return numbers
    found = "none" if numbers is None else f"{len(numbers)} for {plural(len(sentence), 'token')}"
    raise numbers_error(name, sentence.source, found)


def numbers_error(name: str, source: str, found: str = "none") -> UserError:
    """Return the error for a sentence without one number per token in a numeric column."""
    fact = f"numeric column {name!r}: expected one number per token, found {found}"
    return UserError(f"{source}: {fact}" if source else fact)
