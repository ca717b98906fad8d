"""Turn sentences into annotated texts, and write them as files of annotation tools."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.annotations.files import annotation_module
from seqlab.annotations.from_tags import TaggedTokens, annotated_text
from seqlab.annotations.span_report import SpanReport
from seqlab.corpus.format_detection import Format
from seqlab.corpus.retag import Retagger
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, detect_scheme, split_tag
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.errors import UserError

FOLDERS = (Format.BRAT, Format.CAS)
"""The formats with a file for each document."""
DOCUMENT_KEYS = ("newdoc id", "document")
"""The metadata in which CoNLL-U and JSON lines hold the id of a document."""


def document_id(sentence: Sentence) -> int | str | None:
    """The id of a sentence's document as the file states it. The number that a reader of columns counts is no id."""
    stated = (sentence.metadata.get(key) for key in DOCUMENT_KEYS)
    counted = isinstance(sentence.document, int) and sentence.text is None
    default = None if counted else sentence.document
    return next((name for name in stated if isinstance(name, int | str)), default)


def annotated_texts(
    sentences: Iterable[Sentence],
    *,
    retagger: Retagger | None = None,
    whole: bool = False,
    losses: Counter[str] | None = None,
) -> Iterator[AnnotatedText]:
    """Yield one annotated text for each document of the sentences.

    retagger: converts the tags to IOB2; None if they are IOB2.
    whole: whether all sentences without a document become one text; otherwise each becomes a text of its own.
    losses: counts what an annotated text cannot hold: weights, features, metadata of single sentences.
    Raises UserError for tags that are neither O nor PREFIX-TYPE.
    """
    losses = Counter() if losses is None else losses
    retagger = Retagger(Scheme.IOB2, Scheme.IOB2) if retagger is None else retagger
    for _, group in groupby(sentences, _SameDocument(whole)):
        part = list(group)
        lines = [TaggedTokens(s.tokens, _iob2(s, retagger), s.text, s.offsets) for s in part]
        metadata = _shared_metadata(part, losses)
        for sentence in part:
            weighted = sentence.weight != 1.0 or sentence.token_weights is not None
            losses["the weights of a sentence"] += weighted
            lost = (name for name in sentence.features if name not in metadata)
            losses.update(f"feature {name!r} of a sentence" for name in lost)
        first = part[0]
        name = document_id(first)
        yield annotated_text(lines, source=first.source, name=name, metadata=metadata)


class _SameDocument:
    """The key by which `groupby` finds the sentences of one document."""

    def __init__(self, whole: bool) -> None:
        self.whole = whole
        self.number = 0
        self.last: Sentence | None = None

    def __call__(self, sentence: Sentence) -> int:
        self.number += self.last is None or not self._same(self.last, sentence)
        self.last = sentence
        return self.number

    def _same(self, last: Sentence, sentence: Sentence) -> bool:
        if sentence.document is not None or last.document is not None:
            return sentence.document == last.document
        return self.whole or (sentence.text is not None and sentence.text is last.text)


def _iob2(sentence: Sentence, retagger: Retagger) -> Sequence[str] | None:
    """The tags in IOB2. Raises UserError for a tag that is not a span tag."""
    if sentence.tags is None:
        return None
    for tag in dict.fromkeys(sentence.tags):
        if tag != OUTSIDE_TAG and split_tag(tag) is None:
            fact = f"tag {tag!r} is neither O nor PREFIX-TYPE"
            advice = "annotation files hold spans; write plain tags as conll, csv, hf or jsonl"
            raise UserError(f"{sentence.source}: {fact}; {advice}")
    return retagger.tags(sentence.tags)


def iob2_retagger(scheme: Scheme) -> Retagger:
    """Return the retagger from a scheme to IOB2. Plain tags are taken as IOB2; `annotated_texts` raises if one is not."""
    return Retagger(Scheme.IOB2 if scheme is Scheme.PLAIN else scheme, Scheme.IOB2)


def _shared_metadata(sentences: Sequence[Sentence], losses: Counter[str]) -> Mapping[str, Any]:
    """The metadata that all sentences of a document share; what only some have is counted as lost."""
    first = sentences[0].metadata
    if all(sentence.metadata is first for sentence in sentences):
        return {key: value for key, value in first.items() if key not in DOCUMENT_KEYS} or NOTHING
    shared = {
        key: value
        for key, value in first.items()
        if all(key in s.metadata and s.metadata[key] == value for s in sentences)
    }
    for sentence in sentences:
        own = (key for key in sentence.metadata if key not in shared and key not in DOCUMENT_KEYS)
        losses.update(f"metadata {key!r} of a sentence" for key in own)
    return {key: value for key, value in shared.items() if key not in DOCUMENT_KEYS}


def write_annotations(
    sentences: Iterable[Sentence], path: Path, format: Format, *, spans: SpanReport | None = None
) -> None:
    """Write sentences as the file or folder of an annotation tool. Their scheme is detected.

    spans: counts the spans that the format cannot hold.
    Raises UserError for plain tags and for what the format cannot hold.
    """
    kept = tuple(sentences)
    scheme = detect_scheme(sentence.tags or () for sentence in kept)
    documents = annotated_texts(
        kept,
        retagger=iob2_retagger(scheme),
        whole=format in FOLDERS,
    )
    write_annotated_texts(documents, path, format, spans=spans or SpanReport())


def write_annotated_texts(
    documents: Iterable[AnnotatedText], path: Path, format: Format, *, spans: SpanReport
) -> None:
    """Write documents as the file or folder of an annotation tool. spans: counts every span."""
    if format in FOLDERS:
        documents = map(_with_file_name, documents)
    try:
        annotation_module(format).write(documents, path, report=spans)
    except UnicodeEncodeError as error:  # in a label or the name of a document
        half = error.object[error.start]
        raise UserError(f"{path}: half a surrogate pair {half!r}; utf-8 can't hold it") from None


def _with_file_name(document: AnnotatedText) -> AnnotatedText:
    """A number as id becomes a file name whose order is that of the numbers."""
    if not isinstance(document.name, int):
        return document
    return replace(document, name=f"document-{document.name:06}")
