"""Train again on train and valid together, for as many updates as the first training needed to reach its best epoch.

A validation split takes rare spans away from a small training corpus. Once it has served to choose the number of updates,
a second training can learn from it (Goodfellow et al. 2016, "Deep learning", algorithm 7.2). The figures on valid stay those
of the first training, because the second one has seen valid.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import keras

from seqlab.corpus.corpus_arrays import LazySentences, corpus_arrays
from seqlab.corpus.joined_arrays import join_arrays
from seqlab.corpus.splits import Splits
from seqlab.experiment.build import architecture_of, make_network, make_task, plan_of
from seqlab.experiment.chosen_epoch import ChosenEpoch
from seqlab.experiment.prepare import Prepared, prepare
from seqlab.experiment.raw_text_vectors import WordKnowledge
from seqlab.experiment.storage import TrainingStorage
from seqlab.inference.weights import network_weights
from seqlab.machine.interrupts import signals_as_requests
from seqlab.machine.wording import plural
from seqlab.modeling.variables import copy_variable
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings
from seqlab.tagging.tagger import Tagger
from seqlab.training.epoch_record import EndReason, EpochRecord
from seqlab.training.loop import TrainingResult, train_network
from seqlab.training.task import TrainingPlan, TrainingTask
from seqlab.training.training_state import TrainingStoppedError

NOTE = (
    "refit: the tagger was trained again on train and valid; the figures on valid are those of the training that "
    "chose the epoch, which has not seen valid"
)


@dataclass(frozen=True, kw_only=True)
class RefitFacts:
    """The entry "refit" of metrics.json.

    epochs, updates: of the second training. chosen_updates: those of the first up to its best epoch. sentences: of train and
    valid together. seconds: time of the second training.
    """

    epochs: int
    updates: int
    chosen_updates: int
    sentences: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """In types that JSON has."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Refitted:
    """The tagger of the second training. joined: the data that it was trained on."""

    tagger: Tagger
    joined: Prepared
    facts: RefitFacts


def refit(
    prepared: Prepared,
    task: TrainingTask,
    chosen: ChosenEpoch,
    log: Log,
    *,
    untrained: Callable[[Prepared], Tagger],
    storage: TrainingStorage | None,
) -> Refitted | None:
    """Train a new network on train and valid. None if it was interrupted or diverged; the first tagger stays then.

    task: of the first training. untrained: makes the tagger of some data, without weights.
    Raises TrainingStoppedError when a signal has stopped it and the storage keeps its state.
    """
    joined = joined_data(prepared)
    new_task = make_task(blind(joined))
    seed = prepared.settings.seed
    steps, new_steps = (len(each.train.epoch(seed=seed, number=1)) for each in (task, new_task))
    updates = chosen.result.best_epoch * steps
    epochs = max(1, round(updates / new_steps))
    sentences = len(joined.splits.train)
    log(
        f"refit: training again on the {plural(sentences, 'sentence')} of train and valid, for "
        f"{plural(epochs, 'epoch')}: {epochs * new_steps:,} updates; the best epoch ended after {updates:,}"
    )
    network = make_network(joined, architecture_of(joined))
    tagger = untrained(joined)
    result = train_last(
        network, new_task, plan_for(joined.settings, epochs), chosen, tagger, log, storage
    )
    if result.end_reason is not EndReason.ALL_EPOCHS:
        log(f"note: refit: {result.ending}; the tagger is that of the first training")
        return None
    return Refitted(
        tagger=replace(tagger, weights=network_weights(network, copy_variable)),
        joined=joined,
        facts=RefitFacts(
            epochs=epochs,
            updates=epochs * new_steps,
            chosen_updates=updates,
            sentences=sentences,
            seconds=result.seconds,
        ),
    )


def train_last(
    network: keras.Model,
    task: TrainingTask,
    plan: TrainingPlan,
    chosen: ChosenEpoch,
    tagger: Tagger,
    log: Log,
    storage: TrainingStorage | None,
) -> TrainingResult:
    """Train a network and keep its last epoch, from the newest checkpoint of the refit if there is one."""

    def on_epoch(record: EpochRecord) -> None:
        loss = record.train.weighted
        text = "" if loss is None else f"training loss {loss:.4f}, "
        log(f"refit: epoch {record.epoch} of {plan.epochs}: {text}{record.seconds:.1f} s")

    state = checkpoints = None
    if storage is not None:
        network.optimizer.build(network.trainable_variables)
        state = storage.state(network) if storage.refits else None
        checkpoints = storage.start_refit(tagger, chosen)
    with signals_as_requests() as stop:
        result = train_network(
            network,
            task,
            plan,
            on_epoch=on_epoch,
            checkpoints=checkpoints,
            state=state,
            stop=stop,
        )
        if stop.requested and checkpoints is not None:  # after the last epoch
            raise TrainingStoppedError
    return result


def plan_for(settings: TrainSettings, epochs: int) -> TrainingPlan:
    """Train for a number of epochs, whatever their figures are."""
    return replace(
        plan_of(settings),
        epochs=epochs,
        patience=epochs + 1,
        max_seconds=None,
        on_collapse="warn",
        keep_last=True,
    )


def joined_data(prepared: Prepared) -> Prepared:
    """The data of the second training: vocabularies, class weights and resampling are those of train and valid."""
    silent = Log(lambda text: None, None)
    return prepare(
        prepared.settings,
        silent,
        splits=joined_splits(prepared.splits),
        words=WordKnowledge(prepared.vectors, prepared.encoder.clusters),
    )


def joined_splits(splits: Splits) -> Splits:
    """The splits with the sentences of valid also in train."""
    arrays = join_arrays(splits.arrays["train"], splits.arrays["valid"])
    return replace(splits, train=LazySentences(arrays), arrays={**splits.arrays, "train": arrays})


def blind(joined: Prepared) -> Prepared:
    """The data with a validation split of one sentence: the refit is not validated, because it has seen valid."""
    splits = joined.splits
    arrays, one = splits.arrays["train"], splits.valid[:1]
    valid = corpus_arrays(one, tuple(arrays.features), tuple(arrays.numbers))
    return replace(
        joined, splits=replace(splits, valid=one, arrays={**splits.arrays, "valid": valid})
    )
