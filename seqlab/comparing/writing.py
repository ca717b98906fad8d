"""The files of a comparison: results.md, results.json, results.csv and results.svg."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from seqlab.comparing.drawing import figure_svg
from seqlab.comparing.markdown import markdown
from seqlab.comparing.results import Cells, Results, min_f1
from seqlab.files import new_file
from seqlab.tagging.run_directory import json_text


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
        with new_file(out / name, overwrite=True) as new:
            new.partial.write_text(text, encoding="utf-8")


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
