"""The files of a comparison: results.md, results.json, results.csv and results.svg."""

import csv
import io
from collections.abc import Iterator
from html import escape
from pathlib import Path

from seqlab.comparing.intervals import Spread
from seqlab.comparing.markdown import markdown
from seqlab.comparing.results import Cells, Results, min_f1
from seqlab.machine.atomic import atomic_file
from seqlab.reporting.chart import COLOURS
from seqlab.reporting.table import visible
from seqlab.storing.run_directory import json_text

FIGURES = {"macro_f1": "macro F1", "micro_f1": "micro F1"}
LABELS, PANEL, GAP, ROW, TOP, BOTTOM = 190, 300, 70, 26, 34, 30


def figure_svg(results: Results) -> str:
    """A whole SVG file, readable on light and dark."""
    height = TOP + ROW * len(results.settings) + BOTTOM
    width = LABELS + 2 * PANEL + GAP + 20
    panels = [
        panel(results, key, title, LABELS + index * (PANEL + GAP))
        for index, (key, title) in enumerate(FIGURES.items())
    ]
    names = [
        f'<text x="{LABELS - 12}" y="{row_y(index) + 4}" text-anchor="end">{label(found.name)}</text>'
        for index, found in enumerate(results.settings)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="macro and micro F1 of every setting" font-family="sans-serif" font-size="12" '
        f'fill="#777">{"".join(names)}{"".join(panels)}</svg>\n'
    )


def panel(results: Results, key: str, title: str, left: float) -> str:
    """One figure of all settings on an axis of its own; a dashed line at the baseline's mean."""
    spreads = {found.name: found.figures[key] for found in results.settings}
    low, high = axis(list(spreads.values()))
    bottom = TOP + ROW * len(spreads)

    def x_of(value: float) -> float:
        return left + PANEL * (min(max(value, low), high) - low) / (high - low)

    parts = [f'<text x="{left}" y="16" font-weight="bold">{title}</text>']
    for step in range(5):
        value = low + (high - low) * step / 4
        x = x_of(value)
        parts.append(f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="#8884"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{value:.2f}</text>')
    mean = spreads[results.baseline].mean
    if mean is not None:
        parts.append(
            f'<path d="M{x_of(mean):.1f} {TOP}V{bottom}" stroke="#777" stroke-dasharray="4 4"/>'
        )
    for index, found in enumerate(spreads.values()):
        colour, y = COLOURS[index % len(COLOURS)], row_y(index)
        if found.low is not None and found.high is not None:
            parts.append(
                f'<path d="M{x_of(found.low):.1f} {y}H{x_of(found.high):.1f}" stroke="{colour}"/>'
            )
        parts += [
            f'<circle cx="{x_of(value):.1f}" cy="{y}" r="2.5" fill="{colour}88"/>'
            for value in found.values
        ]
        if found.mean is not None:
            parts.append(f'<circle cx="{x_of(found.mean):.1f}" cy="{y}" r="5" fill="{colour}"/>')
    return "".join(parts)


def axis(spreads: list[Spread]) -> tuple[float, float]:
    """Ends that hold every seed, with air; an interval may reach beyond, and is cut there."""
    values = [value for found in spreads for value in found.values] or [0.0, 1.0]
    air = max(0.01, 0.5 * (max(values) - min(values)))
    low = max(0.0, min(values) - air)
    return low, max(low + 0.01, min(1.0, max(values) + air))


def row_y(index: int) -> float:
    """The height of a setting's row."""
    return TOP + ROW * (index + 0.5)


def label(name: str) -> str:
    """A name, cut to its column and harmless."""
    return escape(visible(name if len(name) <= 26 else name[:25] + "…"))


def write_results(results: Results, cells: Cells, out: Path) -> None:
    """Write all four, each whole or not at all; they replace those of an earlier start.

    Raises OSError when one cannot be written.
    """
    texts = {
        "results.json": json_text(results.to_json()),
        "results.csv": csv_text(results, cells),
        "results.svg": figure_svg(results),
        "results.md": markdown(results),
    }
    for name, text in texts.items():
        with atomic_file(out / name, overwrite=True) as pending:
            pending.temporary.write_text(text, encoding="utf-8")


def csv_text(results: Results, cells: Cells) -> str:
    """A row for every finished cell; undefined figures are empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    figures = ["micro_f1", "macro_f1", "min_f1", "classes_lost", "seconds"]
    writer.writerow(["setting", "seed", *figures, *(f"f1:{name}" for name in results.support)])
    writer.writerows(rows(results, cells))
    return file.getvalue()


def rows(results: Results, cells: Cells) -> Iterator[list[object]]:
    """Name, seed, figures and the F1 of each class."""
    for name, found in cells.items():
        for seed, cell in found.items():
            metrics = cell.metrics
            yield [
                name,
                seed,
                metrics["micro_f1"],
                metrics["macro_f1"],
                min_f1(cell),
                len(metrics["classes_never_found"]),
                round(cell.seconds, 2),
                *(metrics["classes"].get(c, {}).get("f1") for c in results.support),
            ]
