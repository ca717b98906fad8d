"""The layout of a CoNLL file: its separator, its number of columns, its comments.

`find_layout` derives it from the first lines of the file.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from seqlab.corpus.sentence_blocks import LineBlock, parse_comment
from seqlab.errors import CorpusError
from seqlab.machine.wording import plural

DOCUMENT_MARKER = "-DOCSTART-"
LINES_PEEKED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedColumns:
    """The columns to read, counted from 0, or from -1 at the end.

    features: by the name of each feature, its column.
    """

    token: int
    tag: int | None
    weight: int | None = None
    features: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLayout:
    """How to split the lines of one file: by TABs or by runs of spaces, into `columns` cells.

    token, tag, weight, features: indices from 0.
    """

    by_tab: bool
    columns: int
    token: int
    tag: int | None
    weight: int | None = None
    features: Mapping[str, int] = field(default_factory=dict)

    def cells(self, line: str) -> list[str]:
        """Split one line. Only ASCII spaces separate cells; a no-break space is text."""
        return split_cells(line, by_tab=self.by_tab)

    def is_comment(self, line: str, cells: list[str], *, opens: bool) -> bool:
        """Tell whether a line that begins with '#' is a comment; otherwise '#' is a token.

        opens: the line comes before the first token of its sentence.
        """
        if len(cells) != self.columns:
            return True
        return opens and not self.by_tab and parse_comment(line) is not None


def split_cells(line: str, *, by_tab: bool) -> list[str]:
    """Split a line into cells.

    >>> split_cells("New York" + chr(9) + "B-LOC", by_tab=True), split_cells("EU  NNP B-ORG", by_tab=False)
    (['New York', 'B-LOC'], ['EU', 'NNP', 'B-ORG'])
    """
    if by_tab:
        return line.split("\t")
    return [cell for cell in line.replace("\t", " ").split(" ") if cell]


def is_document_marker(line: str) -> bool:
    """Tell whether the line is `-DOCSTART-`, alone or followed by cells."""
    end = len(DOCUMENT_MARKER)
    return line.startswith(DOCUMENT_MARKER) and line[end : end + 1] in ("", " ", "\t")


def may_be_comment(line: str) -> bool:
    """Tell whether a line looks more like a comment than a token, before the columns are known."""
    return line.startswith("#") and "\t" not in line and " " in line


def layout_lines(block: LineBlock, *, tagged: bool) -> LineBlock:
    """Return the lines of a block that show the layout of the file."""
    return [
        (number, line)
        for number, line in block[:LINES_PEEKED]
        if not is_document_marker(line)
        and not may_be_comment(line)
        and not (tagged and line.startswith("#") and "\t" not in line)
    ]


def layout_lines_with_hash(blocks: list[LineBlock]) -> LineBlock:
    """Return the lines that show the layout of a file in which every line begins with '#'."""
    return [
        (number, line)
        for number, line in chain.from_iterable(blocks)
        if not is_document_marker(line) and parse_comment(line) is None
    ][:LINES_PEEKED]


def find_layout(lines: LineBlock, wanted: WantedColumns, name: str) -> ColumnLayout | None:
    """Return the layout that most of the lines have, or None without lines.

    name: the file, for errors. Raises CorpusError when a wanted column does not exist, and when one column
    is wanted for two purposes that exclude each other.
    """
    if not lines:
        return None
    by_tab = 2 * sum("\t" in line for _, line in lines) >= len(lines)
    sizes = [len(split_cells(line, by_tab=by_tab)) for _, line in lines]
    columns = Counter(sizes).most_common(1)[0][0]
    number, line = lines[sizes.index(columns)]
    counted = plural(columns, "column")
    token = _index_from_start(wanted.token, columns)
    tag = None if wanted.tag is None else _index_from_start(wanted.tag, columns)
    weight = None if wanted.weight is None else _index_from_start(wanted.weight, columns)
    features = {key: _index_from_start(column, columns) for key, column in wanted.features.items()}
    wanted_columns = [(token, wanted.token, "token"), (tag, wanted.tag, "tag")]
    wanted_columns.append((weight, wanted.weight, "token weight"))
    wanted_columns += [
        (features[key], wanted.features[key], f"feature {key!r}") for key in features
    ]
    for index, column, what in wanted_columns:
        if index == -1:
            fact = f"there is no {what} column {column}: found {counted}, counted from 0"
            raise CorpusError(fact, path=name, line=number, text=line)
    if token == tag:
        fact = f"expected a token column and a tag column, found {counted}"
        if columns > 1:
            fact = f"column {token} can't be both token and tag; found {counted}"
        raise CorpusError(fact, path=name, line=number, text=line)
    if weight is not None and weight in (token, tag):
        other = "token" if weight == token else "tag"
        fact = f"column {weight} can't be both {other} and token weight; found {counted}"
        raise CorpusError(fact, path=name, line=number, text=line)
    for key, index in features.items():
        if index == tag:
            fact = f"column {tag} can't be both tag and feature {key!r}; found {counted}"
            raise CorpusError(fact, path=name, line=number, text=line)
    return ColumnLayout(
        by_tab=by_tab, columns=columns, token=token, tag=tag, weight=weight, features=features
    )


def _index_from_start(column: int, columns: int) -> int:
    index = column if column >= 0 else columns + column
    return index if 0 <= index < columns else -1
