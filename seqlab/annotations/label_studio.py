"""Label Studio's JSON export, an array of tasks, and its JSON-MIN, an array of texts with their spans.

Label Studio counts offsets in code points: `charsToCodePoints` in its editor (label-studio-frontend pull
request 308, in 2021). Exports of older versions count UTF-16 code units (label-studio issue 1347). The text
that each span states shows which.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.code_units import CodeUnits
from seqlab.annotations.json_records import Record, json_records, write_json_array
from seqlab.annotations.record_fields import (
    SeenIds,
    keyed,
    label_of,
    list_of,
    name_of,
    object_of,
    offset_of,
    text_of,
)
from seqlab.annotations.span_report import SpanReport, report_discontinuous
from seqlab.errors import CorpusError

ANNOTATIONS = ("annotations", "completions")  # 'completions' in versions before 1.0
NAME = "document"  # key of `data` for the document's name, if that is not a task number
MIN_KEYS = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time")


def read(path: Path, *, encoding: str, notes: Counter[str]) -> Iterator[AnnotatedText]:
    """Yield the tasks of a file; see `AnnotationModule`. A task without annotation gives `annotated` False.

    Of several annotations of a task, the first that was completed is read. Predictions are not read.
    """
    seen = SeenIds()
    texts_seen: dict[int | str, str] = {}
    for source, value in json_records(path, encoding):
        fields = object_of(value, "the task", source)
        if "data" in fields or any(key in fields for key in ANNOTATIONS):
            seen.add(name_of(fields.get("id")), source)
            yield _task(fields, source, notes)
        else:
            document = _minimal(fields, source, notes)
            # JSON-MIN has a record for each annotation of a task.
            if document.name is not None and texts_seen.setdefault(document.name, source) != source:
                notes["further annotations of a task"] += 1
                continue
            yield document


def _task(fields: dict[str, Any], source: str, notes: Counter[str]) -> AnnotatedText:
    data = object_of(keyed(fields, "data", "the task", source), "data", source)
    key = next((key for key in ANNOTATIONS if key in fields), ANNOTATIONS[0])
    predictions = fields.get("predictions")
    notes["predictions, not read"] += len(predictions) if isinstance(predictions, list) else 0
    completed = []
    for index, value in enumerate(list_of(fields.get(key), key, source)):
        annotation = object_of(value, f"{key}[{index}]", source)
        if annotation.get("was_cancelled") or annotation.get("skipped"):
            notes["cancelled annotations"] += 1
        else:
            completed.append((f"{key}[{index}].result", annotation))
    notes["further annotations of a task"] += max(len(completed) - 1, 0)
    text_key = _text_key(data, "data", source)
    text = text_of(data[text_key], f"data.{text_key}", source)
    what, annotation = completed[0] if completed else (key, {})
    regions = [
        (f"{what}[{index}].value", _region_value(value, f"{what}[{index}]", source, notes))
        for index, value in enumerate(list_of(annotation.get("result"), what, source))
    ]
    metadata = {key: value for key, value in data.items() if key != text_key}
    name = name_of(fields.get("id"))
    if name_of(metadata.get(NAME)) is not None:
        name = metadata.pop(NAME)
    return AnnotatedText(
        text=text,
        spans=tuple(_spans(text, regions, source, notes)),
        metadata=metadata,
        source=source,
        name=name,
        annotated=bool(completed),
    )


def _text_key(fields: dict[str, Any], what: str, source: str) -> str:
    """The key of the text: 'text', or the only key with a string."""
    if "text" in fields:
        return "text"
    strings = [
        key for key, value in fields.items() if isinstance(value, str) and key not in MIN_KEYS
    ]
    if len(strings) != 1:
        shown = ", ".join(map(repr, fields)) or "none"
        fact = (
            f"{what} has no key 'text', and not exactly one key with a string; its keys are {shown}"
        )
        raise CorpusError(fact, path=source)
    return strings[0]


def _region_value(
    value: object, what: str, source: str, notes: Counter[str]
) -> dict[str, Any] | None:
    """Return the 'value' of a labelled region; None for results that are no spans of text."""
    region = object_of(value, what, source)
    kind = region.get("type")
    if kind != "labels":
        notes[f"results of type {kind!r}, not read"] += 1
        return None
    return object_of(keyed(region, "value", what, source), f"{what}.value", source)


def _spans(
    text: str,
    regions: Iterable[tuple[str, dict[str, Any] | None]],
    source: str,
    notes: Counter[str],
) -> Iterator[LabelledSpan]:
    units: CodeUnits | None = None
    for what, value in regions:
        if value is None:
            continue
        start = offset_of(keyed(value, "start", what, source), f"{what}.start", source)
        end = offset_of(keyed(value, "end", what, source), f"{what}.end", source)
        stated = value.get("text")
        if isinstance(stated, str) and text[max(start, 0) : max(end, 0)] != stated:
            units = units or CodeUnits(text)
            first, last = units.to_code_points(start), units.to_code_points(end)
            if start >= 0 and text[first:last] == stated:
                start, end = first, last
                notes["spans with offsets in UTF-16 code units"] += 1
            else:
                notes["spans whose stated text is not at their offsets"] += 1
        labels = list_of(value.get("labels"), f"{what}.labels", source)
        notes["regions without a label"] += not labels
        for index, label in enumerate(labels):
            yield LabelledSpan(start, end, label_of(label, f"{what}.labels[{index}]", source))


def _minimal(fields: dict[str, Any], source: str, notes: Counter[str]) -> AnnotatedText:
    """The document of a record of JSON-MIN. Each control of the labelling page has a key of its own."""
    text_key = _text_key(fields, "the task", source)
    text = text_of(fields[text_key], text_key, source)
    span_keys = [key for key, value in fields.items() if _is_span_list(value)]
    regions: list[tuple[str, dict[str, Any] | None]] = [
        (f"{key}[{index}]", object_of(value, f"{key}[{index}]", source))
        for key in span_keys
        for index, value in enumerate(fields[key])
    ]
    known = {*span_keys, *MIN_KEYS, text_key}
    return AnnotatedText(
        text=text,
        spans=tuple(_spans(text, regions, source, notes)),
        metadata={key: value for key, value in fields.items() if key not in known},
        source=source,
        name=name_of(fields.get("id")),
    )


def _is_span_list(value: object) -> bool:
    is_list = isinstance(value, list) and bool(value)
    return is_list and all(isinstance(item, dict) and "labels" in item for item in value)  # type: ignore[attr-defined]


def write(documents: Iterable[AnnotatedText], path: Path, *, report: SpanReport) -> None:
    """Write tasks with one annotation each, as the import of Label Studio reads them.

    The labelling page must call its text 'text' and its labels 'label', as the template for named entities does.
    """
    numbers = _TaskNumbers()
    write_json_array((_record(document, numbers, report) for document in documents), path)


class _TaskNumbers:
    """Gives each task a number of its own: the document's name if that is one, else the next free one."""

    def __init__(self) -> None:
        self.used: set[int] = set()
        self.free = count(1)

    def number(self, name: int | str | None) -> int:
        if not isinstance(name, int) or name in self.used:
            name = next(number for number in self.free if number not in self.used)
        self.used.add(name)
        return name


def _record(document: AnnotatedText, numbers: _TaskNumbers, report: SpanReport) -> Record:
    report_discontinuous(document, report)
    number = numbers.number(document.name)
    name = {} if document.name in (None, number) else {NAME: document.name}
    result = [
        {
            "id": str(index),
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "value": {
                "start": start,
                "end": end,
                "text": document.text[max(start, 0) : max(end, 0)],
                "labels": [label],
            },
        }
        for index, (start, end, label) in enumerate(document.spans)
    ]
    return document.source, {
        "id": number,
        "data": {**document.metadata, **name, "text": document.text},
        "annotations": [{"result": result, "was_cancelled": False}],
    }
