"""`seqlab tag RUN [FILE|-]`: tag text with a trained tagger, as the text arrives."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

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
    from seqlab.reporting.progress import TerminalProgress
    from seqlab.tagging.tagger import Tagger

OutputFormatName = Literal["conll", "jsonl", "text", "html", "displacy"]


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
    from seqlab.streaming.tag_input import open_input
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
        if unfinished or tagger.engine == "keras":  # a worker could find a better epoch there
            count = 1
        if tagger.engine == "keras" and (workers or 1) > 1:
            note(
                f"{run}: its network is tagged with Keras, in one process; --workers {workers} is ignored"
            )
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


if __name__ == "__main__":
    sys.exit(main())
