"""BioC in XML and in JSON, and PubTator: documents of passages with absolute offsets.

The passages of a document are joined: line breaks fill the gaps between their offsets. Offsets are code points; some
files count bytes of UTF-8 or UTF-16 code units. The text of each annotation shows which.
"""

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, cast
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.code_units import CodeUnits
from seqlab.annotations.json_records import (
    HALF_SURROGATE,
    dump_json,
    json_records,
    records_of_array,
    text_blocks,
)
from seqlab.annotations.pubtator import read_pubtator, write_pubtator
from seqlab.annotations.record_fields import (
    SeenIds,
    keyed,
    label_of,
    list_of,
    object_of,
    offset_of,
    text_of,
)
from seqlab.annotations.span_report import SpanReport, writable_spans
from seqlab.errors import CorpusError, UserError
from seqlab.machine.atomic import atomic_text_files
from seqlab.text.lines import GZIP_MAGIC, open_corpus

HEAD = 1 << 16  # characters in which the array of documents must begin
DOCUMENTS = re.compile(r'"(?:documents|PubTator3)"\s*:\s*\[')
LARGEST_GAP = 16  # between passages; larger gaps are parts that the file leaves out
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(path: Path, *, encoding: str, notes: Counter[str]) -> Iterator[AnnotatedText]:
    """Yield the documents of a file of BioC or PubTator; see `AnnotationModule`. XML states its own encoding."""
    first = _first_character(path, encoding)
    if first == "<":
        return _read_xml(path, notes)
    if first in ("{", "["):
        return _read_json(path, encoding, notes)
    return read_pubtator(path, encoding=encoding, notes=notes)


def _first_character(path: Path, encoding: str) -> str:
    try:
        return next(
            (block.lstrip()[0] for block in text_blocks(path, encoding) if block.strip()), ""
        )
    except CorpusError:
        with open_corpus(path) as file:
            if file.read(64).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith(b"<"):
                return "<"
        raise


class _Annotation(NamedTuple):
    """One annotation: its class, its (offset, length) pairs, and the text that it states."""

    label: str
    locations: list[tuple[int, int]]
    stated: str | None


class _Passage(NamedTuple):
    """A passage or sentence with text of its own."""

    offset: int
    text: str
    annotations: list[_Annotation]


def _annotated(
    passages: Iterable[_Passage], source: str, name: str | None, notes: Counter[str]
) -> AnnotatedText:
    """Join passages to one text, and move their annotations to offsets in it."""
    parts: list[str] = []
    spans: list[LabelledSpan] = []
    discontinuous: list[LabelledSpan] = []
    length = 0  # of the text so far
    previous = _Passage(0, "", [])
    for passage in passages:
        filler = "\n" * _gap(previous, passage)
        parts += [filler, passage.text]
        base = length + len(filler)
        length = base + len(passage.text)
        for annotation in passage.annotations:
            moved = _in_code_points(annotation, passage, notes)
            hull = LabelledSpan(
                base + moved[0][0], base + max(stop for _, stop in moved), annotation.label
            )
            (spans if len(moved) == 1 else discontinuous).append(hull)
        previous = passage
    return AnnotatedText(
        text="".join(parts),
        spans=tuple(spans),
        discontinuous=tuple(discontinuous),
        source=source,
        name=name,
    )


def _gap(previous: _Passage, passage: _Passage) -> int:
    """How many characters the offsets leave between two passages; 1 if they leave out a part of the text."""
    distance, text = passage.offset - previous.offset, previous.text
    lengths = (
        len(text),
        len(text.encode("utf-8", "surrogatepass")),
        len(text) + len(CodeUnits(text).ends),
    )
    gaps = [distance - length for length in lengths]
    if touching := [gap for gap in gaps if gap in (0, 1)]:
        return touching[0]
    return gaps[0] if 0 <= gaps[0] <= LARGEST_GAP else int(bool(text))


def _in_code_points(
    annotation: _Annotation, passage: _Passage, notes: Counter[str]
) -> list[tuple[int, int]]:
    """Return start and end of each location, counted from the start of the passage in code points."""
    pairs = sorted(
        (start - passage.offset, start - passage.offset + length)
        for start, length in annotation.locations
    )
    text, stated = passage.text, annotation.stated
    if stated is None or _covered(text, pairs) == stated.split():
        return pairs
    for unit, convert in (
        ("bytes of UTF-8", _from_bytes(text)),
        ("UTF-16 code units", CodeUnits(text).to_code_points),
    ):
        moved = [(convert(start), convert(end)) for start, end in pairs]
        if pairs[0][0] >= 0 and _covered(text, moved) == stated.split():
            notes[f"spans with offsets in {unit}"] += 1
            return moved
    notes["spans whose stated text is not at their offsets"] += 1
    return pairs


