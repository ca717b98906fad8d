"""`python -m PACKAGE.serve`: the server of an exported tagger, with the options of `seqlab serve`."""

from collections.abc import Sequence
from dataclasses import fields

from seqlab.errors import UserError
from seqlab.machine.one_line_parser import OneLineParser
from seqlab.machine.terminal import print_error, print_note, say
from seqlab.serving.options import ServeOptions
from seqlab.serving.run_server import serve_runs
from seqlab.serving.served_taggers import NamedRun
from seqlab.serving.token import VARIABLE, read_token


def main(
    argv: Sequence[str] | None = None,
    *,
    runs: Sequence[NamedRun],
    program: str,
    extra: str,
) -> int:
    """Parse the options and serve the runs. Returns the exit code: 0, or 2 after a mistake of the user's.

    program: the name of the command. extra: what to install if FastAPI is missing.
    """
    try:
        serve_runs(runs, read_options(argv, program), say=say, note=print_note, extra=extra)
    except UserError as error:
        return print_error(str(error))
    return 0


def read_options(argv: Sequence[str] | None, program: str) -> ServeOptions:
    """The options of a command line. Raises SettingsError for a mistake."""
    parser = OneLineParser(program=program, description="Serve the tagger over HTTP.")
    parser.add_argument(
        "--token-file", help=f"File with a token that clients send. [default: {VARIABLE}]"
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
