"""The identity of a training: its settings and the contents of its files, but not their paths.

A finished training is kept while its settings and the sha256 of its corpora, word vectors and weight
table equal those of the plan. A training that differs is refused; with `overwrite` it is repeated.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seqlab.comparing.plan import Cell
from seqlab.errors import UserError
from seqlab.experiment.corpora import with_sample
from seqlab.machine.checksums import file_sha256, text_sha256
from seqlab.machine.files import nearest_sibling
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings

Identity = dict[str, dict[str, Any]]


def identities(cells: Iterable[Cell]) -> dict[Cell, Identity]:
    """The identity of every cell. A file that several cells use is read once."""
    known: dict[str, str] = {}
    return {cell: identity(cell, known) for cell in cells}


def identity(cell: Cell, known: dict[str, str]) -> Identity:
    """The settings that affect results, and the sha256 of every file that they name.

    known: checksums by path; new ones are added.
    Raises UserError for a file that cannot be read.
    """
    settings = with_sample(cell.settings)
    rules = {name: entry.rules for name, entry in declared(TrainSettings).items()}
    affecting = {name: v for name, v in settings.items() if rules[name].affects_results}
    values = {name: v for name, v in affecting.items() if not rules[name].path}
    files = {name: v for name, v in affecting.items() if rules[name].path}
    if settings.class_weights.endswith(".toml"):
        files["class_weights"] = settings.class_weights
        del values["class_weights"]
    for path in files.values():
        if path not in known:
            known[path] = corpus_sha256(path)
    return {"settings": values, "sha256": {name: known[path] for name, path in files.items()}}


def corpus_sha256(path: str) -> str:
    """The sha256 of a file; of a directory, that of the names and checksums of its files."""
    corpus = Path(path)
    try:
        if not corpus.is_dir():
            return file_sha256(corpus)
        files = sorted(path for path in corpus.iterdir() if path.is_file())
        sums = "".join(f"{file.name} {file_sha256(file)}\n" for file in files)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file{nearest_sibling(corpus)}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot be read: {reason}") from None
    return text_sha256(sums)


def difference(made: Identity, wanted: Identity) -> str | None:
    """The first difference between a finished cell and the wanted one, in words; None if there is none."""
    for part in ("settings", "sha256"):
        before, now = made.get(part, {}), wanted[part]
        for key in {**before, **now}:
            if before.get(key) != now.get(key):
                if part == "sha256":
                    return f"the file of {key} has changed"
                return f"{key} was {before.get(key)!r} and is {now.get(key)!r}"
    return None
