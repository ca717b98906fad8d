"""Charts as SVG text: lines over epochs, and intervals over settings.

A chart needs no script, no font and no other file, and is readable on light and dark backgrounds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

from markupsafe import Markup

from seqlab.errors import shorten
from seqlab.machine.terminal import visible

# The palette of Okabe & Ito (2008), which colour-blind readers can tell apart. Further lines are dashed.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6b6b6b", "#8c6d31")
DASHES = ("", "6 3", "2 3", "8 3 2 3")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 260, 44, 12, 28  # of a line chart and its margins
TICKS = 4  # intervals between the marks of an axis


def line_chart(
    series: Mapping[str, Sequence[float | None]],
    *,
    label: str,
    top: float | None = None,
    mark: int | None = None,
) -> Markup:
    """A line for each name over the epochs 1, 2, …, with gaps where a value is undefined or not finite.

    label: describes the chart for screen readers. top: the upper end of the axis; by default the
    largest value. mark: an epoch that gets a vertical line.
    """
    lines = [
        [value if value is not None and isfinite(value) else None for value in line]
        for line in series.values()
    ]
    values = [value for line in lines for value in line if value is not None]
    top = top or max(values, default=1.0) or 1.0
    epochs = max(map(len, lines), default=1)
    paths = [line_path(line, epochs, top, line_style(i)) for i, line in enumerate(lines)]
    marks = [] if mark is None else [epoch_mark(mark, epochs)]
    text = (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{''.join([*axis_lines(top, epochs), *marks, *paths])}</svg>{legend(series)}"
    )
    return Markup(text)  # noqa: S704, escaped above


def line_style(index: int) -> str:
    """The colour and the dashes of the line with this index."""
    dash = DASHES[index // len(COLOURS) % len(DASHES)]
    return f'stroke="{COLOURS[index % len(COLOURS)]}" stroke-dasharray="{dash}"'


def epoch_x(epoch: int, epochs: int) -> float:
    """The horizontal position of an epoch."""
    return LEFT + (WIDTH - LEFT - 10) * (epoch - 1) / max(1, epochs - 1)


def value_y(value: float, top: float) -> float:
    """The vertical position of a value, measured from above."""
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(value, top) / top)


def line_path(line: Sequence[float | None], epochs: int, top: float, style: str) -> str:
    """One line, broken where a value is missing; a value without neighbours becomes a dot."""
    steps, pen_up = [], True
    for epoch, value in enumerate(line, 1):
        if value is not None:
            point = f"{epoch_x(epoch, epochs):.1f} {value_y(value, top):.1f}"
            steps.append(f"{'M' if pen_up else 'L'}{point}")
            if pen_up:
                steps.append("h0.01")  # without a length, a lone point would not be drawn
        pen_up = value is None
    return (
        f'<path d="{"".join(steps)}" fill="none" stroke-width="2" stroke-linecap="round" {style}/>'
    )


def axis_lines(top: float, epochs: int) -> list[str]:
    """Horizontal lines with their values, and at most eleven epoch numbers below."""
    parts = []
    for tick in range(TICKS + 1):
        value = top * tick / TICKS
        y = value_y(value, top)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
        )
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.2g}</text>')
    for epoch in range(1, epochs + 1, max(1, -(-epochs // 10))):
        x = epoch_x(epoch, epochs)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{epoch}</text>')
    return parts


def epoch_mark(epoch: int, epochs: int) -> str:
    """A vertical line at one epoch."""
    x = epoch_x(epoch, epochs)
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" class="mark"/>'


def legend(names: Sequence[str] | Mapping[str, object]) -> str:
    """Each name with the style of its line."""
    items = (
        f'<li><svg viewBox="0 0 24 8" class="key"><path d="M1 4h22" stroke-width="3" {line_style(i)}/>'
        f"</svg>{escape(name)}</li>"
        for i, name in enumerate(names)
    )
    return f'<ul class="legend">{"".join(items)}</ul>'


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
