"""Read and write CoNLL-U: ten columns between TABs, `# key = value` comments, a blank line after a sentence.

The syntactic words are the tokens. Multiword ranges (`1-2`) and empty nodes (`8.1`) are skipped and
counted. Trees and enhanced dependencies are not read. `# text` and SpaceAfter=No give the sentence's raw text, and
where its words stand in it.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from sys import intern
from typing import TextIO

from seqlab.corpus.chosen_columns import ChosenColumns, ColumnRef
from seqlab.corpus.clean_blocks import clean_cells, pick_clean_columns
from seqlab.corpus.column_layout import ColumnLayout
from seqlab.corpus.conllu_text import (
    NO_SPACE,
    SurfaceToken,
    joined_text,
    plain_offsets,
    surface_tokens,
    word_offsets,
)
from seqlab.corpus.numeric_columns import columns_of_numbers
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_blocks import (
    ColumnFile,
    Comment,
    LineBlock,
    build_sentence,
    check_column_cell,
    comment_lines,
    line_blocks,
    opens_document,
)
from seqlab.errors import CorpusError, SettingsError, UserError, nearest

COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
FEATS = COLUMNS.index("feats")
SURFACE = (COLUMNS.index("form"), COLUMNS.index("misc"))
RANGES_SKIPPED = "multiword ranges skipped"
EMPTY_NODES_SKIPPED = "empty nodes skipped"
OTHER_TEXT = "sentences whose '# text' is not that of their tokens"
TEXT = "text"
IDENTIFIER = re.compile(r"[0-9]+(?:([-.])[0-9]+)?")
NUMBER = re.compile(r"[0-9]+").fullmatch

CellReader = Callable[[list[str]], str]


def read_conllu(
    lines: Iterable[tuple[int, str]], file: ColumnFile, *, columns: ChosenColumns, tagged: bool
) -> Iterator[Sentence]:
    """Yield the sentences of a CoNLL-U file, each as soon as the line after it has been read.

    lines: (line number, line), as from `numbered_lines`.
    columns: by name (upos, xpos, deprel, … in any case) or by index from 0; by default form and upos. A FEATS key
        (`Number`, `feats:Number`) takes its value from each token; '_' when the token has none. A feature must
        not be the tag column, and nor must a numeric column. `_` is a missing number.
    tagged: False yields sentences without tags and reads no tag column.
    Raises CorpusError for a line without ten columns, a bad id and an empty cell. Raises it also, at the
    end, for a column that is neither one of the ten nor a FEATS key of the file. Without tags, FEATS keys
    of features may be missing: the text may be short.
    """
    if not columns.has_words:
        fact = f"token_column is {columns.token!r}, but {file.name} is CoNLL-U, which has words"
        raise SettingsError(f"{fact}; expected conll, jsonl or csv")
    seen: set[str] = set()
    token_column = "form" if columns.token is None else columns.token
    tag_column = "upos" if columns.tag is None else columns.tag
    readers = {"token": cell_reader(token_column, seen)}
    if tagged:
        readers["tag"] = cell_reader(tag_column, seen)
    for key, column in columns.features.items():
        readers[f"feature {key!r}"] = cell_reader(column, seen)
    for key, column in columns.numbers.items():
        readers[f"numeric {key!r}"] = cell_reader(column, seen)
    inputs = [
        *((f"feature {key!r}", column) for key, column in columns.features.items()),
        *((f"numeric {key!r}", column) for key, column in columns.numbers.items()),
    ]
    for what, column in inputs if tagged else ():
        if parse_column(column) == parse_column(tag_column):  # the network would see the answer
            raise CorpusError(f"column {column!r} can't be both tag and {what}", path=file.name)
    layout = _layout_of_columns(columns, token_column, tag_column if tagged else None)
    filled: set[str] = set()
    any_sentence = False
    for block in line_blocks(lines):
        if opens_document(block):
            file.open_document()
        sentence = _read_at_once(block, layout, file) if layout else None
        if sentence is None:
            sentence = _read_words(block, readers, columns, file)
        if sentence is not None:
            any_sentence = True
            filled.update(key for key, values in sentence.features.items() if {*values} != {"_"})
            yield sentence
    if any_sentence:
        others = (tag_column, *(column for _, column in inputs)) if tagged else ()
        for column in (token_column, *others):
            _check_known(column, seen, file.name)
        _check_filled(columns.features, filled, file.name)


def _check_filled(features: Mapping[str, ColumnRef], filled: Collection[str], name: str) -> None:
    """Raise CorpusError for a feature whose column holds only '_'. FEATS keys may be missing."""
    for key, column in features.items():
        if key not in filled and isinstance(parse_column(column), int):
            fact = f"column {column!r} of feature {key!r} holds nothing but '_'"
            raise CorpusError(fact, path=name)


def cell_reader(column: ColumnRef, seen: set[str]) -> CellReader:
    """Return a function from the ten cells to the value of `column`. It adds the FEATS keys it meets to `seen`.

    Raises SettingsError when an index is outside the ten columns.
    """
    key = parse_column(column)
    if isinstance(key, int):
        return itemgetter(key)

    def read_feature(cells: list[str]) -> str:
        if cells[FEATS] == "_":
            return "_"
        features = dict(pair.split("=", 1) for pair in cells[FEATS].split("|") if "=" in pair)
        seen.update(features)
        return features.get(key, "_")

    return read_feature


def parse_column(column: ColumnRef) -> int | str:
    """Return the index of a column given by name or number, or else its FEATS key.

    >>> parse_column("UPOS"), parse_column("3"), parse_column("feats:Number")
    (3, 3, 'Number')
    """
    text = str(column)
    if text.lower() in COLUMNS:
        return COLUMNS.index(text.lower())
    if not text.removeprefix("-").isdecimal():
        return text[6:] if text.lower().startswith("feats:") else text
    index = int(text)
    if not -len(COLUMNS) <= index < len(COLUMNS):
        raise SettingsError(f"column {index}: CoNLL-U has 10 columns, counted from 0")
    return index % len(COLUMNS)


def _check_known(column: ColumnRef, seen: set[str], name: str) -> None:
    key = parse_column(column)
    if isinstance(key, int) or key in seen:
        return
    close = nearest(key, [*COLUMNS, *sorted(seen)])
    fact = f"{column!r} is neither a CoNLL-U column nor a FEATS key of this file{close}"
    raise CorpusError(fact, path=name)


def _layout_of_columns(
    columns: ChosenColumns, token: ColumnRef, tag: ColumnRef | None
) -> ColumnLayout | None:
    """Return the layout of the wanted columns. None when one is a FEATS key."""
    token_index, tag_index = parse_column(token), None if tag is None else parse_column(tag)
    features, numbers = map(_column_indices, (columns.features, columns.numbers))
    if isinstance(token_index, str) or isinstance(tag_index, str):
        return None
    if features is None or numbers is None:
        return None
    return ColumnLayout(
        by_tab=True,
        columns=len(COLUMNS),
        token=token_index,
        tag=tag_index,
        features=features,
        numbers=numbers,
    )


def _column_indices(columns: Mapping[str, ColumnRef]) -> dict[str, int] | None:
    """Return the index of each named column. None when one is a FEATS key."""
    indices = {key: parse_column(column) for key, column in columns.items()}
    known = {key: index for key, index in indices.items() if isinstance(index, int)}
    return known if len(known) == len(indices) else None


def _read_at_once(block: LineBlock, layout: ColumnLayout, file: ColumnFile) -> Sentence | None:
    """Build the sentence of a clean block. None when the block must be read line by line."""
    first = next((number for number, (_, line) in enumerate(block) if line[0] != "#"), 0)
    head, body = block[:first], block[first:]
    cells = clean_cells([line for _, line in body], columns=layout.columns, by_tab=True)
    if cells is None or not all(map(NUMBER, cells[:: layout.columns])):
        return None
    columns = pick_clean_columns(cells, layout)
    if columns is None:
        return None
    comments: list[Comment] = []
    for number, line in head:
        file.add_comment(comments, number, line)
    sentence = build_sentence(
        file,
        body[0][0],
        columns.tokens,
        columns.tags,
        comments=comments,
        features=columns.features,
        numbers=columns_of_numbers(columns.numbers, [number for number, _ in body], file.name),
    )
    forms, miscs = (cells[index :: layout.columns] for index in SURFACE)
    text = sentence.metadata.get(TEXT)
    offsets = plain_offsets(forms, miscs, text) if isinstance(text, str) else None
    if offsets is not None:
        return replace(sentence, text=text, offsets=offsets)
    surface = [SurfaceToken(form, (form,), misc) for form, misc in zip(forms, miscs, strict=True)]
    return _with_text(sentence, surface, file)


def _with_text(sentence: Sentence, surface: Sequence[SurfaceToken], file: ColumnFile) -> Sentence:
    """Return a sentence with its text and offsets, if its lines state them. Counts a text of other words."""
    text = sentence.metadata.get(TEXT)
    if not isinstance(text, str):
        if not any(NO_SPACE in token.misc for token in surface):
            return sentence
        text = joined_text(surface)
    offsets = word_offsets(surface, text)
    if offsets is None:
        file.notes[OTHER_TEXT] += 1
        return sentence
    return replace(sentence, text=text, offsets=offsets)


def _read_words(
    block: LineBlock, readers: Mapping[str, CellReader], chosen: ChosenColumns, file: ColumnFile
) -> Sentence | None:
    """Build the sentence of a block."""
    columns: dict[str, list[str]] = {what: [] for what in readers}
    comments: list[Comment] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    for number, line in block:
        if line[0] == "#":
            file.add_comment(comments, number, line)
            continue
        cells = _cells(line, file.name, number)
        rows.append(cells)
        if not cells[0].isdecimal():
            file.notes[EMPTY_NODES_SKIPPED if "." in cells[0] else RANGES_SKIPPED] += 1
            continue
        lines.append(number)
        for what, read in readers.items():
            cell = read(cells)
            if not cell.strip(" "):
                raise CorpusError(f"empty {what}", path=file.name, line=number, text=line)
            columns[what].append(intern(cell))
    if not lines:
        return None
    numbers = {key: columns[f"numeric {key!r}"] for key in chosen.numbers}
    sentence = build_sentence(
        file,
        lines[0],
        columns["token"],
        columns.get("tag"),
        comments=comments,
        features={key: columns[f"feature {key!r}"] for key in chosen.features},
        numbers=columns_of_numbers(numbers, lines, file.name),
    )
    surface = list(surface_tokens(rows))
    if sum(len(token.words) for token in surface) != len(sentence):
        return sentence  # the ids do not count the words
    return _with_text(sentence, surface, file)


def _cells(line: str, name: str, number: int) -> list[str]:
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        fact = f"expected 10 columns between TABs, found {len(cells)}"
        raise CorpusError(fact, path=name, line=number, text=line)
    if not IDENTIFIER.fullmatch(cells[0]):
        expected = "a number, a range such as 1-2 or an empty node such as 8.1"
        fact = f"id {cells[0]!r}; expected {expected}"
        raise CorpusError(fact, path=name, line=number, text=line)
    return cells


def write_conllu(
    sentences: Iterable[Sentence], stream: TextIO, *, tag_column: str = "upos"
) -> None:
    """Write ten columns per token: its number, its spelling, the tag in `tag_column`, and '_' elsewhere.

    Metadata and weights go into comments. Metadata values are read back as strings. Without tags, the tag
    column holds '_'. Raises UserError for text that a cell between TABs cannot hold.
    """
    index = parse_column(tag_column)
    if not isinstance(index, int) or index < 2:
        raise SettingsError(f"tag column {tag_column!r}; expected lemma, upos, xpos, … or misc")
    for sentence in sentences:
        if not sentence.tokens:
            raise UserError(f"{sentence.source}: a sentence without tokens can't be written")
        lines = [*comment_lines(sentence), *_conllu_lines(sentence, index)]
        stream.write("\n".join(lines) + "\n\n")


def _conllu_lines(sentence: Sentence, tag_index: int) -> Iterator[str]:
    tags = sentence.tags or ("_",) * len(sentence)
    for number, (token, tag) in enumerate(zip(sentence.tokens, tags, strict=True), start=1):
        cells = [str(number), check_column_cell(token, "token", sentence), *"_" * 8]
        cells[tag_index] = check_column_cell(tag, "tag", sentence)
        yield "\t".join(cells)
