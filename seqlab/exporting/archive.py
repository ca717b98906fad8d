"""Zip archives whose bytes depend on their content alone."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from shutil import copyfileobj
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # of every file: the earliest that zip can state
MODE = 0o100644 << 16  # a regular file that everybody may read


def write_archive(path: Path, files: Mapping[str, bytes | Path]) -> None:
    """Write a zip archive: compressed, in the order of the files, without dates.

    files: by the path in the archive, the content or the file that holds it. Files are copied in blocks.
    """
    with ZipFile(path, "w") as archive:
        for name, content in files.items():
            entry = ZipInfo(name, FIRST_DATE)
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, MODE
            entry.file_size = content.stat().st_size if isinstance(content, Path) else len(content)
            source = content.open("rb") if isinstance(content, Path) else BytesIO(content)
            with source, archive.open(entry, "w") as target:
                copyfileobj(source, target)


def files_below(folder: Path, prefix: str) -> dict[str, Path]:
    """The files in a folder and below it, in order, by their path in an archive."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {f"{prefix}/{path.relative_to(folder).as_posix()}": path for path in paths}
