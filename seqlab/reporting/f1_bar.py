"""F1 as a bar with its interval as a whisker, on an axis from 0 to 1."""

from collections.abc import Sequence

from markupsafe import Markup

from seqlab.reporting.svg import element, picture

WIDTH, HEIGHT = 120.0, 14.0


def f1_bar(f1: float | None, interval: Sequence[float] | None, *, lost: bool) -> Markup:
    """The picture in a cell. interval: low and high; None if it is unknown."""
    style = " lost" if lost else ""
    middle = HEIGHT / 2
    parts = [element("rect", class_="track", x=0, y=2, width=WIDTH, height=HEIGHT - 4, rx=2)]
    if f1 is not None:
        parts += [
            element(
                "rect", class_=f"bar{style}", x=0, y=2, width=WIDTH * f1, height=HEIGHT - 4, rx=2
            ),
            element(
                "line", class_=f"tick{style}", x1=WIDTH * f1, x2=WIDTH * f1, y1=1, y2=HEIGHT - 1
            ),
        ]
    if interval is not None:
        low, high = (WIDTH * end for end in interval)
        ends = f"M{low:.1f} {middle - 3}v6M{high:.1f} {middle - 3}v6M{low:.1f} {middle}H{high:.1f}"
        parts.append(element("path", class_="whisker", d=ends))
    label = "F1 undefined" if f1 is None else f"F1 {f1:.3f}"
    if interval is not None:
        label += f", 95 % interval {interval[0]:.3f} to {interval[1]:.3f}"
    return Markup(picture(parts, WIDTH, HEIGHT, label=label))  # noqa: S704, numbers alone
