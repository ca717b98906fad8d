"""Read and write tables of tokens with a header: CSV and TSV, and the shape of Kaggle's `ner_dataset.csv`.

One row is one token. The rows of a sentence share a value in the sentence column, or only the first row
has one. Without such a column a blank row ends a sentence.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from sys import intern
from typing import NamedTuple, TextIO

from seqlab.corpus.chosen_columns import PLACEHOLDER, ChosenColumns
from seqlab.corpus.column_layout import DOCUMENT_MARKER
from seqlab.corpus.conll import DOCUMENTS_SKIPPED
from seqlab.corpus.numeric_columns import columns_of_numbers
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.corpus.sentence_blocks import UNWRITABLE, ColumnFile
from seqlab.corpus.table_header import (
    TableColumns,
    TableHeader,
    find_columns,
    read_header,
    tag_column,
)
from seqlab.errors import CorpusError, UserError
from seqlab.machine.wording import plural
from seqlab.text.lines import NumberedLine, NumberedLines

LONGEST_CELL = 100  # lines; a cell has this many only if a quote never closes
QUOTES = "double each quote inside a cell, and put the cell between quotes"
ROWS_SKIPPED = "blank rows skipped"
ROWS_LOOKED_AT = 10_000  # for the column with span tags


def read_csv(
    lines: Iterable[NumberedLine], file: ColumnFile, *, columns: ChosenColumns, tagged: bool
) -> Iterator[Sentence]:
    """Yield the sentences of a table with a header, each as soon as the row after it has been read.

    lines: (line number, line), as from `numbered_lines`.
    columns: names from the header, or indices from 0 or from -1 at the end. By default the header shows tokens and
        tags: `Word` or `token`, `Tag` or `ner`, and so on; see `table_header.py`. A column whose first rows hold span
        tags goes before one with plain tags, and a note says so. Commas, semicolons or TABs separate cells. Cells
        are text, `nan` and `null` too, except in numeric columns.
    tagged: False yields sentences without tags; then no tag column is needed.
    A row with the token `-DOCSTART-` marks a document.
    Raises CorpusError for a header without the columns, a row with more or fewer cells, an empty token or
    tag, and a quote that does not close.
    """
    numbered = iter(lines)
    header = read_header(numbered, file.name)
    if header is None:
        return
    rows = _rows(numbered, header, file.name)
    note = None
    if tagged and columns.tag is None:
        others = find_columns(header, columns, tagged=False, name=file.name)
        head = list(islice(rows, ROWS_LOOKED_AT))
        rows = chain(head, rows)
        tag, note = tag_column(header, _values(head, header), others, file.name)
        columns = replace(columns, tag=tag)
    found = find_columns(header, columns, tagged=tagged, name=file.name)
    for block in _blocks(rows, found, file):
        if note is not None:
            file.notes[note] += len(block)
        yield _sentence(block, found, header, file)


def _values(rows: Iterable["Row | None"], header: TableHeader) -> list[set[str]]:
    """Return the values of each column in some rows."""
    cells = [row.cells for row in rows if row is not None]
    return [{row[index].strip(" ") for row in cells} for index in range(len(header.names))]


class Row(NamedTuple):
    """One row: its first line, and its cells."""

    line: int
    cells: list[str]


def _rows(lines: NumberedLines, header: TableHeader, name: str) -> Iterator[Row | None]:
    """Yield the rows, and None for each blank row."""
    size, delimiter = len(header.names), header.delimiter
    for number, line in lines:
        if not line.strip(f" {delimiter}"):
            yield None
            continue
        cells = line.split(delimiter)
        if '"' in line and not _verbatim(cells, header):
            cells = _quoted_cells((number, line), lines, header, name)
        if len(cells) != size:
            fact = f"expected {plural(size, 'cell')}, as in the header, found {len(cells)}"
            raise CorpusError(fact, path=name, line=number, text=line)
        yield Row(number, cells) if any(cells) else None


def _verbatim(cells: list[str], header: TableHeader) -> bool:
    """Tell whether the quotes of a row are text: TSV is often written without quoting.

    They are text if the row has the right number of cells and some cell begins with a quote that does not close.
    """
    if header.delimiter != "\t" or len(cells) != len(header.names):
        return False
    return any(cell.startswith('"') and not _is_quoted(cell) for cell in cells)


def _is_quoted(cell: str) -> bool:
    inner = cell[1:-1].replace('""', "")
    return len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner


def _quoted_cells(
    first: NumberedLine, lines: NumberedLines, header: TableHeader, name: str
) -> list[str]:
    """Return the cells of a row with quotes, which may reach over several lines.

    Raises CorpusError for a quote that does not close. A cell over several lines that holds the delimiter has
    probably swallowed rows, so its quote is taken as unclosed.
    """
    number, line = first
    unclosed = CorpusError(
        f"a quote opens in this row and does not close; {QUOTES}",
        path=name,
        line=number,
        text=line,
    )
    following = (text for _, text in _continuation(lines, header.delimiter))
    texts = (f"{text}\n" for text in chain([line], following))
    try:
        cells = next(csv.reader(texts, delimiter=header.delimiter, strict=True))
    except csv.Error as error:
        if "expected after" not in str(error):
            raise unclosed from None
        fact = f"text follows the closing quote of a cell; {QUOTES}"
        raise CorpusError(fact, path=name, line=number, text=line) from None
    if any("\n" in cell and header.delimiter in cell for cell in cells):
        raise unclosed
    return cells


def _continuation(lines: NumberedLines, delimiter: str) -> NumberedLines:
    """Yield the next lines while they can belong to one cell."""
    for count, (number, line) in enumerate(lines):
        if count == LONGEST_CELL or (delimiter in line and '"' not in line):
            return
        yield number, line


def _blocks(
    rows: Iterator[Row | None], columns: TableColumns, file: ColumnFile
) -> Iterator[list[Row]]:
    """Yield the rows of each sentence."""
    block: list[Row] = []
    current = previous = ""
    token = columns.token
    for row in rows:
        if row is None:
            if columns.sentence is not None:
                file.notes[ROWS_SKIPPED] += 1
            elif block:
                yield block
                block = []
            continue
        if columns.sentence is not None:
            value = row.cells[columns.sentence].strip()
            if not value and not current:
                fact = "the first row has no sentence number"
                advice = (
                    "fill its cell, or remove the column and put a blank row after each sentence"
                )
                raise CorpusError(f"{fact}; {advice}", path=file.name, line=row.line)
            # The same number, after empty cells, begins another sentence.
            if value and (value != current or not previous) and block:
                yield block
                block = []
            previous, current = value, value or current
        if token is not None and row.cells[token].strip(" ") == DOCUMENT_MARKER:
            if block:
                yield block
                block = []
            file.notes[DOCUMENTS_SKIPPED] += 1
            file.open_document()
            continue
        block.append(row)
    if block:
        yield block


def _sentence(
    block: list[Row], columns: TableColumns, header: TableHeader, file: ColumnFile
) -> Sentence:
    name = file.name
    tokens = (PLACEHOLDER,) * len(block)
    if columns.token is not None:
        tokens = _column(block, columns.token, "token", header, name)
    tags = None if columns.tag is None else _column(block, columns.tag, "tag", header, name)
    features = {
        feature: tuple(intern(row.cells[index].strip(" ")) for row in block)
        for feature, index in columns.features.items()
    }
    numbers = {
        number: [row.cells[index] for row in block] for number, index in columns.numbers.items()
    }
    return Sentence(
        tokens=tokens,
        tags=tags,
        features=features or NOTHING,
        numbers=columns_of_numbers(numbers, [row.line for row in block], name) or NOTHING,
        source=f"{name}:{block[0].line}",
        document=file.document,
    )


def _column(
    block: list[Row], index: int, what: str, header: TableHeader, name: str
) -> tuple[str, ...]:
    """Return the tokens or tags of a sentence. Raises CorpusError for an empty one."""
    stripped = [row.cells[index].strip(" ") for row in block]
    if not all(stripped):
        row = block[stripped.index("")]
        fact = f"empty {what} in column {header.names[index]!r}"
        raise CorpusError(fact, path=name, line=row.line, text=header.delimiter.join(row.cells))
    if what == "token" and not header.padded:
        return tuple(intern(row.cells[index]) for row in block)
    return tuple(map(intern, stripped))


def write_csv(
    sentences: Iterable[Sentence], stream: TextIO, *, features: Sequence[str] = ()
) -> None:
    """Write one token per row: sentence number, token, features, tag, below a header.

    features: names of the features; each becomes a column of its name. Each row begins with `Sentence: 1` and so on.
    Metadata is left out. Raises UserError for a sentence with weights or without tokens, for text that a
    table cannot hold, and when only some sentences have tags.
    """
    writer = csv.writer(stream, lineterminator="\n")
    tagged: bool | None = None
    for number, sentence in enumerate(sentences, start=1):
        if tagged is None:
            tagged = sentence.tags is not None
            writer.writerow(_header_to_write(features, tagged))
        _check(sentence, tagged)
        columns = [sentence.tokens, *(sentence.features[feature] for feature in features)]
        for column in (*columns, sentence.tags or ()):
            for value in column:
                _check_value(value, sentence)
        for cells in zip(*columns, *([sentence.tags] if sentence.tags else []), strict=True):
            writer.writerow([f"Sentence: {number}", *cells])


def _header_to_write(features: Sequence[str], tagged: bool) -> list[str]:
    """Return the header. Raises UserError if a feature's name would be taken for another column."""
    names = ["Sentence #", "Word", *features, *(["Tag"] if tagged else [])]
    for feature in features:
        if [name.lower() for name in names].count(feature.lower()) > 1:
            raise UserError(
                f"feature {feature!r} can't be written: csv has a column of this name; rename it"
            )
        _check_value(feature, Sentence(tokens=(), source=f"feature {feature!r}"))
    return names


def _check(sentence: Sentence, tagged: bool) -> None:
    if sentence.weight != 1.0 or sentence.token_weights is not None:
        raise UserError(f"{sentence.source}: csv can't hold weights; write jsonl")
    if not sentence.tokens:
        raise UserError(f"{sentence.source}: a sentence without tokens can't be written")
    if tagged is not (sentence.tags is not None):
        raise UserError(f"{sentence.source}: only some of the sentences have tags")
    if DOCUMENT_MARKER in (token.strip(" ") for token in sentence.tokens):
        fact = f"token {DOCUMENT_MARKER!r} would be read as a document marker; write jsonl"
        raise UserError(f"{sentence.source}: {fact}")


def _check_value(value: str, sentence: Sentence) -> None:
    """Raise UserError for text that would not be read back."""
    bad = UNWRITABLE.search(value.replace("\t", "").replace("\n", ""))
    swallows = "\n" in value and "," in value
    if bad or swallows or not value.strip(" "):
        fact = f"{value!r} is empty, or holds what csv can't hold; write jsonl"
        raise UserError(f"{sentence.source}: {fact}")
