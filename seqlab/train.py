"""`python -m seqlab.train`: train a tagger, see every class at every epoch."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

import tomli_w
from cyclopts import Parameter

from seqlab import cli
from seqlab.errors import UserError
from seqlab.machine.interrupts import signals_as_interrupts
from seqlab.machine.terminal import print_error, say_if_read
from seqlab.modeling.quiet_import import import_tensorflow
from seqlab.settings.help import GroupedHelp
from seqlab.settings.rules import EXCLUDING
from seqlab.settings.training import TrainSettings, read_settings

if TYPE_CHECKING:
    import keras


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and train. Returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    path = cli.option_value(argv, "--config")
    try:
        refuse_fractions(argv)
        settings = {} if path is None else without_rivals(read_settings(path), argv)
    except UserError as error:
        return print_error(str(error))
    app = cli.make_app("train", settings=settings, source=path or "", help_formatter=GroupedHelp())
    app.default(train)
    return cli.run(app, argv)


def train(
    *,
    settings: Annotated[TrainSettings, Parameter(name="*")] = TrainSettings(),  # noqa: B008
    config: Annotated[
        str | None, Parameter(help="TOML file of settings; options go before it.")
    ] = None,
    print_config: Annotated[
        bool, Parameter(negative="", help="Print the settings and stop.")
    ] = False,
) -> None:
    """Train a word + character BiLSTM tagger on imbalanced labels.

    Weighs every token by its class, tracks the F1 of every class at every epoch, warns when a class
    collapses, keeps the best epoch, and writes a run directory that `seqlab.tag` and
    `seqlab.evaluate` read. Without --train it trains on the bundled sample.
    """
    del config  # read before parsing: its values are the defaults of the other options
    if print_config:
        print(tomli_w.dumps(dict(settings.items())), end="")  # noqa: T201
        return
    from seqlab.experiment.run import run_experiment
    from seqlab.machine.atomic import free_path

    if settings.out is None:
        settings = replace(settings, out=str(free_path(Path("runs"), run_name(settings))))
    with signals_as_interrupts():
        run = run_experiment(settings, say=say_if_read, load_keras=load_keras)
    say_if_read(f"run: {run.path}\nreport: {run.path}{os.sep}report.html")


def load_keras() -> "list[keras.callbacks.Callback]":
    """Import keras, quietly. Gives a live progress bar where a person looks at the terminal."""
    import_tensorflow()
    from rich.console import Console

    from seqlab.reporting.progress import LiveProgress

    console = Console(stderr=True)
    return [LiveProgress(console)] if console.is_terminal else []


def refuse_fractions(argv: Sequence[str]) -> None:
    """Refuse '--epochs 3.5', which the parser would round in silence."""
    for name, hint in get_type_hints(TrainSettings).items():
        if hint is int or int in get_args(hint):
            cli.refuse_fraction(argv, name)


def without_rivals(settings: dict[str, Any], argv: Sequence[str]) -> dict[str, Any]:
    """The settings of a file without those that an option on the command line excludes."""
    rivals = [*EXCLUDING, *((other, one) for one, other in EXCLUDING)]
    for one, other in rivals:
        if cli.option_value(argv, "--" + one.replace("_", "-")) is not None:
            settings.pop(other, None)
    return settings


def run_name(settings: TrainSettings) -> str:
    """A name for a run directory: that of the training corpus, or of its folder where that says more."""
    if settings.train is None:
        return "sample"
    path = Path(settings.train).resolve()
    name = path.name.split(".")[0]
    return (path.parent.name if name in ("", "train", "training", "seq") else name) or "run"


if __name__ == "__main__":
    sys.exit(main())
