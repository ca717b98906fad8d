"""Line charts as SVG text: no script, no font and no file from elsewhere."""

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite

# Okabe & Ito's palette (2008), told apart by colour-blind readers, then the same ones dashed.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6b6b6b", "#8c6d31")
DASHES = ("", "6 3", "2 3", "8 3 2 3")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 260, 44, 12, 28

Series = Mapping[str, Sequence[float | None]]


def line_chart(
    series: Series, *, label: str, top: float | None = None, mark: int | None = None
) -> str:
    """One line a name over the epochs 1, 2, …; gaps where a figure is undefined or not finite.

    label: what the chart shows, read aloud by screen readers. top: the upper end of the axis,
    default the largest value. mark: an epoch to point at.
    """
    series = {
        name: [value if value is not None and isfinite(value) else None for value in line]
        for name, line in series.items()
    }
    values = [value for line in series.values() for value in line if value is not None]
    top = top or max(values, default=1.0) or 1.0
    epochs = max((len(line) for line in series.values()), default=1)
    lines = [path(line, epochs, top, style(index)) for index, line in enumerate(series.values())]
    parts = [*grid(top, epochs), *([] if mark is None else [marker(mark, epochs)]), *lines]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>{legend(series)}"
    )


def style(index: int) -> str:
    """The colour and dash of the line with this number."""
    dash = DASHES[index // len(COLOURS) % len(DASHES)]
    return f'stroke="{COLOURS[index % len(COLOURS)]}" stroke-dasharray="{dash}"'


def x_of(epoch: int, epochs: int) -> float:
    """Where an epoch stands, from the left."""
    return LEFT + (WIDTH - LEFT - 10) * (epoch - 1) / max(1, epochs - 1)


def y_of(value: float, top: float) -> float:
    """Where a value stands, from above."""
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(value, top) / top)


def path(line: Sequence[float | None], epochs: int, top: float, drawn: str) -> str:
    """One line, broken where a value is missing; a dot where it stands alone."""
    words, pen_up = [], True
    for epoch, value in enumerate(line, 1):
        if value is not None:
            point = f"{x_of(epoch, epochs):.1f} {y_of(value, top):.1f}"
            words.append(f"{'M' if pen_up else 'L'}{point}")
            if pen_up:
                words.append("h0.01")
        pen_up = value is None
    return (
        f'<path d="{"".join(words)}" fill="none" stroke-width="2" stroke-linecap="round" {drawn}/>'
    )


def grid(top: float, epochs: int) -> list[str]:
    """Level lines with their values, and the epochs below."""
    parts = []
    for step in range(5):
        value = top * step / 4
        y = y_of(value, top)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
        )
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.2g}</text>')
    every = max(1, -(-epochs // 10))
    for epoch in range(1, epochs + 1, every):
        x = x_of(epoch, epochs)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{epoch}</text>')
    return parts


def marker(epoch: int, epochs: int) -> str:
    """A vertical line at one epoch."""
    x = x_of(epoch, epochs)
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" class="mark"/>'


def legend(series: Series) -> str:
    """The names with their lines."""
    items = (
        f'<li><svg viewBox="0 0 24 8" class="key"><path d="M1 4h22" stroke-width="3" {style(index)}/>'
        f"</svg>{escape(name)}</li>"
        for index, name in enumerate(series)
    )
    return f'<ul class="legend">{"".join(items)}</ul>'
