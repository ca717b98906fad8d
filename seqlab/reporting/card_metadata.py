"""The header of a model card: YAML with the figures of every class, as the hub of Hugging Face reads it."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seqlab.reporting.run_details import RunDetails

FIGURES = {"f1": "F1", "precision": "precision", "recall": "recall"}
SPLITS = {"valid": "validation", "test": "test"}
"""The hub's names of our splits."""
# Characters that YAML takes in no text.
UNPRINTABLE = re.compile("[\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


def card_header(details: RunDetails, metrics: Mapping[str, Any], *, name: str, licence: str) -> str:
    """The header with its border lines.

    metrics: content of metrics.json. name: of the model. licence: identifier of the hub, such as cc-by-4.0.
    """
    lines = [
        "---",
        f"license: {quoted(licence)}",
        "library_name: seqlab",
        "pipeline_tag: token-classification",
        "tags:",
        "- token-classification",
        "- seqlab",
        "metrics:",
        *(f"- {figure}" for figure in FIGURES),
        "model-index:",
        f"- name: {quoted(name)}",
        "  results:",
    ]
    for split, figures in metrics["splits"].items():
        lines += result_lines(dataset_name(details, split), split, figures)
    return "\n".join([*lines, "---", ""])


def result_lines(dataset: str, split: str, figures: Mapping[str, Any]) -> list[str]:
    """The entry of one split."""
    lines = [
        "  - task:",
        "      type: token-classification",
        "      name: Token Classification",
        "    dataset:",
        f"      name: {quoted(dataset)}",
        f"      type: {quoted(slug(dataset))}",
        f"      split: {SPLITS.get(split, split)}",
        "    metrics:",
    ]
    for figure, title, value in named_figures(figures):
        lines += [
            f"    - type: {figure}",
            f"      name: {quoted(title)}",
            f"      value: {value!r}",
        ]
    return lines


def named_figures(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Yield type, name and value of each figure of a split; undefined ones are left out."""
    for average in ("micro", "macro"):
        value = figures[f"{average}_f1"]
        if value is not None:
            yield "f1", f"{average} F1", float(value)
    for name, row in figures["classes"].items():
        for figure, title in FIGURES.items():
            if row[figure] is not None:
                yield figure, f"{title} of {name}", float(row[figure])


def dataset_name(details: RunDetails, split: str) -> str:
    """The file name of a split's corpus, or of the corpus that it is a part of."""
    names = {one.name: Path(one.path).name for one in details.inputs}
    return names.get(split) or f"{names.get('train', details.title)} (part)"


def slug(name: str) -> str:
    """A name as an identifier: small letters, digits and hyphens.

    >>> slug("WNUT 17train.conll (part)")
    'wnut-17train-conll-part'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "corpus"


def quoted(text: str) -> str:
    r"""A text as a quoted YAML scalar.

    >>> print(quoted('a "b": \x85 é'))
    "a \"b\": \x85 é"
    """
    escaped = json.dumps(text, ensure_ascii=False)
    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped).replace(
        "\x85", "\\x85"
    )
