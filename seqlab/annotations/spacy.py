"""spaCy's training data: `.spacy` files of DocBin, and JSON of (text, {"entities": [(start, end, label)]})."""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from seqlab.annotations.align import align
from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.json_records import Record, json_records, write_json_array
from seqlab.annotations.record_fields import (
    keyed,
    list_of,
    object_of,
    sentences_of_tokens,
    span_of_list,
    text_of,
)
from seqlab.annotations.span_report import SpanReport, report_discontinuous
from seqlab.errors import CorpusError, UserError, pip_install
from seqlab.machine.atomic import atomic_file
from seqlab.text.cutting import TextRules
from seqlab.text.lines import open_corpus

DOC_BIN = ".spacy"
MISSING = f"files of spaCy's DocBin need spaCy: {pip_install('spacy', 'spacy')}"


def read(path: Path, *, encoding: str, notes: Counter[str]) -> Iterator[AnnotatedText]:
    """Yield the documents of a DocBin or of JSON; see `AnnotationModule`.

    A DocBin is in memory as a whole: spaCy has no other reader. Raises CorpusError if spaCy is not installed.
    """
    with open_corpus(path) as file:
        head = file.read(1)
    if (
        path.suffix == DOC_BIN or head == b"x"
    ):  # zlib, which DocBin compresses with, begins with 'x'
        return _docs(path, notes)
    return _pairs(path, encoding, notes)


def _pairs(path: Path, encoding: str, notes: Counter[str]) -> Iterator[AnnotatedText]:
    for source, value in json_records(path, encoding):
        text, annotations = _pair(value, source)
        entities = list_of(annotations.get("entities"), "entities", source)
        spans = tuple(
            span_of_list(one, f"entities[{index}]", source) for index, one in enumerate(entities)
        )
        for key in sorted(set(annotations) - {"entities"}):
            notes[f"{key!r}, not read"] += 1
        yield AnnotatedText(text=text, spans=spans, source=source)


def _pair(value: object, source: str) -> tuple[str, dict[str, Any]]:
    """Return the text and the annotations: of a list of two, or of an object with both."""
    if isinstance(value, list) and len(value) == 2:
        text, annotations = value
        return text_of(text, "the text", source), object_of(annotations, "the second part", source)
    if isinstance(value, dict) and "entities" in value:
        text = text_of(keyed(value, "text", "the example", source), "text", source)
        return text, {key: part for key, part in value.items() if key != "text"}
    fact = 'expected [text, {"entities": [[start, end, label], …]}]'
    if isinstance(value, dict) and "paragraphs" in value:
        fact += "; convert spaCy 2's paragraphs with `spacy convert` first"
    raise CorpusError(fact, path=source)


def _docs(path: Path, notes: Counter[str]) -> Iterator[AnnotatedText]:
    spacy = _spacy(path)
    from spacy.tokens import DocBin

    vocab = spacy.blank("xx").vocab
    number = 0
    try:
        docs = DocBin().from_bytes(path.read_bytes()).get_docs(vocab)
        for number, doc in enumerate(docs, 1):
            document = _document(doc, f"{path}: record {number}", notes)
            if document is not None:
                yield document
    except (CorpusError, GeneratorExit):
        raise
    except (zlib.error, Exception) as error:  # spaCy raises whatever its parts raise
        place = f"{path}: record {number + 1}" if number else str(path)
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        fact = f"this is no DocBin that spaCy {spacy.__version__} can read ({reason})"
        raise CorpusError(fact, path=place) from None


def _document(doc: Any, source: str, notes: Counter[str]) -> AnnotatedText | None:
    groups = sum(len(group) for group in doc.spans.values())
    notes["spans of span groups, not read"] += groups
    if len(doc) and not doc.has_annotation("ENT_IOB"):
        notes["documents without entity annotation"] += 1
        return None
    tokens = [(token.idx, token.idx + len(token)) for token in doc]
    ends = [sent.end for sent in doc.sents] if doc.has_annotation("SENT_START") else []
    spans = tuple(LabelledSpan(one.start_char, one.end_char, one.label_) for one in doc.ents)
    return AnnotatedText(
        text=text_of(doc.text, "the text", source),
        spans=spans,
        sentences=sentences_of_tokens(doc.text, tokens, source, notes, ends),
        source=source,
        name=doc.user_data.get("name"),
    )


def _spacy(path: Path) -> Any:
    try:
        import spacy
    except ImportError:
        raise CorpusError(MISSING, path=str(path)) from None
    return spacy


def write(documents: Iterable[AnnotatedText], path: Path, *, report: SpanReport) -> None:
    """Write a DocBin if the path ends in '.spacy', else JSON of texts and entities.

    A DocBin holds tokens and no overlapping spans: spans that cut tokens split them, and of overlapping spans the
    longest is kept, as in `align`. Raises CorpusError if spaCy is not installed.
    """
    if path.suffix == DOC_BIN:
        _write_docs(documents, path, report)
    else:
        write_json_array((_record(document, report) for document in documents), path)


def _record(document: AnnotatedText, report: SpanReport) -> Record:
    report_discontinuous(document, report)
    entities = [list(span) for span in document.spans]
    return document.source, [document.text, {"entities": entities}]


def _write_docs(documents: Iterable[AnnotatedText], path: Path, report: SpanReport) -> None:
    spacy = _spacy(path)
    from spacy.tokens import DocBin

    vocab = spacy.blank("xx").vocab
    store = DocBin(attrs=["ENT_IOB", "ENT_TYPE", "SENT_START"], store_user_data=True)
    for document in documents:
        store.add(_doc(document, vocab, report))
    with atomic_file(path, overwrite=True) as pending:
        store.to_disk(pending.temporary)


def _doc(document: AnnotatedText, vocab: Any, report: SpanReport) -> Any:
    from spacy.tokens import Doc

    words: list[str] = []
    spaces: list[bool] = []
    tags: list[str] = []
    starts: list[bool | int | None] = []
    position = 0
    text = document.text

    def add(word: str, tag: str, *, starts_sentence: bool) -> None:
        words.append(word)
        spaces.append(False)
        tags.append(tag)
        starts.append(starts_sentence)

    def add_gap(end: int, tag: str) -> None:
        """Add the text between two tokens: one space belongs to the token before, more is a token."""
        gap = text[position:end]
        if gap.startswith(" ") and words and not spaces[-1]:
            spaces[-1], gap = True, gap[1:]
        if gap:
            add(gap, tag, starts_sentence=False)

    for offsets, sentence_tags in align(document, rules=TextRules(), report=report):
        for index, (start, end, tag) in enumerate(zip(*offsets, sentence_tags, strict=True)):
            add_gap(start, tag if tag.startswith("I-") else "O")
            add(text[start:end], tag, starts_sentence=index == 0)
            position = end
    add_gap(len(text), "O")
    doc = Doc(vocab, words=words, spaces=spaces, ents=tags, sent_starts=starts)
    if doc.text != text:
        raise UserError(f"{document.source}: spaCy can't hold this text")
    if document.name is not None:
        doc.user_data["name"] = document.name
    return doc
