"""Detect the format of a file or stream from its first line of content."""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path

from seqlab.corpus.column_layout import is_document_marker, may_be_comment
from seqlab.corpus.conllu import COLUMNS, IDENTIFIER
from seqlab.corpus.table_header import is_table_header
from seqlab.errors import SettingsError, nearest
from seqlab.text.lines import NumberedLines


class Format(StrEnum):
    """The corpus formats."""

    CONLL = "conll"
    CONLLU = "conllu"
    JSONL = "jsonl"
    PARALLEL = "parallel"
    CSV = "csv"
    HF = "hf"
    DOCCANO = "doccano"
    LABEL_STUDIO = "label-studio"
    PRODIGY = "prodigy"
    BRAT = "brat"
    SPACY = "spacy"
    BIOC = "bioc"
    CAS = "cas"
    TEXT = "text"


ANNOTATION_FORMATS = (
    Format.DOCCANO,
    Format.LABEL_STUDIO,
    Format.PRODIGY,
    Format.BRAT,
    Format.SPACY,
    Format.BIOC,
    Format.CAS,
)
"""The formats of annotation tools: texts with character spans."""

EXTENSIONS = {
    ".conllu": Format.CONLLU,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".json": Format.JSONL,
    ".in": Format.PARALLEL,
    ".csv": Format.CSV,
}
ELEMENT_LINES = 2000  # of an array over several lines, to find the keys of its first element
JSON_OBJECT = re.compile(r'\s*(?:\[\s*)?\{\s*("(?:[^"\\]|\\.)*"\s*:|\}\s*$)')
# JSON lines of Hugging Face: integers under a name of tags, or a key that other JSON lines do not have.
INTEGER_TAGS = re.compile(r'"(?:\w+_tags|tags|labels|ner_labels)"\s*:\s*\[\s*-?\d')
NER_TAGS, TAGS = re.compile(r'"ner_tags"\s*:'), re.compile(r'"tags"\s*:')


def detect_format(lines: Iterable[str], *, name: str = "") -> Format:
    """Return the format of a corpus, from its first lines and its file name.

    A JSON object with keys is jsonl, with integers as tags hf. Ten columns that begin with an id are conllu.
    A header that names tokens and tags is csv. Otherwise the extension of `name` decides. Without a known
    extension it is conll.

    >>> detect_format(['{"tokens": ["Paris"]}']), detect_format(["Paris B-LOC"])
    (<Format.JSONL: 'jsonl'>, <Format.CONLL: 'conll'>)
    """
    lines = iter(lines)
    content = next((line for line in lines if _is_content(line)), "")
    if JSON_OBJECT.match(content) or _opens_array(content):
        element = "\n".join([content, *lines]) if _opens_array(content) else content
        return Format.HF if _is_hugging_face(element) else Format.JSONL
    cells = content.split("\t")
    if len(cells) == len(COLUMNS) and IDENTIFIER.fullmatch(cells[0]):
        return Format.CONLLU
    if is_table_header(content):
        return Format.CSV
    return EXTENSIONS.get(Path(name.removesuffix(".gz")).suffix.lower(), Format.CONLL)


def _opens_array(line: str) -> bool:
    """Tell whether a line opens an array of objects, the first of which goes on in the lines after it."""
    return line.strip() == "[" or (line.lstrip().startswith("[") and line.strip().endswith("{"))


def _is_hugging_face(line: str) -> bool:
    """Tell whether a JSON object holds integers as tags, or tags under `ner_tags`.

    >>> _is_hugging_face('{"tokens": ["a"], "tags": [0]}'), _is_hugging_face('{"tokens": ["a"], "tags": ["O"]}')
    (True, False)
    """
    if INTEGER_TAGS.search(line):
        return True
    return bool(NER_TAGS.search(line)) and not TAGS.search(line)


def _is_content(line: str) -> bool:
    """Tell whether a line shows the format: it is not blank, a comment or a document marker."""
    return not (not line or line.isspace() or may_be_comment(line) or is_document_marker(line))


def parse_format(name: object) -> Format:
    """Return the format of this name. Raises SettingsError for an unknown name."""
    try:
        return Format(str(name).lower())
    except ValueError:
        close = nearest(name, Format)
        fact = f"unknown format {name!r}"
        raise SettingsError(f"{fact}; expected {', '.join(Format)}{close}") from None


def detect_and_rewind(
    lines: NumberedLines, name: str, known: Format | None
) -> tuple[Format, NumberedLines]:
    """Return the format, and all lines from the first on. Reads no further than the first line of content, or the
    first element of an array.

    known: the format when the caller knows it; then nothing is read.
    """
    if known is not None:
        return known, lines
    head = []
    for number, line in lines:
        head.append((number, line))
        if _is_content(line):
            break
    if head and _opens_array(head[-1][1]):
        for number, line in islice(lines, ELEMENT_LINES):
            head.append((number, line))
            if "}" in line:
                break
    return detect_format((line for _, line in head), name=name), chain(head, lines)
