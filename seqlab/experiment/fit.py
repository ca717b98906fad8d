"""From prepared corpora to a trained tagger with its figures: build, train, decide, score."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from seqlab.architecture import Architecture
from seqlab.checkpointing.checkpoints import Checkpoints
from seqlab.experiment.build import architecture_of, make_network, make_task, plan_of
from seqlab.experiment.chosen_epoch import ChosenEpoch
from seqlab.experiment.continuing import continued_metrics
from seqlab.experiment.decide import decide
from seqlab.experiment.metrics import ScoredTagger, split_metrics
from seqlab.experiment.prepare import Prepared
from seqlab.experiment.refit import NOTE, refit
from seqlab.experiment.still_weights import WeightWatch
from seqlab.experiment.storage import TrainingStorage
from seqlab.experiment.unfinished import UnfinishedReport
from seqlab.inference.weights import network_weights
from seqlab.machine.interrupts import signals_as_requests
from seqlab.machine.wording import plural
from seqlab.modeling.crf_likelihood import EmissionWeightedLikelihood
from seqlab.modeling.variables import copy_variable
from seqlab.reporting.continuing import old_validation_text
from seqlab.reporting.decisions import decisions_text
from seqlab.reporting.log import Log
from seqlab.reporting.run_details import RunDetails
from seqlab.tagging.tagger import Tagger
from seqlab.text.cutting import CuttingChoice
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.loop import TrainingResult, train_network
from seqlab.training.task import TrainingTask
from seqlab.training.training_state import TrainingState, TrainingStoppedError


@dataclass(frozen=True, kw_only=True)
class TrainedTagger:
    """A trained tagger.

    metrics: the content of metrics.json. history: one record per epoch. details: report.json; None until it is saved.
    scored: the tagger that is scored on each split; with --refit another one on valid, which has not seen it.
    notes: remarks on the training, beside those on the corpora.
    """

    tagger: Tagger
    scored: Mapping[str, ScoredTagger]
    notes: tuple[str, ...] = ()
    metrics: dict[str, Any]
    history: tuple[EpochRecord, ...]
    details: RunDetails | None = None


def fit(
    prepared: Prepared,
    log: Log,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    storage: TrainingStorage | None = None,
    on_trained: Callable[[], None] = lambda: None,
) -> TrainedTagger:
    """Build a network, train it, decide and score; the tagger has the weights of the best epoch.

    storage: where the training keeps its checkpoints, and the state that it goes on from.
    on_trained: called when training has ended.
    Raises TrainingStoppedError when a signal has stopped the training and the storage keeps its state.
    """
    settings, encoder = prepared.settings, prepared.encoder
    task, architecture = make_task(prepared), architecture_of(prepared)
    with signals_as_requests() as stop:  # an exception would break into TensorFlow
        network = make_network(prepared, architecture)
    if stop.requested:
        raise KeyboardInterrupt
    log(f"{training_text(task, prepared)}, {network.count_params():,} parameters")
    if isinstance(task.loss, EmissionWeightedLikelihood):
        log(emission_text(task.loss, encoder.tags.symbols))
    untrained = untrained_tagger(prepared, architecture)
    if storage is not None and storage.refits:
        chosen = storage.chosen(untrained)
        result = chosen.result
        log.restart_history(result.history)
    else:
        if storage is None:
            result = train_and_report(network, task, prepared, log, callbacks)
        else:
            result = train_with_checkpoints(network, task, untrained, storage, callbacks)
        trained = replace(untrained, weights=network_weights(network, copy_variable))
        chosen = ChosenEpoch(result=result, tagger=trained)
    log(
        f"ended after epoch {len(result.history)}: {result.ending}; "
        f"kept: epoch {result.best_epoch}, the best by {settings.select}"
    )
    refitted = None
    if settings.refit and not result.interrupted:
        refitted = refit(prepared, task, chosen, log, untrained=new_tagger, storage=storage)
    on_trained()
    tagger, decisions = decide(
        prepared, chosen.tagger, refitted=None if refitted is None else refitted.tagger
    )
    log(decisions_text(decisions))
    scored = dict.fromkeys(("valid", "test"), ScoredTagger(tagger, prepared))
    if refitted is not None:
        tagger = replace(refitted.tagger, decision=tagger.decision)
        scored["test"] = ScoredTagger(tagger, refitted.joined)
        log(f"note: {NOTE}")
    metrics = metrics_of(prepared, scored, result, log) | {"decisions": decisions}
    if refitted is not None:
        metrics["refit"] = refitted.facts.to_json()
        metrics["seconds"] += refitted.facts.seconds
    if prepared.start is not None:
        metrics |= continued_metrics(prepared.start, result.history[result.best_epoch - 1])
        if "old_validation" in metrics:
            log(old_validation_text(metrics["old_validation"]))
    return TrainedTagger(
        tagger=tagger,
        scored=scored,
        metrics=metrics,
        history=result.history,
        notes=() if refitted is None else (NOTE,),
    )


def train_and_report(
    network: keras.Model,
    task: TrainingTask,
    prepared: Prepared,
    log: Log,
    callbacks: Sequence[keras.callbacks.Callback],
    *,
    checkpoints: Checkpoints | None = None,
    state: TrainingState | None = None,
    report: UnfinishedReport | None = None,
) -> TrainingResult:
    """Train a network; each epoch goes to the log and to the report."""
    settings = prepared.settings
    watch = WeightWatch(network) if state is None else None
    history = [] if state is None else list(state.history)

    def on_epoch(record: EpochRecord) -> None:
        history.append(record)
        log.epoch(record, epochs=settings.epochs)
        if record.epoch == 1 and watch is not None and (note := watch.note(settings)):
            log(note)
        if report is not None:
            report.epoch_done(history)

    with signals_as_requests() as stop:
        try:
            result = train_network(
                network,
                task,
                plan_of(settings),
                callbacks=callbacks,
                on_epoch=on_epoch,
                checkpoints=checkpoints,
                state=state,
                stop=stop,
            )
            if stop.requested and checkpoints is not None:  # after the last epoch
                raise TrainingStoppedError
        finally:  # also after the last epoch: a signal can stop the process before the run is saved
            if report is not None:
                report.write(history)
    return result


def train_with_checkpoints(
    network: keras.Model,
    task: TrainingTask,
    untrained: Tagger,
    storage: TrainingStorage,
    callbacks: Sequence[keras.callbacks.Callback],
) -> TrainingResult:
    """Train a network, from the newest checkpoint if the training is resumed."""
    prepared, log = storage.prepared, storage.log
    network.optimizer.build(network.trainable_variables)
    state, checkpoints = storage.state(network), storage.start(untrained)
    if state is not None:
        log(resumed_text(state))
        log.restart_history(state.history)
    report = UnfinishedReport(prepared, storage.directory, log)
    return train_and_report(
        network,
        task,
        prepared,
        log,
        callbacks,
        checkpoints=checkpoints,
        state=state,
        report=report,
    )


def untrained_tagger(prepared: Prepared, architecture: Architecture) -> Tagger:
    """The tagger that is being trained, without weights."""
    settings = prepared.settings
    return Tagger(
        architecture=architecture,
        weights={},
        encoder=prepared.encoder,
        scheme=prepared.splits.scheme,
        constrained=settings.constrained,
        cutting=CuttingChoice(settings.sentences, settings.language, settings.tokenized),
    )


def new_tagger(prepared: Prepared) -> Tagger:
    """The tagger that is trained on some data, without weights."""
    return untrained_tagger(prepared, architecture_of(prepared))


def resumed_text(state: TrainingState) -> str:
    """One line about where a training goes on."""
    done = state.progress.batch
    place = f"after batch {done}" if done else "at its start"
    return f"resumed in epoch {state.progress.epoch}, {place}; {plural(len(state.history), 'epoch')} done before"


def training_text(task: TrainingTask, prepared: Prepared) -> str:
    """One line about the data and the vocabularies of a training."""
    train, valid, encoder = task.train.corpus, task.valid.corpus, prepared.encoder
    return (
        f"training on {train.tokens:,} tokens in {len(train):,} windows, {task.train.size:,} "
        f"{'tokens' if task.train.by_tokens else 'sentences'} per batch; validation on {valid.tokens:,} "
        f"tokens in {len(valid):,} sentences; {len(encoder.tags.symbols)} tags "
        f"({prepared.splits.scheme}), {len(encoder.words.symbols):,} words, "
        f"{len(encoder.characters.symbols):,} characters"
    )


def emission_text(loss: EmissionWeightedLikelihood, tags: Sequence[str]) -> str:
    """The factors of the emissions in training. In the tables of the log every token then has weight 1."""
    weights = zip(tags, loss.emission_weights.tolist(), strict=True)
    return "emission weights: " + ", ".join(f"{tag} {weight:.3g}" for tag, weight in weights)


def metrics_of(
    prepared: Prepared, scored: Mapping[str, ScoredTagger], result: TrainingResult, log: Log
) -> dict[str, Any]:
    """The content of metrics.json, without the decisions."""
    return {
        "best_epoch": result.best_epoch,
        "select": prepared.settings.select,
        "seconds": result.seconds,
        "train_tokens_per_second": result.train_tokens_per_second,
        "interrupted": result.interrupted,
        "ending": result.ending,
        "end_reason": result.end_reason.value,
        "splits": split_metrics(prepared, scored, log),
    }
