"""A mean with its interval as a picture in a table cell: one row of a forest plot."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from seqlab.reporting.chart import IntervalRow
from seqlab.reporting.svg import element, picture

WIDTH, HEIGHT = 240.0, 18.0


def interval_bar(
    row: IntervalRow,
    ends: tuple[float, float],
    *,
    name: str,
    reference: float | None,
    width: float = WIDTH,
    lost: bool = False,
) -> Markup:
    """The picture. ends: of the axis. name: of the figure. reference: a value that gets a dashed line."""
    low, high = ends

    def x_of(value: float) -> float:
        return width * (min(max(value, low), high) - low) / (high - low)

    style, middle = " lost" if lost else "", HEIGHT / 2
    parts = [element("line", class_="grid", x1=0, x2=width, y1=middle, y2=middle)]
    if reference is not None:
        x = x_of(reference)
        parts.append(element("line", class_="base", x1=x, x2=x, y1=0, y2=HEIGHT))
    if row.low is not None and row.high is not None:
        left, right = x_of(row.low), x_of(row.high)
        ends_drawn = (
            f"M{left:.1f} {middle - 3}v6M{right:.1f} {middle - 3}v6M{left:.1f} {middle}H{right:.1f}"
        )
        parts.append(element("path", class_="whisker", d=ends_drawn))
    parts += [
        element("line", class_="seed", x1=x_of(value), x2=x_of(value), y1=middle - 6, y2=middle + 6)
        for value in row.values
    ]
    if row.mean is not None:
        parts.append(element("circle", class_=f"dot{style}", cx=x_of(row.mean), cy=middle, r=4.5))
    label = f"{name} undefined" if row.mean is None else f"{name} {row.mean:.3f}"
    if row.low is not None and row.high is not None:
        label += f", 95 % interval {row.low:.3f} to {row.high:.3f}"
    return Markup(picture(parts, width, HEIGHT, label=label))  # noqa: S704, escaped by `svg`


def common_ends(rows: Iterable[IntervalRow], *, within: tuple[float, float]) -> tuple[float, float]:
    """The ends of an axis for all rows: their means and values with a margin, within the range of the figure.

    An interval over seeds that reaches further is cut off, so that one wide interval does not squeeze the others. Rows
    without single values are drawn whole.
    """
    values: Sequence[float] = [
        value
        for row in rows
        for value in (row.mean, *(row.values or (row.low, row.high)))
        if value is not None
    ]
    if not values:
        return within
    margin = max(0.02, 0.75 * (max(values) - min(values)))
    return max(within[0], min(values) - margin), min(within[1], max(values) + margin)
