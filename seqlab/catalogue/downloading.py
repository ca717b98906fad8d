"""Files in the cache of downloaded data: taken from there, or downloaded, and checked by size and sha256."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqlab.catalogue.entries import RemoteFile
from seqlab.catalogue.resuming import BrokenDownloadError, ResumingDownloader
from seqlab.errors import UserError, pip_install
from seqlab.machine.checksums import file_sha256
from seqlab.machine.locks import file_lock

DIRECTORY = "SEQLAB_DATA"
"""Environment variable: the directory of downloaded data."""


def data_directory() -> Path:
    """The directory of downloaded data: `SEQLAB_DATA`, or the cache directory of the system for seqlab.

    Raises UserError when pooch, which knows the latter, is not installed.
    """
    named = os.environ.get(DIRECTORY)
    if named:
        return Path(named).absolute()
    try:
        import pooch
    except ImportError:
        raise missing_pooch("data that are downloaded") from None
    return Path(pooch.os_cache("seqlab"))


def missing_pooch(what: str) -> UserError:
    """The error without pooch. what: needs it."""
    install = pip_install("download", "pooch")
    return UserError(f"{what}: needs the package pooch, which is not installed: {install}")


def fetch(file: RemoteFile, directory: Path, *, title: str, offline: bool = False) -> Path:
    """Return the path of a file in a directory of the cache; download it if it is not there.

    title: what the file belongs to, for messages.
    Raises UserError when it cannot be downloaded, has other content, or is not there and `offline` is set.
    """
    path = directory / file.name
    if is_intact(path, file):
        return path
    if offline:
        fact = "is damaged" if path.exists() else "is missing"
        raise UserError(
            f"{title}: {path} {fact}, and --offline forbids downloading it; "
            f"leave --offline out, or set {DIRECTORY} to the directory that has it"
        )
    with failures_named(file, path, title):
        directory.mkdir(parents=True, exist_ok=True)
        with file_lock(directory / ".lock", wait=True):
            if not is_intact(path, file):  # another process may have downloaded it meanwhile
                download(file, path, title)
    return path


def is_intact(path: Path, file: RemoteFile) -> bool:
    """Whether a file is there, with its size and sha256."""
    if not path.is_file() or file.size not in (None, path.stat().st_size):
        return False
    return file.sha256 is None or file_sha256(path) == file.sha256


def download(file: RemoteFile, path: Path, title: str) -> None:
    """Download a file to a path. The path appears when all is there and the checksum is right."""
    try:
        import pooch
    except ImportError:
        raise missing_pooch(title) from None
    pooch.get_logger().setLevel("ERROR")  # the bar says enough
    pooch.retrieve(
        file.address,
        known_hash=None if file.sha256 is None else f"sha256:{file.sha256}",
        fname=path.name,
        path=path.parent,
        downloader=ResumingDownloader(file, path.with_name(f"{path.name}.part")),
    )


@contextmanager
def failures_named(file: RemoteFile, path: Path, title: str) -> Iterator[None]:
    """Within the block, what can go wrong with a download becomes a UserError that says what to do."""
    where = f"{title}: {file.address}"
    try:
        yield
    except UserError:
        raise
    except BrokenDownloadError as error:
        again = "to resume" if file.sha256 is not None else "to start again"
        raise UserError(f"{where}: broke off {error}; run the command again {again}") from error
    except ValueError as error:
        if "hash" not in str(error):
            raise UserError(f"{where}: cannot be downloaded: {error}") from error
        raise UserError(
            f"{where}: its sha256 is not the expected one, so the file was not kept; run the command again"
        ) from error
    except OSError as error:  # those of requests too
        answer = getattr(error, "response", None)
        if answer is not None:
            fact = f"the server answered {answer.status_code} {answer.reason}"
        elif type(error).__module__.startswith("requests"):
            fact = "the server cannot be reached"
        else:
            raise UserError(
                f"{title}: {path.parent} cannot be written: {error.strerror or error}; "
                f"set {DIRECTORY} to another directory"
            ) from error
        raise UserError(f"{where}: {fact}; try again, or save the file as {path}") from error
