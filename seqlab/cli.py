"""What every command does alike: parse, answer a mistake with one line and exit code 2.

No command imports keras before its options are read.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

import cyclopts
from cyclopts.help.protocols import HelpFormatter

from seqlab.errors import SettingsError, UserError
from seqlab.machine.terminal import print_error


def make_app(
    name: str,
    *,
    settings: dict[str, Any] | None = None,
    source: str = "",
    help_formatter: HelpFormatter | None = None,
) -> cyclopts.App:
    """A parser for one command; `settings` are the values of its `--config` file."""
    configuration = [cyclopts.config.Dict(settings, source=source)] if settings else []
    app = cyclopts.App(
        name=f"python -m seqlab.{name}",
        config=configuration,
        version_flags=[],
        default_parameter=cyclopts.Parameter(negative_iterable=()),  # no --empty-class-weight
        help_flags=["--help", "-h"],
        help_formatter=help_formatter,
        suppress_keyboard_interrupt=False,  # `run` answers it
    )
    app["--help"].show = False  # it is no command
    return app


def run(app: cyclopts.App, argv: Sequence[str] | None) -> int:
    """Parse `argv` (default: the process's own), do the work, and give the exit code.

    0: done. 2: a mistake of the user's, told in one line on standard error. 130: interrupted.
    """
    if sys.stdout is None:  # the next file to be opened would be taken for it
        return print_error("standard output is closed; expected a file, a pipe or /dev/null")
    try:
        app(
            sys.argv[1:] if argv is None else argv,
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except cyclopts.UnusedCliTokensError as error:
        stray = ", ".join(map(repr, error.unused_tokens or []))
        return print_error(f"unexpected {stray}: options begin with --")
    except cyclopts.CycloptsError as error:
        return print_error(" ".join(str(error).split()))
    except UserError as error:
        return print_error(str(error))
    except BrokenPipeError:
        # The reader has gone (`| head`): nobody is left to tell, at exit Python must not try again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a directory one may not enter, a name too long, a full disk
        if error.errno is None:
            raise
        place = "" if error.filename is None else f"{error.filename}: "
        return print_error(f"{place}{error.strerror}")
    except KeyboardInterrupt:
        return print_error("interrupted", code=130)
    return 0


def option_value(argv: Sequence[str], name: str) -> str | None:
    """The last value of `--name VALUE` or `--name=VALUE`, read before the real parser runs."""
    found = None
    for position, word in enumerate(argv):
        if word == name and position + 1 < len(argv):
            found = argv[position + 1]
        elif word.startswith(f"{name}="):
            found = word.partition("=")[2]
    return found


def refuse_fraction(argv: Sequence[str], name: str) -> None:
    """Refuse '--epochs 1.5', which the parser would round in silence. name: with dashes or underscores."""
    value = option_value(argv, f"--{name.replace('_', '-')}")
    if value and "." in value:
        raise SettingsError(f"{name} is {value!r}: expected a whole number")
