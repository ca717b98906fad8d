"""Convert a corpus from one format to another, and report what became of its spans."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Unpack

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.annotations.span_report import FaultySpan, SpanReport
from seqlab.corpus.annotation_reading import read_annotated_texts, span_figures, span_notes
from seqlab.corpus.annotation_writing import (
    FOLDERS,
    annotated_texts,
    iob2_retagger,
    write_annotated_texts,
)
from seqlab.corpus.format_detection import ANNOTATION_FORMATS, Format, parse_format
from seqlab.corpus.format_limits import SentenceLimits, fit_document
from seqlab.corpus.reading import format_of, no_sentence, stream_corpus
from seqlab.corpus.reading_options import ReadingKeywords, ReadingOptions, reading_options
from seqlab.corpus.retag import Retagger, source_scheme
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, decode_spans, parse_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import numbers_as_features, write_corpus
from seqlab.errors import CorpusError, SettingsError, UserError
from seqlab.machine.atomic import atomic_text_files, replace_directory, temporary_path
from seqlab.machine.files import as_path, is_directory
from seqlab.machine.wording import plural

FOLDER_SUFFIXES = {
    Format.BRAT: (".txt", ".ann", ".conf"),
    Format.CAS: (".xmi", ".xml"),
    Format.PARALLEL: (".in", ".out", "", ".gz"),
}
"""The files of formats that are folders. A folder with others is never replaced."""


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """What a conversion read and wrote.

    documents: texts that were read, or None for a file of tokens. sentences: None between annotation tools.
    classes: how many spans of each class were written; of plain tags, how many tokens.
    unit: 'spans' or 'tokens', what `classes` counts.
    spans: what became of annotated spans, in reading or in writing; None between files of tokens.
    notes: one sentence each, for the user.
    """

    read_as: Format
    written_as: Format
    path: str
    documents: int | None = None
    sentences: int | None = None
    classes: Mapping[str, int] = field(default_factory=dict)
    unit: str = "spans"
    spans: SpanReport | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The conversion as `--json` prints it."""
        spans = None if self.spans is None else span_figures(self.spans)
        return asdict(replace(self, spans=None)) | {"spans": spans}


def convert_corpus(
    source: str | Path,
    target: str | Path,
    *,
    to: Format | str,
    scheme: Scheme | str | None = None,
    overwrite: bool = False,
    report: str | Path | None = None,
    **keywords: Unpack[ReadingKeywords],
) -> Conversion:
    """Read a corpus and write it in another format.

    target: a file, or a folder for brat, cas and parallel. to: its format.
    scheme: the scheme of the tags to write; None keeps them. Files of annotation tools hold spans, and have none.
    overwrite: replace an older `target` and `report`.
    report: a file that gets a JSON line for every span that was dropped or adjusted.
    keywords: how the source is read, as in `read_corpus`.
    What the format cannot hold (features, weights, metadata, …) is left out and counted in the notes.
    Raises UserError when the target exists, when the source cannot be read, and for text that the format cannot hold.

    seqlab.convert_corpus("export.json", "train.conll", to="conll").classes
    """
    job = _job(source, target, to, scheme, overwrite, report, keywords)
    with _listed_faults(report) as spans, _new_path(job, overwrite=overwrite) as path:
        job = replace(job, written=path, spans=spans)
        if job.options.format in ANNOTATION_FORMATS and job.format in ANNOTATION_FORMATS:
            return _between_tools(job)
        return _to_tool(job) if job.format in ANNOTATION_FORMATS else _to_tokens(job)