def _covered(text: str, pairs: Iterable[tuple[int, int]]) -> list[str]:
    return " ".join(text[max(start, 0) : max(end, 0)] for start, end in pairs).split()


def _from_bytes(text: str) -> Callable[[int], int]:
    raw = text.encode("utf-8", "surrogatepass")
    return lambda offset: len(raw[: max(offset, 0)].decode("utf-8", "ignore"))


# XML


def _read_xml(path: Path, notes: Counter[str]) -> Iterator[AnnotatedText]:
    seen = SeenIds()
    numbers = count(1)
    with open_corpus(path) as file:
        stream = gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == GZIP_MAGIC else file  # type: ignore[attr-defined]
        events = ElementTree.iterparse(cast(Any, stream), events=("start", "end"))  # noqa: S314, no entities are fetched
        root: ElementTree.Element | None = None
        while True:
            try:
                event, element = next(events)
            except StopIteration:
                break
            except ElementTree.ParseError as error:
                fact = f"bad XML ({str(error).split(':')[0]}); export it again"
                raise CorpusError(fact, path=str(path), line=error.position[0]) from None
            except (OSError, EOFError, ValueError, LookupError) as error:
                raise CorpusError(f"can't be read as XML: {error}", path=str(path)) from None
            if root is None:
                root = element
                if root.tag != "collection":
                    fact = f"the root element is <{root.tag}>; expected BioC's <collection>"
                    raise CorpusError(fact, path=str(path))
            if event == "end" and element.tag == "document":
                source = f"{path}: record {next(numbers)}"
                name = element.findtext("id") or None
                seen.add(name, source)
                notes["relations, not read"] += sum(1 for _ in element.iter("relation"))
                yield _annotated(_xml_passages(element, source), source, name, notes)
                root.clear()  # what has been read


def _xml_passages(document: ElementTree.Element, source: str) -> Iterator[_Passage]:
    for passage in document.iter("passage"):
        parts = [passage] if passage.findtext("text") else list(passage.iter("sentence"))
        for part in parts or [passage]:
            annotations = [
                _xml_annotation(one, f"annotation {index}", source)
                for index, one in enumerate(part.findall("annotation"), 1)
            ]
            offset = _number(part.findtext("offset"), "the offset of a passage", source)
            yield _Passage(offset, part.findtext("text") or "", annotations)


def _xml_annotation(element: ElementTree.Element, what: str, source: str) -> _Annotation:
    infons = {one.get("key", ""): one.text for one in element.findall("infon")}
    locations = [
        (
            _number(one.get("offset"), f"the offset of {what}", source),
            _number(one.get("length"), f"the length of {what}", source),
        )
        for one in element.findall("location")
    ]
    return _annotation(infons, locations, element.findtext("text"), what, source)


def _number(value: str | None, what: str, source: str) -> int:
    try:
        return int((value or "")[:18])
    except ValueError:
        raise CorpusError(f"{what} is {value!r}; expected a whole number", path=source) from None


def _annotation(
    infons: dict[str, Any],
    locations: list[tuple[int, int]],
    stated: str | None,
    what: str,
    source: str,
) -> _Annotation:
    if not locations:
        raise CorpusError(f"{what} has no location; expected one at least", path=source)
    label = infons.get("type") or infons.get("label")
    if label is None:
        raise CorpusError(
            f"{what} has no infon 'type'; expected the class of the span", path=source
        )
    return _Annotation(label_of(label, f"the type of {what}", source), locations, stated)


# JSON


def _read_json(path: Path, encoding: str, notes: Counter[str]) -> Iterator[AnnotatedText]:
    """Read a collection, its documents alone as an array, or one document per line."""
    seen = SeenIds()
    blocks = text_blocks(path, encoding)
    head = ""
    while len(head) < HEAD and (block := next(blocks, "")):
        head += block
    match = DOCUMENTS.search(head)
    passages = head.find('"passages"')
    if match is not None and (passages < 0 or match.start() < passages):
        records = records_of_array(head[match.end() - 1 :], blocks, str(path), is_whole_file=False)
    else:
        records = json_records(path, encoding)
    for source, value in records:
        fields = object_of(value, "the document", source)
        name = fields.get("id")
        name = str(name) if isinstance(name, int | str) and name != "" else None
        seen.add(name, source)
        notes["relations, not read"] += len(list_of(fields.get("relations"), "relations", source))
        yield _annotated(_json_passages(fields, source), source, name, notes)


