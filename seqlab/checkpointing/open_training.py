"""Open the run directory of a new training, or of one that is resumed: check it, lock it, and clear what was killed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seqlab.checkpointing.training_directory import TrainingDirectory
from seqlab.errors import RunError
from seqlab.machine.atomic import (
    remove_leftovers,
    restore_replaced,
    temporary_path,
)
from seqlab.machine.locks import LockHeldError, ProcessLock, is_lock_file
from seqlab.storing.run_directory import (
    CHECKPOINT_FILE,
    CHECKPOINTS,
    LOCK,
    MANIFEST,
    RUNNING_FILES,
    check_free,
    os_errors_about,
)
from seqlab.storing.run_files import open_run


@contextmanager
def training_directory(path: Path, *, overwrite: bool) -> Iterator[TrainingDirectory]:
    """Give the run directory of a new training, locked until the block ends.

    An old run that is replaced stays in its place until training starts.
    Raises RunError when `path` cannot be written, holds something that must not be replaced, or another process trains
    there.
    """
    path = path.resolve() if path.is_symlink() else path
    new_parents = [parent for parent in path.parents if not parent.exists()]
    with os_errors_about(path):
        if "\0" in str(path):
            raise OSError("embedded null byte")
        restore_replaced(path)
        # Only where a training has left its lock file can the log be that of a killed training.
        is_locked = is_lock_file(path / LOCK)
        ignored = (LOCK, *RUNNING_FILES) if is_locked else empty_lock(path)
        if not is_locked:
            check_free(path, overwrite=overwrite, ignored=ignored)
        path.mkdir(parents=True, exist_ok=True)
        lock = lock_run(path, advice="wait, or choose another --out")
        with released_on_error(lock):
            check_free(path, overwrite=overwrite, ignored=(LOCK, *ignored))
            remove_all_leftovers(path)
            directory = TrainingDirectory(path, path, [lock])
            if (path / MANIFEST).exists():
                directory.work = temporary_path(path)
                directory.work.mkdir()
                directory.locks.append(ProcessLock(directory.work / LOCK))
            else:
                directory.remove(RUNNING_FILES)
    try:
        yield directory
    finally:
        directory.close()
        with suppress(OSError):  # a parent that holds something stays
            for parent in new_parents:
                parent.rmdir()


@contextmanager
def resumed_directory(path: Path) -> Iterator[TrainingDirectory]:
    """Give the run directory of a training that goes on, locked until the block ends.

    Raises RunError when it holds no run of seqlab, or another process trains there.
    """
    path = path.resolve() if path.is_symlink() else path
    with os_errors_about(path):
        restore_replaced(path)
        lock = lock_run(path, advice="wait until it ends")
        with released_on_error(lock):
            remove_all_leftovers(path)
            files = open_run(path)
            directory = TrainingDirectory(path, path, [lock])
            directory.entries = {
                name: entry._asdict()
                for name, entry in (files.files or {}).items()
                if name not in RUNNING_FILES  # they grow again
            }
            directory.facts = dict(files.training.values)
            directory.worth_keeping = True
            for orphan in checkpoint_files(path) - {*directory.entries}:
                (path / orphan).unlink(missing_ok=True)
    try:
        yield directory
    finally:
        directory.close()


@contextmanager
def released_on_error(lock: ProcessLock) -> Iterator[None]:
    """Release a lock if the block ends with an error."""
    try:
        yield
    except BaseException:
        lock.release()
        raise


def empty_lock(path: Path) -> tuple[str, ...]:
    """The name of a lock file whose process was killed before it wrote its name there; () if there is none."""
    file = path / LOCK
    empty = file.is_file() and not file.is_symlink() and file.stat().st_size == 0
    return (LOCK,) if empty else ()


def remove_all_leftovers(path: Path) -> None:
    """Delete what killed processes were writing of a run, in it and beside it."""
    remove_leftovers(path.parent, path.name)
    remove_leftovers(path)
    remove_leftovers(path / CHECKPOINTS)


def checkpoint_files(path: Path) -> set[str]:
    """The names of all files of checkpoints in a run directory."""
    names = {f"{CHECKPOINTS}/{file.name}" for file in (path / CHECKPOINTS).glob("*.npz")}
    return {name for name in names if CHECKPOINT_FILE.fullmatch(name)}


def lock_run(path: Path, *, advice: str) -> ProcessLock:
    """Lock a run directory. Raises RunError, which names the process that trains there and ends with `advice`."""
    try:
        return ProcessLock(path / LOCK)
    except LockHeldError as held:
        owner = held.owner or "another process"
        raise RunError(f"{path}: {owner} trains here; {advice}") from None
