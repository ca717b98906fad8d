"""Download a file over HTTP into a partial file, and resume there after a broken download.

pooch calls the downloader, compares the checksum and moves the file to its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from seqlab.catalogue.entries import RemoteFile
from seqlab.machine.atomic import take_place
from seqlab.machine.progress import watched

CHUNK = 1 << 16  # bytes
TIMEOUT = 30  # seconds without an answer
PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE = 206, 416


class BrokenDownloadError(Exception):
    """A download ended before all bytes were there."""


@dataclass(frozen=True)
class ResumingDownloader:
    """A downloader for pooch. partial: the file that keeps what has arrived until all has."""

    file: RemoteFile
    partial: Path

    def __call__(self, address: str, output: str, pooch: object) -> None:
        """Download a file to `output`.

        Raises BrokenDownloadError, and the errors of requests.
        """
        done = self.partial.stat().st_size if self.is_resumable() else 0
        if done and done == self.file.size:
            take_place(self.partial, Path(output))
            return
        with open_address(address, done) as answer:
            if done and answer.status_code == RANGE_NOT_SATISFIABLE:
                self.partial.unlink()
                self(address, output, pooch)
                return
            answer.raise_for_status()
            resumes = answer.status_code == PARTIAL_CONTENT
            with self.partial.open("ab" if resumes else "wb") as stream:
                self.read_all(answer, stream)
        self.check_size()
        take_place(self.partial, Path(output))

    def is_resumable(self) -> bool:
        """Whether the partial file can be used. Without a checksum nobody would notice two versions in one file."""
        return self.file.sha256 is not None and self.partial.exists()

    def read_all(self, answer: Any, stream: BinaryIO) -> None:
        """Append the content of an answer, and show how far that is."""
        from requests import RequestException

        try:
            for chunk in self.shown(answer.iter_content(CHUNK), stream):
                stream.write(chunk)
                if self.file.size is not None and stream.tell() > self.file.size:
                    return
        except RequestException as error:
            raise BrokenDownloadError(f"after {stream.tell():,} bytes") from error

    def shown(self, chunks: Iterator[bytes], stream: BinaryIO) -> Iterator[bytes]:
        """The chunks, with a progress bar."""
        name = f"downloading {self.file.name}"
        return watched(chunks, name, total=self.file.size, position=stream.tell)

    def check_size(self) -> None:
        """Raise BrokenDownloadError when bytes are missing."""
        done = self.partial.stat().st_size
        if self.file.size is not None and done < self.file.size:
            raise BrokenDownloadError(f"after {done:,} bytes")


def open_address(address: str, done: int) -> Any:
    """Ask for a file from byte `done` on."""
    import requests

    headers = {"Accept-Encoding": "identity"}  # sizes and ranges are those of the file
    if done:
        headers["Range"] = f"bytes={done}-"
    return requests.get(address, headers=headers, stream=True, timeout=TIMEOUT)
