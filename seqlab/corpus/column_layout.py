"""The layout of a CoNLL file: its separator, its number of columns, its comments.

`find_layout` derives it from the first lines of the file.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from seqlab.corpus.sentence_blocks import LineBlock, parse_comment
from seqlab.errors import CorpusError
from seqlab.machine.wording import plural

DOCUMENT_MARKER = "-DOCSTART-"
# Before each sentence of MultiCoNER: `# id 7c0e-44ab`, a TAB, `domain=en`.
SENTENCE_ID = re.compile(r"# id [^\s]+[\t ][^\s=]+=[^\s]+ *")
LINES_PEEKED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedColumns:
    """The columns to read, counted from 0, or from -1 at the end.

    token: None for a corpus without words.
    features, numbers: by the name of each feature or numeric column, its column.
    """

    token: int | None
    tag: int | None
    weight: int | None = None
    features: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLayout(WantedColumns):
    """How to split the lines of one file: by TABs or by runs of spaces, into `columns` cells.

    The indices of the wanted columns count from 0.
    """

    by_tab: bool
    columns: int

    def cells(self, line: str) -> list[str]:
        """Split one line. Only ASCII spaces separate cells; a no-break space is text."""
        return split_cells(line, by_tab=self.by_tab)

    def is_comment(self, line: str, cells: list[str], *, opens: bool) -> bool:
        """Tell whether a line that begins with '#' is a comment; otherwise '#' is a token.

        opens: the line comes before the first token of its sentence.
        """
        if len(cells) != self.columns:
            return True
        if opens and SENTENCE_ID.fullmatch(line):
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
    if not line.startswith("#"):
        return False
    return ("\t" not in line and " " in line) or SENTENCE_ID.fullmatch(line) is not None


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
    purposes: dict[str, int | None] = {"token": wanted.token, "tag": wanted.tag}
    purposes["token weight"] = wanted.weight
    purposes |= {f"feature {key!r}": column for key, column in wanted.features.items()}
    purposes |= {f"numeric {key!r}": column for key, column in wanted.numbers.items()}
    indices: dict[str, int] = {}
    for purpose, column in purposes.items():
        if column is None:
            continue
        if not -columns <= column < columns:
            fact = f"there is no {purpose} column {column}: found {counted}, counted from 0"
            raise CorpusError(fact, path=name, line=number, text=line)
        indices[purpose] = column % columns
    conflict = next(_conflicts(indices), None)
    if conflict is not None:
        purpose, other = conflict
        fact = f"column {indices[other]} can't be both {purpose} and {other}; found {counted}"
        if columns == 1 and other == "tag":
            fact = f"expected a token column and a tag column, found {counted}"
            if delimiter := next((d for d in ",;" if all(d in line for _, line in lines)), None):
                fact = f"{fact}; for CSV, add a first line such as Word{delimiter}Tag"
        raise CorpusError(fact, path=name, line=number, text=line)
    return ColumnLayout(
        by_tab=by_tab,
        columns=columns,
        token=indices.get("token"),
        tag=indices.get("tag"),
        weight=indices.get("token weight"),
        features={key: indices[f"feature {key!r}"] for key in wanted.features},
        numbers={key: indices[f"numeric {key!r}"] for key in wanted.numbers},
    )


def _conflicts(indices: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield pairs of purposes that share a column but must not. Features and numbers may share the token's column."""
    pairs = [("token", "tag"), ("token", "token weight"), ("tag", "token weight")]
    inputs = [("tag", purpose) for purpose in indices if purpose.startswith(("feature", "numeric"))]
    for one, other in [*pairs, *inputs]:
        if one in indices and indices[one] == indices.get(other):
            yield one, other
