"""Read a corpus in any format."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Unpack, overload

from seqlab.annotations.detection import detect
from seqlab.annotations.span_report import SpanReport
from seqlab.corpus.annotation_reading import read_annotations, read_text
from seqlab.corpus.annotation_writing import FOLDERS
from seqlab.corpus.arrow_files import is_arrow_data, read_arrow_data
from seqlab.corpus.chosen_columns import ChosenColumns, refuse_columns
from seqlab.corpus.conll import read_conll
from seqlab.corpus.conllu import read_conllu
from seqlab.corpus.csv_table import read_csv
from seqlab.corpus.format_detection import ANNOTATION_FORMATS, Format, detect_and_rewind
from seqlab.corpus.hugging_face import read_json_rows
from seqlab.corpus.jsonl import read_jsonl
from seqlab.corpus.parallel import read_parallel
from seqlab.corpus.reading_options import ReadingKeywords, ReadingOptions, reading_options
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_blocks import ColumnFile
from seqlab.corpus.tag_rewriting import rewrite_tags
from seqlab.errors import CorpusError, SettingsError
from seqlab.machine.files import as_path, is_directory
from seqlab.settings.choices import UnicodeFormName
from seqlab.text.lines import TOKENS, NumberedLines, numbered_lines
from seqlab.text.unicode_form import in_form

READERS = {Format.CONLL: read_conll, Format.CONLLU: read_conllu, Format.CSV: read_csv}


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A corpus in memory: the sequence of its sentences, in the order of the file.

    path, format: where the sentences came from.
    notes: counts of what was skipped, such as {'multiword ranges skipped': 2614}.
    spans: what became of the spans in a file of an annotation tool; None for files of tokens.
    """

    sentences: tuple[Sentence, ...]
    path: str
    format: Format
    notes: Mapping[str, int]
    spans: SpanReport | None = None

    def __iter__(self) -> Iterator[Sentence]:
        return iter(self.sentences)

    def __len__(self) -> int:
        return len(self.sentences)

    @overload
    def __getitem__(self, index: int) -> Sentence: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Sentence, ...]: ...
    def __getitem__(self, index: int | slice) -> Sentence | tuple[Sentence, ...]:
        return self.sentences[index]


def read_corpus(
    path: str | Path, *, tagged: bool = True, **keywords: Unpack[ReadingKeywords]
) -> Corpus:
    """Read a whole corpus into memory.

    path: a file, gzip or not. For parallel files it is their directory, or the file `X.in`.
    tagged: False reads the tokens only.
    keywords: format, columns and encoding of the file; see `seqlab.corpus.reading_options.ReadingKeywords`.
    Raises CorpusError for a file that cannot be read and for a corpus without sentences. Raises
    SettingsError for a format or column that does not exist.
    """
    return read_chosen(path, reading_options(**keywords), tagged=tagged)


def read_chosen(path: str | Path, options: ReadingOptions, *, tagged: bool = True) -> Corpus:
    """Read a whole corpus into memory, as `read_corpus` does."""
    notes: Counter[str] = Counter()
    spans = SpanReport()
    known, stream = stream_corpus(path, options, tagged=tagged, notes=notes, spans=spans)
    sentences = tuple(stream)
    if not sentences:
        raise no_sentence(path, notes)
    counts = MappingProxyType(dict(notes))
    report = spans if known in ANNOTATION_FORMATS else None
    return Corpus(sentences=sentences, path=str(path), format=known, notes=counts, spans=report)


def stream_corpus(
    path: str | Path,
    options: ReadingOptions,
    *,
    tagged: bool = True,
    notes: Counter[str],
    spans: SpanReport | None = None,
) -> tuple[Format, Iterator[Sentence]]:
    """Return the format of a corpus, and an iterator that reads its sentences one by one.

    notes: gets the counts of what the reader skips or rewrites, while it reads.
    spans: counts the spans of an annotation tool's file, while it is read.
    """
    known, sentences = _stream_as_written(
        path, options, tagged=tagged, notes=notes, spans=SpanReport() if spans is None else spans
    )
    if options.normalise != "none":
        sentences = (in_unicode_form(sentence, options.normalise) for sentence in sentences)
    if options.bracketed_tags or options.map_tag:
        sentences = rewrite_tags(
            sentences, bracketed=options.bracketed_tags, renamed=options.map_tag, notes=notes
        )
    return known, sentences


