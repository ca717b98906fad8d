"""Which of the formats a file or a stream is in, told by its first line of content."""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import chain
from pathlib import Path

from seqlab.corpus.column_layout import is_document_marker, may_be_comment
from seqlab.corpus.conllu import COLUMNS, IDENTIFIER
from seqlab.corpus.lines import NumberedLines, numbered_lines
from seqlab.errors import SettingsError, nearest


class Format(StrEnum):
    """The formats of corpora."""

    CONLL = "conll"
    CONLLU = "conllu"
    JSONL = "jsonl"
    PARALLEL = "parallel"


EXTENSIONS = {
    ".conllu": Format.CONLLU,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".json": Format.JSONL,
    ".in": Format.PARALLEL,
}
JSON_OBJECT = re.compile(r'\s*\{\s*("(?:[^"\\]|\\.)*"\s*:|\}\s*$)')


def detect_format(source: str | Path | Iterable[str], *, name: str = "") -> Format:
    """The format of a path or of the first lines of a stream.

    Content decides: an object with keys is jsonl, ten columns behind an id are conllu. Where it
    says neither, the extension (of the path, or of `name`) does; all else is conll.

    >>> detect_format(['{"tokens": ["Paris"]}']), detect_format(["Paris B-LOC"])
    (<Format.JSONL: 'jsonl'>, <Format.CONLL: 'conll'>)
    """
    if not isinstance(source, str | Path):
        content = next((line for line in source if _is_content(line)), "")
        return _format_of(content, name)
    if Path(source).is_dir():
        return Format.PARALLEL
    return detect_format((line for _, line in numbered_lines(source)), name=str(source))


def _is_content(line: str) -> bool:
    """Whether a line says what format it is in: it is not blank, a remark or a document marker."""
    return not (not line or line.isspace() or may_be_comment(line) or is_document_marker(line))


def _format_of(content: str, name: str) -> Format:
    if JSON_OBJECT.match(content):
        return Format.JSONL
    cells = content.split("\t")
    if len(cells) == len(COLUMNS) and IDENTIFIER.fullmatch(cells[0]):
        return Format.CONLLU
    return EXTENSIONS.get(Path(name.removesuffix(".gz")).suffix.lower(), Format.CONLL)


def parse_format(name: object) -> Format:
    """The Format called `name`, or a SettingsError with the nearest."""
    try:
        return Format(str(name).lower())
    except ValueError:
        close = nearest(name, Format)
        raise SettingsError(
            f"unknown format {name!r}; expected {', '.join(Format)}{close}"
        ) from None


def peeked(lines: NumberedLines, name: str, known: Format | None) -> tuple[Format, NumberedLines]:
    """The format, and the lines again from the first, read no further than the first content."""
    if known is not None:
        return known, lines
    head = []
    for number, line in lines:
        head.append((number, line))
        if _is_content(line):
            break
    return detect_format((line for _, line in head), name=name), chain(head, lines)
