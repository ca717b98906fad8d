"""A text with labelled spans: what the files of all annotation tools are read into and written from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from seqlab.text.cutting import TokenOffsets

NO_METADATA: Mapping[str, Any] = MappingProxyType({})


class LabelledSpan(NamedTuple):
    """A stretch of text with a label: `text[start:end]`, counted in code points from 0."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedText:
    """One document of an annotation tool.

    text: as it stands in the file; offsets count its code points.
    spans: in the order of the file. They may overlap, and lie outside the text: `align` checks them.
    discontinuous: one span from the first to the last character of each annotation that has gaps. Such
        annotations cannot be tags; `align` counts them.
    sentences: the offsets of the tokens of each sentence, if the file states its tokens; else None.
    metadata: other keys of the document, which writers store again if their format can.
    source: 'path:line' or 'path: record N' of the document, for messages.
    name: the document's id or file name; None if the file has none.
    annotated: False for a text that nobody has labelled yet. It can be tagged, but teaches nothing.
    """

    text: str
    spans: tuple[LabelledSpan, ...] = ()
    discontinuous: tuple[LabelledSpan, ...] = ()
    sentences: tuple[TokenOffsets, ...] | None = None
    metadata: Mapping[str, Any] = field(default_factory=lambda: NO_METADATA)
    source: str = ""
    name: int | str | None = None
    annotated: bool = True
