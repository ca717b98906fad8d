"""One training run, from settings to a tagger with figures: the main job, step by step."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from seqlab.errors import SettingsError, shorten
from seqlab.experiment.prepare import Prepared, prepare
from seqlab.machine.atomic import PendingPath
from seqlab.machine.interrupts import interrupts_ignored
from seqlab.machine.threads import limit_tensorflow_threads
from seqlab.reporting.log import Log, Say
from seqlab.reporting.page import report_page, write_page
from seqlab.settings.training import TrainSettings, make_settings
from seqlab.storing.run_directory import new_run, os_errors_about, write_json

if TYPE_CHECKING:
    import keras

    from seqlab.experiment.fit import Fitted
    from seqlab.tagging.tagger import Tagger
    from seqlab.training.collapse import Alarm
    from seqlab.training.epoch_record import EpochRecord


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished run.

    path: the run directory, or None where none was asked for. metrics: what metrics.json holds.
    history: one record an epoch. notes: what was noticed in the corpora.
    """

    tagger: "Tagger"
    metrics: dict[str, Any]
    history: "tuple[EpochRecord, ...]"
    settings: TrainSettings
    notes: tuple[str, ...]
    path: Path | None

    @property
    def alarms(self) -> "tuple[Alarm, ...]":
        """The alarms of all epochs, first to last."""
        return tuple(alarm for record in self.history for alarm in record.alarms)


def train_tagger(
    train: str | None = None,
    *,
    callbacks: "Sequence[keras.callbacks.Callback]" = (),
    say: Say = lambda text: None,
    **settings: Any,
) -> Run:
    """Train a tagger as `python -m seqlab.train` does; settings are the options of the same names.

    train: the training corpus; None trains on the bundled sample.
    callbacks: Keras callbacks, called as `fit` calls them. say: gets each text of the log; `print`
    shows what the command shows.
    Without `out` nothing is written to disk. Seeds numpy's, Python's and TensorFlow's randomness.
    Raises UserError for whatever the caller can mend.

    run = seqlab.train_tagger("train.conll", valid="dev.conll", class_weights="balanced")
    run.tagger.tag(["Obama", "visited", "Paris"])
    """
    if not callable(say):
        raise SettingsError(f"say is {say!r}: expected a function of one text, such as print")
    if not isinstance(callbacks, list | tuple):
        raise SettingsError(f"callbacks is {shorten(repr(callbacks))}: expected a list of them")
    chosen = make_settings(train=train, **settings)
    return run_experiment(chosen, say=say, load_keras=lambda: callbacks)


def run_experiment(
    settings: TrainSettings,
    *,
    say: Say,
    load_keras: "Callable[[], Sequence[keras.callbacks.Callback]]",
    also_save: "Callable[[Prepared, Fitted, Path], None] | None" = None,
) -> Run:
    """Read, encode, weigh, train, score and save, in that order.

    load_keras: called when the corpora are read, before keras is first needed; gives the callbacks.
    also_save: writes more into the run directory, before its manifest is made.
    """
    with ExitStack() as held, pending_run(settings) as pending:
        log = Log(say, pending.temporary if pending else None)
        prepared = prepare(settings, log)
        limit_tensorflow_threads()
        callbacks = load_keras()
        from seqlab.experiment.fit import fit  # imports keras

        fitted = fit(
            prepared,
            log,
            callbacks=callbacks,
            on_trained=lambda: held.enter_context(interrupts_ignored()),
        )
        if pending is not None:
            with os_errors_about(pending.path):
                save(prepared, fitted, pending.temporary)
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


@contextmanager
def pending_run(settings: TrainSettings) -> Iterator[PendingPath | None]:
    """The run directory to be, or None where the settings name none."""
    if settings.out is None:
        yield None
        return
    with new_run(Path(settings.out), overwrite=settings.overwrite) as pending:
        yield pending


def save(prepared: Prepared, fitted: "Fitted", directory: Path) -> None:
    """Write everything but log.txt and history.jsonl, which are written as they come."""
    from seqlab.storing.tagger_files import save_tagger

    save_tagger(fitted.tagger, directory)
    write_json(directory / "metrics.json", fitted.metrics)
    settings = tomli_w.dumps(dict(prepared.settings.items()))
    # A file name need not be UTF-8, and must not cost a finished training.
    (directory / "config.toml").write_text(settings, encoding="utf-8", errors="replace")
    html = report_page(
        title=Path(prepared.settings.train or "").name,
        metrics=fitted.metrics,
        history=fitted.history,
        settings=settings,
        notes=prepared.splits.notes,
    )
    write_page(directory / "report.html", html)
