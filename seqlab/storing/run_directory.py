"""The run directory: written under a temporary name, checked, then renamed; whole or not at all."""

import json
import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from seqlab.errors import RunError, nearest
from seqlab.machine.atomic import PendingPath, atomic_directory
from seqlab.machine.checksums import file_sha256

MANIFEST = "manifest.json"
PACKAGES = ("seqlab", "keras", "tensorflow", "numpy", "gensim", "seqeval")


def check_free(path: Path, *, overwrite: bool) -> None:
    """Refuse a path that holds something which this run must not replace.

    Raises RunError for a finished run unless `overwrite`, and always for what is not a run.
    """
    try:
        free = not path.exists() or (path.is_dir() and not any(path.iterdir()))
    except (OSError, ValueError) as error:
        raise cannot_be_written(path, error) from error
    if free:
        return
    files = files_of_run(path)
    if files is None:
        raise RunError(f"{path}: exists and is not a run of seqlab; choose another --out")
    if not overwrite:
        raise RunError(
            f"{path}: holds a finished run; give --overwrite to replace it, or another --out"
        )
    for found in sorted(path.rglob("*")):
        name = str(found.relative_to(path))
        if found.is_file() and name not in files:
            raise RunError(f"{path}: holds {name!r}, which is not of the run; move it away first")


def files_of_run(path: Path) -> set[str] | None:
    """The files that belong to the run at a path, or None where there is none of seqlab's."""
    try:
        found = json.loads((path / MANIFEST).read_text(encoding="ascii"))
        return {MANIFEST, *found["files"]} if "seqlab" in found["versions"] else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def cannot_be_written(path: Path, error: Exception) -> RunError:
    """What the operating system, or Python before it (a NUL in the name), says against a path."""
    return RunError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}")


@contextmanager
def os_errors_about(path: Path) -> Iterator[None]:
    """Raise RunError about a path for errors of the operating system (a name with NUL gives ValueError)."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise cannot_be_written(path, error) from error


@contextmanager
def new_run(path: Path, *, overwrite: bool = False) -> Iterator[PendingPath]:
    """Give a temporary directory, which becomes the run directory `path` when the block ends without an error.

    If somebody else has finished a run at `path` meanwhile, the new run gets the next free name beside it:
    `PendingPath.path` holds that name.
    Raises RunError when `path` holds something that must not be replaced, or cannot be written.
    """
    check_free(path, overwrite=overwrite)
    path = path.resolve() if path.is_symlink() else path

    def may_replace(path: Path) -> bool:
        return overwrite and (path / MANIFEST).is_file()

    with ExitStack() as stack:
        with os_errors_about(path):
            run = stack.enter_context(atomic_directory(path, may_replace=may_replace))
        yield run
        with os_errors_about(path):
            write_json(run.temporary / MANIFEST, manifest(run.temporary))
            stack.close()  # renames the directory


def manifest(directory: Path) -> dict[str, Any]:
    """Versions, and size and sha256 of every file of the directory."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
        "files": {
            str(path.relative_to(directory)): {
                "bytes": path.stat().st_size,
                "sha256": file_sha256(path),
            }
            for path in files
        },
    }


def write_json(path: Path, value: Any) -> None:
    """One JSON file, in ASCII, so that no reader's encoding can spoil it."""
    path.write_text(json_text(value), encoding="ascii")


def json_text(value: Any) -> str:
    """What `write_json` writes."""
    return json.dumps(value, indent=1, allow_nan=False) + "\n"


def check_run(directory: Path) -> None:
    """Refuse a path that holds no finished run, naming the nearest one beside it.

    Raises RunError.
    """
    if not (directory / MANIFEST).is_file():
        raise RunError(f"{directory}: no run of seqlab here{other_runs(directory)}")


def other_runs(directory: Path) -> str:
    """The nearest run beside a path that is none."""
    try:
        beside = [p.parent.name for p in directory.parent.glob(f"*/{MANIFEST}")]
    except OSError:
        return ""
    return nearest(directory.name, beside)
