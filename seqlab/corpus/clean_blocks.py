"""The fast path of the column readers: a clean block is split into cells at once, not line by line.

Nearly all blocks are clean: no comments between tokens, no empty cells, the same columns in each line. For
any other block these functions return None. The reader then goes line by line and reports bad lines.
"""

from collections.abc import Sequence
from itertools import repeat
from sys import intern
from typing import NamedTuple

from seqlab.corpus.chosen_columns import PLACEHOLDER
from seqlab.corpus.column_layout import DOCUMENT_MARKER, ColumnLayout
from seqlab.corpus.sentence_blocks import LineBlock

Cells = tuple[str, ...]


class CleanColumns(NamedTuple):
    """The columns of one sentence. numbers: the cells of each numeric column, not yet parsed."""

    tokens: Cells
    tags: Cells | None
    features: dict[str, Cells]
    numbers: dict[str, Cells]


NOT_SINGLE = ("\t", "  ", "\n ", " \n")  # separators other than one space


def clean_cells(lines: Sequence[str], *, columns: int, by_tab: bool) -> list[str] | None:
    """Return the cells of token lines, row by row. None when a line may be something else.

    columns: cells that each line must have. by_tab: TABs separate the cells, otherwise single spaces.
    """
    text = "\n".join(lines)
    if text[0] == "#" or "\n#" in text or DOCUMENT_MARKER in text:
        return None
    if not by_tab and any(odd in f"\n{text}\n" for odd in NOT_SINGLE):
        return None
    separator = "\t" if by_tab else " "
    if {*map(str.count, lines, repeat(separator))} != {columns - 1}:
        return None
    return text.replace("\n", separator).split(separator)


def clean_column(cells: list[str]) -> Cells | None:
    """Return the cells of one column, interned. None when a cell is empty or holds a space."""
    if not all(cells) or " " in "".join(cells):
        return None
    return tuple(map(intern, cells))


def pick_clean_columns(cells: list[str], layout: ColumnLayout) -> CleanColumns | None:
    """Pick the columns from the cells of a block. None when one of them is not clean; numbers may be empty."""
    tokens: Cells | None = (PLACEHOLDER,) * (len(cells) // layout.columns)
    if layout.token is not None:
        tokens = clean_column(cells[layout.token :: layout.columns])
    tags = None if layout.tag is None else clean_column(cells[layout.tag :: layout.columns])
    features = {}
    for key, index in layout.features.items():
        values = clean_column(cells[index :: layout.columns])
        if values is None:
            return None
        features[key] = values
    if tokens is None or (tags is None and layout.tag is not None):
        return None
    numbers = {key: tuple(cells[i :: layout.columns]) for key, i in layout.numbers.items()}
    return CleanColumns(tokens, tags, features, numbers)


def clean_block(block: LineBlock, layout: ColumnLayout) -> CleanColumns | None:
    """Return the columns of a block. None when it must be read line by line."""
    if layout.weight is not None:
        return None
    lines = [line for _, line in block]
    cells = clean_cells(lines, columns=layout.columns, by_tab=layout.by_tab)
    return None if cells is None else pick_clean_columns(cells, layout)
