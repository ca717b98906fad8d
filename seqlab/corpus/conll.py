"""Read and write CoNLL columns: one token per line, cells between TABs or spaces, a blank line after a sentence.

The first sentence shows the separator and the number of columns. So a pipe is never read further than
the sentence that comes next. Tags are not interpreted here.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from sys import intern
from typing import TextIO

from seqlab.corpus.chosen_columns import PLACEHOLDER, ChosenColumns, conll_column_index
from seqlab.corpus.clean_blocks import CleanColumns, clean_block
from seqlab.corpus.column_layout import (
    DOCUMENT_MARKER,
    SENTENCE_ID,
    ColumnLayout,
    WantedColumns,
    find_layout,
    is_document_marker,
    layout_lines,
    layout_lines_with_hash,
    split_cells,
)
from seqlab.corpus.numeric_columns import columns_of_numbers
from seqlab.corpus.schemes import OUTSIDE_TAG, split_tag
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.corpus.sentence_blocks import (
    COMMENTS_SKIPPED,
    ColumnFile,
    Comment,
    LineBlock,
    build_sentence,
    check_column_cell,
    comment_lines,
    line_blocks,
    opens_document,
    parse_weight,
)
from seqlab.errors import CorpusError, UserError
from seqlab.machine.wording import plural

FEWEST_WORDS = 5  # of a line that may be plain text; columns are mostly fewer

DOCUMENTS_SKIPPED = "document markers skipped"


def read_conll(
    lines: Iterable[tuple[int, str]], file: ColumnFile, *, columns: ChosenColumns, tagged: bool
) -> Iterator[Sentence]:
    """Yield the sentences of a file of columns, each as soon as the line after it has been read.

    lines: (line number, line), as from `numbered_lines`.
    columns: indices from 0, or from -1 at the end; by default tokens come first and tags last. A weight column
        multiplies the weights of a comment `# token_weights = ...`. A feature must not be the tag column, and
        nor must a numeric column.
    tagged: False yields sentences without tags; then no tag column is needed.
    A line that begins with '#' is a comment in two cases: when its number of columns is not that of the
    file, or when it reads `# key = value` before the first token. Otherwise '#' is a token.
    Raises CorpusError for a line with more or fewer columns, an empty token or tag, a weight that is not a
    number from 0 to 1e9, a cell of a numeric column that is no number, and a column that does not exist. Raises
    SettingsError for a column with a name.
    """
    weight = columns.weight
    wanted = WantedColumns(
        token=conll_column_index(columns.token, "token_column") if columns.has_words else None,
        tag=conll_column_index(columns.tag, "tag_column", default=-1) if tagged else None,
        weight=None if weight is None else conll_column_index(weight, "token_weight_column"),
        features={
            feature: conll_column_index(column, f"feature {feature!r} has column")
            for feature, column in columns.features.items()
        },
        numbers={
            name: conll_column_index(column, f"numeric {name!r} has column")
            for name, column in columns.numbers.items()
        },
    )
    return _sentences(lines, wanted, file)


def _sentences(
    lines: Iterable[tuple[int, str]], wanted: WantedColumns, file: ColumnFile
) -> Iterator[Sentence]:
    layout: ColumnLayout | None = None
    waiting: list[LineBlock] = []
    blocks = line_blocks(lines)
    for block in blocks:
        waiting.append(block)
        layout = find_layout(layout_lines(block, tagged=wanted.tag is not None), wanted, file.name)
        if layout is not None:
            break
    layout = layout or find_layout(layout_lines_with_hash(waiting), wanted, file.name)
    if layout is not None:
        yield from _block_sentences(chain(waiting, blocks), layout, file)


def _block_sentences(
    blocks: Iterable[LineBlock], layout: ColumnLayout, file: ColumnFile
) -> Iterator[Sentence]:
    for block in blocks:
        clean = clean_block(block, layout)
        if clean is not None:
            yield Sentence(
                tokens=clean.tokens,
                tags=clean.tags,
                features=clean.features or NOTHING,
                numbers=_clean_numbers(clean, block, file.name) if clean.numbers else NOTHING,
                source=f"{file.name}:{block[0][0]}",
                document=file.document,
            )
            continue
        documents = _split_at_markers(block, layout)
        if len(documents) > 1:
            file.notes[DOCUMENTS_SKIPPED] += len(documents) - 1
        for position, part in enumerate(documents):
            if position or opens_document(part):
                file.open_document()
            sentence = _read_line_by_line(part, layout, file)
            if sentence is not None:
                yield sentence


def _clean_numbers(
    columns: CleanColumns, block: LineBlock, name: str
) -> dict[str, tuple[float, ...]]:
    return columns_of_numbers(columns.numbers, [number for number, _ in block], name)


def _split_at_markers(block: LineBlock, layout: ColumnLayout) -> list[LineBlock]:
    """Split a block at its document markers, which are dropped: at the start of a line, or as its token."""
    parts: list[LineBlock] = [[]]
    for number, line in block:
        cells = layout.cells(line) if DOCUMENT_MARKER in line else []
        token = None if layout.token is None else cells[layout.token : layout.token + 1]
        is_token = token == [DOCUMENT_MARKER]
        if is_token or is_document_marker(line):
            parts.append([])
        else:
            parts[-1].append((number, line))
    return parts


def _read_line_by_line(block: LineBlock, layout: ColumnLayout, file: ColumnFile) -> Sentence | None:
    tokens: list[str] = []
    tags: list[str] = []
    weights: list[float] = []
    features: dict[str, list[str]] = {key: [] for key in layout.features}
    numbers: dict[str, list[str]] = {key: [] for key in layout.numbers}
    comments: list[Comment] = []
    lines: list[int] = []
    for number, line in block:
        cells = layout.cells(line)
        if line[0] == "#" and layout.is_comment(line, cells, opens=not tokens):
            if tokens:
                file.notes[COMMENTS_SKIPPED] += 1
            else:
                file.add_comment(comments, number, line)
            continue
        _check_cells(cells, layout, file.name, number, line)
        lines.append(number)
        tokens.append(PLACEHOLDER if layout.token is None else intern(cells[layout.token]))
        if layout.tag is not None:
            tags.append(intern(cells[layout.tag].strip(" ")))
        if layout.weight is not None:
            weights.append(parse_weight(cells[layout.weight], path=file.name, line=number))
        for key, index in layout.features.items():
            features[key].append(intern(cells[index].strip(" ")))
        for key, index in layout.numbers.items():
            numbers[key].append(cells[index])
    if not tokens:
        return None
    return build_sentence(
        file,
        lines[0],
        tokens,
        None if layout.tag is None else tags,
        comments=comments,
        weights=weights or None,
        features=features,
        numbers=columns_of_numbers(numbers, lines, file.name),
    )


def _check_cells(cells: list[str], layout: ColumnLayout, name: str, number: int, line: str) -> None:
    if len(cells) != layout.columns:
        fact = f"expected {plural(layout.columns, 'column')}, found {len(cells)}"
        if layout.tag is not None and _may_be_text(cells, layout):
            fact = f"{fact}; is this plain text? expected a token and its tag on each line"
    elif layout.token is not None and not cells[layout.token].strip(" "):
        fact = f"empty token in column {layout.token}"
    elif layout.tag is not None and not cells[layout.tag].strip(" "):
        fact = f"empty tag in column {layout.tag}"
    else:
        return
    raise CorpusError(fact, path=name, line=number, text=line)


def _may_be_text(cells: list[str], layout: ColumnLayout) -> bool:
    """Tell whether a line looks like words without tags, in a file whose lines have as many words as columns."""
    many = not layout.by_tab and max(len(cells), layout.columns) >= FEWEST_WORDS
    return many and cells[-1] != OUTSIDE_TAG and split_tag(cells[-1]) is None


def write_conll(
    sentences: Iterable[Sentence], stream: TextIO, *, features: Sequence[str] = ()
) -> None:
    """Write token, TAB, tag per line (or tokens only, without tags), and a blank line after each sentence.

    features: names of features to write as columns between token and tag.
    Metadata and weights go into comments before the tokens. Metadata values are read back as strings.
    Raises UserError for text that columns cannot hold, and when only some sentences have tags.
    """
    tagged: bool | None = None
    for sentence in sentences:
        if tagged not in (None, sentence.tags is not None):
            raise UserError(f"{sentence.source}: only some of the sentences have tags")
        tagged = sentence.tags is not None
        if not sentence.tokens:
            raise UserError(f"{sentence.source}: a sentence without tokens can't be written")
        lines = [*comment_lines(sentence), *_conll_lines(sentence, features)]
        # At the start of a file U+FEFF would be read as a byte order mark; after an empty line it is text.
        opening = "\n" if lines[0].startswith("\ufeff") else ""
        stream.write(opening + "\n".join(lines) + "\n\n")


def _conll_lines(sentence: Sentence, features: Sequence[str]) -> Iterator[str]:
    columns = [_feature_cells(sentence, name) for name in features]
    for position, token in enumerate(sentence.tokens):
        line = check_column_cell(token, "token", sentence)
        line = "\t".join([line, *(column[position] for column in columns)])
        if sentence.tags is None:
            if not columns and split_cells(line, by_tab=False) != [line]:
                fact = f"token {token!r} holds a space; without a tag column it can't be written"
                raise UserError(f"{sentence.source}: {fact}")
        else:
            tag = check_column_cell(sentence.tags[position], "tag", sentence)
            if tag != tag.strip(" "):
                raise UserError(f"{sentence.source}: tag {tag!r} begins or ends with a space")
            line = f"{line}\t{tag}"
        if is_document_marker(line):
            fact = f"token {token!r} would be read as a document marker; write jsonl"
            raise UserError(f"{sentence.source}: {fact}")
        if position == 0 and SENTENCE_ID.fullmatch(line):
            raise UserError(f"{sentence.source}: token {token!r} would be read as a comment")
        if line.isspace():
            raise UserError(f"{sentence.source}: token {token!r} would be read as a blank line")
        yield line


def _feature_cells(sentence: Sentence, name: str) -> tuple[str, ...]:
    what, values = f"feature {name!r}", sentence.features[name]
    for value in values:
        if value != value.strip(" "):
            raise UserError(f"{sentence.source}: {what} {value!r} begins or ends with a space")
    return tuple(check_column_cell(value, what, sentence) for value in values)
