"""`python -m seqlab.tag RUN [FILE|-]`: tag text with a trained tagger, as it comes."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from cyclopts import Parameter

from seqlab import cli
from seqlab.corpus.lines import numbered_lines
from seqlab.interrupts import interrupts_end_at_once


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and tag. Returns the exit code."""
    app = cli.make_app("tag")
    app.default(tag)
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
    tokenized: Annotated[
        bool,
        Parameter(negative="", help="Text is tokenised already: split it at white space only."),
    ] = False,
    scores: Annotated[
        bool, Parameter(negative="", help="Add the calibrated probability of each tag.")
    ] = False,
) -> None:
    """Tag a file or a pipe: columns, JSON lines or plain text (one sentence a line).

    Output goes to standard output, in order, each sentence as soon as it is tagged, so that a pipe
    of any length takes the same memory. Tags that the input carries already are not looked at.
    """
    from seqlab.tagging.run_directory import check_run

    check_run(Path(run))
    if file != "-" and not Path(file).exists():
        next(numbered_lines(file))  # says so, with the nearest name, before keras is imported
    cli.import_tensorflow()
    from seqlab.tagging.inputs import guess_format, open_lines, read_lines
    from seqlab.tagging.loading import load_run
    from seqlab.tagging.output import tagged_text
    from seqlab.tagging.stream import tag_stream

    name = "standard input" if file == "-" else file
    first, lines = open_lines(standard_input() if file == "-" else file, name=name)
    tagger = load_run(run)
    chosen = format or guess_format(first, name=name, tags=tagger.encoder.tags)
    if format is None and chosen == "text" and file != "-":
        print(  # noqa: T201
            f"note: {name} is read as text, a sentence a line; --format conll reads columns",
            file=sys.stderr,
        )
    written = output_format or ("conll" if chosen == "conllu" else chosen)
    sentences = read_lines(
        lines, name=name, format=chosen, token_column=token_column, tokenized=tokenized
    )
    with interrupts_end_at_once():
        for chunk in tag_stream(tagger, sentences):
            for sentence, prediction in chunk:
                text = tagged_text(
                    sentence, prediction, format=written, scheme=tagger.scheme, scores=scores
                )
                sys.stdout.buffer.write(text.encode())
            sys.stdout.buffer.flush()


def standard_input() -> BinaryIO:
    """Standard input through a reader of its own.

    The thread that reads ahead may still wait for a line when the command ends (Ctrl-C, `| head`).
    Python closes `sys.stdin` at exit, and aborts when a waiting thread holds it.
    """
    return os.fdopen(0, "rb", closefd=False)


if __name__ == "__main__":
    sys.exit(main())
