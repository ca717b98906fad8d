"""Read the files of annotation tools as tagged sentences, and sum up the spans that could not become tags."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from sys import intern
from typing import Any

from seqlab.annotations.align import align
from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.annotations.files import annotation_module
from seqlab.annotations.json_records import text_blocks
from seqlab.annotations.span_report import ADJUSTMENTS, FaultySpan, SpanFault, SpanReport
from seqlab.corpus.chosen_columns import refuse_columns
from seqlab.corpus.reading_options import ReadingOptions
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.errors import CorpusError
from seqlab.machine.wording import LISTED_NAMES

UNLABELLED = "tasks without annotation"
JOINED = "sentence ends within a span removed"


def read_annotated_texts(
    path: str | Path,
    format: str,
    options: ReadingOptions,
    notes: Counter[str],
    *,
    unlabelled: bool = False,
) -> Iterator[AnnotatedText]:
    """Yield the documents of an annotation tool's file or folder.

    format: the name of the format, such as 'label-studio'. notes: gets the counts of what is left out.
    unlabelled: True yields the texts that nobody has labelled yet, too.
    Raises CorpusError for a file that cannot be read, and SettingsError for chosen columns.
    """
    refuse_columns(options.columns, format)
    module = annotation_module(format)
    encoding = options.encoding or "utf-8"
    counts: Counter[str] = Counter()
    for document in module.read(Path(path), encoding=encoding, notes=counts):
        if document.annotated or unlabelled:
            yield document
        else:
            counts[UNLABELLED] += 1
    notes.update({what: count for what, count in counts.items() if count})


def read_annotations(
    path: str | Path,
    format: str,
    options: ReadingOptions,
    *,
    tagged: bool = True,
    notes: Counter[str],
    spans: SpanReport,
) -> Iterator[Sentence]:
    """Yield the sentences of an annotation tool's file or folder, with IOB2 tags, text and offsets.

    tagged: False reads the tokens only.
    notes: gets the counts of what is left out, when all sentences are read. spans: counts every span.
    Raises CorpusError as the reader of the format does, and SettingsError for chosen columns.
    """
    documents = read_annotated_texts(path, format, options, notes, unlabelled=not tagged)
    for number, document in enumerate(documents, start=1):
        yield from sentences_of_text(document, options, number=number, tagged=tagged, spans=spans)
    if tagged:
        notes.update(span_notes(spans))


def read_text(
    path: str | Path, options: ReadingOptions, *, tagged: bool = False
) -> Iterator[Sentence]:
    """Yield the sentences of raw text, which is one document. The whole text is in memory.

    Raises CorpusError when tags are wanted: raw text has none.
    """
    refuse_columns(options.columns, "text")
    if tagged:
        fact = "plain text has no tags; expected a labelled corpus (--format says how to read it)"
        raise CorpusError(fact, path=str(path))
    text = "".join(text_blocks(Path(path), options.encoding or "utf-8"))
    document = AnnotatedText(text=text, source=str(path))
    for one in sentences_of_text(document, options, number=1, tagged=False, spans=SpanReport()):
        yield replace(one, document=None)


def sentences_of_text(
    document: AnnotatedText,
    options: ReadingOptions,
    *,
    number: int,
    tagged: bool = True,
    spans: SpanReport,
) -> Iterator[Sentence]:
    """Yield the sentences of one document. number: its id if it has no name."""
    name = number if document.name is None else document.name
    text, metadata = document.text, document.metadata or NOTHING
    for offsets, tags in align(
        document, rules=options.rules, misaligned=options.misaligned, report=spans
    ):
        yield Sentence(
            tokens=tuple(intern(text[i:j]) for i, j in zip(*offsets, strict=True)),
            tags=tuple(map(intern, tags)) if tagged else None,
            metadata=metadata,
            source=document.source,
            document=name,
            text=text,
            offsets=offsets,
        )


def span_notes(spans: SpanReport) -> dict[str, int]:
    """Sum up the faulty spans by fault and class, for the notes of a corpus.

    >>> report = SpanReport()
    >>> report.add(FaultySpan(SpanFault.NESTED, False, "LOC", "a.jsonl:1", 4, 9, "Paris"))
    >>> span_notes(report)
    {'span of LOC dropped, which lies within another span': 1}
    """
    notes: dict[str, int] = {}
    for counts, outcome in ((spans.dropped, "dropped"), (spans.mended, "kept")):
        for fault, classes in by_fault(counts).items():
            for label, count in classes[:LISTED_NAMES]:
                notes[_span_note(count, f"of {label}", outcome, fault)] = count
            rest = sum(count for _, count in classes[LISTED_NAMES:])
            if rest:
                others = f"of {len(classes) - LISTED_NAMES} other classes"
                notes[_span_note(rest, others, outcome, fault)] = rest
    if spans.joined_sentences:
        notes[JOINED] = spans.joined_sentences
    return notes


def _span_note(count: int, whose: str, outcome: str, fault: SpanFault) -> str:
    adjusted = f": {ADJUSTMENTS[fault]}" if outcome == "kept" else ""
    if count == 1:
        return f"span {whose} {outcome}, which {fault}{adjusted}"
    return f"spans {whose} {outcome}, each of which {fault}{adjusted}"


def by_fault(counts: Mapping[tuple[SpanFault, str], int]) -> dict[SpanFault, list[tuple[str, int]]]:
    """Group counts of faulty spans by fault; the classes of each, most frequent first."""
    groups: dict[SpanFault, list[tuple[str, int]]] = {}
    for (fault, label), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        groups.setdefault(fault, []).append((label, count))
    return {fault: groups[fault] for fault in SpanFault if fault in groups}


def span_figures(spans: SpanReport) -> dict[str, Any]:
    """The figures of a report as JSON holds them; `span_report_of` reads them."""

    def counts(counter: Mapping[tuple[SpanFault, str], int]) -> dict[str, dict[str, int]]:
        return {fault.value: dict(classes) for fault, classes in by_fault(counter).items()}

    return {
        "spans": spans.spans,
        "kept": spans.kept,
        "dropped": counts(spans.dropped),
        "mended": counts(spans.mended),
        "joined_sentences": spans.joined_sentences,
        "examples": [one._asdict() for one in spans.examples],
    }


def span_report_of(figures: Mapping[str, Any]) -> SpanReport:
    """The report of `span_figures`."""

    def counter(counts: Mapping[str, Mapping[str, int]]) -> Counter[tuple[SpanFault, str]]:
        return Counter(
            {(SpanFault(fault), label): n for fault, c in counts.items() for label, n in c.items()}
        )

    return SpanReport(
        spans=figures["spans"],
        kept=figures["kept"],
        dropped=counter(figures["dropped"]),
        mended=counter(figures["mended"]),
        joined_sentences=figures["joined_sentences"],
        examples=[
            FaultySpan(**{**one, "fault": SpanFault(one["fault"])}) for one in figures["examples"]
        ],
    )