def _json_passages(document: dict[str, Any], source: str) -> Iterator[_Passage]:
    for index, value in enumerate(
        list_of(keyed(document, "passages", "the document", source), "passages", source)
    ):
        what = f"passages[{index}]"
        passage = object_of(value, what, source)
        parts = [(what, passage)]
        if not passage.get("text") and passage.get("sentences"):
            parts = [
                (
                    f"{what}.sentences[{number}]",
                    object_of(one, f"{what}.sentences[{number}]", source),
                )
                for number, one in enumerate(
                    list_of(passage["sentences"], f"{what}.sentences", source)
                )
            ]
        for where, part in parts:
            annotations = [
                _json_annotation(one, f"{where}.annotations[{number}]", source)
                for number, one in enumerate(
                    list_of(part.get("annotations"), f"{where}.annotations", source)
                )
            ]
            offset = offset_of(keyed(part, "offset", where, source), f"{where}.offset", source)
            text = part.get("text")
            text = "" if text is None else text_of(text, f"{where}.text", source)
            yield _Passage(offset, text, annotations)


def _json_annotation(value: object, what: str, source: str) -> _Annotation:
    fields = object_of(value, what, source)
    locations = []
    for index, one in enumerate(list_of(fields.get("locations"), f"{what}.locations", source)):
        where = f"{what}.locations[{index}]"
        location = object_of(one, where, source)
        offset = offset_of(keyed(location, "offset", where, source), f"{where}.offset", source)
        length = offset_of(keyed(location, "length", where, source), f"{where}.length", source)
        locations.append((offset, length))
    infons = object_of(fields.get("infons") or {}, f"{what}.infons", source)
    stated = fields.get("text")
    stated = stated if isinstance(stated, str) else None
    return _annotation(infons, locations, stated, what, source)


# Writing


def write(documents: Iterable[AnnotatedText], path: Path, *, report: SpanReport) -> None:
    """Write BioC XML for a path that ends in '.xml', BioC JSON for '.json', else PubTator.

    Each document is one passage. Raises UserError for characters that XML cannot hold.
    """
    ending = path.name.removesuffix(".gz").rpartition(".")[2].lower()
    if ending == "xml":
        _write_parts(_xml_parts(documents, report), path)
    elif ending == "json":
        _write_parts(_json_parts(documents, report), path)
    else:
        write_pubtator(documents, path, report)


def _write_parts(parts: Iterable[str], path: Path) -> None:
    with atomic_text_files() as open_text:
        open_text(path).writelines(parts)


def _json_parts(documents: Iterable[AnnotatedText], report: SpanReport) -> Iterator[str]:
    yield '{"source": "", "date": "", "key": "", "infons": {}, "documents": ['
    for index, document in enumerate(documents):
        annotations = [
            {
                "id": str(number),
                "infons": {"type": label},
                "text": document.text[start:end],
                "locations": [{"offset": start, "length": end - start}],
            }
            for number, (start, end, label) in enumerate(writable_spans(document, report), 1)
        ]
        parts: dict[str, Any] = {"infons": {}, "offset": 0, "text": document.text, "sentences": []}
        parts |= {"annotations": annotations, "relations": []}
        name = str(index + 1 if document.name is None else document.name)
        fields = {"id": name, "infons": {}, "passages": [parts], "relations": []}
        yield ("," if index else "") + "\n" + dump_json(fields, document.source)
    yield "\n]}\n"


def _xml_parts(documents: Iterable[AnnotatedText], report: SpanReport) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE collection SYSTEM "BioC.dtd">\n'
    yield "<collection><source></source><date></date><key></key>\n"
    for index, document in enumerate(documents, 1):
        name = str(index if document.name is None else document.name)
        yield f"<document><id>{_escaped(name, document)}</id><passage><offset>0</offset>"
        yield f"<text>{_escaped(document.text, document)}</text>"
        for number, (start, end, label) in enumerate(writable_spans(document, report), 1):
            covered = _escaped(document.text[start:end], document)
            yield (
                f'<annotation id="{number}"><infon key="type">{_escaped(label, document)}</infon>'
                f'<location offset="{start}" length="{end - start}"/><text>{covered}</text></annotation>'
            )
        yield "</passage></document>\n"
    yield "</collection>\n"


def _escaped(text: str, document: AnnotatedText) -> str:
    """Text for XML. A carriage return is written as a reference: XML readers turn a plain one into a line feed."""
    if bad := NOT_XML.search(text):
        problem = (
            "half a surrogate pair" if HALF_SURROGATE.match(bad[0]) else f"character {bad[0]!r}"
        )
        raise UserError(f"{document.source}: {problem}; XML can't hold this document, write JSON")
    return escape(text, {"\r": "&#13;"})
