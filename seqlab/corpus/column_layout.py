"""How one file of columns is cut: its separator, its number of columns, its comments.

Found from the first lines that can tell; does not build sentences.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from seqlab.corpus.sentence_blocks import LineBlock, parse_comment
from seqlab.errors import CorpusError

DOCUMENT_MARKER = "-DOCSTART-"
LINES_PEEKED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedColumns:
    """The columns that are asked for, as the user counts them: from 0, or from -1 at the end.

    features: the column of each further feature, by its name.
    """

    token: int
    tag: int | None
    weight: int | None = None
    features: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLayout:
    """How the lines of one file are cut: by TAB or by runs of spaces, into `columns` cells."""

    by_tab: bool
    columns: int
    token: int
    tag: int | None
    weight: int | None = None
    features: Mapping[str, int] = field(default_factory=dict)

    def cells(self, line: str) -> list[str]:
        """The cells of one line; only ASCII spaces part them, NBSP is text."""
        return split_cells(line, by_tab=self.by_tab)

    def is_comment(self, line: str, cells: list[str], *, opens: bool) -> bool:
        """Whether a line that begins with '#' is a comment, or '#' a token like any other.

        opens: whether the line stands before the first token of its sentence.
        """
        if len(cells) != self.columns:
            return True
        return opens and not self.by_tab and parse_comment(line) is not None


def split_cells(line: str, *, by_tab: bool) -> list[str]:
    """The cells of a line.

    >>> split_cells("New York" + chr(9) + "B-LOC", by_tab=True), split_cells("EU  NNP B-ORG", by_tab=False)
    (['New York', 'B-LOC'], ['EU', 'NNP', 'B-ORG'])
    """
    if by_tab:
        return line.split("\t")
    return [cell for cell in line.replace("\t", " ").split(" ") if cell]


def is_document_marker(line: str) -> bool:
    """Whether the line is `-DOCSTART-`, alone or followed by cells."""
    end = len(DOCUMENT_MARKER)
    return line.startswith(DOCUMENT_MARKER) and line[end : end + 1] in ("", " ", "\t")


def may_be_comment(line: str) -> bool:
    """Whether a line seen before the columns are known is more likely a remark than a token."""
    return line.startswith("#") and "\t" not in line and " " in line


def tellers(block: LineBlock, *, tagged: bool) -> LineBlock:
    """The lines of a block that tell the layout of their file."""
    return [
        (number, line)
        for number, line in block[:LINES_PEEKED]
        if not is_document_marker(line)
        and not may_be_comment(line)
        and not (tagged and line.startswith("#") and "\t" not in line)
    ]


def last_tellers(waiting: list[LineBlock]) -> LineBlock:
    """The lines that must tell it when the file holds nothing but lines with a '#'."""
    return [
        (number, line)
        for number, line in chain.from_iterable(waiting)
        if not is_document_marker(line) and parse_comment(line) is None
    ][:LINES_PEEKED]


def find_layout(telling: LineBlock, wanted: WantedColumns, name: str) -> ColumnLayout | None:
    """The layout that most of the telling lines have, or None where there are none.

    Raises CorpusError when there is no such column, or two are one that can't be.
    """
    if not telling:
        return None
    by_tab = 2 * sum("\t" in line for _, line in telling) >= len(telling)
    sizes = [len(split_cells(line, by_tab=by_tab)) for _, line in telling]
    columns = Counter(sizes).most_common(1)[0][0]
    number, line = telling[sizes.index(columns)]
    token = _index(wanted.token, columns)
    tag = None if wanted.tag is None else _index(wanted.tag, columns)
    weight = None if wanted.weight is None else _index(wanted.weight, columns)
    features = {key: _index(column, columns) for key, column in wanted.features.items()}
    asked = [(token, wanted.token, "token"), (tag, wanted.tag, "tag")]
    asked.append((weight, wanted.weight, "token weight"))
    asked += [(features[key], wanted.features[key], f"feature {key!r}") for key in features]
    for index, column, what in asked:
        if index == -1:
            fact = f"there is no {what} column {column}: found {counted(columns)}, counted from 0"
            raise CorpusError(fact, path=name, line=number, text=line)
    if token == tag:
        fact = f"expected a token column and a tag column, found {counted(columns)}"
        if columns > 1:
            fact = f"column {token} can't be both token and tag; found {counted(columns)}"
        raise CorpusError(fact, path=name, line=number, text=line)
    if weight is not None and weight in (token, tag):
        other = "token" if weight == token else "tag"
        fact = f"column {weight} can't be both {other} and token weight; found {counted(columns)}"
        raise CorpusError(fact, path=name, line=number, text=line)
    for key, index in features.items():
        if index == tag:
            fact = f"column {tag} can't be both tag and feature {key!r}; found {counted(columns)}"
            raise CorpusError(fact, path=name, line=number, text=line)
    return ColumnLayout(
        by_tab=by_tab, columns=columns, token=token, tag=tag, weight=weight, features=features
    )


def _index(column: int, columns: int) -> int:
    index = column if column >= 0 else columns + column
    return index if 0 <= index < columns else -1


def counted(columns: int) -> str:
    """'1 column', '2 columns'."""
    return f"{columns} column{'' if columns == 1 else 's'}"
