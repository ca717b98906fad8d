"""One tagged sentence as text: columns, a JSON line, or a line for people."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any, Literal

from seqlab.corpus.conll import write_conll
from seqlab.corpus.jsonl import write_jsonl
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.tagging.spans import SpanConfidence, SpanScorer
from seqlab.tagging.tagger import Prediction, Tagger, TagPath
from seqlab.text.offset_units import OffsetUnit
from seqlab.text.sentence_bounds import SentenceRule

OutputFormat = Literal["conll", "jsonl", "text", "html", "displacy"]


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """How tagged sentences and raw texts are written.

    scores, n_best, span_scores: additions, see the options of `seqlab tag`.
    offsets: the unit of offsets. sentences, language, tokenized: how raw text is cut.
    paragraphs: the raw texts are paragraphs; in format text an empty line follows each.
    """

    format: OutputFormat
    scores: bool = False
    n_best: int | None = None
    span_scores: bool = False
    offsets: OffsetUnit = "codepoints"
    sentences: SentenceRule = "split"
    language: str = "en"
    tokenized: bool = False
    paragraphs: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether the format shows text to people, with its spans highlighted."""
        return self.format in ("html", "displacy")


def tagged_text(
    sentence: Sentence,
    prediction: Prediction,
    *,
    format: OutputFormat,
    scheme: Scheme,
    scores: bool,
    extra: Mapping[str, Any] | None = None,
) -> str:
    """One tagged sentence with its line ends. An empty sentence gives "", or an empty line in format text.

    scores: add each tag's probability, as a third column or under key "scores"; in format text their mean.
    extra: further keys and values; for JSON only.
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
        return with_score_column(stream.getvalue(), prediction) if scores else stream.getvalue()
    write_jsonl([tagged], stream)
    more = (scores_key(prediction) if scores else {}) | dict(extra or {})
    if not more:
        return stream.getvalue()
    fields = json.loads(stream.getvalue()) | more
    return json.dumps(fields, ensure_ascii=False, allow_nan=False) + "\n"


def check_line(sentence: Sentence) -> None:
    """Raise UserError for a token with a line break. Each input line must give one output line."""
    for token in sentence.tokens:
        if "\n" in token or "\r" in token:
            fact = f"token {token!r} has a line break, which format text cannot hold; give --output-format jsonl"
            raise UserError(f"{sentence.source}: {fact}")


def with_score_column(text: str, prediction: Prediction) -> str:
    """A sentence in columns with a column of scores. Its tokens are the last lines before the blank line."""
    lines = text.removesuffix("\n\n").split("\n")
    first = len(lines) - len(prediction.tags)
    for number, score in enumerate(prediction.scores, first):
        lines[number] += f"\t{score:.4f}"
    return "\n".join(lines) + "\n\n"


def scores_key(prediction: Prediction) -> dict[str, Any]:
    """The key "scores" and its values; null for a score that is not finite."""
    scores = (float(score) for score in prediction.scores)
    return {"scores": [round(score, 4) if math.isfinite(score) else None for score in scores]}


def extra_keys(
    tagger: Tagger,
    tagged: Sequence[tuple[Sentence, Prediction]],
    *,
    n_best: int | None,
    scorer: SpanScorer | None,
) -> list[dict[str, Any]]:
    """The keys "n_best" and "spans" of each sentence, with their values.

    n_best: the number of tag sequences; None leaves the key out. scorer: gives spans their probabilities; None
    leaves the key out.
    """
    sentences = [sentence for sentence, _ in tagged]
    keys: list[dict[str, Any]] = [{} for _ in tagged]
    if n_best is not None:
        for fields, paths in zip(keys, tagger.n_best_chunk(sentences, n_best), strict=True):
            fields["n_best"] = list(map(path_object, paths))
    if scorer is not None:
        predictions = [prediction for _, prediction in tagged]
        for fields, spans in zip(keys, scorer.confidences(sentences, predictions), strict=True):
            fields["spans"] = list(map(span_object, spans))
    return keys


def path_object(path: TagPath) -> dict[str, Any]:
    """A tag sequence as a JSON object."""
    return {"tags": list(path.tags), "probability": significant(path.probability)}


def span_object(span: SpanConfidence) -> dict[str, Any]:
    """A span as a JSON object. Tokens are counted from 0; `stop` is the first token after the span."""
    return {
        "start": span.start,
        "stop": span.stop,
        "type": span.entity_type,
        "probability": significant(span.probability),
    }


def significant(probability: float) -> float | None:
    """A probability with four significant digits, as that of a long sequence may be tiny; None if not finite.

    >>> significant(0.00012345678)
    0.0001235
    """
    return float(f"{probability:.4g}") if math.isfinite(probability) else None


def marked_text(tokens: Sequence[str], tags: Sequence[str], scheme: Scheme) -> str:
    """A sentence as one line: spans in brackets with their entity type, plain tags after a slash.

    >>> marked_text(["Ada", "Lovelace", "sailed"], ["B-person", "I-person", "O"], Scheme.IOB2)
    '[person Ada Lovelace] sailed'
    >>> marked_text(["It", "rains"], ["PRON", "VERB"], Scheme.PLAIN)
    'It/PRON rains/VERB'
    """
    if scheme is Scheme.PLAIN:
        return " ".join(f"{token}/{tag}" for token, tag in zip(tokens, tags, strict=True))
    words = list(tokens)
    for start, end, entity_type in decode_spans(tags, scheme):
        words[start] = f"[{entity_type} {words[start]}"
        words[end - 1] += "]"
    return " ".join(words)
