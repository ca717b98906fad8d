"""Tagged sentences as text: columns, JSON lines, or lines that people read."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import StringIO
from typing import Any, Literal

from seqlab.corpus.conll import write_conll
from seqlab.corpus.jsonl import write_jsonl
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.tagging.spans import SpanConfidence, SpanScorer
from seqlab.tagging.tagger import Prediction, Tagger, TagPath

OutputFormat = Literal["conll", "jsonl", "text"]


def tagged_text(
    sentence: Sentence,
    prediction: Prediction,
    *,
    format: OutputFormat,
    scheme: Scheme,
    scores: bool,
    details: Mapping[str, Any] | None = None,
) -> str:
    """One tagged sentence, with its line ends; nothing for an empty one, but an empty line of text.

    scores: add each tag's probability: a third column, a key "scores", or the mean behind the text.
    details: more keys, and their values, of a JSON object; other formats have no place for them.
    Raises UserError for a sentence that the format cannot hold.
    """
    if format == "text":
        check_line(sentence)
        line = marked_text(sentence.tokens, prediction.tags, scheme)
        mean = f"\t{prediction.scores.mean():.4f}" if scores and sentence.tokens else ""
        return f"{line}{mean}\n"
    if not sentence.tokens:
        return ""
    tagged = replace(sentence, tags=prediction.tags)
    stream = StringIO()
    if format == "conll":
        write_conll([tagged], stream)
        return with_column(stream.getvalue(), prediction) if scores else stream.getvalue()
    write_jsonl([tagged], stream)
    more = (scores_key(prediction) if scores else {}) | dict(details or {})
    return with_keys(stream.getvalue(), more) if more else stream.getvalue()


def check_line(sentence: Sentence) -> None:
    """Refuse a token that would break the line: lines out match lines in."""
    for token in sentence.tokens:
        if "\n" in token or "\r" in token:
            fact = f"token {token!r} holds a line break, which text can't hold; write jsonl"
            raise UserError(f"{sentence.source}: {fact}")


def with_column(text: str, prediction: Prediction) -> str:
    """The column lines of a sentence (the last ones, before the blank line) with their scores."""
    lines = text.removesuffix("\n\n").split("\n")
    first = len(lines) - len(prediction.tags)
    for number, score in enumerate(prediction.scores, first):
        lines[number] += f"\t{score:.4f}"
    return "\n".join(lines) + "\n\n"


def scores_key(prediction: Prediction) -> dict[str, Any]:
    """The scores of a sentence under their key; null for what is no number."""
    scores = (float(score) for score in prediction.scores)
    return {"scores": [round(score, 4) if math.isfinite(score) else None for score in scores]}


def with_keys(line: str, more: Mapping[str, Any]) -> str:
    """The JSON object of a sentence with more keys."""
    return json.dumps(json.loads(line) | dict(more), ensure_ascii=False, allow_nan=False) + "\n"


Details = dict[str, Any]
Tagged = tuple[Sentence, Prediction]


def details(
    tagger: Tagger, tagged: Sequence[Tagged], *, n_best: int | None, scorer: SpanScorer | None
) -> list[Details]:
    """The keys that each sentence gets, and their values.

    n_best: how many tag sequences. scorer: of spans' probabilities. None: not asked for.
    """
    sentences = [sentence for sentence, _ in tagged]
    found: list[Details] = [{} for _ in tagged]
    if n_best is not None:
        for fields, paths in zip(found, tagger.n_best_chunk(sentences, n_best), strict=True):
            fields["n_best"] = list(map(path_object, paths))
    if scorer is not None:
        predictions = [prediction for _, prediction in tagged]
        for fields, spans in zip(found, scorer.confidences(sentences, predictions), strict=True):
            fields["spans"] = list(map(span_object, spans))
    return found


def path_object(path: TagPath) -> Details:
    """A tag sequence as JSON."""
    return {"tags": list(path.tags), "probability": digits(path.probability)}


def span_object(span: SpanConfidence) -> Details:
    """A span as JSON: tokens from `start` to before `stop`, counted from 0."""
    return {
        "start": span.start,
        "stop": span.stop,
        "type": span.entity_type,
        "probability": digits(span.probability),
    }


def digits(probability: float) -> float | None:
    """Four digits that count, for what is said of many tokens may be improbable; None for no number.

    >>> digits(0.00012345678)
    0.0001235
    """
    return float(f"{probability:.4g}") if math.isfinite(probability) else None


def marked_text(tokens: Sequence[str], tags: Sequence[str], scheme: Scheme) -> str:
    """One line: spans in brackets behind their type, plain tags behind a slash.

    >>> marked_text(["Ada", "Lovelace", "sailed"], ["B-person", "I-person", "O"], Scheme.IOB2)
    '[person Ada Lovelace] sailed'
    >>> marked_text(["It", "rains"], ["PRON", "VERB"], Scheme.PLAIN)
    'It/PRON rains/VERB'
    """
    if scheme is Scheme.PLAIN:
        return " ".join(f"{token}/{tag}" for token, tag in zip(tokens, tags, strict=True))
    words = list(tokens)
    for start, end, kind in decode_spans(tags, scheme):
        words[start] = f"[{kind} {words[start]}"
        words[end - 1] += "]"
    return " ".join(words)
