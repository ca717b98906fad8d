"""The files of frozen words in a run directory. They may hold gigabytes, so a tagger is pickled with their path alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from seqlab.errors import RunError
from seqlab.machine.checksums import sampled_sha256


@dataclass(frozen=True)
class FrozenFiles:
    """The files of a directory that are mapped.

    directory: its absolute path. versions: the size and the time of change of each file, when it was mapped.
    """

    directory: Path
    versions: dict[str, tuple[int, int]]

    @classmethod
    def of(cls, directory: Path) -> Self:
        """Return the files as they are now."""
        return cls(directory.absolute(), versions_of(directory))

    def samples(self) -> dict[str, str]:
        """Return what another process compares: by file, the sha256 of samples.

        Raises RunError if the files are gone or are no longer those that were mapped.
        """
        if versions_of(self.directory) != self.versions:
            raise RunError(
                f"{self.directory}: changed since its tagger was loaded, which is pickled with this path; load it again"
            )
        return samples_of(self.directory)


def versions_of(directory: Path) -> dict[str, tuple[int, int]]:
    """Return the size and the time of change of each file; empty for a missing directory."""
    files = regular_files(directory)
    return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def samples_of(directory: Path) -> dict[str, str]:
    """Return the sha256 of samples of each file; empty for a missing directory."""
    return {path.name: sampled_sha256(path) for path in regular_files(directory)}


def regular_files(directory: Path) -> list[Path]:
    """Return the regular files of a directory by name; a FIFO, which somebody may have added, could not be read."""
    return sorted(path for path in directory.glob("*") if path.is_file())


def check_samples(directory: Path, expected: dict[str, str]) -> None:
    """Raise RunError unless the directory holds the files of the tagger that was pickled."""
    if not directory.is_dir():
        raise RunError(
            f"{directory}: missing, but the pickled tagger has its vectors there; copy its run to the same path, "
            "or load the run with seqlab.load instead of the pickle"
        )
    if samples_of(directory) != expected:
        raise RunError(
            f"{directory}: not the vectors of the pickled tagger; load its run with seqlab.load instead of the pickle"
        )
