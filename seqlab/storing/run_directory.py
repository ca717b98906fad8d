"""The run directory and its manifest. `new_run` writes one whole or not at all; see `training_directory` for trainings."""

import platform
import re
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from seqlab.errors import RunError, nearest
from seqlab.machine.atomic import TEMPORARY_PREFIX, PendingPath, atomic_directory
from seqlab.machine.checksums import file_sha256
from seqlab.machine.json_text import json_text, parse_json
from seqlab.machine.regular_files import open_regular
from seqlab.machine.wording import listed

MANIFEST = "manifest.json"
MANIFEST_BYTES = 1 << 20  # for 8,000 files
LOCK = "run.lock"  # held by the process that trains
LOG, HISTORY, REPORT = "log.txt", "history.jsonl", "report.html"
# They change during training; the manifest lists them when it is finished.
RUNNING_FILES = (LOG, HISTORY, REPORT)
CHECKPOINTS = "checkpoints"
CHECKPOINT_FILE = re.compile(rf"{CHECKPOINTS}/[a-z0-9-]+\.npz")
CHOSEN = (
    f"{CHECKPOINTS}/chosen.npz"  # the outcome of the training that chose the epoch, during a refit
)
UNFINISHED_METRICS = f"{CHECKPOINTS}/metrics.json"  # of a training in progress
UNPACKING = {".zip": "; unpack it first", ".whl": "; pip installs it as a package"}
# Values of "status" in the manifest; older runs have none.
TRAINING, FINISHED = "training", "finished"
PACKAGES = ("seqlab", "keras", "tensorflow", "numpy", "gensim", "seqeval")


class Remedy(NamedTuple):
    """What a caller can change if a path is taken, in the words of errors."""

    overwrite: str
    out: str


ON_COMMAND_LINE = Remedy(overwrite="--overwrite", out="--out")
IN_PYTHON = Remedy(overwrite="overwrite=True", out="path")


def check_free(
    path: Path,
    *,
    overwrite: bool,
    ignored: Collection[str] = (),
    remedy: Remedy = ON_COMMAND_LINE,
) -> None:
    """Raise RunError if the path holds a run (unless `overwrite`) or anything else but an empty directory.

    A run with additional files in it is never overwritten. ignored: names of files that count as nothing.
    """
    with os_errors_about(path):
        if "\0" in str(path):
            raise OSError("embedded null byte")
        if not path.exists() or (path.is_dir() and not any(foreign_files(path, ignored))):
            return
    files = files_of_run(path)
    if files is None:
        raise RunError(f"{path}: exists and is not a run of seqlab; choose another {remedy.out}")
    overwrite = overwrite or is_without_result(path)
    if not overwrite and run_status(path) == TRAINING:
        raise RunError(
            f"{path}: holds an unfinished training; resume it with --resume {path}, "
            f"give {remedy.overwrite} to replace it, or another {remedy.out}"
        )
    if not overwrite:
        raise RunError(
            f"{path}: holds a finished run; give {remedy.overwrite} to replace it, or another {remedy.out}"
        )
    for file in foreign_files(path, (LOCK, *RUNNING_FILES)):
        name = file.relative_to(path).as_posix()
        if name not in files and not (
            name == UNFINISHED_METRICS or CHECKPOINT_FILE.fullmatch(name)
        ):
            raise RunError(
                f"{path}: holds {name!r}, which is not part of the run; move it away first"
            )


def foreign_files(path: Path, ignored: Collection[str]) -> Iterator[Path]:
    """The files in a directory, without ignored ones and those that a killed training was writing."""
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path)
        if not (file.is_dir() or name.as_posix() in ignored or is_temporary(name)):
            yield file


def is_temporary(name: Path) -> bool:
    """Whether a file within a run is still being written, or was when its process was killed."""
    return any(part.startswith(TEMPORARY_PREFIX) for part in name.parts)


