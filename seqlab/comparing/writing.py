"""The files of a comparison: results.md, .json, .csv, .svg and .html."""

import csv
import io
from dataclasses import asdict
from pathlib import Path

from seqlab.comparing.judging import min_f1
from seqlab.comparing.markdown import results_markdown
from seqlab.comparing.page import PAGE, comparison_page
from seqlab.comparing.results import Results
from seqlab.comparing.store import FinishedCells
from seqlab.errors import RunError
from seqlab.machine.atomic import atomic_file
from seqlab.machine.json_text import json_text
from seqlab.reporting.chart import IntervalRow, interval_chart
from seqlab.reporting.shell import write_page

CHARTED = {"macro_f1": "macro F1", "micro_f1": "micro F1"}


def write_results(results: Results, cells: FinishedCells, out: Path) -> None:
    """Write the files, each of them atomically; they replace those of an earlier start.

    Raises OSError if one cannot be written.
    """
    texts = {
        "results.json": json_text(results.to_json()),
        "results.csv": csv_text(results, cells),
        "results.svg": results_chart(results),
        "results.md": results_markdown(results),
    }
    for name, text in texts.items():
        with atomic_file(out / name, overwrite=True) as pending:
            pending.temporary.write_text(text, encoding="utf-8")
    html = comparison_page(out)  # made from results.json, as `report` does
    with atomic_file(out / PAGE, overwrite=True) as pending:
        write_page(pending.temporary, html)


def new_comparison(path: Path) -> Path:
    """Make the directory of a comparison of runs. Raises RunError if it exists and is not empty, or cannot be made."""
    try:
        if path.exists() and any(path.iterdir()):
            raise RunError(f"{path}: exists; choose another --out")
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path


def csv_text(results: Results, cells: FinishedCells) -> str:
    """A row for each finished cell; undefined figures are empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    figures = ["micro_f1", "macro_f1", "min_f1", "classes_lost", "seconds"]
    writer.writerow(["setting", "seed", *figures, *(f"f1:{name}" for name in results.support)])
    for name, by_seed in cells.items():
        for seed, cell in by_seed.items():
            metrics, lost = cell.metrics, len(cell.metrics["classes_never_found"])
            averages = (metrics["micro_f1"], metrics["macro_f1"], min_f1(cell))
            f1 = (metrics["classes"].get(c, {}).get("f1") for c in results.support)
            seconds = None if cell.seconds is None else round(cell.seconds, 2)
            writer.writerow([name, seed, *averages, lost, seconds, *f1])
    return file.getvalue()


def results_chart(results: Results) -> str:
    """The SVG file: macro and micro F1 of every setting, with a dashed line at the baseline's mean."""
    names = [setting.name for setting in results.settings]
    panels = {
        title: [IntervalRow(**asdict(setting.figures[key])) for setting in results.settings]
        for key, title in CHARTED.items()
    }
    label = "macro and micro F1 of every setting"
    return interval_chart(names, panels, label=label, reference=names.index(results.baseline))
