"""results.html: the page of a comparison, of the same make as the page of a run."""

from datetime import UTC, datetime
from pathlib import Path

from seqlab.comparing.page_sections import (
    classes_section,
    cost_section,
    differences_section,
    figures_section,
    settings_section,
    verdict_section,
)
from seqlab.comparing.reading_results import read_results
from seqlab.comparing.results import Results
from seqlab.machine.wording import plural
from seqlab.reporting.shell import page_of
from seqlab.storing.run_directory import MANIFEST

RESULTS, PAGE = "results.json", "results.html"
SECTIONS = (
    verdict_section,
    figures_section,
    classes_section,
    cost_section,
    differences_section,
    settings_section,
)


def is_comparison(directory: Path) -> bool:
    """Whether a directory holds the results of a comparison, and no run."""
    return (directory / RESULTS).is_file() and not (directory / MANIFEST).exists()


def comparison_page(directory: Path) -> str:
    """The page of a comparison, from its results.json alone.

    Raises RunError if the file is missing or is not that of a comparison.
    """
    path = directory / RESULTS
    results = read_results(path)
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return results_page(results, name=directory.resolve().name, written=written)


def results_page(results: Results, *, name: str, written: datetime) -> str:
    """The whole page. name: of the comparison. written: when its results were."""
    sections = [section for section in (make(results) for make in SECTIONS) if section is not None]
    return page_of(
        sections,
        title=f"Comparison {name}",
        facts=head_facts(results, written),
        command=results.command,
    )


def head_facts(results: Results, written: datetime) -> list[str]:
    """When the comparison ended, and what it scored."""
    seeds = max((len(setting.seeds) for setting in results.settings), default=0)
    what = (
        f"{plural(len(results.settings), 'setting')}, {plural(seeds, 'seed')}"
        if results.trained
        else plural(len(results.settings), "run")
    )
    where = f"{results.split} split" if results.trained else results.split
    folds = [] if results.folds is None else [f"each sentence tested once in {results.folds} folds"]
    return [
        f"{written:%Y-%m-%d %H:%M} UTC",
        what,
        f"{where}: {results.sentences:,} sentences",
        *folds,
        f"baseline: {results.baseline}",
    ]
