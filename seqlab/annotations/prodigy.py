"""Prodigy's JSONL: {"text", "tokens", "spans": [{"start", "end", "label"}], "answer"}; offsets are code points.

A span may be a list [start, end, label], as other programs write this shape.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.annotations.json_records import Record, json_records, write_json_lines
from seqlab.annotations.record_fields import (
    keyed,
    list_of,
    name_of,
    object_of,
    offset_of,
    sentences_of_tokens,
    span_of_list,
    span_of_object,
    text_of,
)
from seqlab.annotations.span_report import SpanReport, report_discontinuous
from seqlab.errors import CorpusError

ACCEPT = "accept"
READ = ("text", "tokens", "spans", "answer")


def read(path: Path, *, encoding: str, notes: Counter[str]) -> Iterator[AnnotatedText]:
    """Yield the accepted examples of a file; see `AnnotationModule`. One without an answer is accepted."""
    for source, value in json_records(path, encoding):
        fields = object_of(value, "the example", source)
        answer = fields.get("answer", ACCEPT)
        if answer == ACCEPT:
            yield _document(fields, source, notes)
        else:
            notes[f"examples with answer {answer!r}"] += 1


def _document(fields: dict[str, Any], source: str, notes: Counter[str]) -> AnnotatedText:
    text = text_of(keyed(fields, "text", "the example", source), "text", source)
    spans = []
    for index, value in enumerate(list_of(fields.get("spans"), "spans", source)):
        what = f"spans[{index}]"
        if isinstance(value, list):
            spans.append(span_of_list(value, what, source))
        else:
            spans.append(span_of_object(object_of(value, what, source), what, source))
    values = list_of(fields.get("tokens"), "tokens", source)
    tokens = [_token(value, f"tokens[{index}]", source) for index, value in enumerate(values)]
    sentences = sentences_of_tokens(text, tokens, source, notes)
    for (start, end), value in zip(tokens, values, strict=True):
        if value.get("text", text[start:end]) != text[start:end]:
            fact = (
                f"token {value['text']!r} is not at {start} to {end} of the text, "
                f"which has {text[start:end]!r} there; export it again"
            )
            raise CorpusError(fact, path=source)
    notes["relations, not read"] += len(list_of(fields.get("relations"), "relations", source))
    meta = fields.get("meta")
    name = name_of(meta.get("id")) if isinstance(meta, dict) else None
    metadata = {key: value for key, value in fields.items() if key not in (*READ, "relations")}
    return AnnotatedText(
        text=text,
        spans=tuple(spans),
        sentences=sentences,
        metadata=metadata,
        source=source,
        name=name,
    )


def _token(value: object, what: str, source: str) -> tuple[int, int]:
    fields = object_of(value, what, source)
    start = offset_of(keyed(fields, "start", what, source), f"{what}.start", source)
    return start, offset_of(keyed(fields, "end", what, source), f"{what}.end", source)


def write(documents: Iterable[AnnotatedText], path: Path, *, report: SpanReport) -> None:
    """Write accepted examples. Tokens are written if each span begins and ends with one, as Prodigy demands."""
    write_json_lines((_record(document, report) for document in documents), path)


def _record(document: AnnotatedText, report: SpanReport) -> Record:
    report_discontinuous(document, report)
    text = document.text
    spans: list[dict[str, Any]] = [
        {"start": start, "end": end, "label": label} for start, end, label in document.spans
    ]
    fields: dict[str, Any] = {"text": text, "spans": spans}
    tokens = [pair for one in document.sentences or () for pair in zip(*one, strict=True)]
    firsts = {start: index for index, (start, _) in enumerate(tokens)}
    lasts = {end: index for index, (_, end) in enumerate(tokens)}
    if tokens and all(span["start"] in firsts and span["end"] in lasts for span in spans):
        fields["tokens"] = _token_objects(text, tokens)
        for span in spans:
            span["token_start"], span["token_end"] = firsts[span["start"]], lasts[span["end"]]
    name = (
        {}
        if document.name is None or "meta" in document.metadata
        else {"meta": {"id": document.name}}
    )
    return document.source, {**document.metadata, **name, **fields, "answer": ACCEPT}


def _token_objects(text: str, tokens: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """Tokens as Prodigy has them. 'ws' says whether white space follows."""
    return [
        {
            "text": text[start:end],
            "start": start,
            "end": end,
            "id": index,
            "ws": text[end : end + 1].isspace(),
        }
        for index, (start, end) in enumerate(tokens)
    ]
