"""brat's standoff files: a folder with a .txt and an .ann for each document.

Offsets are code points of the text as it stands, line ends included. A span is a line `T1<TAB>LABEL START END<TAB>text`.
A span with gaps has several ranges, separated by semicolons. brat cannot store a line break inside a range, so a span
across lines has one range per line; such ranges are joined.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.document_folder import document_folder
from seqlab.annotations.json_records import text_blocks
from seqlab.annotations.span_report import SpanReport, writable_spans
from seqlab.errors import CorpusError, UserError
from seqlab.machine.files import nearest_sibling
from seqlab.text.lines import BYTE_ORDER_MARK, open_corpus

TEXT_BOUND = re.compile(
    r"(T\S*)\t(\S+) (-?\d{1,18} -?\d{1,18}(?:;-?\d{1,18} -?\d{1,18})*)(?:\t(.*))?"
)
LINE_BREAK = re.compile(r"[\r\n]")
LINE_PART = re.compile(r"[^\r\n]+")
IGNORED = {
    "R": "relations",
    "E": "events",
    "A": "attributes",
    "M": "attributes",
    "N": "normalisations",
    "*": "equivalences",
    "#": "comments",
}


def read(path: Path, *, encoding: str, notes: Counter[str]) -> Iterator[AnnotatedText]:
    """Yield the documents of a folder and its subfolders, or of one .txt or .ann; see `AnnotationModule`."""
    folder, texts = _text_files(path)
    for file in texts:
        annotations = file.with_suffix(".ann")
        if annotations.is_file():
            yield _document(file, annotations, folder, encoding, notes)
        else:
            notes["texts without .ann"] += 1


def _text_files(path: Path) -> tuple[Path, list[Path]]:
    if path.is_file():
        return path.parent, [path.with_suffix(".txt")]
    if not path.is_dir():
        raise CorpusError(f"no such folder{nearest_sibling(path)}", path=str(path))
    for annotations in sorted(path.rglob("*.ann")):
        if not annotations.with_suffix(".txt").is_file():
            fact = (
                f"there is no {annotations.with_suffix('.txt').name} beside it; put the text there"
            )
            raise CorpusError(fact, path=str(annotations))
    texts = sorted(file for file in path.rglob("*.txt") if file.is_file())
    if not texts:
        fact = "there is no .txt in this folder; expected brat's .txt and .ann files"
        raise CorpusError(fact, path=str(path))
    return path, texts


class _TextBound(NamedTuple):
    """One T line: its label, its ranges, and the text that it states."""

    line: int
    label: str
    ranges: list[tuple[int, int]]
    stated: str | None


def _document(
    file: Path, annotations: Path, folder: Path, encoding: str, notes: Counter[str]
) -> AnnotatedText:
    text = "".join(text_blocks(file, encoding))
    bounds = list(_text_bounds(annotations, encoding, notes))
    shift = _byte_order_mark_shift(file, text, bounds)
    spans: list[LabelledSpan] = []
    discontinuous: list[LabelledSpan] = []
    for bound in bounds:
        moved = sorted((start - shift, end - shift) for start, end in bound.ranges)
        ranges = list(_joined_ranges(text, moved))
        covered = " ".join(text[max(start, 0) : max(end, 0)] for start, end in ranges)
        if bound.stated is not None and covered.split() != bound.stated.split():
            notes["spans whose stated text is not at their offsets"] += 1
        hull = LabelledSpan(ranges[0][0], max(end for _, end in ranges), bound.label)
        (spans if len(ranges) == 1 else discontinuous).append(hull)
    return AnnotatedText(
        text=text,
        spans=tuple(spans),
        discontinuous=tuple(discontinuous),
        source=str(file),
        name=file.relative_to(folder).with_suffix("").as_posix(),
    )


def _byte_order_mark_shift(file: Path, text: str, bounds: list[_TextBound]) -> int:
    """Return 1 if the offsets count a byte order mark, which is no part of the text that is read; else 0."""
    with open_corpus(file) as stream:
        has_mark = stream.read(len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK

    def matches(shift: int) -> int:
        """How many ranges hold exactly the text that their span states."""
        return sum(
            text[max(start - shift, 0) : max(end - shift, 0)] == bound.stated
            for bound in bounds
            for start, end in bound.ranges
        )

    return int(has_mark and matches(1) > matches(0))


def _text_bounds(path: Path, encoding: str, notes: Counter[str]) -> Iterator[_TextBound]:
    lines = "".join(text_blocks(path, encoding)).split("\n")
    seen: dict[str, int] = {}
    for number, line in enumerate((line.rstrip("\r") for line in lines), 1):
        if not line.strip():
            continue
        if line[0] in IGNORED:
            notes[f"{IGNORED[line[0]]}, not read"] += 1
            continue
        match = TEXT_BOUND.fullmatch(line)
        if match is None:
            fact = "expected 'T1<TAB>LABEL START END<TAB>text'"
            raise CorpusError(fact, path=str(path), line=number, text=line)
        name, label, ranges, stated = match.groups()
        if seen.setdefault(name, number) != number:
            fact = f"{name} stands in line {seen[name]} too; give one of them another number"
            raise CorpusError(fact, path=str(path), line=number, text=line)
        pairs = [tuple(map(int, one.split(" "))) for one in ranges.split(";")]
        yield _TextBound(number, label, [(pair[0], pair[1]) for pair in pairs], stated)


def _joined_ranges(text: str, ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join ranges between which the text has only white space with a line break, or nothing."""
    start, end = ranges[0]
    for following in ranges[1:]:
        gap = text[max(end, 0) : max(following[0], 0)]
        is_line_end = gap.isspace() and ("\n" in gap or "\r" in gap)
        if is_line_end or following[0] == end:
            end = following[1]
        else:
            yield start, end
            start, end = following
    yield start, end


