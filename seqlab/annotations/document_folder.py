"""Write a folder with a file for each document."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path, PurePosixPath

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.errors import UserError
from seqlab.machine.atomic import atomic_directory

UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\\ud800-\udfff]')
LONGEST_PART = 60  # characters of a file name, which have at most 240 bytes

FileOfDocument = Callable[[AnnotatedText], Path]


@contextmanager
def document_folder(path: Path) -> Iterator[tuple[Path, FileOfDocument]]:
    """Give a folder to write, and a function that names the file of each document, without a suffix.

    The folder appears at `path` when the block ends without an error.
    Raises UserError if `path` exists and is no empty folder.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UserError(f"{path}: exists; delete it, or give another folder to write")
    taken: set[str] = set()
    numbers = count(1)
    with atomic_directory(path) as pending:

        def file_of(document: AnnotatedText) -> Path:
            file = pending.temporary / _file_name(document.name, next(numbers), taken)
            file.parent.mkdir(parents=True, exist_ok=True)
            return file

        yield pending.temporary, file_of


def _file_name(name: int | str | None, number: int, taken: set[str]) -> str:
    """A name of its own for each document, in subfolders where the document's name has them."""
    cleaned = UNSAFE.sub("_", "" if name is None else str(name))
    parts = [part[:LONGEST_PART].strip(" .") for part in PurePosixPath(cleaned).parts]
    chosen = "/".join(part for part in parts if part.strip("/")) or f"document-{number:06}"
    while chosen.lower() in taken:
        chosen = f"{chosen}-{number:06}"
    taken.add(chosen.lower())
    return chosen
