"""Read and write files of annotation tools; each tool has a module of its own."""

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.annotations.span_report import SpanReport


class AnnotationModule(Protocol):
    """What the module of a tool offers."""

    def read(self, path: Path, *, encoding: str, notes: Counter[str]) -> Iterator[AnnotatedText]:
        """Yield the documents of a file or folder, one by one.

        encoding: of the text, such as 'utf-8'; formats that state their own encoding ignore it.
        notes: counts what is left out, such as 'answers that are not accept'. Spans are never left out.
        Raises CorpusError.
        """

    def write(self, documents: Iterable[AnnotatedText], path: Path, *, report: SpanReport) -> None:
        """Write all documents so that the tool can read them. The path appears when it is complete.

        report: counts the spans that the format cannot hold.
        Raises UserError for a document that cannot be written.
        """


def annotation_module(format: str) -> AnnotationModule:
    """Return the module of a format, such as 'label-studio'."""
    name = format.replace("-", "_")
    return cast(AnnotationModule, import_module(f"{__package__}.{name}"))
