"""doccano's JSONL of sequence labelling, as versions before and after 1.5 write it.

Older: {"text", "labels": [[start, end, label]]}, or "entities" or "annotations" in its place. Newer: {"id", "text",
"label": [[start, end, label]]}, or with relations {"id", "text", "entities": [{"start_offset", "end_offset",
"label"}], "relations"}. The text may be called "data".
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.code_units import code_point_spans
from seqlab.annotations.json_records import Record, json_records, write_json_lines
from seqlab.annotations.record_fields import (
    SeenIds,
    keyed,
    label_of,
    list_of,
    name_of,
    object_of,
    offset_of,
    span_of_list,
    text_of,
)
from seqlab.annotations.span_report import SpanReport, report_discontinuous
from seqlab.errors import CorpusError

TEXT_KEYS = ("text", "data")
SPAN_KEYS = ("label", "labels", "entities", "annotations")
IGNORED = ("relations", "cats", "Comments", "comments")


def read(path: Path, *, encoding: str, notes: Counter[str]) -> Iterator[AnnotatedText]:
    """Yield the documents of a file; see `AnnotationModule`."""
    seen = SeenIds()
    for source, value in json_records(path, encoding):
        document = _document(object_of(value, "the document", source), source, notes)
        seen.add(document.name, source)
        yield document


def _document(fields: dict[str, Any], source: str, notes: Counter[str]) -> AnnotatedText:
    key = next((key for key in TEXT_KEYS if key in fields), "text")
    text = text_of(keyed(fields, key, "the document", source), key, source)
    keys = [key for key in SPAN_KEYS if isinstance(fields.get(key), list)]
    if not keys and not any(key in fields for key in SPAN_KEYS):
        fact = "the document has none of the keys 'label', 'labels' and 'entities'; expected doccano's sequence labelling"
        raise CorpusError(fact, path=source)
    spans = tuple(
        _span(value, f"{key}[{index}]", source)
        for key in SPAN_KEYS
        for index, value in enumerate(list_of(fields.get(key), key, source))
    )
    spans, converted = code_point_spans(text, spans)
    notes["documents with offsets in UTF-16 code units"] += converted
    for ignored in IGNORED:
        values = fields.get(ignored)
        notes[f"{ignored.lower()}, not read"] += len(values) if isinstance(values, list) else 0
    metadata = {
        key: value
        for key, value in fields.items()
        if key not in (*TEXT_KEYS, *SPAN_KEYS, *IGNORED, "id")
    }
    name = name_of(fields.get("id"))
    return AnnotatedText(text=text, spans=spans, metadata=metadata, source=source, name=name)


def _span(value: object, what: str, source: str) -> LabelledSpan:
    if isinstance(value, str):
        fact = f"{what} is a string; expected [start, end, label] (is this a project of text classification?)"
        raise CorpusError(fact, path=source, text=value)
    if isinstance(value, list):
        return span_of_list(value, what, source)
    fields = object_of(value, what, source)
    label = keyed(fields, "label", what, source)
    if isinstance(label, int) and not isinstance(
        label, bool
    ):  # the oldest exports number their labels
        label = str(label)
    return LabelledSpan(
        offset_of(keyed(fields, "start_offset", what, source), f"{what}.start_offset", source),
        offset_of(keyed(fields, "end_offset", what, source), f"{what}.end_offset", source),
        label_of(label, f"{what}.label", source),
    )


def write(documents: Iterable[AnnotatedText], path: Path, *, report: SpanReport) -> None:
    """Write one document per line, as doccano's import of JSONL reads it."""
    write_json_lines((_record(document, report) for document in documents), path)


def _record(document: AnnotatedText, report: SpanReport) -> Record:
    report_discontinuous(document, report)
    name = {} if document.name is None else {"id": document.name}
    spans = [list(span) for span in document.spans]
    own = {**name, "text": document.text, "label": spans}
    others = {k: v for k, v in document.metadata.items() if k not in (*own, *TEXT_KEYS, *SPAN_KEYS)}
    return document.source, {**own, **others}
