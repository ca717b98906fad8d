"""`seqlab train`: train a tagger, and see the F1 of every class at every epoch."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tomli_w
from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.errors import SettingsError, UserError, shorten
from seqlab.machine.files import as_path
from seqlab.machine.interrupts import signals_as_interrupts
from seqlab.machine.progress import shown_on
from seqlab.machine.terminal import print_error, say_if_read, say_json, visible
from seqlab.modeling.quiet_import import import_tensorflow, require_tensorflow
from seqlab.settings.training import TrainSettings, chosen_settings, make_settings, read_settings

if TYPE_CHECKING:
    import keras

    from seqlab.experiment.finished_run import Run
    from seqlab.reporting.log import Say
    from seqlab.reporting.progress import TerminalProgress


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and train. Returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    path, run = cli.option_value(argv, "--config"), cli.option_value(argv, "--resume")
    try:
        if run is not None and path is not None:
            raise SettingsError("--config and --resume are both given: choose one")
        values = {} if path is None else read_settings(path)
        if run is not None:
            from seqlab.experiment.resume import stored_settings  # imports numpy

            values, path = stored_settings(Path(run)), run
        else:
            old = cli.option_value(argv, "--init-from") or values.get("init_from")
            values = values if old is None else settings_of_run(old) | values
            values = cli.with_preset_values(values, argv)
    except UserError as error:
        return print_error(str(error))
    app = cli.make_app("train", train, TrainSettings, values=values, argv=argv, source=path)
    return cli.run(app, argv)


def train(
    *,
    settings: Annotated[TrainSettings, Parameter(name="*")] = TrainSettings(),
    config: str | None = None,
    resume: str | None = None,
    print_config: Flag = False,
    quiet: Flag = False,
    json: Flag = False,
) -> None:
    """Train a word + character BiLSTM tagger on imbalanced labels.

    Training can weight each token by its class (--class-weights). It reports the F1 of every class after every
    epoch, and warns when a class collapses. It keeps the best epoch. It writes a run directory, which `seqlab tag`
    and `seqlab evaluate` read. Without --train it uses the bundled sample.

    Args:
        config: TOML file of settings. An option on the command line overrides its value.
        resume: Run directory to resume. --epochs, --patience, --max-seconds and options that change no result may differ.
        print_config: Print all settings as TOML and stop.
        quiet: Print the result only. The run directory has the log.
        json: Print the result only, as one JSON object: the run directory, the verdict and metrics.json.
    """
    del config  # `main` has read it: its values are the defaults of the options
    if print_config:
        print(tomli_w.dumps(dict(settings.items())), end="")  # noqa: T201
        return
    if settings.corpus is not None:
        from seqlab.catalogue.entries import corpus_of_name

        corpus_of_name(settings.corpus)  # a mistyped name is answered before numpy is imported
    from seqlab.auditing.run_findings import run_findings
    from seqlab.experiment.old_run import refuse_other_network
    from seqlab.experiment.run import run_experiment
    from seqlab.machine.atomic import free_path
    from seqlab.reporting.progress import terminal_progress

    if resume is not None:
        from seqlab.experiment.resume import check_changes, stored_settings

        check_changes(Path(resume), make_settings(**stored_settings(Path(resume))), settings)
    else:
        refuse_other_network(settings)
    if settings.out is None:
        settings = replace(settings, out=str(free_path(Path("runs"), run_name(settings))))
    progress = terminal_progress(quiet=quiet)
    with signals_as_interrupts(), shown_on(progress):
        run = run_experiment(
            settings,
            say=(lambda text: None) if quiet or json else say_coloured(),
            load_keras=lambda: load_keras(progress),
            audit=run_findings,
            resumes=resume is not None,
        )
    if json:
        say_json({"run": str(run.path), "verdict": run.verdict.text(), **run.metrics})
        return
    say_if_read("\n".join(map(visible, run.verdict.text().split("\n"))))
    say_if_read(f"run: {run.path}\nreport: {run.path}{os.sep}report.html")


def train_tagger(
    train: str | None = None,
    *,
    callbacks: "Sequence[keras.callbacks.Callback]" = (),
    say: "Say" = lambda text: None,
    **settings: Any,
) -> "Run":
    """Train a tagger as `seqlab train` does. Settings have the names of its options.

    train: the training corpus; None trains on the bundled sample.
    callbacks: Keras callbacks, called as `model.fit` calls them.
    say: called with each text of the log, for example `print`.
    Nothing is written to disk without `out`. Seeds the randomness of numpy, Python and TensorFlow.
    Raises UserError for a mistake that the caller can correct.

    run = seqlab.train_tagger("train.conll", valid="dev.conll", class_weights="balanced")
    run.tagger.tag(["Obama", "visited", "Paris"])
    """
    if not callable(say):
        raise SettingsError(
            f"say is {say!r}: expected a function that takes one text, such as print"
        )
    if not isinstance(callbacks, list | tuple):
        raise SettingsError(
            f"callbacks is {shorten(repr(callbacks))}: expected a list of Keras callbacks"
        )
    from seqlab.experiment.old_run import refuse_other_network, with_old_settings

    refuse_sentences({"train": train, **settings})
    chosen = chosen_settings(**with_old_settings({"train": train, **settings}))
    refuse_other_network(chosen)
    return run_quietly(chosen, callbacks, say)


def quietly(
    callbacks: "Sequence[keras.callbacks.Callback]",
) -> "Sequence[keras.callbacks.Callback]":
    """Import TensorFlow without its messages, unless the program has imported it. Returns the callbacks."""
    if "tensorflow" not in sys.modules:
        import_tensorflow()
    return callbacks


def run_quietly(
    settings: TrainSettings,
    callbacks: "Sequence[keras.callbacks.Callback]",
    say: "Say",
    *,
    resumes: bool = False,
) -> "Run":
    """Train from a Python program."""
    require_tensorflow("training")
    from seqlab.auditing.run_findings import run_findings
    from seqlab.experiment.run import run_experiment

    return run_experiment(
        settings,
        say=say,
        load_keras=lambda: quietly(callbacks),
        audit=run_findings,
        resumes=resumes,
    )


def refuse_sentences(settings: Mapping[str, Any]) -> None:
    """Raise SettingsError if a corpus is given as sentences instead of a path."""
    for name in ("train", "valid", "test"):
        value = settings.get(name)
        if isinstance(value, Iterable) and not isinstance(value, str | bytes):
            raise SettingsError(
                f"{name} is of type {type(value).__name__}: expected a path; "
                "write sentences to a file first, as with "
                f"seqlab.write_corpus(sentences, '{name}.jsonl', format='jsonl')"
            )


def resume(
    run: str | Path,
    *,
    callbacks: "Sequence[keras.callbacks.Callback]" = (),
    say: "Say" = lambda text: None,
    **changes: Any,
) -> "Run":
    """Resume a training from its newest checkpoint, as `seqlab train --resume` does.

    run: its run directory. callbacks, say: as for `train_tagger`. changes: epochs, patience, max_seconds or
    checkpoint_minutes, and the paths of files that have moved.
    On the same machine the result is that of an uninterrupted training, bit for bit.
    Raises UserError when there is no training to resume, when another setting changes, or when a file has other content.
    """
    from seqlab.experiment.resume import resumed_settings

    settings = resumed_settings(as_path(run, "a run directory"), changes)
    return run_quietly(settings, callbacks, say, resumes=True)


def say_coloured() -> "Callable[[str], None]":
    """A function that prints a text of the log, in colours if standard output takes them."""
    from seqlab.reporting.colours import painter

    return partial(say_if_read, paint=painter(sys.stdout))


def settings_of_run(path: str) -> dict[str, Any]:
    """The settings that a training takes from the run that it continues."""
    from seqlab.experiment.old_run import read_old_run

    return read_old_run(path).settings()


def load_keras(progress: "TerminalProgress | None" = None) -> "list[keras.callbacks.Callback]":
    """Import keras without its messages. Returns a callback that draws each epoch's progress, if that is to be drawn."""
    import_tensorflow()
    if progress is None:
        return []
    from seqlab.reporting.training_progress import LiveProgress

    return [LiveProgress(progress)]


def run_name(settings: TrainSettings) -> str:
    """The name of a run directory: that of the training corpus, or of its folder if the file has a general name."""
    if settings.corpus is not None:
        return settings.corpus
    if settings.train is None:
        return "sample"
    path = Path(settings.train).resolve()
    name = path.name.split(".")[0]
    return (path.parent.name if name in ("", "train", "training", "seq") else name) or "run"


if __name__ == "__main__":
    sys.exit(main())
