"""A small chart over epochs: figures from 0 to 1 above, and a loss below on the same axis.

Side by side, such charts show at a glance that the loss falls while a class dies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from seqlab.reporting.svg import Points, element, finite, path, picture, text

WIDTH, LEFT, RIGHT = 260.0, 24.0, 252.0
TOP, BOTTOM = 8.0, 84.0  # of the figures
LOSS_TOP, LOSS_BOTTOM = 98.0, 124.0
HEIGHT = 140.0

EpochValues = Sequence[float | None]


@dataclass(frozen=True, kw_only=True)
class EpochLines:
    """What one chart shows over the epochs 1, 2, ….

    figures: lines of values from 0 to 1, each with its style, the most important last. hovered: those that appear when the
    chart is pointed at. losses: lines below. kept: the epoch that was kept. bands: first and last epochs of collapses.
    baselines: horizontal lines. lost: whether the most important line shows a class at risk.
    """

    label: str
    figures: Sequence[tuple[str, EpochValues]]
    hovered: Sequence[tuple[str, EpochValues]] = ()
    losses: Sequence[tuple[str, EpochValues]] = ()
    kept: int | None = None
    bands: Sequence[tuple[int, int]] = ()
    baselines: Sequence[float | None] = ()
    lost: bool = False
    epochs: int = 1


def epoch_chart(lines: EpochLines, **attributes: object) -> str:
    """The chart as SVG. attributes: of its element."""
    height = HEIGHT if lines.losses else LOSS_TOP
    bottom = LOSS_BOTTOM if lines.losses else BOTTOM
    parts = [
        *(band(first, last, lines.epochs) for first, last in lines.bands),
        *(level_line(value) for value in (0.0, 0.5, 1.0)),
        *(baseline(value) for value in lines.baselines if value is not None),
        *([] if lines.kept is None else [vertical(lines.kept, lines.epochs, bottom)]),
        *(figure_path(line, lines.epochs, f"{style} on-hover") for style, line in lines.hovered),
        *(figure_path(line, lines.epochs, style) for style, line in lines.figures),
        kept_dot(lines),
        *loss_parts(lines),
        element("line", class_="cross", x1=LEFT, x2=LEFT, y1=TOP, y2=bottom),
        *epoch_numbers(lines.epochs, height - 4),
    ]
    return picture(parts, WIDTH, height, label=lines.label, **attributes)


def epoch_x(epoch: int, epochs: int) -> float:
    """The horizontal position of an epoch."""
    return LEFT + (RIGHT - LEFT) * (epoch - 1) / max(1, epochs - 1)


def figure_y(value: float) -> float:
    """The vertical position of a value from 0 to 1."""
    return BOTTOM - (BOTTOM - TOP) * value


def figure_path(line: EpochValues, epochs: int, style: str) -> str:
    """A line of values from 0 to 1, interrupted where a value is undefined."""
    points: Points = [
        None if finite(value) is None else (epoch_x(epoch, epochs), figure_y(value or 0.0))
        for epoch, value in enumerate(line, 1)
    ]
    return path(points, class_=style)


def loss_parts(lines: EpochLines) -> list[str]:
    """The lines of the losses, on an axis from 0 to their largest value."""
    values = [finite(value) for _, line in lines.losses for value in line]
    top = max((value for value in values if value is not None), default=0.0)
    if not lines.losses or not top:
        return []
    parts = [
        element("line", class_="grid", x1=LEFT, x2=RIGHT, y1=LOSS_BOTTOM, y2=LOSS_BOTTOM),
        text("loss", LEFT - 4, LOSS_BOTTOM - 1, class_="end"),
    ]
    for style, line in lines.losses:
        heights = [finite(value) for value in line]
        points: Points = [
            None
            if value is None
            else (
                epoch_x(epoch, lines.epochs),
                LOSS_BOTTOM - (LOSS_BOTTOM - LOSS_TOP) * value / top,
            )
            for epoch, value in enumerate(heights, 1)
        ]
        parts.append(path(points, class_=style))
    return parts


def kept_dot(lines: EpochLines) -> str:
    """A dot on the most important line, at the kept epoch."""
    _, line = lines.figures[-1]
    if lines.kept is None or lines.kept > len(line) or finite(line[lines.kept - 1]) is None:
        return ""
    y = figure_y(line[lines.kept - 1] or 0.0)
    style = "dot lost" if lines.lost else "dot"
    return element("circle", class_=style, cx=epoch_x(lines.kept, lines.epochs), cy=y, r=4)


def level_line(value: float) -> str:
    """A horizontal line with its value."""
    y = figure_y(value)
    label = text(
        f"{value:.1f}".removesuffix(".0").removeprefix("0") or "0", LEFT - 6, y + 3.5, class_="end"
    )
    return element("line", class_="grid", x1=LEFT, x2=RIGHT, y1=y, y2=y) + label


def baseline(value: float) -> str:
    """A dotted line at the figure of a baseline."""
    y = figure_y(value)
    return element("line", class_="base", x1=LEFT, x2=RIGHT, y1=y, y2=y)


def vertical(epoch: int, epochs: int, bottom: float) -> str:
    """A line at one epoch."""
    x = epoch_x(epoch, epochs)
    return element("line", class_="kept", x1=x, x2=x, y1=TOP, y2=bottom)


def band(first: int, last: int, epochs: int) -> str:
    """The background of the epochs of a collapse."""
    half = (RIGHT - LEFT) / max(1, epochs - 1) / 2
    left = max(LEFT, epoch_x(first, epochs) - half)
    right = min(RIGHT, epoch_x(last, epochs) + half)
    return element(
        "rect", class_="band", x=left, y=TOP, width=right - left, height=BOTTOM - TOP, rx=2
    )


def epoch_numbers(epochs: int, y: float) -> list[str]:
    """The first and the last epoch, and a round one between them."""
    numbers = {1, epochs} | ({(epochs + 1) // 2} if epochs > 6 else set())
    return [
        text(str(epoch), epoch_x(epoch, epochs), y, class_="middle") for epoch in sorted(numbers)
    ]


def merged_bands(epochs: Sequence[int], since: Sequence[int]) -> list[tuple[int, int]]:
    """The stretches of epochs in which a class was collapsed, from the alarms of single epochs.

    epochs: the epoch of each alarm. since: the first epoch of the collapse that it tells of.

    >>> merged_bands([3, 4, 9], [2, 2, 9])
    [(2, 4), (9, 9)]
    """
    inside = sorted(
        {e for now, first in zip(epochs, since, strict=True) for e in range(first, now + 1)}
    )
    starts = [e for i, e in enumerate(inside) if not i or inside[i - 1] != e - 1]
    ends = [a for a, b in pairwise(inside) if b != a + 1] + inside[-1:]
    return list(zip(starts, ends, strict=True))
