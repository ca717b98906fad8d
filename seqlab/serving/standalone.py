"""`python -m PACKAGE.serve`: the server of an exported tagger, with the options of `seqlab serve`."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from seqlab.errors import UserError
from seqlab.machine import threads
from seqlab.machine.one_line_parser import OneLineParser
from seqlab.machine.terminal import print_error, print_note, say
from seqlab.serving.options import ServeOptions
from seqlab.serving.token import VARIABLE, read_token


def main(
    argv: Sequence[str] | None = None,
    *,
    taggers: Mapping[str, Path],
    program: str,
    extra: str,
) -> int:
    """Parse the options and serve some taggers. Returns the exit code: 0, or 2 after a mistake of the user's.

    taggers: the directory of each, by its name in requests. program: the name of the command.
    extra: what to install if FastAPI is missing.
    """
    try:
        options = read_options(argv, program)
        threads.limit_blas_threads()
        from seqlab.serving.run_server import serve_runs
        from seqlab.serving.served_taggers import NamedRun

        runs = [NamedRun(name, path) for name, path in taggers.items()]
        serve_runs(runs, options, say=say, note=print_note, extra=extra)
    except UserError as error:
        return print_error(str(error))
    return 0


def read_options(argv: Sequence[str] | None, program: str) -> ServeOptions:
    """The options of a command line. Raises SettingsError for a mistake."""
    parser = OneLineParser(program=program, description="Serve the tagger over HTTP.")
    parser.add_argument(
        "--token-file", help=f"File with a token that clients send. [default: variable {VARIABLE}]"
    )
    for one in fields(ServeOptions):
        if "help" not in one.metadata:
            continue
        option, meaning = f"--{one.name.replace('_', '-')}", one.metadata["help"]
        if one.type is bool:
            parser.add_argument(option, action="store_true", help=meaning)
            continue
        shown = f"{meaning} [default: {one.default}]"
        parser.add_argument(option, type=one.type, default=one.default, help=shown)
    values = vars(parser.parse_args(argv))
    return ServeOptions(token=read_token(values.pop("token_file")), **values)
