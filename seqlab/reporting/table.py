"""Tables for a terminal or a log, for Markdown and for HTML, and how their cells are written."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.cells import cell_len

from seqlab.machine.terminal import visible
from seqlab.machine.wording import UNDEFINED

if TYPE_CHECKING:
    from markupsafe import Markup

WIDTH = 80  # columns of a terminal that every table fits
AT_RISK = "! "  # in front of a class; `colours` knows it
MOST_SIGNS = 24  # of a class name in tables that fit it


def figure(value: float | None, digits: int = 3) -> str:
    """A number, or a dash if it is undefined."""
    return UNDEFINED if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, indent: int = 2) -> str:
    """Aligned columns: the first to the left, the others to the right.

    >>> print(text_table(["class", "F1"], [["person", "0.5"], ["law", "0.25"]], indent=0))
    class     F1
    person   0.5
    law     0.25
    """
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(cell_len(row[i]) for row in cells) for i in range(len(header))]
    lines = []
    for row in cells:
        padding = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        first = row[0] + padding[0]
        rest = [pad + cell for pad, cell in zip(padding[1:], row[1:], strict=True)]
        lines.append(" " * indent + "  ".join([first, *rest]).rstrip())
    return "\n".join(lines)


def fitting_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    narrower: Sequence[str],
    indent: int = 2,
) -> tuple[str, tuple[str, ...]]:
    """A text table of at most `WIDTH` columns, if leaving out columns can make it so, and the headers left out.

    narrower: the headers of columns that may be left out, in this order.

    >>> table, left_out = fitting_table(["class", "F1", "x" * 80], [["a", "1", "1"]], narrower=["x" * 80])
    >>> print(table)
      class  F1
      a       1
    >>> len(left_out)
    1
    """
    left_out: list[str] = []
    header, rows = list(header), [list(row) for row in rows]
    for column in ("", *narrower):
        if column in header:
            index = header.index(column)
            left_out.append(column)
            header, rows = without(header, index), [without(row, index) for row in rows]
        table = text_table(header, rows, indent=indent)
        if max(map(cell_len, table.splitlines())) <= WIDTH:
            break
    return table, tuple(left_out)


def with_marks(table: str, risky: Sequence[bool]) -> list[str]:
    """The lines of an indented table; `AT_RISK` stands before the rows of classes at risk.

    risky: of each of the first rows, whether its class is at risk.
    """
    header, *rows = table.splitlines()
    marks = [AT_RISK if risk else "" for risk in risky] + [""] * (len(rows) - len(risky))
    return [header, *(mark + row[len(mark) :] for mark, row in zip(marks, rows, strict=True))]


def without(cells: Sequence[str], index: int) -> list[str]:
    """The cells but one."""
    return [*cells[:index], *cells[index + 1 :]]


def short(name: str, most: int = MOST_SIGNS) -> str:
    """A class name that leaves room for figures, at most so many columns wide."""
    name = visible(name)
    if cell_len(name) <= most:
        return name
    while cell_len(name) >= most:
        name = name[:-1]
    return f"{name}…"


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""A Markdown table: the first column to the left, the others to the right.

    >>> print(markdown_table(["class", "F1"], [["a|b", "0.5"]]))
    | class | F1 |
    | --- | ---: |
    | a\|b | 0.5 |
    """
    marks = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(markdown_row(row) for row in [header, marks, *rows])


def markdown_row(cells: Sequence[str]) -> str:
    """One row; a '|' in a cell is escaped, unless it is already."""
    escaped = (re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in cells)
    return f"| {' | '.join(escaped)} |"


@dataclass(frozen=True)
class HtmlCell:
    """A cell with attributes. after: markup that follows the text."""

    text: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    after: "Markup | str" = ""


def html_table(
    header: Sequence[str | HtmlCell], rows: Sequence[Sequence[str | HtmlCell]]
) -> "Markup":
    """An HTML table; all texts are escaped."""
    from seqlab.reporting.html import render  # imports jinja2, which only the page needs

    cells = [
        [HtmlCell(cell) if isinstance(cell, str) else cell for cell in row]
        for row in [header, *rows]
    ]
    return render("table.html", header=cells[0], rows=cells[1:])
