"""One training run, step by step: settings in, a tagger with its figures and a run directory out."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from seqlab.errors import SettingsError, shorten
from seqlab.experiment.prepare import Prepared, prepare
from seqlab.machine.atomic import PendingPath
from seqlab.machine.interrupts import interrupts_ignored
from seqlab.machine.threads import limit_tensorflow_threads
from seqlab.modeling.quiet_import import import_tensorflow
from seqlab.reporting.log import Log, Say
from seqlab.settings.training import TrainSettings, make_settings
from seqlab.storing.run_directory import new_run, os_errors_about, write_json

if TYPE_CHECKING:
    import keras

    from seqlab.experiment.fit import TrainedTagger
    from seqlab.tagging.tagger import Tagger
    from seqlab.training.collapse import Alarm
    from seqlab.training.epoch_record import EpochRecord


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished run.

    path: the run directory; None without `out`. metrics: the content of metrics.json.
    history: one record per epoch. notes: remarks on the corpora.
    """

    tagger: "Tagger"
    metrics: dict[str, Any]
    history: "tuple[EpochRecord, ...]"
    settings: TrainSettings
    notes: tuple[str, ...]
    path: Path | None

    @property
    def alarms(self) -> "tuple[Alarm, ...]":
        """The alarms of all epochs, in order."""
        return tuple(alarm for record in self.history for alarm in record.alarms)


def train_tagger(
    train: str | None = None,
    *,
    callbacks: "Sequence[keras.callbacks.Callback]" = (),
    say: Say = lambda text: None,
    **settings: Any,
) -> Run:
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
    refuse_sentences({"train": train, **settings})
    chosen = make_settings(train=train, **settings)
    return run_experiment(chosen, say=say, load_keras=lambda: quietly(callbacks))


def quietly(
    callbacks: "Sequence[keras.callbacks.Callback]",
) -> "Sequence[keras.callbacks.Callback]":
    """Import TensorFlow without its messages, unless the program has imported it. Returns the callbacks."""
    if "tensorflow" not in sys.modules:
        import_tensorflow()
    return callbacks


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


def run_experiment(
    settings: TrainSettings,
    *,
    say: Say,
    load_keras: "Callable[[], Sequence[keras.callbacks.Callback]]",
    also_save: "Callable[[Prepared, TrainedTagger, Path], None] | None" = None,
) -> Run:
    """Prepare, fit and save.

    load_keras: imports keras and returns the callbacks. It is called after the corpora are read.
    also_save: writes further files into the run directory, before the manifest.
    """
    directory: AbstractContextManager[PendingPath | None] = nullcontext()
    if settings.out is not None:
        directory = new_run(Path(settings.out), overwrite=settings.overwrite)
    with ExitStack() as saving, directory as pending:
        log = Log(say, pending.temporary if pending else None)
        prepared = prepare(settings, log)
        limit_tensorflow_threads()
        callbacks = load_keras()
        from seqlab.experiment.fit import fit  # imports keras

        fitted = fit(
            prepared,
            log,
            callbacks=callbacks,
            on_trained=lambda: saving.enter_context(interrupts_ignored()),
        )
        if pending is not None:
            with os_errors_about(pending.path):
                save_experiment(prepared, fitted, pending.temporary)
                if also_save is not None:
                    also_save(prepared, fitted, pending.temporary)
    return Run(
        tagger=fitted.tagger,
        metrics=fitted.metrics,
        history=fitted.history,
        settings=prepared.settings,
        notes=prepared.splits.notes,
        path=pending.path if pending else None,
    )


def save_experiment(prepared: Prepared, fitted: "TrainedTagger", directory: Path) -> None:
    """Write all files but log.txt and history.jsonl, which are written during training."""
    from seqlab.reporting.page import report_page, write_page  # imports jinja2
    from seqlab.storing.tagger_files import save_tagger

    save_tagger(fitted.tagger, directory)
    write_json(directory / "metrics.json", fitted.metrics)
    settings = tomli_w.dumps(dict(prepared.settings.items()))
    # A corpus path that is not UTF-8 must not make a finished training fail.
    (directory / "config.toml").write_text(settings, encoding="utf-8", errors="replace")
    html = report_page(
        title=Path(prepared.settings.train or "").name,
        metrics=fitted.metrics,
        history=fitted.history,
        settings=settings,
        notes=prepared.splits.notes,
    )
    write_page(directory / "report.html", html)
