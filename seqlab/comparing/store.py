"""The run directories of cells, OUT/cells/NAME/seed-K or seed-K-fold-F: which are finished, and what they hold."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.comparing.cell import CELL, PREDICTIONS
from seqlab.comparing.identity import difference
from seqlab.comparing.plan import Cell
from seqlab.corpus.schemes import Scheme
from seqlab.errors import RunError, one_line
from seqlab.experiment.identity import Identity
from seqlab.machine.atomic import remove_leftovers
from seqlab.machine.json_text import parse_json
from seqlab.machine.locks import file_lock, is_lock_file
from seqlab.scoring.by_sentence import SentenceCounts, sentence_counts
from seqlab.storing.metrics_file import METRICS
from seqlab.storing.run_directory import LOCK as RUN_LOCK
from seqlab.storing.run_directory import MANIFEST, TRAINING, run_status
from seqlab.storing.run_files import COPY_AGAIN, RunFiles, open_run

LOCK = ".lock"
RESULTS = (CELL, METRICS, PREDICTIONS)


@dataclass(frozen=True, kw_only=True)
class FinishedCell:
    """A trained cell.

    split: the split that is compared. metrics: its part of metrics.json. sums: counts per sentence of it.
    seconds: of training; None if unknown.
    end_reason: why training ended; empty in a cell of an older version.
    documents: the document of each sentence, as in the corpus; empty in a cell of an older version.
    """

    split: str
    metrics: dict[str, Any]
    seconds: float | None
    sums: SentenceCounts
    end_reason: str = ""
    documents: tuple[int | str | None, ...] = ()

    @property
    def document_count(self) -> int:
        """How many documents were scored; sentences without a document count as one."""
        return len(set(self.documents))

    def summed_by_document(self, counts: Int64Array) -> Int64Array:
        """int64 (D, C, 3): the counts (N, C, 3) of sentences, summed over each document."""
        numbers: dict[int | str | None, int] = {}
        document = [numbers.setdefault(name, len(numbers)) for name in self.documents]
        sums = np.zeros((len(numbers), *counts.shape[1:]), np.int64)
        np.add.at(sums, document, counts)
        return sums


FinishedCells = Mapping[str, Mapping[int, FinishedCell]]
"""Finished cells by setting and seed."""


def cell_path(out: Path, cell: Cell) -> Path:
    """The run directory of a cell."""
    return out / "cells" / cell.name / cell.folder


def log_path(out: Path, cell: Cell) -> Path:
    """The file that receives the output of a cell."""
    return out / "logs" / cell.name / f"{cell.folder}.txt"


def is_finished(path: Path, wanted: Identity, *, overwrite: bool) -> bool:
    """Whether this path holds the wanted cell, and its training is finished.

    Raises RunError for a cell with other settings or corpora, unless `overwrite`, and always for
    anything that is not a cell.
    """
    if not path.exists() or is_unfinished(path):
        return False
    try:
        identity = RunFiles(directory=path).read_json(CELL)["identity"]
    except (ValueError, KeyError, TypeError):
        raise RunError(
            f"{path}: exists and is not a cell of a comparison; choose another --out"
        ) from None
    changed = difference(identity, wanted)
    if changed is not None and not overwrite:
        raise RunError(
            f"{path}: {changed}; give --overwrite to train changed cells again, or another --out"
        )
    return changed is None


def is_unfinished(path: Path) -> bool:
    """Whether a directory holds what a killed training left, or nothing."""
    if not path.is_dir():
        return False
    status = run_status(path)
    if status is not None:
        return status == TRAINING
    return is_lock_file(path / RUN_LOCK) or not any(path.iterdir())


def check_finished_cell(path: Path) -> None:
    """Compare the result files of a finished cell with its manifest.

    Raises RunError if one is missing or was changed.
    """
    with damage_named(path):
        files = open_run(path)
        for name in RESULTS:
            with files.open(name):
                pass


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Within the block, errors of a damaged file become that of a damaged cell."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged_cell(path, one_line(str(error)).removesuffix(f"; {COPY_AGAIN}")) from error


def damaged_cell(path: Path, fact: str) -> RunError:
    """The error for a cell that cannot be read."""
    return RunError(f"{path}: damaged cell: {fact}; delete it to train it again")


def read_cell(path: Path) -> FinishedCell:
    """Read a finished cell. Raises RunError if a file is missing or damaged."""
    with damage_named(path):
        files = open_run(path)
        facts, metrics = files.read_json(CELL), files.read_json(METRICS)
        with files.open(PREDICTIONS) as file:
            pairs = [parse_json(line) for line in file]
        gold, predicted = ([pair[side] for pair in pairs] for side in ("gold", "predicted"))
        return FinishedCell(
            split=facts["split"],
            metrics=metrics["splits"][facts["split"]],
            seconds=metrics["seconds"],
            sums=sentence_counts(gold, predicted, Scheme(facts["scheme"])),
            end_reason=metrics.get("end_reason", ""),
            documents=tuple(pair.get("document") for pair in pairs),
        )


@contextmanager
def locked_directory(out: Path) -> Iterator[None]:
    """Lock the directory of a comparison, and delete what a killed comparison left half written.

    Raises RunError if the directory cannot be written, holds something else, or another comparison runs
    in it.
    """
    try:
        if out.exists() and not (out / LOCK).exists() and any(out.iterdir()):
            fact = "is a run" if (out / MANIFEST).exists() else "is not a comparison"
            raise RunError(f"{out}: exists and {fact}; choose another --out")
        (out / "cells").mkdir(parents=True, exist_ok=True)
        (out / LOCK).touch()
    except OSError as error:
        raise RunError(f"{out}: cannot be written: {error.strerror or error}") from error
    with file_lock(out / LOCK, wait=False) as locked:
        if not locked:
            raise RunError(
                f"{out}: another comparison is running here; wait, or choose another --out"
            )
        for folder in (out / "cells").iterdir():
            remove_leftovers(folder)
        yield
