"""The confusion matrix as a heat map: rows are gold classes, columns predicted ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqlab.corpus.schemes import OUTSIDE_TAG
from seqlab.errors import shorten
from seqlab.machine.terminal import visible
from seqlab.reporting.svg import element, number, picture, text

MOST_CLASSES = 24
CELL = 34.0
LETTER = 6.2  # mean width of a letter in a label
SLANT = 0.72  # of a slanted label's length, upwards
DARK = 0.62  # shade on which the count has the colour of the page
WORDS = 24  # characters of a label


def heat_map(confusion: Mapping[str, Any], *, label: str = "confusion of classes by token") -> str:
    """The map of the classes with most mistakes. confusion: as in metrics.json.

    The shade is the share of the row's gold tokens: accent where the class is right, danger where it is not.
    """
    kept = shown_classes(confusion)
    names = [confusion["names"][index] for index in kept]
    longest = LETTER * max((len(short(name)) for name in names), default=0)
    left, top = longest + 14, SLANT * longest + 20
    parts = [*column_labels(names), *row_labels(names)]
    for y, row in enumerate(kept):
        total = sum(confusion["counts"][row])
        for x, column in enumerate(kept):
            count = confusion["counts"][row][column]
            parts.append(heat_cell(x, y, count, count / total if total else 0.0, names))
    side = CELL * len(names)
    map_ = element("g", "".join(parts), transform=f"translate({number(left)} {number(top)})")
    return picture([map_], left + side + SLANT * longest, top + side + 6, label=label)


def shown_classes(confusion: Mapping[str, Any]) -> list[int]:
    """The indices of the classes on the map: all of them, or O and those with most mistakes, in the matrix's order."""
    counts = confusion["counts"]
    indices = range(len(counts))
    if len(counts) <= MOST_CLASSES:
        return list(indices)
    mistakes = [
        sum(counts[index]) + sum(row[index] for row in counts) - 2 * counts[index][index]
        for index in indices
    ]
    outside = [index for index in indices if confusion["names"][index] == OUTSIDE_TAG]
    others = sorted((i for i in indices if i not in outside), key=lambda i: -mistakes[i])
    worst = (outside + others)[:MOST_CLASSES]
    return sorted(worst)


def column_labels(names: Sequence[str]) -> list[str]:
    """Slanted names above the columns."""
    return [
        text(
            short(name), 0, 0,
            transform=f"translate({number(CELL * (index + 0.6))} -8) rotate(-45)",
        )
        for index, name in enumerate(names)
    ]  # fmt: skip


def row_labels(names: Sequence[str]) -> list[str]:
    """Names left of the rows."""
    return [
        text(short(name), -10, CELL * (index + 0.5) + 3.5, class_="end strong")
        for index, name in enumerate(names)
    ]


def short(name: str) -> str:
    """A name that fits beside a row."""
    return shorten(visible(name), WORDS)


def heat_cell(x: int, y: int, count: int, share: float, names: Sequence[str]) -> str:
    """A cell with its count; the title says what it counts."""
    left, top = CELL * x, CELL * y
    parts = [
        element(
            "rect", class_="track", x=left + 1, y=top + 1, width=CELL - 2, height=CELL - 2, rx=3
        )
    ]
    if count:
        title = f"{count:,} tokens of {names[y]} tagged {names[x]}: {share:.1%} of its tokens"
        shade = 0.08 + 0.72 * share**0.5  # the square root keeps rare mistakes visible
        style = "on-fill" if shade > DARK else "strong"
        parts += [
            element("title", text_of(title)),
            element(
                "rect", class_="right" if x == y else "wrong", x=left + 1, y=top + 1,
                width=CELL - 2, height=CELL - 2, rx=3, fill_opacity=f"{shade:.2f}",
            ),
            text(compact(count), left + CELL / 2, top + CELL / 2 + 3.5, class_=f"middle {style}"),
        ]  # fmt: skip
    return element("g", "".join(parts), class_="cell" if count else None)


def text_of(content: str) -> str:
    """Escaped text."""
    from html import escape

    return escape(visible(content))


def compact(count: int) -> str:
    """A count in at most four characters.

    >>> compact(950), compact(13_480), compact(134_000)
    ('950', '13k', '134k')
    """
    return str(count) if count < 1000 else f"{count / 1000:.0f}k"
