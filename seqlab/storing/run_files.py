"""Read the files of a run directory, which may come from a stranger. Everything that reads a run goes through here.

A file is a regular file inside the directory, and its size and sha256 are those of the manifest. The size is compared
before anything is read. No file runs code.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

from seqlab.errors import RunError, one_line
from seqlab.machine.checksums import bytes_sha256, stream_sha256
from seqlab.machine.json_fields import Fields
from seqlab.machine.json_text import parse_json
from seqlab.machine.regular_files import open_regular, size_of, unreadable
from seqlab.storing.run_directory import FINISHED, MANIFEST, MANIFEST_BYTES, TRAINING, check_run

TEXT_BYTES = (
    1 << 26
)  # of other JSON and TOML files. Python takes up to 25 times as much memory for their values
LONGEST = 2**53  # bytes of a file in a manifest
COPY_AGAIN = "copy or train the run again"
STATES = (TRAINING, FINISHED)


class FileEntry(NamedTuple):
    """A file in a manifest."""

    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class RunFiles:
    """The files of a run directory.

    files: those that the manifest lists, by their path in the directory; None for a directory without a manifest, whose
        files are not compared with anything.
    status: 'training' or 'finished'. training: the part of the manifest about the training; empty for a tagger that was
        saved from Python.
    pending: the entries of files that a training was moving into the run when it was killed.
    root: the directory that no link may lead out of; default: `directory`.
    """

    directory: Path
    files: Mapping[str, FileEntry] | None = None
    status: str = FINISHED
    training: Fields = field(default_factory=lambda: Fields({}, "training"))
    pending: Mapping[str, FileEntry] = field(default_factory=dict)
    root: Path | None = None

    def below(self, name: str) -> "RunFiles":
        """The files in a directory of the run, by their path in it."""
        files, start = self.files, f"{name}/"
        if files is not None:
            inside = [path for path in files if path.startswith(start)]
            files = {path.removeprefix(start): files[path] for path in inside}
        root = self.root or self.directory
        return RunFiles(directory=self.directory / name, files=files, root=root)

    def path(self, name: str) -> Path:
        """The path of a file, for messages."""
        return self.directory / name

    def has(self, name: str) -> bool:
        """Whether the run has a file of this name."""
        return self.path(name).exists() if self.files is None else name in self.files

    @contextmanager
    def open(
        self, name: str, *, most: int | None = None, hashed: int | None = None
    ) -> Iterator[BufferedReader]:
        """Open a file to read bytes, after comparing it with the manifest. Read it through this stream only.

        most: the largest size in bytes that the file may have; None allows any.
        hashed: the largest size in bytes whose sha256 is compared; None compares any. A checksum reads the whole file.
        Raises RunError if it is missing, damaged, too large, no regular file, or outside the directory.
        """
        path = self.path(name)
        if self.files is not None and name not in self.files:
            raise RunError(f"{path}: is not in the manifest of the run; {COPY_AGAIN}")
        if self.files is not None and not path.exists():
            raise RunError(
                f"{path}: missing, but the manifest of the run lists it; copy the run again"
            )
        try:
            with open_regular(path, inside=self.root or self.directory) as file:
                # Sizes come first: a checksum would read a file of any size.
                entry = None if self.files is None else self.entry_of(file, name)
                check_size(file, path, most)
                if entry is not None and (hashed is None or size_of(file) <= hashed):
                    check_sha256(file, path, entry)
                yield file
        except OSError as error:
            raise unreadable(path, error) from error

    def entry_of(self, file: BufferedReader, name: str) -> FileEntry:
        """The entry that an open file must have. Raises RunError if it has another size.

        A training that was killed may have replaced the file before it wrote the manifest: then it is the pending one.
        """
        entry = (self.files or {})[name]
        new = self.pending.get(name, entry)
        if size_of(file) == new.bytes and new != entry:
            found = stream_sha256(file)
            file.seek(0)
            return new if found == new.sha256 else entry
        if size_of(file) != entry.bytes:
            raise wrong_size(self.path(name), size_of(file), entry.bytes)
        return entry

    def read(self, name: str, *, most: int = TEXT_BYTES) -> bytes:
        """The content of a file. Raises RunError, as `open` does, and for a file of more than `most` bytes."""
        with self.open(name, most=most) as file:
            return file.read(size_of(file))

    def read_json(self, name: str, *, most: int = TEXT_BYTES) -> Any:
        """The value of a JSON file. Raises RunError, as `read` does, and if it is not JSON."""
        content = self.read(name, most=most)
        with errors_of_file(self.path(name)):
            return parse_json(content)


def open_run(directory: Path) -> RunFiles:
    """The files of a run directory, by its manifest. Raises RunError if there is none, or it is damaged."""
    path = directory / MANIFEST
    content = manifest_bytes(directory)
    with errors_of_file(path):
        manifest = Fields(parse_json(content))
        files = manifest.part("files")
        entries = {name: read_entry(files.part(name)) for name in files.names()}
        status = manifest.text("status", STATES) if manifest.has("status") else FINISHED
        training = Fields(manifest.take("training") if manifest.has("training") else {}, "training")
        coming = manifest.part("pending") if manifest.has("pending") else Fields({}, "pending")
        pending = {name: read_entry(coming.part(name)) for name in coming.names()}
    return RunFiles(
        directory=directory, files=entries, status=status, training=training, pending=pending
    )


def manifest_bytes(directory: Path) -> bytes:
    """The content of a run's manifest. Raises RunError if the path holds no run, or the manifest is too large."""
    check_run(directory)
    path = directory / MANIFEST
    with open_regular(path, inside=directory) as file:
        check_size(file, path, MANIFEST_BYTES)
        return file.read(MANIFEST_BYTES)


def manifest_sha256(directory: Path) -> str:
    """A checksum that differs if another run has taken this run's place. Raises RunError if there is none."""
    return bytes_sha256(manifest_bytes(directory))


def read_entry(fields: Fields) -> FileEntry:
    """A file's entry in a manifest. Raises ValueError if it is damaged."""
    return FileEntry(fields.whole("bytes", most=LONGEST), fields.text("sha256"))


def check_size(file: BufferedReader, path: Path, most: int | None) -> None:
    """Raise RunError if an open file has more than `most` bytes."""
    size = size_of(file)
    if most is not None and size > most:
        raise RunError(f"{path}: has {size} bytes; expected at most {most}")


def wrong_size(path: Path, size: int, listed: int) -> RunError:
    """The error for a file whose size is not that of the manifest."""
    fact = f"it has {size} bytes, but {listed} in the manifest"
    return RunError(f"{path}: damaged: {fact}; {COPY_AGAIN}")


def check_sha256(file: BufferedReader, path: Path, entry: FileEntry) -> None:
    """Raise RunError if the sha256 of an open file is not that of the manifest."""
    if stream_sha256(file) != entry.sha256:
        raise RunError(f"{path}: damaged: its sha256 is not the manifest's; {COPY_AGAIN}")
    file.seek(0)


@contextmanager
def errors_of_file(path: Path) -> Iterator[None]:
    """Within the block, a ValueError becomes a RunError that names the file."""
    try:
        yield
    except RunError:
        raise
    except ValueError as error:
        raise RunError(f"{path}: damaged: {one_line(str(error))}; {COPY_AGAIN}") from error
