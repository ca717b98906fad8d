"""The figure of docs/goals.md: seconds of training against macro F1, of seqlab's settings and of other tools."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from goal_results import WITH_VECTORS, WITHOUT_VECTORS

from seqlab.comparing.results import Results, SettingResult
from seqlab.reporting.figure import NAMESPACE
from seqlab.reporting.svg import element, text

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720.0, 400.0, 60.0, 50.0, 20.0, 150.0
OURS, THEIRS = "#1f5fa8", "#8a6d3b"
FONT = "12px sans-serif"


@dataclass(frozen=True, kw_only=True)
class Point:
    """A setting or tool, on average over corpora. seconds: geometric mean. macro: mean macro F1 from 0 to 1."""

    name: str
    seconds: float
    macro: float
    ours: bool


def points_of(beside: Sequence[Mapping[str, Results]]) -> list[Point]:
    """The settings and tools that have finished on every corpus. beside: per corpus, each setting beside other tools."""
    tools = {**WITHOUT_VECTORS, **WITH_VECTORS}
    per_corpus = [{each.name: each for each in all_of(results)} for results in beside]
    if not per_corpus:
        return []
    names = [name for name in per_corpus[0] if all(name in each for each in per_corpus)]
    return [
        Point(
            name=tools.get(name, name),
            seconds=geometric_mean(
                [max(each[name].seconds.mean or 1.0, 1.0) for each in per_corpus]
            ),
            macro=sum(each[name].figures["macro_f1"].mean or 0.0 for each in per_corpus)
            / len(per_corpus),
            ours=name not in tools,
        )
        for name in names
    ]


def all_of(results: Mapping[str, Results]) -> Iterator[SettingResult]:
    """Every setting and every tool of a corpus."""
    for each in results.values():
        yield from each.settings


def geometric_mean(values: Sequence[float]) -> float:
    """The geometric mean of positive numbers.

    >>> round(geometric_mean([10, 1000]), 3)
    100.0
    """
    return math.exp(math.fsum(map(math.log, values)) / len(values))


def figure_svg(points: Sequence[Point]) -> str:
    """An SVG with one dot per point; the axis of seconds is logarithmic."""
    times = [math.log10(point.seconds) for point in points]
    scores = [point.macro for point in points]
    low, high = math.floor(min(times)), math.ceil(max(times) + 1e-9)
    bottom, top = math.floor(min(scores) * 20) / 20, math.ceil(max(scores) * 20 + 1e-9) / 20

    def across(time: float) -> float:
        return LEFT + (time - low) / max(high - low, 1) * (WIDTH - LEFT - RIGHT)

    def up(score: float) -> float:
        return (
            HEIGHT - BOTTOM - (score - bottom) / max(top - bottom, 0.05) * (HEIGHT - BOTTOM - TOP)
        )

    parts = [*axes(range(low, high + 1), across, (bottom, top), up)]
    for point, time in zip(points, times, strict=True):
        x, y = across(time), up(point.macro)
        colour = OURS if point.ours else THEIRS
        parts.append(element("circle", cx=x, cy=y, r=5, fill=colour))
        parts.append(text(point.name, x + 9, y + 4, fill=colour))
    return element(
        "svg",
        element("rect", width="100%", height="100%", fill="#ffffff") + "".join(parts),
        xmlns=NAMESPACE, viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="img", style=f"font: {FONT}",
    ) + "\n"  # fmt: skip


def axes(
    powers: Sequence[int],
    across: Callable[[float], float],
    ends: tuple[float, float],
    up: Callable[[float], float],
) -> Iterator[str]:
    """Both axes. powers: powers of ten of the seconds. ends: the least and the greatest F1."""
    base, edge = up(ends[0]), across(powers[-1])
    yield element("path", d=f"M{LEFT} {TOP}V{base:.1f}H{edge:.1f}", fill="none", stroke="#555555")
    for power in powers:
        yield text(f"{10**power:,}", across(power), base + 18, text_anchor="middle")
    for score in ends:
        yield text(f"{score:.2f}", LEFT - 8, up(score) + 4, text_anchor="end")
    yield text("seconds of training", (LEFT + edge) / 2, base + 38, text_anchor="middle")
    yield text("macro F1", LEFT - 50, TOP - 6)
