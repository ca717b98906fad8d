"""Predictions in the form of an annotation tool, so that a person corrects them instead of starting from nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from seqlab.annotations import brat
from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.json_records import (
    Record,
    dump_json,
    write_json_array,
    write_json_lines,
)
from seqlab.annotations.span_report import SpanReport

SuggestionTool = Literal["label-studio", "doccano", "prodigy", "brat"]
DIGITS = 4


class ScoredSpan(NamedTuple):
    """A predicted span, `text[start:end]`, and its probability."""

    start: int
    end: int
    label: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A text to label, with what a tagger predicts.

    text: its own spans are not used; its `sentences` are the tokens of the prediction.
    value: how much its labels are worth to the tagger. score: the mean probability of the predicted tags.
    """

    text: AnnotatedText
    spans: tuple[ScoredSpan, ...]
    value: float
    score: float


def suggestion_records(
    suggestions: Iterable[Suggestion], tool: SuggestionTool, model: str
) -> Iterator[Record]:
    """Yield the JSON of each suggestion. model: its name, for Label Studio."""
    for one in suggestions:
        match tool:
            case "label-studio":
                yield one.text.source, _label_studio(one, model)
            case "prodigy":
                yield one.text.source, _prodigy(one)
            case _:
                yield one.text.source, _doccano(one)


def _label_studio(one: Suggestion, model: str) -> dict[str, Any]:
    """A task with a prediction. Label Studio sorts tasks by the score of predictions."""
    result = [
        {
            "id": str(number),
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "score": round(span.score, DIGITS),
            "value": {
                "start": span.start,
                "end": span.end,
                "text": one.text.text[span.start : span.end],
                "labels": [span.label],
            },
        }
        for number, span in enumerate(one.spans)
    ]
    name = {} if one.text.name is None else {"document": one.text.name}
    prediction = {"model_version": model, "score": round(one.score, DIGITS), "result": result}
    return {
        "data": {**one.text.metadata, **name, "text": one.text.text},
        "predictions": [prediction],
    }


def _prodigy(one: Suggestion) -> dict[str, Any]:
    """An example without an answer. Tokens tell Prodigy where spans may begin and end."""
    text = one.text.text
    tokens = [pair for part in one.text.sentences or () for pair in zip(*part, strict=True)]
    firsts = {start: number for number, (start, _) in enumerate(tokens)}
    lasts = {end: number for number, (_, end) in enumerate(tokens)}
    spans = [
        {
            "start": span.start,
            "end": span.end,
            "label": span.label,
            "score": round(span.score, DIGITS),
            "token_start": firsts[span.start],
            "token_end": lasts[span.end],
        }
        for span in one.spans
    ]
    listed = [
        {
            "text": text[start:end],
            "start": start,
            "end": end,
            "id": number,
            "ws": text[end : end + 1].isspace(),
        }
        for number, (start, end) in enumerate(tokens)
    ]
    meta: dict[str, Any] = {"value": round(one.value, DIGITS), "score": round(one.score, DIGITS)}
    if one.text.name is not None:
        meta |= {"id": one.text.name}
    return {**one.text.metadata, "text": text, "tokens": listed, "spans": spans, "meta": meta}


def _doccano(one: Suggestion) -> dict[str, Any]:
    """A document with its predicted labels. doccano takes further keys as metadata."""
    name = {} if one.text.name is None else {"id": one.text.name}
    labels = [[span.start, span.end, span.label] for span in one.spans]
    figures = {"value": round(one.value, DIGITS), "score": round(one.score, DIGITS)}
    return {**one.text.metadata, **name, **figures, "text": one.text.text, "label": labels}


def with_predicted_spans(one: Suggestion) -> AnnotatedText:
    """The text with the predicted spans in place of its own."""
    spans = tuple(LabelledSpan(span.start, span.end, span.label) for span in one.spans)
    return replace(one.text, spans=spans, discontinuous=())


def write_suggestions(
    suggestions: Sequence[Suggestion], path: Path, tool: SuggestionTool, model: str
) -> None:
    """Write suggestions in order; the file or folder appears when it is complete.

    In brat's folder the files are called by their place in the order, since brat lists them by name.
    """
    if tool == "brat":
        digits = len(str(len(suggestions)))
        texts = (
            replace(with_predicted_spans(one), name=f"{number:0{digits}}")
            for number, one in enumerate(suggestions, start=1)
        )
        brat.write(texts, path, report=SpanReport())
        return
    records = suggestion_records(suggestions, tool, model)
    if tool == "label-studio":
        write_json_array(records, path)
    else:
        write_json_lines(records, path)


def suggestion_lines(
    suggestions: Iterable[Suggestion], tool: SuggestionTool, model: str
) -> Iterator[str]:
    """Yield what `write_suggestions` writes into a file, line by line."""
    records = suggestion_records(suggestions, tool, model)
    if tool != "label-studio":
        yield from (dump_json(value, source) + "\n" for source, value in records)
        return
    before = "[\n"
    for source, value in records:
        yield before + dump_json(value, source)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
