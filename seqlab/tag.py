"""`python -m seqlab.tag RUN [FILE|-]`: tag text with a trained tagger, as it comes."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from cyclopts import Parameter

from seqlab import cli
from seqlab.corpus.lines import numbered_lines
from seqlab.corpus.schemes import Scheme
from seqlab.errors import UserError
from seqlab.machine.interrupts import interrupts_exit
from seqlab.machine.threads import (
    MAX_DEFAULT_WORKERS,
    check_workers,
    default_workers,
    limit_blas_threads,
)
from seqlab.settings.by_name import ColumnByFeature


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and tag. Returns the exit code."""
    app = cli.make_app("tag", tag)
    return cli.run(app, argv)


def tag(
    run: Annotated[str, Parameter(help="Run directory.")],
    file: Annotated[
        str, Parameter(help="File to tag, or - for standard input.", allow_leading_hyphen=True)
    ] = "-",
    /,
    *,
    format: Annotated[
        Literal["conll", "conllu", "jsonl", "text"] | None,
        Parameter(help="Format of the input. [default: told by its first line]"),
    ] = None,
    output_format: Annotated[
        Literal["conll", "jsonl", "text"] | None,
        Parameter(help="Format of the output. [default: that of the input; conllu: conll]"),
    ] = None,
    token_column: Annotated[int, Parameter(help="Column of the token, from 0.")] = 0,
    feature_columns: Annotated[
        ColumnByFeature,
        Parameter(
            help="Column of a feature, if it is not the column of training. May be repeated."
        ),
    ] = ColumnByFeature(),  # noqa: B008
    tokenized: Annotated[
        bool,
        Parameter(negative="", help="Text is tokenised already: split it at white space only."),
    ] = False,
    scores: Annotated[
        bool,
        Parameter(
            negative="",
            help="Add the calibrated probability of each tag; in text their mean, one number a line.",
        ),
    ] = False,
    n_best: Annotated[
        int | None,
        Parameter(
            help="Add the N most probable tag sequences, with the network's own probabilities, before "
            "calibration; in JSON lines alone."
        ),
    ] = None,
    span_scores: Annotated[
        bool,
        Parameter(
            negative="",
            help="Add each span's probability, the network's own, before calibration; in JSON lines alone.",
        ),
    ] = False,
    workers: Annotated[
        int | None,
        Parameter(
            help="Processes that tag; 1 for none but this one. They start once the input turns out to be long. "
            f"[default: a usable core each, {MAX_DEFAULT_WORKERS} at most]"
        ),
    ] = None,
) -> None:
    """Tag a file or a pipe: columns, JSON lines or plain text (one sentence a line).

    Output goes to standard output, in order, each sentence as soon as it is tagged, so that a pipe
    of any length takes the same memory. Tags that the input carries already are not looked at. A run
    with feature columns needs them in its input, where they stood in training unless options say otherwise.
    """
    from seqlab.storing.run_directory import check_run

    limit_blas_threads()
    if n_best is not None:
        from seqlab.deciding.n_best import check_paths  # imports numpy

        check_paths(n_best)
    wanted = {"--n-best": n_best is not None, "--span-scores": span_scores}
    if workers is not None:
        check_workers(workers)
    check_format(output_format, wanted)
    check_run(Path(run))
    if file != "-" and not Path(file).exists():
        next(numbered_lines(file))  # says so, with the nearest name, before the run is read
    from seqlab.storing.run_settings import other_columns, run_settings, trained_feature_columns
    from seqlab.storing.save_and_load import load_run
    from seqlab.streaming.stream import ReadyChunks, write_stream
    from seqlab.streaming.worker import Order, manifest_of
    from seqlab.streaming.workers import Workers
    from seqlab.streaming.writer import Manner, Writer
    from seqlab.tagging.tagger import CHUNK
    from seqlab.text.clitics import learn_clitics
    from seqlab.text.inputs import guess_format, one_token_a_line, open_lines, read_lines
    from seqlab.text.tokenise import NO_CLITICS

    name = "standard input" if file == "-" else file
    first, lines = open_lines(standard_input() if file == "-" else file, name=name)
    manifest, tagger = manifest_of(run), load_run(run)
    chosen = format or guess_format(first, name=name, tags=tagger.encoder.tags)
    cut = tokenized or chosen != "text"
    features = tagger.encoder.feature_columns
    trained = trained_feature_columns(run_settings(run), features) if features else {}
    sentences = read_lines(
        lines,
        name=name,
        format=chosen,
        token_column=token_column,
        feature_columns=other_columns(trained, feature_columns),
        tokenized=tokenized,
        clitics=NO_CLITICS if cut else learn_clitics(tagger.encoder.words.symbols),
    )
    if format is None and chosen == "text" and (file != "-" or one_token_a_line(first)):
        print(  # noqa: T201
            f"note: {name} is read as text, a sentence a line; --format conll reads columns",
            file=sys.stderr,
        )
    written = output_format or ("conll" if chosen == "conllu" else chosen)
    check_format(written, wanted)
    if span_scores and tagger.scheme is Scheme.PLAIN:
        raise UserError(f"--span-scores is given, but {run} says plain tags, which have no spans")
    manner = Manner(format=written, scores=scores, n_best=n_best, span_scores=span_scores)
    writer = Writer(tagger=tagger, manner=manner)
    count = default_workers() if workers is None else workers

    def begin() -> Workers:
        order = Order(run=run, manifest=manifest, manner=manner)
        return Workers(order, count, writer=writer)

    whole = (
        file != "-" and Path(file).is_file()
    )  # and not a pipe, whose writer may wait for an answer
    chunks = ReadyChunks(
        sentences, limit=max(1, CHUNK // (n_best or 1)), patience=None if whole else 0.0
    )
    with (
        interrupts_exit(),
        closing(write_stream(writer, chunks, begin=begin if count > 1 else None)) as found,
    ):
        for text, mistake in found:
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
            if mistake is not None:
                raise UserError(mistake)


def check_format(format: str | None, wanted: Mapping[str, bool]) -> None:
    """Refuse to add to a sentence what a format has no place for; a format of None is not known yet.

    wanted: by option, whether it is given.
    """
    for option, given in wanted.items():
        if given and format not in (None, "jsonl"):
            raise UserError(
                f"{option} adds to JSON lines, not to {format}: add --output-format jsonl"
            )


def standard_input() -> BinaryIO:
    """Standard input through a reader of its own.

    The thread that reads ahead may still wait for a line when the command ends (Ctrl-C, `| head`).
    Python closes `sys.stdin` at exit, and aborts when a waiting thread holds it.
    """
    return os.fdopen(0, "rb", closefd=False)


if __name__ == "__main__":
    sys.exit(main())
