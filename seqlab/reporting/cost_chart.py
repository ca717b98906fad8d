"""Seconds of training against a figure: what each setting costs, and what it brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from markupsafe import Markup

from seqlab.reporting.svg import element, number, picture, text

WIDTH, HEIGHT = 460.0, 280.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 110.0, 26.0, 40.0
LINES = 4  # of the grid, each way


@dataclass(frozen=True, kw_only=True)
class CostPoint:
    """One setting: its mean seconds, and its mean figure with the ends of the interval."""

    name: str
    seconds: float
    mean: float
    low: float | None
    high: float | None


def cost_chart(points: Sequence[CostPoint], *, figure: str) -> Markup:
    """A point with its interval for each setting, both axes from round numbers. figure: its name."""
    most = round_up(max(point.seconds for point in points))
    low = min(point.mean for point in points)
    high = max(point.mean for point in points)
    margin = max(0.02, 0.5 * (high - low))
    bottom, top = max(0.0, low - margin), min(1.0, high + margin)

    def x_of(seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / most

    def y_of(value: float) -> float:
        share = (min(max(value, bottom), top) - bottom) / (top - bottom)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    parts = []
    for line in range(LINES + 1):
        value, seconds = bottom + (top - bottom) * line / LINES, most * line / LINES
        x, y = x_of(seconds), y_of(value)
        parts += [
            element("line", class_="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y),
            text(f"{value:.2f}", LEFT - 6, y + 3.5, class_="end"),
            text(f"{seconds:g}", x, HEIGHT - BOTTOM + 14, class_="middle"),
        ]
    parts.append(text("seconds of training", x_of(most / 2), HEIGHT - 8, class_="middle"))
    parts.append(text(figure, 4, 12))
    for point, y_text in zip(points, label_positions([y_of(p.mean) for p in points]), strict=True):
        x, y = x_of(point.seconds), y_of(point.mean)
        if point.low is not None and point.high is not None:
            parts.append(
                element("path", class_="whisker", d=f"M{number(x)} {number(y_of(point.low))}V{number(y_of(point.high))}")
            )  # fmt: skip
        parts.append(element("circle", class_="dot", cx=x, cy=y, r=5))
        parts.append(text(point.name, x + 9, y_text + 3.5, most=18, class_="strong"))
    label = "; ".join(f"{p.name}: {p.seconds:.1f} s, {figure} {p.mean:.3f}" for p in points)
    return Markup(picture(parts, WIDTH, HEIGHT, label=label))  # noqa: S704, escaped by `svg`


def label_positions(heights: Sequence[float], *, apart: float = 12.0) -> list[float]:
    """Heights of labels near these heights, moved down until none covers another."""
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    found, last = [0.0] * len(heights), float("-inf")
    for index in order:
        last = found[index] = max(heights[index], last + apart)
    return found


def round_up(value: float) -> float:
    """The next of 1, 2, 4, 8, 10, 20, 40 … that is not smaller; 1 for 0.

    >>> round_up(3.1), round_up(40), round_up(41), round_up(0)
    (4.0, 40.0, 80.0, 1.0)
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 4, 8, 10) if step * power >= value)
