"""What makes a finished cell this cell: its settings and what its files hold, not what they are called.

The rule: a finished cell is kept as long as its settings and the sha256 of its corpora, word vectors
and weight table are those of the plan. One that differs is refused, or trained again with `overwrite`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seqlab.comparing.plan import Cell
from seqlab.errors import UserError
from seqlab.experiment.corpora import with_sample
from seqlab.machine.checksums import file_sha256, text_sha256
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings

Identity = dict[str, dict[str, Any]]


def identities(cells: Iterable[Cell]) -> dict[Cell, Identity]:
    """The identity of every cell; a file that many of them read is read once."""
    known: dict[str, str] = {}
    return {cell: identity(cell, known) for cell in cells}


def identity(cell: Cell, known: dict[str, str]) -> Identity:
    """Settings other than paths, and the sha256 of every file that is read.

    known: checksums by path, those found here added.

    Raises UserError for a file that cannot be read.
    """
    settings = with_sample(cell.settings)
    rules = {n: entry.rules for n, entry in declared(TrainSettings).items()}
    compared = {n: v for n, v in settings.items() if rules[n].affects_results}
    values = {n: v for n, v in compared.items() if not rules[n].path}
    files = {n: v for n, v in compared.items() if rules[n].path}
    if settings.class_weights.endswith(".toml"):
        files["class_weights"] = settings.class_weights
        del values["class_weights"]
    for path in files.values():
        if path not in known:
            known[path] = corpus_sha256(path)
    return {
        "settings": values,
        "sha256": {name: known[path] for name, path in files.items()},
    }


def corpus_sha256(path: str) -> str:
    """The sha256 of a file, or of the names and sums of a directory's files."""
    place = Path(path)
    try:
        if not place.is_dir():
            return file_sha256(place)
        sums = "".join(
            f"{p.name} {file_sha256(p)}\n" for p in sorted(place.iterdir()) if p.is_file()
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot be read: {reason}") from None
    return text_sha256(sums)


def difference(made: Identity, wanted: Identity) -> str | None:
    """In words, the first thing in which a finished cell is not the one that is wanted."""
    for part in ("settings", "sha256"):
        before, now = made.get(part, {}), wanted[part]
        for key in {**before, **now}:
            if before.get(key) != now.get(key):
                if part == "sha256":
                    return f"the file of {key} has changed"
                return f"{key} was {before.get(key)!r} and is {now.get(key)!r}"
    return None
