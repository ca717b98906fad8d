"""Where cells lie: OUT/cells/NAME/seed-K, a run directory each, and what is read back from one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlab.comparing.cell import CELL, PREDICTIONS
from seqlab.comparing.identity import Identity, difference
from seqlab.comparing.plan import Cell
from seqlab.corpus.schemes import Scheme
from seqlab.errors import RunError
from seqlab.machine.atomic import remove_leftovers
from seqlab.machine.checksums import file_sha256
from seqlab.machine.locks import file_lock
from seqlab.scoring.by_sentence import SentenceSums, sentence_sums
from seqlab.storing.run_directory import MANIFEST

LOCK = ".lock"
METRICS = "metrics.json"
RESULTS = (CELL, METRICS, PREDICTIONS)


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A trained cell. metrics: those of the split that is compared. sums: of that split's sentences.

    end_reason: why training ended; empty in a cell of an older version.
    """

    split: str
    metrics: dict[str, Any]
    seconds: float
    peak_gb: float | None
    sums: SentenceSums
    end_reason: str = ""


def cell_path(out: Path, cell: Cell) -> Path:
    """The run directory of a cell."""
    return out / "cells" / cell.name / f"seed-{cell.seed}"


def log_path(out: Path, cell: Cell) -> Path:
    """What a cell printed."""
    return out / "logs" / cell.name / f"seed-{cell.seed}.txt"


def is_done(path: Path, wanted: Identity, *, overwrite: bool) -> bool:
    """Whether a finished cell stands here that need not be trained.

    Raises RunError for one with other settings or corpora, unless `overwrite`, and for what is none.
    """
    if not path.exists():
        return False
    try:
        made = json.loads((path / CELL).read_text(encoding="ascii"))["identity"]
    except (OSError, ValueError, KeyError, TypeError):
        raise RunError(
            f"{path}: exists and is no cell of a comparison; choose another out"
        ) from None
    changed = difference(made, wanted)
    if changed is not None and not overwrite:
        raise RunError(
            f"{path}: {changed}; give --overwrite to train changed cells again, or another --out"
        )
    return changed is None


def check_cell(path: Path) -> None:
    """Refuse a finished cell whose results are not those that were written.

    Raises RunError.
    """
    try:
        files = json.loads((path / MANIFEST).read_text(encoding="ascii"))["files"]
        whole = {name: file_sha256(path / name) == files[name]["sha256"] for name in RESULTS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, str(error)) from error
    for name, sound in whole.items():
        if not sound:
            raise damaged(path, f"the sha256 of {name} is not the manifest's")


def damaged(path: Path, fact: str) -> RunError:
    """What is wrong with a cell, and the way out."""
    return RunError(f"{path}: damaged cell: {fact}; delete it to train it again")


def read_cell(path: Path) -> Finished:
    """A finished cell.

    Raises RunError when a file is missing or damaged.
    """
    try:
        facts = json.loads((path / CELL).read_text(encoding="ascii"))
        metrics = json.loads((path / METRICS).read_text(encoding="ascii"))
        with (path / PREDICTIONS).open(encoding="utf-8") as file:
            pairs = [json.loads(line) for line in file]
        gold, predicted = ([pair[side] for pair in pairs] for side in ("gold", "predicted"))
        return Finished(
            split=facts["split"],
            metrics=metrics["splits"][facts["split"]],
            seconds=metrics["seconds"],
            peak_gb=facts["peak_gb"],
            sums=sentence_sums(gold, predicted, Scheme(facts["scheme"])),
            end_reason=metrics.get("end_reason", ""),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, str(error)) from error


@contextmanager
def only_one(out: Path) -> Iterator[None]:
    """Hold a comparison's directory alone, and clear what a killed one left half written.

    Raises RunError when it cannot be written, holds something else, or another comparison runs in it.
    """
    try:
        if out.exists() and not (out / LOCK).exists() and any(out.iterdir()):
            kind = "a run" if (out / MANIFEST).exists() else "no comparison"
            raise RunError(f"{out}: exists and is {kind}; choose another --out")
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
