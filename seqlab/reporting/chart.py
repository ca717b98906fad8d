"""Intervals over settings, as a whole SVG file that is readable on light and dark backgrounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from seqlab.errors import shorten
from seqlab.machine.terminal import visible

# The palette of Okabe & Ito (2008), which colour-blind readers can tell apart.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6b6b6b", "#8c6d31")
TICKS = 4  # intervals between the marks of an axis

LABELS, PANEL, GAP, ROW, HEAD, FOOT = 190, 300, 70, 26, 34, 30  # of an interval chart
LONGEST_NAME = 26  # characters that fit into the column of names


@dataclass(frozen=True, kw_only=True)
class IntervalRow:
    """One row of a panel. values: drawn as small dots. low, high: ends of the interval, or None."""

    values: Sequence[float]
    mean: float | None
    low: float | None
    high: float | None


def interval_chart(
    names: Sequence[str],
    panels: Mapping[str, Sequence[IntervalRow]],
    *,
    label: str,
    reference: int,
) -> str:
    """A whole SVG file: a row for each name, and side by side a panel for each title.

    panels: by title, a row for each name. reference: the row whose mean gets a dashed line.
    """
    height = HEAD + ROW * len(names) + FOOT
    width = LABELS + len(panels) * PANEL + (len(panels) - 1) * GAP + 20
    drawn = [
        interval_panel(title, rows, LABELS + index * (PANEL + GAP), reference)
        for index, (title, rows) in enumerate(panels.items())
    ]
    shown = [escape(visible(shorten(name, LONGEST_NAME))) for name in names]
    texts = [
        f'<text x="{LABELS - 12}" y="{row_y(i) + 4}" text-anchor="end">{name}</text>'
        for i, name in enumerate(shown)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(label)}" font-family="sans-serif" font-size="12" '
        f'fill="#777">{"".join(texts)}{"".join(drawn)}</svg>\n'
    )


def interval_panel(title: str, rows: Sequence[IntervalRow], left: float, reference: int) -> str:
    """All rows of one figure, on an axis that fits this figure."""
    low, high = axis_ends(rows)
    bottom = HEAD + ROW * len(rows)

    def x_of(value: float) -> float:
        return left + PANEL * (min(max(value, low), high) - low) / (high - low)

    parts = [f'<text x="{left}" y="16" font-weight="bold">{escape(title)}</text>']
    for tick in range(TICKS + 1):
        value = low + (high - low) * tick / TICKS
        x = x_of(value)
        parts.append(f'<path d="M{x:.1f} {HEAD}V{bottom}" stroke="#8884"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{value:.2f}</text>')
    mean = rows[reference].mean
    if mean is not None:
        x = x_of(mean)
        parts.append(f'<path d="M{x:.1f} {HEAD}V{bottom}" stroke="#777" stroke-dasharray="4 4"/>')
    for index, row in enumerate(rows):
        colour, y = COLOURS[index % len(COLOURS)], row_y(index)
        if row.low is not None and row.high is not None:
            ends = f"M{x_of(row.low):.1f} {y}H{x_of(row.high):.1f}"
            parts.append(f'<path d="{ends}" stroke="{colour}"/>')
        parts += [
            f'<circle cx="{x_of(value):.1f}" cy="{y}" r="2.5" fill="{colour}88"/>'
            for value in row.values
        ]
        if row.mean is not None:
            parts.append(f'<circle cx="{x_of(row.mean):.1f}" cy="{y}" r="5" fill="{colour}"/>')
    return "".join(parts)


def axis_ends(rows: Sequence[IntervalRow]) -> tuple[float, float]:
    """The ends of the axis, within 0 and 1: all values with a margin. Intervals that reach further are cut off."""
    values = [value for row in rows for value in row.values] or [0.0, 1.0]
    margin = max(0.01, 0.5 * (max(values) - min(values)))
    low = max(0.0, min(values) - margin)
    return low, max(low + 0.01, min(1.0, max(values) + margin))


def row_y(index: int) -> float:
    """The vertical position of a row."""
    return HEAD + ROW * (index + 0.5)
