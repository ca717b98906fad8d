"""`seqlab tag RUN [FILE|-]`: tag text with a trained tagger, as the text arrives."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.corpus.schemes import Scheme
from seqlab.errors import UserError
from seqlab.machine import threads
from seqlab.machine.interrupts import interrupts_exit
from seqlab.settings.by_name import ColumnByFeature
from seqlab.text.lines import numbered_lines

if TYPE_CHECKING:
    from seqlab.corpus.chosen_columns import ColumnRef
    from seqlab.corpus.text_input import InputFormat
    from seqlab.streaming.output import OutputFormat
    from seqlab.tagging.tagger import Tagger

# The format of the output, by that of the input.
WRITTEN_AS: "dict[InputFormat, OutputFormat]" = {
    "conll": "conll",
    "conllu": "conll",
    "csv": "conll",
    "jsonl": "jsonl",
    "hf": "jsonl",
    "text": "text",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and tag. Returns the exit code."""
    return cli.run(cli.make_app("tag", tag), argv)


def tag(
    run: str,
    file: Annotated[str, Parameter(allow_leading_hyphen=True)] = "-",
    /,
    *,
    format: Literal["conll", "conllu", "jsonl", "csv", "hf", "text"] | None = None,
    output_format: Literal["conll", "jsonl", "text"] | None = None,
    token_column: int = 0,
    feature_columns: ColumnByFeature = ColumnByFeature(),
    encoding: str | None = None,
    tokenized: Flag = False,
    scores: Flag = False,
    n_best: int | None = None,
    span_scores: Flag = False,
    workers: Annotated[
        int | None,
        Parameter(
            help="Number of worker processes; 1 tags in this process. Workers start only for a long input. "
            f"[default: one per usable core, at most {threads.MAX_DEFAULT_WORKERS}]"
        ),
    ] = None,
) -> None:
    """Tag a file or a pipe: columns, JSON lines or plain text (one sentence per line).

    Tagged sentences go to standard output, in order, as soon as they are tagged. A pipe of any length
    takes the same memory. Tags in the input are ignored. A run with feature columns needs them in the
    input, in the columns of training unless --feature-columns says otherwise.

    Args:
        run: Run directory.
        file: File to tag, or - for standard input.
        format: Format of the input. [default: detected from its first line]
        output_format: Format of the output. [default: the input's format, but conll for conllu and csv, jsonl for hf]
        token_column: Column of the token, counted from 0.
        feature_columns: Column of a feature, if it is not the column of training. May be repeated.
        encoding: Character encoding of the input, such as latin-1. [default: UTF-8]
        tokenized: The text is tokenised: split it at white space only.
        scores: Add the calibrated probability of each tag; in format text, their mean per line.
        n_best: Add the N most probable tag sequences with their probabilities before calibration; for JSON lines only.
        span_scores: Add each span's probability before calibration; for JSON lines only.
    """
    from seqlab.storing.run_directory import check_run

    threads.limit_blas_threads()
    if n_best is not None:
        from seqlab.deciding.n_best import check_paths  # imports numpy

        check_paths(n_best)
    additions = {"--n-best": n_best is not None, "--span-scores": span_scores}
    if workers is not None:
        threads.check_workers(workers)
    check_format(output_format, additions)
    check_run(Path(run))
    if file != "-" and not Path(file).exists():
        next(numbered_lines(file, encoding=encoding))  # raises the error before the run is loaded
    from seqlab.corpus.arrow_files import is_arrow_data, read_tokens_of_arrow
    from seqlab.corpus.jsonl import name_nulls
    from seqlab.corpus.text_input import guess_format, one_token_per_line, open_lines, read_lines
    from seqlab.storing.save_and_load import load_run
    from seqlab.streaming.stream import ChunkReader, write_stream
    from seqlab.streaming.worker_pool import WorkerPool, WorkerTask, manifest_sha256
    from seqlab.streaming.writer import OutputOptions, TagWriter
    from seqlab.tagging.tagger import CHUNK
    from seqlab.text.token_rules import learn_token_rules
    from seqlab.text.tokenise import UNTRAINED

    name = "standard input" if file == "-" else file
    is_arrow = file != "-" and is_arrow_data(Path(file))
    source = standard_input() if file == "-" else file
    first, lines = ([], iter(())) if is_arrow else open_lines(source, name=name, encoding=encoding)
    manifest, tagger = manifest_sha256(run), load_run(run)
    guessed = "hf" if is_arrow else guess_format(first, name=name, tags=tagger.encoder.tags)
    input_format = format or guessed
    columns = columns_of_features(run, tagger, feature_columns)
    is_split = tokenized or input_format != "text"
    sentences = (
        read_tokens_of_arrow(file, columns)
        if is_arrow
        else read_lines(
            lines,
            name=name,
            format=input_format,
            token_column=token_column,
            feature_columns=columns,
            tokenized=tokenized,
            token_rules=UNTRAINED if is_split else learn_token_rules(tagger.encoder.words.symbols),
        )
    )
    written = output_format or WRITTEN_AS[input_format]
    check_format(written, additions)
    if span_scores and tagger.scheme is Scheme.PLAIN:
        raise UserError(
            f"--span-scores is given, but {run} predicts plain tags, which have no spans"
        )
    if format is None and input_format == "text" and (file != "-" or one_token_per_line(first)):
        print(  # noqa: T201
            f"note: {name} is read as text, one sentence per line; --format conll reads columns",
            file=sys.stderr,
        )
    options = OutputOptions(format=written, scores=scores, n_best=n_best, span_scores=span_scores)
    writer = TagWriter(tagger=tagger, options=options)
    count = threads.default_workers() if workers is None else workers
    task = WorkerTask(run=run, manifest=manifest, options=options)
    start_pool = partial(WorkerPool, task, count, writer=writer) if count > 1 else None
    if written == "jsonl":
        say = partial(print, "note:", file=sys.stderr)
        sentences = name_nulls(sentences, say)
    # A file fills every chunk. The writer of a pipe may wait for an answer.
    patience = None if file != "-" and Path(file).is_file() else 0.0
    chunks = ChunkReader(sentences, limit=max(1, CHUNK // (n_best or 1)), patience=patience)
    texts = write_stream(writer, chunks, start_pool=start_pool)
    with interrupts_exit(), closing(texts):
        for text, error in texts:
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
            if error is not None:
                raise UserError(error)


def columns_of_features(
    run: str, tagger: "Tagger", given: Mapping[str, str]
) -> "dict[str, ColumnRef]":
    """The column of each feature that the tagger reads. given: the columns that differ from those of training."""
    features = tagger.encoder.feature_columns
    if not features and not given:
        return {}  # most runs have no features and need no settings, whose import takes 20 ms
    from seqlab.storing.run_settings import other_columns, run_settings, trained_feature_columns

    trained = trained_feature_columns(run_settings(run), features) if features else {}
    return other_columns(trained, given)


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
