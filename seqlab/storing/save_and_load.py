"""Save a tagger as a run directory, and load a tagger from one."""

import json
from pathlib import Path
from typing import Any

from seqlab.errors import RunError, UserError, with_type
from seqlab.machine.checksums import file_sha256
from seqlab.machine.files import as_path
from seqlab.storing.run_directory import MANIFEST, check_run, new_run, os_errors_about
from seqlab.storing.tagger_files import TAGGER_FILES, VECTORS, load_tagger, save_tagger
from seqlab.tagging.tagger import Tagger

CONFIG = "config.toml"
NO_SETTINGS = "# saved from Python: the settings of its training are unknown\n"
LARGE = 32 * 1024 * 1024  # bytes


def save_run(tagger: Tagger, out: str | Path, *, overwrite: bool = False) -> Path:
    """Write a tagger as a run directory, whole or not at all. Returns the directory's path.

    `seqlab.load` and `seqlab tag` read it.
    Raises RunError when `out` exists (unless `overwrite`) or cannot be written, UserError when `tagger`
    is not a Tagger.
    """
    if not isinstance(tagger, Tagger):
        raise UserError(f"expected a Tagger, found {with_type(tagger)}")
    path = as_path(out, "the run directory")
    with new_run(path, overwrite=overwrite) as pending, os_errors_about(path):
        save_tagger(tagger, pending.temporary)
        (pending.temporary / CONFIG).write_text(NO_SETTINGS, encoding="ascii")
    return pending.path


def load_run(path: str | Path) -> Tagger:
    """Load the tagger of a run directory, after comparing its files with the manifest.

    Raises RunError when the path holds no run, or a file of the tagger is missing or damaged.
    """
    directory = as_path(path, "a run directory")
    check_run(directory)
    try:
        files = json.loads((directory / MANIFEST).read_text(encoding="ascii"))["files"]
        for name in (*TAGGER_FILES, *(name for name in files if Path(name).parent.name == VECTORS)):
            check_file(directory / name, files[name])
    except RunError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise RunError(f"{directory}: damaged run: {error}") from error
    return load_tagger(directory)


def check_file(path: Path, expected: dict[str, Any]) -> None:
    """Raise RunError if a file is not the one in the manifest, by its sha256.

    Only the size of large vectors is compared. They are memory-mapped, and a checksum would read them in full.
    """
    if not path.exists():
        raise RunError(f"{path}: missing, but the manifest of the run lists it; copy the run again")
    size = path.stat().st_size
    if path.parent.name == VECTORS and size > LARGE and size == expected["bytes"]:
        return
    if file_sha256(path) != expected["sha256"]:
        raise RunError(f"{path}: damaged: its sha256 is not the manifest's")
