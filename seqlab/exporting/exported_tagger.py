"""Load the tagger of an exported file with the installed seqlab, to compare it with its run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from seqlab.machine.atomic import temporary_directory
from seqlab.storing.run_directory import MANIFEST
from seqlab.storing.save_and_load import load_run
from seqlab.tagging.tagger import Tagger


@contextmanager
def exported_tagger(path: Path) -> Iterator[Tagger]:
    """The tagger of a wheel or a zip that `export_tagger` has just written.

    Its files are unpacked for the time of the block, because its vectors stay on disk.
    """
    with temporary_directory() as temporary:
        with ZipFile(path) as archive:
            manifest = next(
                PurePosixPath(name)
                for name in archive.namelist()
                if PurePosixPath(name).name == MANIFEST
            )
            inside = [
                name
                for name in archive.namelist()
                if manifest.parent in PurePosixPath(name).parents
            ]
            archive.extractall(temporary, inside)
        yield load_run(temporary / manifest.parent)
