"""What all commands share: the parser, grouped help, and one line with exit code 2 for a mistake.

No command imports keras before its options are read.
"""

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

import cyclopts
from cyclopts.help import DefaultFormatter

from seqlab.errors import SettingsError, UserError
from seqlab.machine.standard_output import OutputError, with_whole_output
from seqlab.machine.terminal import print_error
from seqlab.settings.by_name import ByName, ColumnByFeature, FileByList, NumberByClass, TagByTag
from seqlab.settings.declaring import Settings, declared, rivals
from seqlab.settings.presets import with_preset
from seqlab.settings.values import in_words

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions


class ResultFails(Exception):  # noqa: N818, a result rather than an error
    """The work is done, but its result is one for which the command exits with code 1."""


Flag = Annotated[bool, cyclopts.Parameter(negative="")]
"""An option without a value, and without an option that turns it off."""

PACKAGES = {"sklearn": "scikit-learn", "tomli_w": "tomli-w"}
"""Packages by the module that they bring, where the names differ."""

OTHER_OPTIONS = "This command"
OTHER_NAMES = {
    "--dev": "--valid",
    "--development": "--valid",
    "--validation": "--valid",
    "--val": "--valid",
    "--eval": "--valid",
    "--output": "--out",
}
"""Options by what other programs call them."""


def make_app(
    name: str,
    command: Callable[..., Any],
    settings: type[Settings] | None = None,
    *,
    values: Mapping[str, Any] | None = None,
    argv: Sequence[str] = (),
    source: str | None = None,
) -> cyclopts.App:
    """The parser of one command.

    command: the function that does the work; its docstring is the text of --help, and `Args:` that of its options.
    settings: the class whose settings are options; they are listed under their headings.
    values: values of options that a file gives; an option in `argv` overrides its own value and excludes its rivals'.
    source: that file, for messages.
    """
    text, _, _ = (inspect.getdoc(command) or "").replace("`", "").partition("\n\nArgs:")
    given = {
        name: value
        for name, value in (values or {}).items()
        if value != [] and not (settings and rival_given(settings, name, argv))
    }
    app = cyclopts.App(
        name=f"seqlab {name}",
        help="\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n")),
        config=[cyclopts.config.Dict(given, source=source or "")] if given else [],
        version_flags=[],
        default_parameter=cyclopts.Parameter(negative_iterable=()),  # no --empty-class-weight
        help_flags=["--help", "-h"],
        help_formatter=GroupedHelp(settings) if settings else None,
        help_format="plaintext",  # the default, Markdown, costs 0.1 s
        suppress_keyboard_interrupt=False,  # `run` answers it
    )
    app["--help"].show = False  # cyclopts lists it as a command
    app.default(command)
    return app


def run(app: cyclopts.App, argv: Sequence[str] | None) -> int:
    """Parse the arguments, do the work, and return the exit code.

    argv: default: the arguments of the process.
    Returns 0 when the work is done, 1 after `ResultFails`, 2 after a mistake of the user's (one line on standard
    error) or when standard output cannot be written, 130 when interrupted.
    """
    words = sys.argv[1:] if argv is None else argv
    return with_whole_output(lambda: answer(app, words))


def answer(app: cyclopts.App, argv: Sequence[str]) -> int:
    """Do the work of `run`."""
    try:
        refuse_fractions(app, argv)
        app(argv, exit_on_error=False, print_error=False, result_action="return_value")
    except cyclopts.UnusedCliTokensError as error:
        return print_error(unexpected(app, argv, error.unused_tokens or []))
    except cyclopts.UnknownOptionError as error:
        return print_error(unknown_option(app, error))
    except cyclopts.MissingArgumentError as error:
        return print_error(missing_choice(error) or one_line(error))
    except cyclopts.CoercionError as error:
        return print_error(wrong_number(error) or one_line(error))
    except cyclopts.CycloptsError as error:
        return print_error(one_line(error))
    except UserError as error:
        return print_error(str(error))
    except ModuleNotFoundError as error:
        return print_error(missing_package(app, error))
    except ResultFails:
        return 1
    except (BrokenPipeError, OutputError):
        raise  # `with_whole_output` answers them
    except SystemExit as error:  # rich ends the process when the reader of the help has ended
        raise BrokenPipeError from error
    except OSError as error:  # no permission, a name that is too long, a full disk
        if error.errno is None:
            raise
        path = "" if error.filename is None else f"{error.filename}: "
        return print_error(f"{path}{error.strerror}")
    except KeyboardInterrupt as interrupt:
        return print_error(str(interrupt) or "interrupted", code=130)
    return 0


def missing_package(app: cyclopts.App, error: ModuleNotFoundError) -> str:
    """The message for a dependency that is not installed, as in an environment for tagging alone.

    Raises the error again for a module of seqlab: that is a bug.
    """
    module = (error.name or "").partition(".")[0]
    if module in ("", "seqlab"):
        raise error
    package = PACKAGES.get(module, module)
    return f"{app.name[0]} needs {package}, which is not installed: pip install {package}"


def one_line(error: cyclopts.CycloptsError) -> str:
    """The text of an error of the parser, or of the user error that it was raised from."""
    fact = error.__cause__ if isinstance(error.__cause__, UserError) else error
    return " ".join(str(fact).split())


