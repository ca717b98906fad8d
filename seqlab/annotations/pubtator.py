"""PubTator's text files: `ID|t|title`, `ID|a|abstract`, then a line per span; a blank line ends a document.

Offsets count code points of the title, a line break and the abstract.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.json_records import HALF_SURROGATE, text_lines
from seqlab.annotations.record_fields import SeenIds
from seqlab.annotations.span_report import SpanReport, writable_spans
from seqlab.errors import CorpusError, UserError
from seqlab.machine.atomic import atomic_text_files

TEXT_LINE = re.compile(r"([^|\t]+)\|([a-z])\|(.*)")
SPAN_LINE = re.compile(r"([^|\t]+)\t(-?\d{1,18})\t(-?\d{1,18})\t([^\t]*)\t([^\t]+)(?:\t.*)?")
RELATION_LINE = re.compile(r"[^|\t]+\t[^\t]+\t[^\t]+\t[^\t]+")
UNSAFE = re.compile(r"[|\t\r\n]")
LINE_BREAK = re.compile(r"[\r\n]")


def read_pubtator(path: Path, *, encoding: str, notes: Counter[str]) -> Iterator[AnnotatedText]:
    """Yield the documents of a file, line by line. Raises CorpusError."""
    seen = SeenIds()
    lines: list[tuple[int, str]] = []
    for number, line in text_lines(path, encoding):
        if line.strip():
            lines.append((number, line.rstrip("\r")))
        elif lines:
            yield _document(lines, path, seen, notes)
            lines = []
    if lines:
        yield _document(lines, path, seen, notes)


class _Stated(NamedTuple):
    """A span and the text that its line states."""

    span: LabelledSpan
    text: str


def _document(
    lines: list[tuple[int, str]], path: Path, seen: SeenIds, notes: Counter[str]
) -> AnnotatedText:
    name: str | None = None
    sections: list[str] = []
    stated: list[_Stated] = []
    for number, line in lines:
        text_match, span_match = TEXT_LINE.fullmatch(line), SPAN_LINE.fullmatch(line)
        match = text_match or span_match
        if match is not None and name is not None and match[1] != name:
            fact = (
                f"id {match[1]!r} within the document {name!r}; put a blank line between documents"
            )
            raise CorpusError(fact, path=str(path), line=number, text=line)
        if text_match is not None and not stated:
            name = text_match[1]
            sections.append(text_match[3])
        elif span_match is not None and sections:
            _, start, end, text, label = span_match.groups()
            stated.append(_Stated(LabelledSpan(int(start), int(end), label), text))
        elif sections and RELATION_LINE.fullmatch(line):
            notes["relations, not read"] += 1
        else:
            fact = "expected 'ID|t|title', 'ID|a|abstract' or 'ID<TAB>START<TAB>END<TAB>text<TAB>LABEL'"
            raise CorpusError(fact, path=str(path), line=number, text=line)
    if sections[-1:] == [""]:  # a title alone
        sections.pop()
    text = "\n".join(sections)
    for (start, end, _), shown in stated:
        if LINE_BREAK.sub(" ", text[max(start, 0) : max(end, 0)]) != shown:
            notes["spans whose stated text is not at their offsets"] += 1
    source = f"{path}:{lines[0][0]}"
    seen.add(name, source)
    spans = tuple(one.span for one in stated)
    return AnnotatedText(text=text, spans=spans, source=source, name=name)


def write_pubtator(documents: Iterable[AnnotatedText], path: Path, report: SpanReport) -> None:
    """Write documents: the first line is the title, further lines are the abstract.

    Line breaks in the abstract become spaces, so that offsets stay as they are. Raises UserError for labels
    with tabs or line breaks.
    """
    numbers = count(1)
    with atomic_text_files() as open_text:
        stream = open_text(path)
        for document in documents:
            stream.writelines(_lines(document, next(numbers), report))


def _lines(document: AnnotatedText, number: int, report: SpanReport) -> Iterator[str]:
    if HALF_SURROGATE.search(document.text):
        fact = "half a surrogate pair; utf-8 can't hold this document"
        raise UserError(f"{document.source}: {fact}")
    name = UNSAFE.sub("_", str(number if document.name is None else document.name))
    title, _, abstract = document.text.partition("\n")
    yield f"{name}|t|{LINE_BREAK.sub(' ', title)}\n{name}|a|{LINE_BREAK.sub(' ', abstract)}\n"
    for start, end, label in writable_spans(document, report):
        if UNSAFE.search(label):
            fact = f"label {label!r} holds a tab, a bar or a line break, which PubTator can't store; rename it"
            raise UserError(f"{document.source}: {fact}")
        covered = UNSAFE.sub(" ", document.text[start:end])
        yield f"{name}\t{start}\t{end}\t{covered}\t{label}\n"
    yield "\n"
