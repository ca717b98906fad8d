"""What `tag` adds to the JSON object of a sentence when it is asked to: other tag sequences, and how sure
its spans are.
"""

import math
from collections.abc import Sequence
from typing import Any

from seqlab.corpus.sentence import Sentence
from seqlab.tagging.spans import SpanConfidence, SpanScorer
from seqlab.tagging.tagger import Prediction, Tagger, TagPath

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
        "type": span.kind,
        "probability": digits(span.probability),
    }


def digits(probability: float) -> float | None:
    """Four digits that count, for what is said of many tokens may be improbable; None for no number.

    >>> digits(0.00012345678)
    0.0001235
    """
    return float(f"{probability:.4g}") if math.isfinite(probability) else None
