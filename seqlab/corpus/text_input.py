"""Read text or a corpus as sentences without tags, in a format guessed from the first lines.

Reading goes line by line, so that a file or pipe of any length takes the same memory.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Literal, cast

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.corpus.chosen_columns import ChosenColumns, ColumnRef
from seqlab.corpus.column_layout import is_document_marker
from seqlab.corpus.format_detection import Format, detect_format
from seqlab.corpus.jsonl import read_jsonl_or_text
from seqlab.corpus.raw_documents import DocumentRule, read_documents, read_documents_with_ids
from seqlab.corpus.reading import read_sentences
from seqlab.corpus.reading_options import ReadingOptions
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.text.lines import NumberedLines, numbered_lines
from seqlab.text.token_rules import TokenRules
from seqlab.text.tokenise import UNTRAINED, tokenise

InputFormat = Literal["conll", "conllu", "csv", "hf", "jsonl", "text"]
FIRST_LINES = 20  # lines of a file from which its format is guessed
ALIKE = 8  # first lines with the same number of cells: columns, not text
COLUMN_FILES = (".conll", ".conllu", ".tsv", ".iob", ".iob2", ".bio", ".col")


def open_lines(
    source: str | Path | BinaryIO, *, name: str, encoding: str | None = None, ends: bool = False
) -> tuple[list[str], NumberedLines]:
    """Return the first lines with content, and all lines from the first on.

    A file gives up to `FIRST_LINES` lines. A pipe gives one, since its writer may wait for an answer.
    ends: whether all lines keep their ends.
    """
    lines = numbered_lines(source, name=name, encoding=encoding, ends=ends)
    wanted = FIRST_LINES if isinstance(source, str | Path) else 1
    head: list[tuple[int, str]] = []
    content: list[str] = []
    for number, line in lines:
        head.append((number, line))
        if line.strip() and not line.startswith("# "):
            content.append(line.rstrip("\r\n") if ends else line)
        if len(content) == wanted:
            break
    return content, chain(head, lines)


def guess_format(first: Sequence[str], *, name: str, tags: Iterable[str]) -> InputFormat:
    """Guess the format of an input from its first lines; text if nothing shows another format.

    tags: the tags that the tagger knows. A token followed by one of them is a line of columns. First lines
        with equally many cells, two to ten, are columns too.

    >>> guess_format(["Paris B-LOC"], name="x.txt", tags=["B-LOC", "O"])
    'conll'
    >>> guess_format(["Paris is big."], name="x.txt", tags=["B-LOC", "O"])
    'text'
    """
    detected = detect_format(first)
    if detected in (Format.JSONL, Format.CONLLU, Format.CSV, Format.HF):
        return cast(InputFormat, detected.value)
    return "conll" if in_columns(first, name, set(tags)) else "text"


def in_columns(first: Sequence[str], name: str, tags: Collection[str]) -> bool:
    """Tell whether the first lines are columns, from their TABs, tags, number of cells, or the file name."""
    lines = [line.split() for line in first if not is_document_marker(line)]
    if not lines or all("\t" in line for line in first) or len(lines) < len(first):
        return bool(first)
    cells = lines[0]
    # A sentence may well end in the word O or X; it does not end in B-LOC.
    tagged = len(cells) > 1 and cells[-1] in tags
    if tagged and (len(cells) == 2 or cells[-1][1:2] == "-"):
        return True
    alike = len(lines) >= ALIKE and len({len(line) for line in lines}) == 1
    return (alike and 2 <= len(cells) <= 10) or Path(name).suffix.lower() in COLUMN_FILES


def one_token_per_line(first: Sequence[str]) -> bool:
    """Tell whether each of the first lines holds a single word, as a file of tokens alone does.

    >>> one_token_per_line(["Paris"]), one_token_per_line(["Paris is big."]), one_token_per_line([])
    (True, False, False)
    """
    return bool(first) and all(len(line.split()) == 1 for line in first)


def read_lines(
    lines: NumberedLines,
    *,
    name: str,
    format: InputFormat,
    token_column: int = 0,
    feature_columns: Mapping[str, ColumnRef] | None = None,
    tokenized: bool = False,
    token_rules: TokenRules = UNTRAINED,
) -> Iterator[Sentence]:
    """Yield sentences without tags, each as soon as its end has been read.

    feature_columns: the column of each feature of the tagger, by the feature's name.
    tokenized: split text at white space only. token_rules: how to split other text, as in `tokenise`.
    Raises UserError for features in text, which has no columns.
    """
    features = feature_columns or {}
    if format == "text":
        for feature in features:
            raise UserError(
                f"{name}: text has no column for feature {feature!r}, which this tagger reads; "
                "expected a format with columns, such as conll or jsonl"
            )
        return text_sentences(lines, name=name, tokenized=tokenized, token_rules=token_rules)
    columns = ChosenColumns(token=token_column if format == "conll" else None, features=features)
    return read_sentences(lines, name=name, format=Format(format), columns=columns, tagged=False)


def read_items(
    lines: NumberedLines,
    *,
    name: str,
    format: str,
    options: ReadingOptions,
    documents: DocumentRule = "line",
    id_column: int | None = None,
) -> Iterator[Sentence] | Iterator[AnnotatedText] | Iterator[Sentence | AnnotatedText]:
    """Yield sentences without tags, or raw texts, each as soon as its end has been read.

    format: that of a corpus, or text. JSON lines may hold sentences and raw texts.
    documents, id_column: how raw text is divided into documents; see `seqlab.corpus.raw_documents`.
    Raises as `read_sentences` does.
    """
    if format == "text" and id_column is not None:
        return read_documents_with_ids(lines, name=name, id_column=id_column)
    if format == "text":
        return read_documents(lines, name=name, documents=documents)
    if format == Format.JSONL:
        return read_jsonl_or_text(lines, name=name, columns=options.columns)
    return read_sentences(
        lines,
        name=name,
        format=Format(format),
        columns=options.columns,
        tag_names=options.tag_names,
        tagged=False,
    )


def text_sentences(
    lines: Iterable[tuple[int, str]],
    *,
    name: str,
    tokenized: bool,
    token_rules: TokenRules = UNTRAINED,
) -> Iterator[Sentence]:
    """Yield one sentence per line. An empty line yields an empty sentence, so that output has a line for each line."""
    for number, line in lines:
        tokens = tuple(line.split()) if tokenized else tokenise(line, token_rules)
        yield Sentence(tokens=tokens, source=f"{name}:{number}")
