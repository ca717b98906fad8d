"""The run directory of a training, from its start to its end.

`OUT` itself is the run directory from the start. Each file appears under a temporary name and is renamed. The manifest is
written last: a file counts from the moment when the manifest lists it. So a process that is killed at any moment leaves
a run that is whole up to its last commit.
"""

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from seqlab.errors import RunError
from seqlab.machine.atomic import (
    atomic_file,
    move_into,
    remove_leftovers,
    replace_directory,
    restore_replaced,
    temporary_path,
)
from seqlab.machine.locks import LockHeldError, ProcessLock
from seqlab.storing.run_directory import (
    FINISHED,
    LOCK,
    MANIFEST,
    RUNNING_FILES,
    TRAINING,
    VOCABULARIES,
    check_free,
    file_entry,
    json_text,
    library_versions,
    os_errors_about,
    run_files,
)
from seqlab.storing.run_files import open_run

WriteFiles = Callable[[Path], None]
"""Writes files into a directory."""


class TrainingDirectory:
    """The run directory of a training in progress, locked by this process.

    path: OUT. work: where files are written now: OUT, or a directory beside it that replaces OUT when training starts.
    worth_keeping: whether OUT holds a result: a checkpoint, or a finished run. entries: of the manifest, by file.
    facts: the part "training" of the manifest, about its inputs and progress.
    """

    def __init__(self, path: Path, work: Path, locks: Sequence[ProcessLock]) -> None:
        self.path, self.work = path, work
        self.locks = list(locks)
        self.worth_keeping = False
        self.entries: dict[str, dict[str, Any]] = {}
        self.facts: dict[str, Any] = {}

    def start(self, write: WriteFiles, facts: dict[str, Any]) -> None:
        """Write the files that are there from the start, and make OUT a run with the status "training".

        facts: about the training, for the manifest. Raises RunError when OUT cannot be written.
        """
        with os_errors_about(self.path):
            self.facts = facts
            self.add(write)
            self.commit(TRAINING)
            if self.work != self.path:
                replace_directory(self.work, self.path)
                self.locks[-1].path = self.path / LOCK
                self.work = self.path

    def add(self, write: WriteFiles) -> None:
        """Write files into a temporary directory, and move them to their places. The next commit lists them."""
        staging = temporary_path(self.work / "files")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        try:
            write(staging)
            self.entries |= run_files(staging)
            move_into(staging, self.work)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def add_file(self, name: str, write: WriteFiles) -> None:
        """Write one file, by its name within the run. The next commit lists it."""
        path = self.work / name
        path.parent.mkdir(exist_ok=True)
        with atomic_file(path, overwrite=True, durable=True) as pending:
            write(pending.temporary)
        self.entries[name] = file_entry(path)

    def remove(self, names: Collection[str]) -> None:
        """Delete files of the run."""
        for name in names:
            with suppress(OSError):
                (self.work / name).unlink(missing_ok=True)

    def commit(self, status: str, *, without: Collection[str] = ()) -> None:
        """Write the manifest: from now on the run consists of these files. without: files that are deleted then."""
        files = {name: e for name, e in sorted(self.entries.items()) if name not in without}
        training = {"training": self.facts} if self.facts else {}
        content = {"status": status, "versions": library_versions(), **training, "files": files}
        with atomic_file(self.work / MANIFEST, overwrite=True, durable=True) as pending:
            pending.temporary.write_text(json_text(content), encoding="ascii")
        self.entries = files
        self.remove(without)

    def finish(self, write: WriteFiles, *, whole: WriteFiles) -> None:
        """Write the files of the finished run, and make it one. Of the checkpoints the newest stays.

        whole: writes the files of the start again; called if they have vanished.
        Raises OSError when OUT cannot be written.
        """
        self.work.mkdir(parents=True, exist_ok=True)
        self.entries = {name: e for name, e in self.entries.items() if (self.work / name).is_file()}
        self.add(write)
        if VOCABULARIES not in self.entries:
            self.add(whole)
        *older, newest = self.facts.get("checkpoints") or [{}]
        self.facts["checkpoints"] = [newest] if newest else []
        dropped = {name for entry in older for name in entry.values()} - {*newest.values()}
        running = (name for name in RUNNING_FILES if (self.work / name).is_file())
        self.entries |= {name: file_entry(self.work / name) for name in running}
        self.commit(FINISHED, without=dropped)
        self.worth_keeping = True

    def close(self) -> None:
        """Release the locks. If nothing is worth keeping, delete what was written."""
        if not self.worth_keeping:
            written = (*self.entries, *RUNNING_FILES, MANIFEST)
            self.remove(written)
            for folder in {self.work / Path(name).parent for name in written} | {self.work}:
                remove_leftovers(folder, "files")
                with suppress(OSError):  # it holds something
                    folder.rmdir()
        for lock in self.locks:
            lock.release()
        if not self.worth_keeping:
            with suppress(OSError):
                self.work.rmdir()


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
        ignored = (LOCK, *RUNNING_FILES) if (path / LOCK).is_file() else (LOCK,)
        if not (path / LOCK).is_file():
            check_free(path, overwrite=overwrite)
        path.mkdir(parents=True, exist_ok=True)
        lock = lock_run(path)
        try:
            check_free(path, overwrite=overwrite, ignored=ignored)
            remove_leftovers(path.parent, path.name)
            remove_leftovers(path)
            directory = TrainingDirectory(path, path, [lock])
            if (path / MANIFEST).exists():
                directory.work = temporary_path(path)
                directory.work.mkdir()
                directory.locks.append(ProcessLock(directory.work / LOCK))
            else:
                directory.remove(RUNNING_FILES)
        except BaseException:
            lock.release()
            raise
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
        lock = lock_run(path)
        try:
            remove_leftovers(path)
            files = open_run(path)
            directory = TrainingDirectory(path, path, [lock])
            directory.entries = {
                name: entry._asdict()
                for name, entry in (files.files or {}).items()
                if name not in RUNNING_FILES  # they grow again
            }
            directory.facts = dict(files.training.values)
            directory.worth_keeping = True
        except BaseException:
            lock.release()
            raise
    try:
        yield directory
    finally:
        directory.close()


def lock_run(path: Path) -> ProcessLock:
    """Lock a run directory. Raises RunError, which names the process that trains there."""
    try:
        return ProcessLock(path / LOCK)
    except LockHeldError as held:
        owner = held.owner or "another process"
        raise RunError(f"{path}: {owner} trains here; wait, or choose another --out") from None
