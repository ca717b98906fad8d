"""`python -m PACKAGE FILE`: an exported tagger tags a file or a pipe, as `seqlab tag` does, in one process."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from seqlab.errors import UserError
from seqlab.machine import threads
from seqlab.machine.interrupts import interrupts_exit
from seqlab.machine.one_line_parser import OneLineParser
from seqlab.machine.standard_output import OutputError, with_whole_output
from seqlab.machine.terminal import print_error, print_note, write_data
from seqlab.settings.choices import DocumentRuleName, InputFormatName, OffsetUnitName
from seqlab.settings.reading import InputSettings

if TYPE_CHECKING:
    from seqlab.streaming.writer import StreamItem, TagWriter

OUTPUT_FORMATS = ("conll", "jsonl", "text", "displacy")


def main(run: Path, *, program: str, argv: Sequence[str] | None = None) -> int:
    """Parse the options and tag. Returns the exit code: 0, 2 after a mistake of the user's, 130 when interrupted.

    run: the directory of the tagger. program: the name of the command.
    """
    return with_whole_output(lambda: answer(run, program, argv))


def answer(run: Path, program: str, argv: Sequence[str] | None) -> int:
    """Do the work of `main`."""
    try:
        given = vars(parser_of(program).parse_args(argv))
        tag_input(run, **given)
    except UserError as error:
        return print_error(str(error))
    except (BrokenPipeError, OutputError):
        raise  # `with_whole_output` answers them
    except OSError as error:  # no permission, a name that is too long, a full disk
        return print_error(f"{error.filename or 'error'}: {error.strerror or error}")
    except KeyboardInterrupt as interrupt:
        return print_error(str(interrupt) or "interrupted", code=130)
    return 0


def parser_of(program: str) -> OneLineParser:
    """The options of the command."""
    parser = OneLineParser(
        program=program, description="Tag raw text, or a corpus with one token per line."
    )
    add = parser.add_argument
    add("file", nargs="?", default="-", help="File to tag, or - for standard input.")
    choices: dict[str, tuple[object, str, str]] = {
        "--format": (InputFormatName, "Format of the input", "detected"),
        "--documents": (DocumentRuleName, "What counts as one document of raw text", "line"),
        "--offsets": (OffsetUnitName, "Unit of offsets in JSON lines", "codepoints"),
    }
    for option, (hint, fact, default) in choices.items():
        names = get_args(hint)
        shown = f"{fact}: {', '.join(names)}. [default: {default}]"
        add(option, choices=names, metavar="NAME", help=shown)
    add(
        "--output-format",
        choices=OUTPUT_FORMATS,
        metavar="NAME",
        help=f"Format of the output: {', '.join(OUTPUT_FORMATS)}. [default: text for raw text; else that of the input]",
    )
    add("--encoding", help="Character encoding of the file, such as latin-1. [default: UTF-8]")
    add("--scores", action="store_true", help="Add the calibrated probability of each tag.")
    return parser


def tag_input(
    run: Path,
    *,
    file: str,
    output_format: Any,
    offsets: Any,
    scores: bool,
    **reading: Any,
) -> None:
    """Tag a file, and write the result to standard output as it comes. reading: options of `InputSettings`."""
    threads.limit_blas_threads()
    from seqlab.storing.save_and_load import load_run
    from seqlab.streaming.output import OutputOptions
    from seqlab.streaming.tag_input import open_input
    from seqlab.streaming.writer import TagWriter

    tagger = load_run(run)
    settings = InputSettings(**{name: one for name, one in reading.items() if one is not None})
    source = open_input(str(run), file, settings, tagger)
    written = output_format or source.output_format
    if offsets is not None and written != "jsonl":
        raise UserError(
            f"--offsets adds to JSON lines, not to {written}; give --output-format jsonl"
        )
    for line in source.notes:
        print_note(line)
    options = OutputOptions(
        format=written,
        scores=scores,
        offsets=offsets or "codepoints",
        sentences=source.rules.sentences,
        language=source.rules.language,
        tokenized=source.rules.tokenized,
        paragraphs=settings.documents == "paragraph",
    )
    is_file = file != "-" and Path(file).is_file()
    write_tagged(TagWriter(tagger=tagger, options=options), source.items, is_file=is_file)


def write_tagged(writer: "TagWriter", items: "Iterable[StreamItem]", *, is_file: bool) -> None:
    """Write tagged items to standard output. is_file: whether they come from a file, and not from a pipe."""
    from seqlab.streaming.stream import ChunkReader, write_stream

    chunks = ChunkReader(items, patience=None if is_file else 0.0)
    with interrupts_exit(), closing(write_stream(writer, chunks)) as texts:
        for text, error in texts:
            write_data(text)
            if error is not None:
                raise UserError(error)
