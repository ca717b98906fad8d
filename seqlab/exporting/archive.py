"""Zip archives whose bytes depend on their content alone."""

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # of every file: the earliest that zip can state
MODE = 0o100644 << 16  # a regular file that everybody may read


def write_archive(path: Path, files: Mapping[str, bytes | Path]) -> None:
    """Write a zip archive: compressed, in the order of the files, without dates.

    files: by the path in the archive, the content or the file that holds it.
    """
    with ZipFile(path, "w") as archive:
        for name, content in files.items():
            entry = ZipInfo(name, FIRST_DATE)
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, MODE
            data = content.read_bytes() if isinstance(content, Path) else content
            archive.writestr(entry, data)


def files_below(folder: Path, prefix: str) -> dict[str, Path]:
    """The files in a folder and below it, in order, by their path in an archive."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {f"{prefix}/{path.relative_to(folder).as_posix()}": path for path in paths}
