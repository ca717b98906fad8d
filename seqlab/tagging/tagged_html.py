"""Tagged text as an HTML page that needs no network: spans in colour, plain tags below their tokens.

A page is its head and any number of blocks after it. So it can be written while its text arrives, and a page that is
cut off can still be read. The page has no script, and its content security policy allows its own style alone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from seqlab.machine.checksums import policy_source

FIRST_HUE = 250  # degrees, of OKLCH
# Further labels have a darker tone of the hues between the eight, then a lighter tone.
HUES, TONES = 8, 3
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class HighlightedPart(NamedTuple):
    """A part of a text that has a label: a span or a token. score: a probability; None hides it."""

    start: int
    end: int
    label: str
    score: float | None = None


def page_head(labels: Sequence[str], *, title: str, plain: bool) -> str:
    """The beginning of a page: its style, its title, and a legend.

    labels: all labels of the tagger. plain: whether they are plain tags.
    """
    style = f"{stylesheet()}\n{hue_rules(labels)}"
    policy = (
        f"default-src 'none'; style-src {policy_source(style)}; base-uri 'none'; form-action 'none'"
    )
    legend = " ".join(
        f'<mark class="c{n}"><b>{text(label)}</b></mark>' for n, label in enumerate(labels)
    )
    what = "Tags" if plain else "Entity types"
    return (
        '<!doctype html>\n<html lang="und"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{style}</style></head>\n<body>\n"
        f'<h1>{text(title)}</h1>\n<p class="legend">{what}: {legend}</p>\n'
    )


def document_opening(title: str | None) -> str:
    """What stands before the text of a document."""
    heading = "" if title is None else f"<h2>{text(title)}</h2>"
    return f'<article dir="auto">{heading}<div class="text">'


DOCUMENT_END = "</div></article>\n"


def sentence_block(html: str) -> str:
    """The block of a sentence without a document."""
    return f'<p class="sentence" dir="auto">{html}</p>\n'


def highlighted(
    content: str, parts: Iterable[HighlightedPart], numbers: Mapping[str, int], *, plain: bool
) -> str:
    """A text in HTML with its parts highlighted.

    parts: in order, without overlaps. numbers: of each label in the style of the page. plain: whether labels stand below
    their tokens.
    """
    pieces: list[str] = []
    position = 0
    opening, end = (
        ('<span class="token c{}">', "</b></span>")
        if plain
        else ('<mark class="c{}">', "</b></mark>")
    )
    for part in parts:
        score = "" if part.score is None else f" {score_text(part.score)}"
        pieces += (
            text(content[position : part.start]),
            opening.format(numbers[part.label]),
            text(content[part.start : part.end]),
            f"<b>{text(part.label)}{score}",
            end,
        )
        position = part.end
    pieces.append(text(content[position:]))
    return "".join(pieces)


def label_numbers(labels: Iterable[str]) -> dict[str, int]:
    """The number of each label in the style of a page."""
    return {label: number for number, label in enumerate(labels)}


def text(value: str) -> str:
    r"""A text escaped for HTML. Characters that HTML cannot hold are spelled out.

    >>> text("<b>\x00")
    '&lt;b&gt;\\x00'
    """
    return escape(UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02x}", value))


def score_text(score: float) -> str:
    """A probability with two decimals; '?' if it is not a number."""
    return f"{score:.2f}" if isfinite(score) else "?"


def hue_rules(labels: Sequence[str]) -> str:
    """The style rules that give each label its colour: a hue, and a tone of the style sheet."""
    step = 360 / min(len(labels), HUES) if labels else 0
    rules = []
    for number in range(len(labels)):
        tone = number // HUES % TONES
        hue = (FIRST_HUE + step * (number % HUES + tone % 2 / 2)) % 360
        own = f";--mark:var(--mark-{tone});--edge:var(--edge-{tone})" if tone else ""
        rules.append(f".c{number}{{--hue:{hue:.0f}{own}}}")
    return "".join(rules)


@cache
def stylesheet() -> str:
    """The style of all pages."""
    return Path(__file__).with_suffix(".css").read_text(encoding="utf-8").strip()
