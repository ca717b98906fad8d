"""Pieces of SVG text. Colours come from classes of the style sheet, so that light and dark pages share a chart."""

from collections.abc import Iterable, Sequence
from html import escape
from math import isfinite

from seqlab.errors import shorten
from seqlab.machine.terminal import visible

Points = Sequence[tuple[float, float] | None]
"""Positions of a line, with None where it is interrupted."""


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """An element. Attributes whose value is None are left out; `class_` is `class`, and `stroke_width` is `stroke-width`.

    >>> element("line", class_="grid", x1=1.25, x2=3)
    '<line class="grid" x1="1.2" x2="3"/>'
    """
    parts = [
        f' {key.rstrip("_").replace("_", "-")}="{attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    ]
    opening = f"<{name}{''.join(parts)}"
    return f"{opening}>{content}</{name}>" if content else f"{opening}/>"


def attribute(value: object) -> str:
    """The text of an attribute's value; one digit for a position."""
    if isinstance(value, float):
        return number(value)
    return escape(visible(str(value)))


def number(value: float) -> str:
    """A position with one digit, or none for a whole number.

    >>> number(3.0), number(3.14)
    ('3', '3.1')
    """
    return f"{value:.1f}".removesuffix(".0")


def text(content: str, x: float, y: float, *, most: int = 60, **attributes: object) -> str:
    """A text at a position. most: characters after which it is shortened."""
    shown = escape(visible(shorten(content, most)))
    return element("text", shown, x=x, y=y, **attributes)


def path(points: Points, **attributes: object) -> str:
    """A line through points; a point without neighbours becomes a dot. Empty without any point."""
    steps, pen_up = [], True
    for index, point in enumerate(points):
        if point is not None:
            steps.append(f"{'M' if pen_up else 'L'}{number(point[0])} {number(point[1])}")
            if pen_up and (index + 1 == len(points) or points[index + 1] is None):
                steps.append("h.01")  # without a length, a lone point would not be drawn
        pen_up = point is None
    return element("path", d="".join(steps), **attributes) if steps else ""


def picture(
    parts: Iterable[str],
    width: float,
    height: float,
    /,
    *,
    label: object,
    role: object = "img",
    **attributes: object,
) -> str:
    """The whole picture. label: describes it for screen readers."""
    box = f"0 0 {number(width)} {number(height)}"
    drawn = "".join(parts)
    return element("svg", drawn, viewBox=box, role=role, aria_label=label, **attributes)


def finite(value: float | None) -> float | None:
    """The value, or None if it is not finite."""
    return value if value is not None and isfinite(value) else None
