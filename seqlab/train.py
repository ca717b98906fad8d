"""`python -m seqlab.train`: train a tagger, see every class at every epoch."""

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tomli_w
from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import say
from seqlab.config import TrainSettings, read_settings
from seqlab.errors import UserError

if TYPE_CHECKING:
    import keras


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and train. Returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    path = cli.option_value(argv, "--config")
    try:
        settings = {} if path is None else read_settings(path)
    except UserError as error:
        return cli.complain(str(error))
    app = cli.make_app("train", settings=settings, source=path or "")
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
    signal.signal(signal.SIGTERM, interrupt)
    from seqlab.experiment import run_experiment
    from seqlab.tagging.run_directory import free_path

    if settings.out is None:
        settings = replace(settings, out=str(free_path(Path("runs"), run_name(settings))))
    run = run_experiment(settings, say=say, load_keras=load_keras)
    say(f"run: {run.path}\nreport: {run.path}{os.sep}report.html")


def load_keras() -> "list[keras.callbacks.Callback]":
    """Import keras, quietly. Gives a live progress bar where a person looks at the terminal."""
    cli.import_tensorflow()
    from rich.console import Console

    from seqlab.reporting.progress import LiveProgress

    console = Console(stderr=True)
    return [LiveProgress(console)] if console.is_terminal else []


def interrupt(number: int, frame: Any) -> None:
    """A polite kill ends training as Ctrl-C does: the best epoch so far is kept."""
    raise KeyboardInterrupt


def run_name(settings: TrainSettings) -> str:
    """A name for a run directory: that of the training corpus."""
    return "sample" if settings.train is None else Path(settings.train).name.split(".")[0] or "run"


if __name__ == "__main__":
    sys.exit(main())
