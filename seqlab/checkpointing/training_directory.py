"""The run directory of a training, from its start to its end.

`OUT` itself is the run directory from the start. Each file appears under a temporary name and is renamed. The manifest is
written last: a file counts from the moment when the manifest lists it. So a process that is killed at any moment leaves
a run that is whole up to its last commit.
"""

import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from errno import ENOENT
from pathlib import Path
from threading import Lock
from typing import Any

from seqlab.encoding.encoder_files import VOCABULARIES
from seqlab.machine.atomic import (
    atomic_file,
    flush_to_disk,
    move_into,
    remove_leftovers,
    replace_directory,
    temporary_path,
)
from seqlab.machine.json_text import json_text
from seqlab.machine.locks import LockHeldError, ProcessLock
from seqlab.storing.run_directory import (
    CHOSEN,
    FINISHED,
    LOCK,
    MANIFEST,
    RUNNING_FILES,
    TRAINING,
    UNFINISHED_METRICS,
    file_entry,
    library_versions,
    os_errors_about,
    run_files,
)

WriteFiles = Callable[[Path], None]
"""Writes files into a directory."""


class TrainingDirectory:
    """The run directory of a training in progress, locked by this process.

    path: OUT. work: where files are written now: OUT, or a directory beside it that replaces OUT when training starts.
    worth_keeping: whether OUT holds a result: a checkpoint, or a finished run. entries: of the manifest, by file.
    facts: the part "training" of the manifest, about its inputs and progress. committed: the text of the last manifest.
    """

    def __init__(self, path: Path, work: Path, locks: Sequence[ProcessLock]) -> None:
        self.path, self.work = path, work
        self.locks = list(locks)
        self.worth_keeping = False
        self.entries: dict[str, dict[str, Any]] = {}
        self.facts: dict[str, Any] = {}
        self.committed: str | None = None
        self.checking = Lock()  # checkpoints are written in a thread

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
            entries = run_files(staging)
            for name in entries:
                flush_to_disk(staging / name)
            # If this process is killed while it moves them, the manifest knows them: old and new ones are both right.
            self.commit(TRAINING, pending=entries)
            move_into(staging, self.work)
            self.entries |= entries
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def add_file(self, name: str, write: WriteFiles) -> None:
        """Write one file, by its name within the run. The next commit lists it."""
        self.check_ours()
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

    def commit(
        self,
        status: str,
        *,
        without: Collection[str] = (),
        pending: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        """Write the manifest: from now on the run consists of these files.

        without: files that are deleted then. pending: the entries of files that are about to be moved into the run.
        """
        self.check_ours()
        files = {name: e for name, e in sorted(self.entries.items()) if name not in without}
        content: dict[str, Any] = {"status": status, "versions": library_versions()}
        if self.facts:
            content["training"] = self.facts
        content["files"] = files
        if pending:
            content["pending"] = pending
        text = json_text(content)
        with atomic_file(self.work / MANIFEST, overwrite=True, durable=True) as manifest:
            manifest.temporary.write_text(text, encoding="ascii")
        self.committed = text
        self.entries = files
        self.remove(without)

    def check_ours(self) -> None:
        """Raise OSError if OUT has vanished, or holds something else by now.

        A lock file that was deleted is written again.
        """
        with self.checking:
            self.find_or_lock_again()

    def find_or_lock_again(self) -> None:
        """The work of `check_ours`, in one thread at a time."""
        if self.locks[-1].is_current():
            return
        if not self.work.is_dir():
            raise FileNotFoundError(ENOENT, "the directory has vanished")
        if self.committed is not None and not self.holds_last_manifest():
            raise OSError("something else is there now")
        try:
            self.locks.append(ProcessLock(self.work / LOCK))
        except LockHeldError as held:
            raise OSError(f"{held.owner or 'another process'} trains there now") from None

    def holds_last_manifest(self) -> bool:
        """Whether the manifest is the one that this process wrote last."""
        with suppress(OSError, ValueError):
            return (self.work / MANIFEST).read_text(encoding="ascii") == self.committed
        return False

    def finish(self, write: WriteFiles, *, whole: WriteFiles) -> None:
        """Write the files of the finished run, and make it one. Of the checkpoints the newest stays.

        whole: writes the files of the start again; called if they have vanished.
        Raises OSError when OUT cannot be written.
        """
        if not self.work.exists():
            self.work.mkdir(parents=True)
            self.committed = None
        self.check_ours()
        self.entries = {name: e for name, e in self.entries.items() if (self.work / name).is_file()}
        if VOCABULARIES not in self.entries:
            self.add(whole)
        self.add(write)
        *older, newest = self.facts.get("checkpoints") or [{}]
        if not self.entries.keys() >= {*newest.values()}:  # it has vanished with the directory
            older, newest = [*older, newest], {}
        self.facts["checkpoints"] = [newest] if newest else []
        dropped = {name for entry in older for name in entry.values()} - {*newest.values()}
        running = (name for name in RUNNING_FILES if (self.work / name).is_file())
        self.entries |= {name: file_entry(self.work / name) for name in running}
        self.commit(FINISHED, without={*dropped, UNFINISHED_METRICS, CHOSEN})
        self.worth_keeping = True

    def close(self) -> None:
        """Release the locks. If nothing is worth keeping, delete what was written."""
        leave_nothing = not self.worth_keeping and self.locks[-1].is_current()
        if leave_nothing:
            written = (*self.entries, *RUNNING_FILES, UNFINISHED_METRICS, MANIFEST)
            self.remove(written)
            for folder in {self.work / Path(name).parent for name in written} | {self.work}:
                remove_leftovers(folder, "files")
                with suppress(OSError):  # it holds something
                    folder.rmdir()
        for lock in self.locks:
            lock.release()
        if leave_nothing:
            with suppress(OSError):
                self.work.rmdir()
