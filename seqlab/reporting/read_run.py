"""Read the files of a run that its page shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqlab.errors import RunError, UserError
from seqlab.machine.files import parse_toml
from seqlab.machine.json_text import parse_json
from seqlab.reporting.run_details import read_details
from seqlab.reporting.run_values import RunValues
from seqlab.storing.metrics_file import METRICS
from seqlab.storing.run_directory import HISTORY, TRAINING, UNFINISHED_METRICS
from seqlab.storing.run_files import COPY_AGAIN, RunFiles, errors_of_file, open_run
from seqlab.storing.run_settings import CONFIG

SAMPLE = "bundled sample"


def read_run(directory: Path) -> RunValues:
    """What the page of a run shows, finished or not.

    Raises RunError for a directory without a run, a run without figures, and damaged files.
    """
    files = open_run(directory)
    if files.status == TRAINING:
        # The manifest of a training does not list the files that change at every epoch.
        running = RunFiles(directory=directory)
        return values_of(files, running, UNFINISHED_METRICS)
    return values_of(files, files, METRICS)


def values_of(files: RunFiles, figures: RunFiles, metrics: str) -> RunValues:
    """The values from two views of a run's files. figures: holds the history and the file `metrics`."""
    if not figures.has(HISTORY) or not figures.has(metrics):
        fact = "holds no figures of a training, which a report needs; an exported or saved tagger has none"
        if files.status == TRAINING:
            fact = "has no finished epoch yet; a report needs one"
        raise RunError(f"{files.directory}: {fact}")
    details = read_details(files)
    settings = files.read(CONFIG).decode("utf-8", "replace") if files.has(CONFIG) else ""
    return RunValues(
        title=details.title if details else title_of(settings, files.path(CONFIG)),
        metrics=figures.read_json(metrics),
        history=read_history(figures),
        settings=settings,
        details=details,
        notes=details.notes if details else (),
    )


def title_of(settings: str, path: Path) -> str:
    """The name of the training corpus."""
    train = parse_toml(settings.encode(), str(path), error=RunError).get("train")
    return Path(train).name if isinstance(train, str) else SAMPLE


def read_history(files: RunFiles) -> list[dict[str, Any]]:
    """The lines of history.jsonl. A training that was killed may have left half a line at the end."""
    lines = files.read(HISTORY).split(b"\n")
    with errors_of_file(files.path(HISTORY)):
        return [parse_json(line) for line in lines[:-1] if line.strip()]


@contextmanager
def page_errors(directory: Path) -> Iterator[None]:
    """Within the block, a value that a page cannot show becomes a RunError: a file of a run may hold anything."""
    try:
        yield
    except UserError:  # is a ValueError
        raise
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        fact = f"{type(error).__name__}: {error}".splitlines()[0]
        raise RunError(
            f"{directory}: damaged: its figures cannot be shown ({fact}); {COPY_AGAIN}"
        ) from error
