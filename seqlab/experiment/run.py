"""One training run, step by step: settings in, a tagger with its figures and a run directory out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from seqlab.checkpointing.open_training import resumed_directory, training_directory
from seqlab.checkpointing.training_directory import TrainingDirectory
from seqlab.errors import RunError, UserError
from seqlab.experiment.finished_run import Run
from seqlab.experiment.metrics import all_mentions
from seqlab.experiment.prepare import Prepared, prepare
from seqlab.experiment.resume import check_inputs, version_notes
from seqlab.experiment.storage import TrainingStorage, write_config
from seqlab.experiment.tracking import (
    TrackedName,
    check_tools,
    followed,
    has_tools,
    send_results,
)
from seqlab.experiment.unfinished import experiment_page
from seqlab.machine.atomic import new_directory_elsewhere
from seqlab.machine.interrupts import interrupts_ignored
from seqlab.machine.threads import limit_tensorflow_threads
from seqlab.reporting.log import Log, Say, history_line
from seqlab.reporting.model_card import CARD, model_card
from seqlab.reporting.run_details import DETAILS, details_text
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings
from seqlab.storing.mentions_file import write_mentions
from seqlab.storing.run_directory import HISTORY, REPORT, new_run, write_json
from seqlab.storing.tagger_files import save_encoder, save_network
from seqlab.training.training_state import TrainingStoppedError

if TYPE_CHECKING:
    import keras

    from seqlab.experiment.details import CorpusAudit
    from seqlab.experiment.fit import TrainedTagger


@dataclass(frozen=True, kw_only=True)
class Saving:
    """What is done beyond the usual when a run is saved; see `run_experiment`."""

    also_save: "Callable[[Prepared, TrainedTagger, Path], None] | None" = None
    audit: "CorpusAudit | None" = None


def run_experiment(
    settings: TrainSettings,
    *,
    say: Say,
    load_keras: "Callable[[], Sequence[keras.callbacks.Callback]]",
    also_save: "Callable[[Prepared, TrainedTagger, Path], None] | None" = None,
    audit: "CorpusAudit | None" = None,
    resumes: bool = False,
    name: str | None = None,
) -> Run:
    """Prepare, fit and save.

    load_keras: imports keras and returns the callbacks. It is called after the corpora are read.
    also_save: writes further files into the run directory, before the manifest.
    audit: finds problems in the corpora, for report.json. It is called when training has ended.
    resumes: whether to resume from the newest checkpoint in the directory `out`.
    name: of the training in other tools; default: that of its directory.
    Raises StoppedTraining when a signal has stopped the training and it can be resumed.
    """
    check_tools(settings)
    with ExitStack() as stack:
        directory = None
        if settings.out is not None:
            path = Path(settings.out)
            opened = (
                resumed_directory(path)
                if resumes
                else training_directory(path, overwrite=settings.overwrite)
            )
            directory = stack.enter_context(opened)
        log = Log(say, directory, table=settings.table)
        prepared = prepare(settings, log)
        if directory is None:
            fitted = fit_in_memory(prepared, log, load_keras, stack)
        else:
            with resumable(directory):
                fitted = fit_and_save(
                    prepared,
                    log,
                    load_keras,
                    directory,
                    saving=Saving(also_save=also_save, audit=audit),
                    resumes=resumes,
                    name=name,
                )
    return Run(
        tagger=fitted.tagger,
        metrics=fitted.metrics,
        history=fitted.history,
        settings=prepared.settings,
        notes=(*prepared.splits.notes, *fitted.notes),
        path=directory.path if directory else None,
        details=fitted.details,
    )


def fit_in_memory(
    prepared: Prepared,
    log: Log,
    load_keras: "Callable[[], Sequence[keras.callbacks.Callback]]",
    stack: ExitStack,
) -> "TrainedTagger":
    """Fit without a run directory. When training has ended, signals are ignored, so that the result is not lost."""
    limit_tensorflow_threads()
    callbacks = load_keras()
    from seqlab.experiment.fit import fit  # imports keras

    with followed(
        prepared.settings, callbacks, called=TrackedName(name=None), say=log
    ) as callbacks:
        fitted = fit(
            prepared,
            log,
            callbacks=callbacks,
            on_trained=lambda: stack.enter_context(interrupts_ignored()),
        )
        send_results(callbacks, prepared, fitted, None)
    return fitted


def fit_and_save(
    prepared: Prepared,
    log: Log,
    load_keras: "Callable[[], Sequence[keras.callbacks.Callback]]",
    directory: TrainingDirectory,
    *,
    saving: Saving,
    resumes: bool,
    name: str | None,
) -> "TrainedTagger":
    """Fit with checkpoints in a run directory, and save the finished run there."""
    if resumes:
        check_inputs(directory, prepared.settings)
        for note in version_notes(directory.path):
            log(note)
    limit_tensorflow_threads()
    callbacks = load_keras()
    from seqlab.experiment.fit import fit  # imports keras

    settings = prepared.settings
    identity = tracking_id(directory) if has_tools(settings) else None
    storage = TrainingStorage(
        directory=directory, prepared=prepared, log=log, resumes=resumes, tracking_id=identity
    )
    called = TrackedName(name=name or directory.path.name, identity=identity)
    with followed(settings, callbacks, called=called, say=log) as callbacks:
        fitted = fit(prepared, log, callbacks=callbacks, storage=storage)
        fitted = save_finished(prepared, fitted, directory, saving)
        send_results(callbacks, prepared, fitted, directory.path)
    return fitted


def save_finished(
    prepared: Prepared,
    fitted: "TrainedTagger",
    directory: TrainingDirectory,
    saving: Saving,
) -> "TrainedTagger":
    """Make the run directory that of a finished run. Raises RunError if it cannot be written.

    Returns the trained tagger with the content of report.json.
    """
    from seqlab.experiment.details import run_details

    sums = {name: facts["sha256"] for name, facts in directory.facts.get("inputs", {}).items()}
    splits = prepared.splits
    prepared = replace(prepared, splits=replace(splits, notes=(*splits.notes, *fitted.notes)))
    taggers = {name: one.tagger for name, one in fitted.scored.items()}
    details = run_details(prepared, taggers, sums, audit=saving.audit)
    fitted = replace(fitted, details=details)

    def write(folder: Path) -> None:
        save_experiment(prepared, fitted, folder)
        if saving.also_save is not None:
            saving.also_save(prepared, fitted, folder)

    try:
        directory.finish(write, whole=lambda folder: save_encoder(fitted.tagger.encoder, folder))
    except OSError as error:
        raise RunError(save_elsewhere(directory, error, fitted, write)) from error
    return fitted


def settings_of_the_computer() -> set[str]:
    """The settings that change no number of a run, or hold paths of this computer."""
    rules = {name: entry.rules for name, entry in declared(TrainSettings).items()}
    return {name for name, rule in rules.items() if rule.path or not rule.affects_results}


def tracking_id(directory: TrainingDirectory) -> str:
    """The text that marks a training in other tools; a training that is resumed keeps it."""
    return str(directory.facts.get("tracking_id") or uuid4().hex)


@contextmanager
def resumable(directory: TrainingDirectory) -> Iterator[None]:
    """Within the block, what ends a training that has started gets a message on how to go on."""
    try:
        yield
    except (TrainingStoppedError, KeyboardInterrupt) as error:
        if not directory.facts.get("checkpoints"):
            raise KeyboardInterrupt from error
        raise StoppedTraining(f"interrupted; {how_to_resume(directory)}") from error
    except UserError:
        raise
    except Exception as error:
        if not directory.facts.get("checkpoints"):
            raise
        # By its name, because only training may import TensorFlow, whose error it is.
        if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
            fact = f"{directory.path}: out of memory; {how_to_resume(directory)}"
            raise RunError(fact) from error
        error.add_note(f"{directory.path}: {how_to_resume(directory)}")
        raise


class StoppedTraining(KeyboardInterrupt):
    """A signal has stopped a training that can be resumed. The message says how."""


def how_to_resume(directory: TrainingDirectory) -> str:
    """A clause: where the last checkpoint is, and the command that goes on from it."""
    epoch, batch = directory.facts["epoch"], directory.facts["batch"]
    place = f"after batch {batch} of epoch {epoch}" if batch else f"at the end of epoch {epoch - 1}"
    return f"saved {place}; resume it with: python -m seqlab.train --resume {directory.path}"


def save_elsewhere(
    directory: TrainingDirectory,
    error: OSError,
    fitted: "TrainedTagger",
    write: Callable[[Path], None],
) -> str:
    """Save a finished run that cannot be written at its path in another directory. Returns a message that names it."""
    fact = f"{directory.path}: cannot be written: {error.strerror or error}"
    for other in new_directory_elsewhere(directory.path.name):
        try:
            with new_run(other) as pending:
                save_encoder(fitted.tagger.encoder, pending.temporary)
                write(pending.temporary)
        except (OSError, RunError):
            with suppress(OSError):
                other.parent.rmdir()
            continue
        return f"{fact}; the finished run was saved in {other}: move it to where it belongs"
    fact += ", nor can another directory"
    if directory.facts.get("checkpoints"):
        fact += f"; its last checkpoint stays: {how_to_resume(directory)}"
    return fact


def save_experiment(prepared: Prepared, fitted: "TrainedTagger", directory: Path) -> None:
    """Write the files that are known when training has ended."""
    from seqlab.reporting.shell import write_page  # imports jinja2

    save_network(fitted.tagger, directory)
    write_mentions(all_mentions(fitted.scored["test"].trained_on), directory)
    write_json(directory / "metrics.json", fitted.metrics)
    if fitted.details is not None:
        (directory / DETAILS).write_text(details_text(fitted.details), encoding="ascii")
        card = model_card(
            fitted.details,
            fitted.metrics,
            name=Path(prepared.settings.out or fitted.details.title).name,
            licence=prepared.settings.license,
            unshown=settings_of_the_computer(),
        )
        (directory / CARD).write_text(card, encoding="utf-8", errors="replace")
    write_config(prepared.settings, directory)
    lines = "".join(f"{history_line(record)}\n" for record in fitted.history)
    (directory / HISTORY).write_text(lines, encoding="ascii")
    html = experiment_page(prepared, fitted.metrics, fitted.history, fitted.details)
    write_page(directory / REPORT, html)