def read_manifest(path: Path) -> dict[str, Any] | None:
    """The manifest of a run; None if seqlab wrote no run there."""
    try:
        with open_regular(path / MANIFEST, inside=path) as file:
            content = parse_json(file.read(MANIFEST_BYTES))
        known = "seqlab" in content["versions"] and isinstance(content["files"], dict)
        return dict(content) if known else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def files_of_run(path: Path) -> set[str] | None:
    """The names of a run's files according to its manifest; None if seqlab wrote no run there.

    With those that a killed training was moving to their places.
    """
    content = read_manifest(path)
    if content is None:
        return None
    pending = content.get("pending")
    names = pending if isinstance(pending, dict) else {}
    return {MANIFEST, *content["files"], *(name for name in names if isinstance(name, str))}


def is_without_result(path: Path) -> bool:
    """Whether a run is a training that was killed before its first checkpoint."""
    content = read_manifest(path) or {}
    training = content.get("training", {})
    return content.get("status") == TRAINING and not training.get("checkpoints")


def run_status(path: Path) -> str | None:
    """The status of a run, "training" or "finished"; None if there is no run of seqlab."""
    content = read_manifest(path)
    return None if content is None else content.get("status", FINISHED)


@contextmanager
def os_errors_about(path: Path) -> Iterator[None]:
    """Within the block, an OSError becomes a RunError that names the path."""
    try:
        yield
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror or error}") from error


@contextmanager
def new_run(
    path: Path, *, overwrite: bool = False, remedy: Remedy = ON_COMMAND_LINE
) -> Iterator[PendingPath]:
    """Give a temporary directory, which becomes the run directory `path` when the block ends without an error.

    If another process has put something at `path` meanwhile, the new run gets the next free name beside it.
    `PendingPath.path` then holds that name.
    Raises RunError when `path` cannot be written, or holds something that must not be replaced.
    """
    check_free(path, overwrite=overwrite, remedy=remedy)
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
    """The manifest of a finished run: its status, the versions of libraries, and an entry for each file."""
    return {"status": FINISHED, "versions": library_versions(), "files": run_files(directory)}


def library_versions() -> dict[str, str]:
    """The versions of Python, seqlab and the libraries that it computes with, as far as they are installed."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def run_files(directory: Path) -> dict[str, dict[str, Any]]:
    """An entry of the manifest for every file in a directory, by its name there."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): file_entry(path) for path in files}


def file_entry(path: Path) -> dict[str, Any]:
    """The size and sha256 of a file, as the manifest holds them."""
    return {"bytes": path.stat().st_size, "sha256": file_sha256(path)}


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file in ASCII, which every encoding reads correctly. Raises ValueError for NaN."""
    path.write_text(json_text(value), encoding="ascii")


def check_run(directory: Path) -> None:
    """Raise RunError if the path has no manifest. The message names runs in the directory, or the nearest beside it."""
    if (directory / MANIFEST).is_file():
        return
    if directory.is_file():
        advice = UNPACKING.get(directory.suffix.lower(), "")
        raise RunError(f"{directory}: is a file; expected a run directory{advice}")
    archive = next((parent for parent in directory.parents if parent.is_file()), None)
    if archive is not None:  # Python imports packages from a wheel that is not installed
        raise RunError(
            f"{archive}: is a file; install or unpack it, so that the tagger is a directory"
        )
    inside = runs_below(directory, "*") or runs_below(directory, "*/*")
    if inside:
        names = listed([repr(name) for name in inside])
        raise RunError(f"{directory}: no run of seqlab here; it holds runs: {names}")
    beside = nearest(directory.name, runs_below(directory.parent, "*"))
    raise RunError(f"{directory}: no run of seqlab here{beside}")


def runs_below(directory: Path, pattern: str) -> list[str]:
    """The paths of the runs in a directory that fit a pattern, in order. A directory that cannot be read has none."""
    try:
        found = sorted(directory.glob(f"{pattern}/{MANIFEST}"))
    except OSError:
        return []
    return [manifest.parent.relative_to(directory).as_posix() for manifest in found]
