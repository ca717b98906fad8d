"""Open the input of a tagger: raw text, or a corpus in any format, from a file, a folder or a pipe."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.corpus.annotation_reading import read_annotated_texts
from seqlab.corpus.arrow_files import is_arrow_data
from seqlab.corpus.checks.columns import input_findings
from seqlab.corpus.checks.finding import notes_or_error
from seqlab.corpus.format_detection import ANNOTATION_FORMATS, Format
from seqlab.corpus.raw_documents import begins_with_texts, holds_sentences
from seqlab.corpus.reading import annotation_format, stream_corpus
from seqlab.corpus.reading_options import ReadingOptions
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.text_input import guess_format, one_token_per_line, open_lines, read_items
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError
from seqlab.machine.files import is_directory
from seqlab.machine.terminal import print_note
from seqlab.settings.reading import InputSettings
from seqlab.storing.run_settings import options_for, run_settings, text_options_for
from seqlab.streaming.output import OutputFormat
from seqlab.tagging.tagger import Tagger
from seqlab.text.cutting import TextRules

WRITTEN_AS: dict[str, OutputFormat] = {"jsonl": "jsonl", "hf": "jsonl", "text": "text"}
"""The default format of the output for corpora and text, by the format of the input; conll for the others."""


class TagInput(NamedTuple):
    """An opened input. rules: how its raw text is cut. output_format: the default format of the output."""

    items: Iterator[Sentence | AnnotatedText]
    rules: TextRules
    output_format: OutputFormat
    notes: Sequence[str]


def open_input(
    run: str,
    file: str,
    reading: InputSettings,
    tagger: Tagger,
    *,
    note: Callable[[str], None] = print_note,
) -> TagInput:
    """Open the input of a run. note: gets a line about what was left out. Raises UserError if it cannot be read."""
    given: Any = reading.given()
    documents, id_column = given.pop("documents", "line"), given.pop("id_column", None)
    encoder = tagger.encoder
    trained, path = run_settings(run), Path(file)
    if file == "-" and reading.format in (Format.PARALLEL, *ANNOTATION_FORMATS):
        raise UserError(f"{reading.format} is read from a file or folder, not from a pipe")
    annotated = reading.format or (None if file == "-" else annotation_format(path))
    if annotated in ANNOTATION_FORMATS:
        refuse_documents(reading, file, annotated)
        refuse_columns_of(encoder, file, annotated)
        options = text_options_for(trained, given)
        texts = noted_texts(file, annotated, options, note)
        return TagInput(texts, options.rules, "jsonl", [])
    whole = reading.format == Format.PARALLEL.value or is_directory(path) or is_arrow_data(path)
    if file != "-" and whole:
        refuse_documents(reading, file, reading.format or "a corpus")
        options = options_for(trained, file, encoder, given)
        # The tagger brings tokens into its form; the output has them as they are.
        options = replace(options, normalise="none")
        detected, sentences = stream_corpus(file, options, tagged=False, notes=Counter())
        return TagInput(sentences, options.rules, WRITTEN_AS.get(detected.value, "conll"), [])
    name = "standard input" if file == "-" else file
    first, lines = open_lines(
        standard_input() if file == "-" else file,
        name=name,
        encoding=reading.encoding,
        ends=documents != "line",
    )
    known = reading.format or guess_format(first, name=name, tags=encoder.tags)
    if known == "text" and reading.format is None and not tagger.architecture.reads_words:
        known = "conll"  # numbers in columns look like words in a line
    if known == "text":
        options = text_options_for(trained, given)
        refuse_columns_of(encoder, name, known)
    else:
        refuse_documents(reading, name, known)
        options = options_for(trained, file, encoder, given | {"format": known})
    items = read_items(
        lines,
        name=name,
        format=known,
        options=options,
        documents=documents,
        id_column=id_column,
    )
    notes = [] if reading.format else input_notes(first, name, known, is_file=file != "-")
    if known == "conll":
        notes += notes_or_error(input_findings(file, options), options.accept)
    return TagInput(items, options.rules, WRITTEN_AS.get(known, "conll"), notes)


def noted_texts(
    file: str, format: str, options: ReadingOptions, note: Callable[[str], None]
) -> Iterator[AnnotatedText]:
    """Yield the texts of an annotation tool's file, then note what was left out."""
    notes: Counter[str] = Counter()
    yield from read_annotated_texts(file, format, options, notes, unlabelled=True)
    for what, count in notes.items():
        note(f"{file}: {count} {what}")


def refuse_columns_of(encoder: Encoder, name: str, format: str) -> None:
    """Raise UserError if the tagger reads features or numbers, which texts do not have."""
    columns = [
        *(f"feature {column!r}" for column in encoder.feature_columns),
        *(f"number {column!r}" for column in encoder.numeric_columns),
    ]
    for column in columns:
        raise UserError(
            f"{name}: {format} has no column for {column}, which this tagger reads; "
            "expected a format with columns, such as conll or jsonl"
        )


def refuse_documents(reading: InputSettings, name: str, format: str) -> None:
    """Raise UserError for options of raw text, given for an input that is none."""
    for option, is_given in (
        ("--documents", reading.documents != "line"),
        ("--id-column", reading.id_column is not None),
    ):
        if is_given:
            raise UserError(f"{option} is for raw text, but {name} is {format}; give --format text")


def input_notes(first: Sequence[str], name: str, format: str, *, is_file: bool) -> list[str]:
    """What the user should know of the format that was detected, and how to choose another."""
    if format == "text" and (is_file or one_token_per_line(first)):
        return [f"{name} is read as text; --format conll reads columns"]
    if format == "conll" and holds_sentences(first):
        return [
            f"{name} is read as columns, but its last column looks like text; --format text "
            "--id-column 0 reads an id and a text between TABs, --format text whole lines as text"
        ]
    if format == "conll" and begins_with_texts(first):
        return [
            f"{name} is read as columns, but its first column looks like text; --format text reads whole lines as text"
        ]
    return []


def standard_input() -> BinaryIO:
    """Standard input, opened a second time.

    The reading thread may still wait for a line when the command ends (Ctrl-C, `| head`).
    Python closes `sys.stdin` at exit, and aborts if a waiting thread holds it.
    """
    return os.fdopen(0, "rb", closefd=False)
