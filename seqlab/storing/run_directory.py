"""The run directory: written under a temporary name, checked, then renamed; whole or not at all."""

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

from seqlab.errors import RunError, nearest

MANIFEST = "manifest.json"
PACKAGES = ("seqlab", "keras", "tensorflow", "numpy", "gensim", "seqeval")


@dataclass
class NewRun:
    """A run that is being written. directory: the temporary one; path: where it will stand."""

    directory: Path
    path: Path


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


def free_path(parent: Path, name: str) -> Path:
    """The first of NAME-1, NAME-2, … that does not exist."""
    return next(path for n in count(1) if not (path := parent / f"{name}-{n}").exists())


@contextmanager
def new_run(path: Path, *, overwrite: bool = False) -> Iterator[NewRun]:
    """A temporary directory that becomes `path` when the block ends well, and vanishes otherwise.

    Should somebody else have finished a run at `path` in the meantime, the new one is kept beside it
    under the next free name: `NewRun.path` says where.
    """
    check_free(path, overwrite=overwrite)
    path = path.resolve() if path.is_symlink() else path
    partial = path.parent / f".{path.name}.partial-{os.getpid()}"
    temporary = partial if not partial.exists() else free_path(path.parent, partial.name)
    try:
        temporary.mkdir(parents=True)
    except (OSError, ValueError) as error:
        raise cannot_be_written(path, error) from error
    run = NewRun(temporary, path)
    try:
        yield run
        try:
            write_json(temporary / MANIFEST, manifest(temporary))
            move(run, overwrite=overwrite)
        except OSError as error:
            raise cannot_be_written(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def move(run: NewRun, *, overwrite: bool) -> None:
    """Rename the finished directory to its path."""
    if overwrite and (run.path / MANIFEST).is_file():
        old = run.path.parent / f".{run.path.name}.old-{os.getpid()}"
        run.path.rename(old)
        try:
            run.directory.rename(run.path)
        except OSError:
            old.rename(run.path)
            raise
        shutil.rmtree(old)
        return
    try:
        run.directory.rename(run.path)
    except OSError:
        run.path = free_path(run.path.parent, run.path.name)
        run.directory.rename(run.path)


def manifest(directory: Path) -> dict[str, Any]:
    """Versions, and size and sha256 of every file of the directory."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
        "files": {
            str(path.relative_to(directory)): {"bytes": path.stat().st_size, "sha256": sha256(path)}
            for path in files
        },
    }


def sha256(path: Path) -> str:
    """The checksum of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
