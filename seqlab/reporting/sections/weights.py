"""The section on weights: the temporal weight matrix of a few sentences, and what each class weighs and why."""

from typing import Any

from seqlab.machine.wording import UNDEFINED
from seqlab.reporting.html import render
from seqlab.reporting.run_details import WeightedSentence
from seqlab.reporting.run_values import RunValues
from seqlab.reporting.shell import Section

LEVELS = 10
LIGHT = 2.0  # the least weight with the darkest shade, so that a matrix of ones stays light


def weights_section(run: RunValues) -> Section | None:
    """None for a run without report.json."""
    details = run.details
    if details is None:
        return None
    sentences = details.weights.sentences if details.weights else ()
    most = max((weight for one in sentences for weight in one.weights), default=0.0)
    most = max(most, LIGHT)
    classes = [
        {
            "name": name,
            "tokens": f"{one.tokens:,}",
            "weight": UNDEFINED if one.weight is None else f"{one.weight:.3g}",
            "why": one.why,
        }
        for name, one in details.classes.items()
    ]
    return Section(
        id="weights",
        short="Weights",
        heading="What every token weighs",
        lead=details.weights.note if details.weights else "",
        body=render(
            "sections/weights.html",
            sentences=[strip_of(sentence, most) for sentence in sentences],
            classes=classes,
        ),
    )


def strip_of(sentence: WeightedSentence, most: float) -> dict[str, Any]:
    """A sentence with the shade of each weight. most: the weight with the darkest shade."""
    rows = zip(sentence.tokens, sentence.tags, sentence.weights, strict=True)
    tokens = [
        {"text": token, "tag": tag, "weight": f"{weight:.3g}", "level": level(weight, most)}
        for token, tag, weight in rows
    ]
    return {"tokens": tokens, "padding": sentence.padding}


def level(weight: float, most: float) -> int:
    """The shade of a weight, from 0 for no weight to 10."""
    return max(1, round(LEVELS * weight / most)) if weight > 0 and most else 0
