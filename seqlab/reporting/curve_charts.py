"""Two small charts of a class: precision and recall over its bias, and how reliable its confidence is."""

from collections.abc import Sequence

from seqlab.reporting.run_details import ClassThresholds, ReliabilityBin
from seqlab.reporting.svg import Points, element, path, picture, text

WIDTH, HEIGHT = 260.0, 124.0
LEFT, RIGHT, TOP, BOTTOM = 24.0, 252.0, 8.0, 104.0
SIDE = 148.0  # of the square of a reliability diagram
LARGEST_DOT = 7.0


def threshold_chart(curve: ClassThresholds, *, label: str, **attributes: object) -> str:
    """Precision and recall over the bias, with a line at the chosen one. attributes: of the SVG element."""
    biases = [point.bias for point in curve.points]
    low, high = min(biases), max(biases)

    def x_of(bias: float) -> float:
        return LEFT + (RIGHT - LEFT) * (bias - low) / ((high - low) or 1.0)

    def line(values: Sequence[float | None], style: str) -> str:
        points: Points = [
            None if value is None else (x_of(bias), y_of(value))
            for bias, value in zip(biases, values, strict=True)
        ]
        return path(points, class_=style)

    chosen = x_of(min(max(curve.bias, low), high))
    ends = sorted({low, 0.0, high} if low <= 0.0 <= high else {low, high})
    parts = [
        *levels(LEFT, RIGHT),
        line([point.recall for point in curve.points], "line second"),
        line([point.precision for point in curve.points], "line"),
        element("line", class_="kept", x1=chosen, x2=chosen, y1=TOP, y2=BOTTOM),
        element("line", class_="cross", x1=chosen, x2=chosen, y1=TOP, y2=BOTTOM),
        *(
            text(f"{end:+.3g}" if end else "0", x_of(end), BOTTOM + 15, class_="middle")
            for end in ends
        ),
    ]
    return picture(parts, WIDTH, HEIGHT, label=label, **attributes)


def y_of(value: float) -> float:
    """The vertical position of a value from 0 to 1."""
    return BOTTOM - (BOTTOM - TOP) * value


def levels(left: float, right: float) -> list[str]:
    """Horizontal lines at 0, a half and 1, with their values."""
    parts = []
    for value, name in ((0.0, "0"), (0.5, ".5"), (1.0, "1")):
        y = y_of(value)
        parts.append(element("line", class_="grid", x1=left, x2=right, y1=y, y2=y))
        parts.append(text(name, left - 6, y + 3.5, class_="end"))
    return parts


def reliability_chart(bins: Sequence[ReliabilityBin], *, label: str) -> str:
    """A dot for each bin: mean confidence to the right, share that is right upwards; its area is the number of tokens."""
    right = LEFT + (BOTTOM - TOP)
    most = max((one.tokens for one in bins), default=1) or 1

    def x_of(confidence: float) -> float:
        return LEFT + (right - LEFT) * confidence

    points: Points = [(x_of(one.confidence), y_of(one.accuracy)) for one in bins]
    dots = []
    for one, point in zip(bins, points, strict=True):
        title = f"<title>{one.tokens:,} tokens with confidence {one.confidence:.2f}: {one.accuracy:.0%} right</title>"
        radius = max(1.5, LARGEST_DOT * (one.tokens / most) ** 0.5)
        if point is not None:
            dots.append(element("circle", title, class_="dot", cx=point[0], cy=point[1], r=radius))
    parts = [
        *levels(LEFT, right),
        element("line", class_="base", x1=LEFT, y1=BOTTOM, x2=right, y2=TOP),
        path(points, class_="line thin"),
        *dots,
        *(
            text(name, x_of(x), BOTTOM + 15, class_="middle")
            for x, name in ((0, "0"), (0.5, ".5"), (1, "1"))
        ),
    ]
    return picture(parts, right + 8, HEIGHT, label=label)