@dataclass(frozen=True, kw_only=True)
class _Job:
    """One conversion. written: where the target is written first. options: with the format of the source."""

    source: str
    target: Path
    written: Path
    format: Format
    options: ReadingOptions
    scheme: Scheme | None
    spans: SpanReport = field(default_factory=SpanReport)
    losses: Counter[str] = field(default_factory=Counter)
    read_notes: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)  # 'documents', 'sentences'

    @property
    def read_as(self) -> Format:
        return self.options.format or Format.CONLL

    def sentences(self) -> Iterator[Sentence]:
        """Read the source. Counts its sentences, and notes what the reader leaves out."""
        _, sentences = stream_corpus(
            self.source, self.options, notes=self.read_notes, spans=self.spans
        )
        for sentence in sentences:
            self.counts["sentences"] += 1
            yield sentence
        if not self.counts["sentences"]:
            raise no_sentence(self.source, self.read_notes)

    def result(self, retagger: Retagger | None = None, *, unit: str = "spans") -> Conversion:
        """What was done. retagger: has notes of its own. unit: of the classes."""
        name = Path(self.source).name
        told = span_notes(self.spans) if self.spans.counts else {}  # the report has them
        counts = {what: count for what, count in self.read_notes.items() if what not in told}
        read = [f"{name}: {count} {what}" for what, count in counts.items()]
        retagged = [] if retagger is None else retagger.notes(name)
        lost = [
            f"left out {plural(count, 'time')}: {what}, which {self.format.value} can't hold"
            for what, count in self.losses.items()
            if count
        ]
        between_tokens = {self.read_as, self.format}.isdisjoint(ANNOTATION_FORMATS)
        return Conversion(
            read_as=self.read_as,
            written_as=self.format,
            path=str(self.target),
            documents=self.counts.get("documents"),
            sentences=self.counts.get("sentences"),
            classes=dict(self.classes.most_common()),
            unit=unit,
            spans=None if between_tokens else self.spans,
            notes=(*read, *retagged, *lost),
        )


def _job(
    source: str | Path,
    target: str | Path,
    to: Format | str,
    scheme: Scheme | str | None,
    overwrite: bool,
    report: str | Path | None,
    keywords: ReadingKeywords,
) -> _Job:
    """Check the arguments before anything is read."""
    path, out = as_path(source, "a corpus"), as_path(target, "the new corpus")
    options, written_as = reading_options(**keywords), parse_format(to)
    if written_as in ANNOTATION_FORMATS and scheme is not None:
        fact = f"scheme {str(scheme)!r} is given, but {written_as.value} files hold spans, not tags"
        raise SettingsError(f"{fact}; leave out scheme")
    if written_as is Format.TEXT:
        raise SettingsError("text has no tags and can't be written; expected another format")
    for new in (out, *([] if report is None else [as_path(report, "the report")])):
        if new.exists() and path.exists() and new.resolve() == path.resolve():
            raise UserError(f"{new}: this is the corpus that is read; give another path to write")
        if not overwrite and new.exists() and not (new.is_dir() and not any(new.iterdir())):
            raise UserError(f"{new}: exists already; give another path, or --overwrite")
    if report is not None and not Path(report).resolve().parent.is_dir():
        raise UserError(f"{report}: there is no folder {Path(report).parent}; make it first")
    if report is not None and out.resolve() == Path(report).resolve():
        raise UserError(f"{out}: the corpus and the report need different paths")
    known = options.format or format_of(path)
    if (
        written_as in ANNOTATION_FORMATS
        and known not in ANNOTATION_FORMATS
        and not _is_stored(path)
    ):
        fact = "it is read twice, first for its tag scheme; expected a file or folder, not a pipe"
        raise CorpusError(fact, path=str(path))
    return _Job(
        source=str(path),
        target=out,
        written=out,
        format=written_as,
        options=replace(options, format=known),
        scheme=None if scheme is None else parse_scheme(scheme),
    )


def _is_stored(path: Path) -> bool:
    return path.is_file() or is_directory(path)


@contextmanager
def _listed_faults(report: str | Path | None) -> Iterator[SpanReport]:
    """Give a report of spans that writes each faulty one to a file, which appears when all is done."""
    if report is None:
        yield SpanReport()
        return
    with atomic_text_files() as open_text:
        stream = open_text(Path(report))

        def write(faulty: FaultySpan) -> None:
            stream.write(json.dumps(faulty._asdict(), ensure_ascii=False) + "\n")

        yield SpanReport(on_fault=write)