def write(documents: Iterable[AnnotatedText], path: Path, *, report: SpanReport) -> None:
    """Write a folder with .txt and .ann of each document, and the annotation.conf that brat needs.

    Spans that are empty or outside the text cannot be written; they are counted.
    Raises UserError if the folder exists and holds something, and for labels with white space.
    """
    labels: dict[str, None] = {}
    with document_folder(path) as (folder, file_of):
        for document in documents:
            file = file_of(document)
            _write_text(file.with_name(f"{file.name}.txt"), document.text, document)
            lines = "".join(_annotation_lines(document, report))
            _write_text(file.with_name(f"{file.name}.ann"), lines, document)
            labels.update(dict.fromkeys(span.label for span in document.spans))
        entities = "".join(f"{label}\n" for label in labels)
        conf = f"[entities]\n{entities}\n[relations]\n\n[events]\n\n[attributes]\n"
        (folder / "annotation.conf").write_text(conf, encoding="utf-8", newline="\n")


def _write_text(file: Path, text: str, document: AnnotatedText) -> None:
    try:
        file.write_bytes(text.encode("utf-8"))
    except UnicodeEncodeError:
        fact = "half a surrogate pair; utf-8 can't hold this document"
        raise UserError(f"{document.source}: {fact}") from None


def _annotation_lines(document: AnnotatedText, report: SpanReport) -> Iterator[str]:
    text = document.text
    for number, (start, end, label) in enumerate(writable_spans(document, report), 1):
        if len(label.split()) != 1 or label != label.strip():
            fact = f"label {label!r} holds white space, which brat can't store; rename it"
            raise UserError(f"{document.source}: {fact}")
        parts = [match.span() for match in LINE_PART.finditer(text, start, end)]
        if not parts:  # line breaks alone, which only a range with a line break could cover
            parts = [(start, end)]
        parts[0], parts[-1] = (start, parts[0][1]), (parts[-1][0], end)
        yield _line(text, number, label, parts)


def _line(text: str, number: int, label: str, parts: list[tuple[int, int]]) -> str:
    ranges = ";".join(f"{start} {end}" for start, end in parts)
    covered = LINE_BREAK.sub(" ", " ".join(text[start:end] for start, end in parts))
    return f"T{number}\t{label} {ranges}\t{covered}\n"
