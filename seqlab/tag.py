"""`seqlab tag RUN [FILE|-]`: tag text with a trained tagger, as the text arrives."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal, NamedTuple

from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.corpus.schemes import Scheme
from seqlab.errors import UserError
from seqlab.machine import threads
from seqlab.machine.interrupts import interrupts_exit
from seqlab.machine.progress import shown_on
from seqlab.machine.terminal import print_note, write_data
from seqlab.settings.choices import OffsetUnitName
from seqlab.settings.reading import InputSettings
from seqlab.text.lines import numbered_lines

if TYPE_CHECKING:
    from seqlab.annotations.annotated_text import AnnotatedText
    from seqlab.corpus.reading_options import ReadingOptions
    from seqlab.corpus.sentence import Sentence
    from seqlab.encoding.encoder import Encoder
    from seqlab.reporting.progress import TerminalProgress
    from seqlab.tagging.tagger import Tagger
    from seqlab.text.cutting import TextRules

OutputFormatName = Literal["conll", "jsonl", "text", "html", "displacy"]
WRITTEN_AS: dict[str, OutputFormatName] = {"jsonl": "jsonl", "hf": "jsonl", "text": "text"}
"""The default format of the output for corpora and text, by the format of the input; conll for the others."""


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and tag. Returns the exit code."""
    return cli.run(cli.make_app("tag", tag, settings=InputSettings), argv)


