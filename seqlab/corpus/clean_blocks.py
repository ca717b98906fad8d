"""Blocks of columns that hold nothing odd, cut at once: what the readers make of them line by line.

Nearly all blocks are such. Where there is any doubt the answer is None, and the reader looks at each line and
says what is wrong with which.
"""

from collections.abc import Sequence
from itertools import repeat
from sys import intern

from seqlab.corpus.column_layout import DOCUMENT_MARKER, ColumnLayout
from seqlab.corpus.sentence_blocks import LineBlock

Cells = tuple[str, ...]
NOT_SINGLE = ("\t", "  ", "\n ", " \n")  # what does not part cells as a single space does


def clean_cells(lines: Sequence[str], *, columns: int, by_tab: bool) -> list[str] | None:
    """The cells of some lines of tokens, line after line; None where a line may not be one, or has other columns.

    by_tab: cells stand between TABs, else between single spaces.
    """
    text = "\n".join(lines)
    if text[0] == "#" or "\n#" in text or DOCUMENT_MARKER in text:
        return None
    if not by_tab and any(odd in f"\n{text}\n" for odd in NOT_SINGLE):
        return None
    mark = "\t" if by_tab else " "
    if {*map(str.count, lines, repeat(mark))} != {columns - 1}:
        return None
    return text.replace("\n", mark).split(mark)


def clean_column(cells: list[str]) -> Cells | None:
    """The cells of a column as they are kept; None where one may be empty or has spaces about it."""
    if not all(cells) or " " in "".join(cells):
        return None
    return tuple(map(intern, cells))


def clean_columns(
    cells: list[str], layout: ColumnLayout
) -> tuple[Cells, Cells | None, dict[str, Cells]] | None:
    """The tokens, tags and features among the cells of a block; None where one holds anything odd."""
    tokens = clean_column(cells[layout.token :: layout.columns])
    tags = None if layout.tag is None else clean_column(cells[layout.tag :: layout.columns])
    features = {}
    for key, place in layout.features.items():
        found = clean_column(cells[place :: layout.columns])
        if found is None:
            return None
        features[key] = found
    if tokens is None or (tags is None and layout.tag is not None):
        return None
    return tokens, tags, features


def clean_block(
    block: LineBlock, layout: ColumnLayout
) -> tuple[Cells, Cells | None, dict[str, Cells]] | None:
    """The tokens, tags and features of a block; None where it must be read line by line."""
    if layout.weight is not None:
        return None
    lines = [line for _, line in block]
    cells = clean_cells(lines, columns=layout.columns, by_tab=layout.by_tab)
    return None if cells is None else clean_columns(cells, layout)
