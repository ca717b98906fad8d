"""Read and write files of annotation tools; each tool has a module of its own."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from seqlab.annotations.annotated_text import AnnotatedText


class AnnotationModule(Protocol):
    """What the module of a tool offers."""

    def read(self, path: Path, *, encoding: str) -> Iterator[AnnotatedText]:
        """Yield the documents of a file or folder, one by one. Raises CorpusError."""

    def write(self, documents: Iterable[AnnotatedText], path: Path) -> None:
        """Write all documents so that the tool can read them. The path appears when it is complete."""


def annotation_module(format: str) -> AnnotationModule:
    """Return the module of a format, such as 'label-studio'."""
    name = format.replace("-", "_")
    return cast(AnnotationModule, import_module(f"seqlab.annotations.{name}"))