def tag(
    run: str,
    file: Annotated[str, Parameter(allow_leading_hyphen=True)] = "-",
    /,
    *,
    reading: Annotated[InputSettings, Parameter(name="*")] = InputSettings(),
    output_format: Annotated[
        OutputFormatName | None,
        Parameter(
            help="Format of the output. html: one page with entities in colour. displacy: JSON lines for spaCy's displaCy. "
            "[default: text for raw text; conll for columns and tables; else jsonl]"
        ),
    ] = None,
    offsets: OffsetUnitName = "codepoints",
    scores: Annotated[
        Flag,
        Parameter(
            help="Add the calibrated probability of each tag; in text, the mean of each line; in html and displacy, the "
            "score of each entity."
        ),
    ] = False,
    n_best: int | None = None,
    span_scores: Flag = False,
    workers: Annotated[
        int | None,
        Parameter(
            help="Number of worker processes; 1 tags in this process. Workers start only for a long input. "
            f"[default: one per usable core, at most {threads.MAX_DEFAULT_WORKERS}]"
        ),
    ] = None,
    quiet: Flag = False,
) -> None:
    """Tag a file or a pipe: raw text, or a corpus in any format that train reads.

    Output goes to standard output, in the order of the input, as soon as each part is tagged. A pipe of any length
    takes the same memory. Raw text is cut into sentences and tokens; in JSON lines, each document becomes an object
    with its text, and its spans and tokens with their offsets. Tags in the input are ignored.
    The file is read as the run's training corpus was, unless options change that.

    Args:
        run: Run directory.
        file: File to tag, or - for standard input.
        offsets: Unit of offsets in JSON lines: codepoints (Python), utf16 (JavaScript, Java) or bytes (UTF-8; Go, Rust).
        n_best: Add the N most probable tag sequences with their probabilities before calibration; for JSON lines only.
        span_scores: Give each span its own probability before calibration; for JSON lines only.
        quiet: Print no notes and no progress on standard error.
    """
    from seqlab.storing.run_directory import check_run

    threads.limit_blas_threads()
    if n_best is not None:
        from seqlab.deciding.n_best import check_paths  # imports numpy

        check_paths(n_best)
    additions = {
        "--n-best": n_best is not None,
        "--span-scores": span_scores,
        "--offsets": offsets != "codepoints",
    }
    if workers is not None:
        threads.check_workers(workers)
    check_format(output_format, additions)
    check_documents(reading)
    check_run(Path(run))
    if file != "-" and not Path(file).exists():
        next(
            numbered_lines(file, encoding=reading.encoding)
        )  # raises the error before the run is loaded
    from seqlab.corpus.jsonl import name_nulls
    from seqlab.storing.run_files import manifest_sha256
    from seqlab.storing.save_and_load import load_run, unfinished_notes
    from seqlab.streaming.output import OutputOptions
    from seqlab.streaming.stream import ChunkReader, write_stream
    from seqlab.streaming.worker_pool import WorkerPool, WorkerTask
    from seqlab.streaming.writer import TagWriter
    from seqlab.tagging.tagger import CHUNK

    manifest, tagger = manifest_sha256(Path(run)), load_run(run)
    note: Callable[[str], None] = (lambda text: None) if quiet else print_note
    with shown_on(tagging_progress(file, quiet=quiet)):
        source = open_input(run, file, reading, tagger, note=note)
        written = output_format or source.output_format
        check_format(written, additions)
        if span_scores and tagger.scheme is Scheme.PLAIN:
            raise UserError(
                f"--span-scores is given, but {run} predicts plain tags, which have no spans"
            )
        unfinished = unfinished_notes(run)
        for line in (*unfinished, *source.notes):
            note(line)
        options = OutputOptions(
            format=written,
            scores=scores,
            n_best=n_best,
            span_scores=span_scores,
            offsets=offsets,
            sentences=source.rules.sentences,
            language=source.rules.language,
            tokenized=source.rules.tokenized,
            paragraphs=reading.documents == "paragraph",
        )
        writer = TagWriter(tagger=tagger, options=options)
        count = threads.default_workers() if workers is None else workers
        if unfinished:  # a worker could find a better epoch there
            count = 1
        task = WorkerTask(run=run, manifest=manifest, options=options)
        start_pool = partial(WorkerPool, task, count, writer=writer) if count > 1 else None
        items = source.items
        if written == "jsonl":
            items = name_nulls(items, note)
        # A file fills every chunk. The writer of a pipe may wait for an answer.
        patience = None if file != "-" and Path(file).is_file() else 0.0
        chunks = ChunkReader(items, limit=max(1, CHUNK // (n_best or 1)), patience=patience)
        texts = write_stream(writer, chunks, start_pool=start_pool)
        with interrupts_exit(), closing(texts):
            if written == "html":
                write_data(opening_of_page(tagger, file))
            for text, error in texts:
                write_data(text)
                if error is not None:
                    raise UserError(error)


def tagging_progress(file: str, *, quiet: bool) -> "TerminalProgress | None":
    """How far a file is tagged, for standard error; None for a pipe, and when the tags go to the same terminal."""
    from seqlab.reporting.progress import terminal_progress

    if file == "-" or sys.stdout.isatty():
        return None
    return terminal_progress(quiet=quiet, renamed={"reading": "tagging"})


def opening_of_page(tagger: "Tagger", file: str) -> bytes:
    """What stands before the tagged text in an HTML page."""
    from seqlab.streaming.shown_text import shown_labels
    from seqlab.tagging.tagged_html import page_head

    title = "Tagged text" if file == "-" else Path(file).name
    plain = tagger.scheme is Scheme.PLAIN
    return page_head(shown_labels(tagger), title=title, plain=plain).encode()


class TagInput(NamedTuple):
    """An opened input. rules: how its raw text is cut. output_format: the default format of the output."""

    items: "Iterator[Sentence | AnnotatedText]"
    rules: "TextRules"
    output_format: OutputFormatName
    notes: Sequence[str]


def open_input(
    run: str,
    file: str,
    reading: InputSettings,
    tagger: "Tagger",
    *,
    note: Callable[[str], None] = print_note,
) -> TagInput:
    """Open the input of a run. note: gets a line about what was left out. Raises UserError if it cannot be read."""
    from seqlab.corpus.arrow_files import is_arrow_data
    from seqlab.corpus.checks.columns import input_findings
    from seqlab.corpus.checks.finding import notes_or_error
    from seqlab.corpus.format_detection import ANNOTATION_FORMATS, Format
    from seqlab.corpus.reading import annotation_format, stream_corpus
    from seqlab.corpus.text_input import guess_format, open_lines, read_items
    from seqlab.machine.files import is_directory
    from seqlab.storing.run_settings import options_for, run_settings, text_options_for

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
    file: str, format: str, options: "ReadingOptions", note: Callable[[str], None]
) -> "Iterator[AnnotatedText]":
    """Yield the texts of an annotation tool's file, then note what was left out."""
    from seqlab.corpus.annotation_reading import read_annotated_texts

    notes: Counter[str] = Counter()
    yield from read_annotated_texts(file, format, options, notes, unlabelled=True)
    for what, count in notes.items():
        note(f"{file}: {count} {what}")


def refuse_columns_of(encoder: "Encoder", name: str, format: str) -> None:
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
    from seqlab.corpus.raw_documents import begins_with_texts, holds_sentences
    from seqlab.corpus.text_input import one_token_per_line

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


def check_documents(reading: InputSettings) -> None:
    """Raise UserError for options of raw text that exclude each other."""
    if reading.id_column is not None and reading.documents != "line":
        raise UserError(
            f"--id-column is given, so each line is a document; leave out --documents {reading.documents}"
        )


def check_format(format: str | None, additions: Mapping[str, bool]) -> None:
    """Raise UserError if an option adds keys of JSON lines to another output format.

    format: None if it is not known yet. additions: by option, whether it is given.
    """
    for option, given in additions.items():
        if given and format not in (None, "jsonl"):
            raise UserError(
                f"{option} adds to JSON lines, not to {format}; give --output-format jsonl"
            )


def standard_input() -> BinaryIO:
    """Standard input, opened a second time.

    The reading thread may still wait for a line when the command ends (Ctrl-C, `| head`).
    Python closes `sys.stdin` at exit, and aborts if a waiting thread holds it.
    """
    return os.fdopen(0, "rb", closefd=False)


if __name__ == "__main__":
    sys.exit(main())