@contextmanager
def _new_path(job: _Job, *, overwrite: bool) -> Iterator[Path]:
    """Give the path to write. A folder that is replaced is written beside the old one first."""
    old, suffixes = job.target, FOLDER_SUFFIXES.get(job.format)
    is_empty = not old.is_dir() or not any(old.iterdir())
    if is_empty and not (
        old.is_dir() and suffixes is None
    ):  # no file takes the place of an empty folder
        yield old
        return
    odd = (
        file for file in old.rglob("*") if file.is_file() and file.suffix not in (suffixes or ())
    )
    foreign = next(odd, None)
    if suffixes is None or foreign is not None:
        fact = f"a folder that holds {foreign.name}" if foreign else "a folder"
        raise UserError(f"{old}: {fact} is not replaced by {job.format.value}; give another path")
    new = temporary_path(old)
    yield new
    replace_directory(new, old)


def _between_tools(job: _Job) -> Conversion:
    """Copy texts with their spans as they stand, overlapping ones too."""
    texts = read_annotated_texts(job.source, job.read_as, job.options, job.read_notes)
    _write_texts(job, texts)
    return job.result()


def _write_texts(job: _Job, texts: Iterable[AnnotatedText]) -> None:
    """Write annotated texts; counts them and their spans."""

    def counted() -> Iterator[AnnotatedText]:
        for text in texts:
            job.counts["documents"] += 1
            job.classes.update(span.label for span in text.spans)
            yield fit_document(text, job.format, job.target, job.losses)

    write_annotated_texts(counted(), job.written, job.format, spans=job.spans)
    for (_, label), count in job.spans.dropped.items():
        job.classes[label] -= min(count, job.classes[label])


def _to_tool(job: _Job) -> Conversion:
    """Turn tagged tokens into annotated texts."""
    retagger = iob2_retagger(source_scheme(_Rereadable(job), None, []))
    texts = annotated_texts(
        map(numbers_as_features, job.sentences()),
        retagger=retagger,
        whole=job.format in FOLDERS,
        losses=job.losses,
    )
    _write_texts(job, texts)
    return job.result(retagger)


def _to_tokens(job: _Job) -> Conversion:
    """Write tokens with tags, in the wanted scheme."""
    if job.read_as in ANNOTATION_FORMATS:
        source = Scheme.IOB2
    elif _is_stored(Path(job.source)):
        source = source_scheme(_Rereadable(job), job.scheme, [])
    else:
        raise CorpusError(
            "not a regular file or folder; a conversion reads it twice", path=job.source
        )
    target = job.scheme or source
    retagger = (
        Retagger(source, target) if job.scheme and Scheme.PLAIN not in (source, target) else None
    )
    limits = SentenceLimits(job.format, job.target, job.losses)
    written = (_retagged(limits.fit(sentence), retagger) for sentence in job.sentences())
    write_corpus(_counted(written, target, job), job.written, format=job.format)
    return job.result(retagger, unit="tokens" if target is Scheme.PLAIN else "spans")


def _retagged(sentence: Sentence, retagger: Retagger | None) -> Sentence:
    if retagger is None or sentence.tags is None:
        return sentence
    return replace(sentence, tags=retagger.tags(sentence.tags))


def _counted(sentences: Iterable[Sentence], scheme: Scheme, job: _Job) -> Iterator[Sentence]:
    """Count the spans of each class, or the tokens of each plain tag."""
    documents: set[int | str] = set()
    for sentence in sentences:
        tags = sentence.tags or ()
        if scheme is Scheme.PLAIN:
            job.classes.update(tags)
        elif any(tag != OUTSIDE_TAG for tag in tags):
            job.classes.update(label for _, _, label in decode_spans(tags, scheme))
        if sentence.document is not None:
            documents.add(sentence.document)
        yield sentence
    if documents:
        job.counts["documents"] = len(documents)


@dataclass(frozen=True)
class _Rereadable:
    """The sentences of a source, read anew by each loop, without notes."""

    job: _Job

    @property
    def path(self) -> str:
        return self.job.source

    def __iter__(self) -> Iterator[Sentence]:
        _, sentences = stream_corpus(self.job.source, self.job.options, notes=Counter())
        return sentences