def in_unicode_form(sentence: Sentence, form: UnicodeFormName) -> Sentence:
    """Return the sentence with its tokens in a Unicode form. Its text stays, so that offsets hold."""
    tokens = tuple(in_form(token, form) for token in sentence.tokens)
    return sentence if tokens == sentence.tokens else replace(sentence, tokens=tokens)


def _stream_as_written(
    path: str | Path,
    options: ReadingOptions,
    *,
    tagged: bool,
    notes: Counter[str],
    spans: SpanReport,
) -> tuple[Format, Iterator[Sentence]]:
    """Do the work of `stream_corpus`; the tokens and tags are as the file has them."""
    as_path(path, "a corpus")
    known = options.format or annotation_format(path)
    if known in ANNOTATION_FORMATS:
        return known, read_annotations(
            path, known, options, tagged=tagged, notes=notes, spans=spans
        )
    if known is Format.TEXT:
        return known, read_text(path, options, tagged=tagged)
    if known in (None, Format.HF) and is_arrow_data(Path(path)):
        return Format.HF, read_arrow_data(path, options, tagged=tagged, notes=notes)
    if known is None and is_directory(Path(path)):
        known = Format.PARALLEL
    lines: NumberedLines = numbered_lines(path, encoding=options.encoding)
    if options.skip_lines:
        lines = islice(lines, options.skip_lines, None)
        notes["lines skipped at the start"] += options.skip_lines
    known, lines = detect_and_rewind(lines, str(path), known)
    if known is Format.PARALLEL:
        refuse_columns(options.columns, known.value)
        return known, read_parallel(path, tagged=tagged, notes=notes)
    return known, read_sentences(
        lines,
        name=str(path),
        format=known,
        columns=options.columns,
        tag_names=options.tag_names,
        tagged=tagged,
        notes=notes,
    )


def annotation_format(path: str | Path) -> Format | None:
    """Detect the format of an annotation tool's file or folder; None for other files."""
    found = detect(Path(path))
    if found in FOLDERS and (Path(path) / TOKENS).is_file():
        fact = f"this folder holds {TOKENS} and files of {found}"
        raise CorpusError(f"{fact}; give --format parallel or --format {found}", path=str(path))
    return None if found is None else Format(found)


def format_of(path: str | Path, *, encoding: str | None = None) -> Format:
    """Detect the format of a corpus. Raises CorpusError for a file that cannot be read."""
    if is_arrow_data(as_path(path, "a corpus")):
        return Format.HF
    annotated = annotation_format(path)
    if annotated is not None:
        return annotated
    if is_directory(Path(path)):
        return Format.PARALLEL
    detected, _ = detect_and_rewind(numbered_lines(path, encoding=encoding), str(path), None)
    return detected


def no_sentence(path: str | Path, notes: Mapping[str, int] = MappingProxyType({})) -> CorpusError:
    """Return the error for an empty corpus. notes: what was left out, and how often."""
    left_out = ", ".join(f"{count} {what}" for what, count in notes.items())
    shown = f"; left out: {left_out}" if left_out else ""
    return CorpusError(f"there is no sentence in this corpus{shown}", path=str(path))


def read_sentences(
    lines: NumberedLines,
    *,
    name: str,
    format: Format,
    columns: ChosenColumns,
    tag_names: Sequence[str] | None = None,
    tagged: bool = True,
    notes: Counter[str] | None = None,
) -> Iterator[Sentence]:
    """Yield the sentences of numbered lines in a known format other than parallel.

    name: the file name for error messages. Raises as `read_corpus` does.
    """
    if columns.weight is not None and format is not Format.CONLL:
        fact = f"token_weight_column {columns.weight}: only conll files have one"
        raise SettingsError(f"{fact}, but {name} is {format.value}")
    if format is Format.JSONL:
        return read_jsonl(lines, name=name, columns=columns, tagged=tagged)
    file = ColumnFile(name, Counter() if notes is None else notes)
    if format is Format.HF:
        return read_json_rows(lines, file, columns=columns, tagged=tagged, tag_names=tag_names)
    read = READERS[format]
    return read(lines, file, columns=columns, tagged=tagged)