def option_names(app: cyclopts.App) -> set[str]:
    """All options of a command."""
    return {name for argument in app.assemble_argument_collection() for name in argument.names}


def unexpected(app: cyclopts.App, argv: Sequence[str], words: Sequence[str]) -> str:
    """The message for words that belong to no option. A file is the corpus to train on."""
    fact = f"unexpected {', '.join(map(repr, words))}: options begin with --"
    takes_corpus = "--train" in option_names(app) and option_value(argv, "--train") is None
    if len(words) == 1 and takes_corpus and os.path.exists(words[0]):  # noqa: PTH110, any text
        return f"{fact}; give --train {words[0]}"
    return fact


def unknown_option(app: cyclopts.App, error: cyclopts.UnknownOptionError) -> str:
    """The message for an unknown option, with the option that other programs call so."""
    name = (error.token.keyword or error.token.value).partition("=")[0]
    meant = OTHER_NAMES.get(name)
    if meant in option_names(app):
        return f"Unknown option: {name}. Did you mean {meant}?"
    return one_line(error)


def missing_choice(error: cyclopts.MissingArgumentError) -> str:
    """The message for a required option that is not given and has a list of values; '' for other errors."""
    argument = error.argument
    if argument is None or error.keyword is not None or get_origin(argument.hint) is not Literal:
        return ""
    return f"{argument.name} is missing: expected one of {', '.join(get_args(argument.hint))}"


def wrong_number(error: cyclopts.CoercionError) -> str:
    """The message for a text that is no number, worded as for a TOML file; '' for other errors."""
    if error.target_type not in (int, float) or error.token is None or not error.token.keyword:
        return ""
    name = error.token.keyword.removeprefix("--").replace("-", "_")
    return f"{name} is {error.token.value!r}: expected {in_words(error.target_type)}"


def option_value(argv: Sequence[str], name: str) -> str | None:
    """The last value of `--name VALUE` or `--name=VALUE`, read before the real parser runs."""
    value = None
    for position, word in enumerate(argv):
        if word == name and position + 1 < len(argv):
            value = argv[position + 1]
        elif word.startswith(f"{name}="):
            value = word.partition("=")[2]
    return value


def typed_settings(settings: type[Settings], argv: Sequence[str]) -> dict[str, str]:
    """The settings on the command line, as texts."""
    texts = {name: option_value(argv, option(name)) for name in declared(settings)}
    return {name: text for name, text in texts.items() if text is not None}


def with_preset_values(values: Mapping[str, Any], argv: Sequence[str]) -> dict[str, Any]:
    """The values of a file, and those of the preset for settings that neither the file nor the command line has."""
    from seqlab.settings.training import TrainSettings

    typed = typed_settings(TrainSettings, argv)
    filled = with_preset({**values, **typed}, TrainSettings)
    return {**{name: v for name, v in filled.items() if name not in typed}, **values}


def refuse_fractions(app: cyclopts.App, argv: Sequence[str]) -> None:
    """Raise SettingsError for a fraction such as '--epochs 1.5', which cyclopts would round silently."""
    if not any("." in word for word in argv):
        return
    for argument in app.assemble_argument_collection():
        if argument.hint is int or int in get_args(argument.hint):
            value = option_value(argv, argument.name)
            if value and "." in value:
                name = argument.name.removeprefix("--").replace("-", "_")
                raise SettingsError(f"{name} is {value!r}: expected a whole number")


def rival_given(settings: type[Settings], name: str, argv: Sequence[str]) -> bool:
    """Whether an option on the command line excludes this setting."""
    return any(option_value(argv, option(rival)) is not None for rival in rivals(settings, name))


def option(name: str) -> str:
    """The option of a setting.

    >>> option("batch_tokens")
    '--batch-tokens'
    """
    return f"--{name.replace('_', '-')}"


class GroupedHelp(DefaultFormatter):
    """Help with one panel for each heading of a settings class; the command's other options come first."""

    def __init__(self, settings: type[Settings]) -> None:
        super().__init__()
        self._headings = {option(name): entry.heading for name, entry in declared(settings).items()}

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        """Print a panel of cyclopts in parts, one for each heading; the entries keep their order."""

        def heading(entry: "HelpEntry") -> str:
            return self._headings.get("".join(entry.positive_names[:1]), OTHER_OPTIONS)

        entries = sorted(panel.entries, key=lambda entry: heading(entry) != OTHER_OPTIONS)
        parts = [(title, list(group)) for title, group in groupby(entries, key=heading)]
        if len(parts) == 1:  # positional arguments
            super().__call__(console, options, panel)
            return
        for title, part in parts:
            super().__call__(console, options, panel.copy(title=title, entries=part))


def _read_mapping(hint: type[ByName[Any]], tokens: Sequence[cyclopts.Token]) -> ByName[Any]:
    name = (tokens[0].keyword or "").removeprefix("--").replace("-", "_")
    return hint.read(name, [token.value for token in tokens])


for _mapping in (NumberByClass, ColumnByFeature, FileByList, TagByTag):
    cyclopts.Parameter(  # tells cyclopts to read a repeated option as one mapping
        converter=_read_mapping,
        accepts_keys=False,
        n_tokens=-1,
        metavar=_mapping.form,
        show_default=False,
    )(_mapping)
