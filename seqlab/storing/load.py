"""A run directory back to a tagger, its files checked first."""

import json
from pathlib import Path
from typing import Any

from seqlab.errors import RunError
from seqlab.machine.checksums import file_sha256
from seqlab.machine.files import as_path
from seqlab.storing.run_directory import MANIFEST, check_run
from seqlab.storing.tagger_files import TAGGER_FILES, VECTORS, load_tagger
from seqlab.tagging.tagger import Tagger

LARGE = 32 * 1024 * 1024  # bytes


def load_run(path: str | Path) -> Tagger:
    """The tagger of a run directory, its files checked against the manifest.

    Of a file beyond `LARGE` the size is checked alone: those are mapped vectors, and reading them whole
    would cost what mapping them saves.

    Raises RunError when there is no run, or a file of the tagger is missing or damaged.
    """
    directory = as_path(path, "a run directory")
    check_run(directory)
    try:
        files = json.loads((directory / MANIFEST).read_text(encoding="ascii"))["files"]
        for name in (*TAGGER_FILES, *(name for name in files if Path(name).parent.name == VECTORS)):
            check_file(directory / name, files[name])
    except (
        OSError,
        KeyError,
        TypeError,
        UnicodeDecodeError,
        json.JSONDecodeError,
        RecursionError,
    ) as error:
        raise RunError(f"{directory}: damaged run: {error}") from error
    return load_tagger(directory)


def check_file(path: Path, expected: dict[str, Any]) -> None:
    """Refuse a file of another size, or, unless it is large, of other contents than the manifest's."""
    size = path.stat().st_size
    if path.parent.name == VECTORS and size > LARGE and size == expected["bytes"]:
        return
    if file_sha256(path) != expected["sha256"]:
        raise RunError(f"{path}: damaged: its sha256 is not the manifest's")
