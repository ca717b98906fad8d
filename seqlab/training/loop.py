"""The training loop: epochs of steps, every class scored after each, the best epoch kept.

It calls Keras' callbacks as `fit` does. It prints nothing.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from seqlab.arrays import DoubleArray, FloatArray, Int32Array
from seqlab.deciding.viterbi import decode
from seqlab.errors import UserError
from seqlab.modeling.variables import assign_variable, assign_weights, copy_variable, copy_weights
from seqlab.scoring.figures import Figures
from seqlab.training.checkpoint_selection import Rank, rank, selected_figure
from seqlab.training.collapse import find_alarms
from seqlab.training.collapse_answers import CollapseAnswer, factors, find_answers
from seqlab.training.epoch_record import COLUMNS, EndReason, EpochRecord, Losses, losses_from
from seqlab.training.step import Steps
from seqlab.training.task import TrainingPlan, TrainingTask

Ending = tuple[EndReason, str]
"""Why a training ended, as a value and in words."""


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """A finished training. The network holds the weights of `best_epoch`.

    seconds: the whole of it, evaluation included. end_reason, ending: why it ended, in words too.
    """

    history: tuple[EpochRecord, ...]
    best_epoch: int
    seconds: float
    train_tokens_per_second: float
    end_reason: EndReason
    ending: str

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C or SIGTERM ended training."""
        return self.end_reason is EndReason.INTERRUPTED


def train_network(
    network: keras.Model,
    task: TrainingTask,
    plan: TrainingPlan,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_epoch: Callable[[EpochRecord], None] = lambda record: None,
) -> TrainingResult:
    """Train a compiled network; leave it with the weights of the best epoch.

    An interrupt (Ctrl-C) after the first epoch ends training early and keeps the best so far; before
    that there is nothing to keep, and KeyboardInterrupt is raised.
    """
    loop = TrainingLoop(network, task, plan, callbacks)
    start = time.perf_counter()
    loop.callbacks.on_train_begin()
    try:
        for record in loop.epochs():
            on_epoch(record)
    except KeyboardInterrupt:
        if not loop.history:
            raise
        loop.end = EndReason.INTERRUPTED, "interrupted"
    finally:
        if loop.best_weights:
            assign_weights(network, loop.best_weights)
        loop.callbacks.on_train_end()
    if diverged(loop.history[loop.best_epoch - 1]):
        raise UserError(
            f"training diverged: the loss is no finite number in epoch {loop.best_epoch}; "
            "try a smaller --learning-rate, or less extreme weights"
        )
    end_reason, ending = loop.end
    trained = sum(r.train_tokens_per_second * r.seconds for r in loop.history)
    return TrainingResult(
        history=tuple(loop.history),
        best_epoch=loop.best_epoch,
        seconds=time.perf_counter() - start,
        train_tokens_per_second=trained / sum(r.seconds for r in loop.history),
        end_reason=end_reason,
        ending=ending,
    )


class TrainingLoop:
    """The state of one training: its history, and the best weights so far."""

    def __init__(
        self,
        network: keras.Model,
        task: TrainingTask,
        plan: TrainingPlan,
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> None:
        self.network, self.task, self.plan = network, task, plan
        self.steps = Steps(network, clip_norm=plan.clip_norm, loss=task.loss)
        steps = len(task.train.epoch(seed=plan.seed, number=1))
        self.callbacks = keras.callbacks.CallbackList(
            list(callbacks), model=network, epochs=plan.epochs, steps=steps, verbose=0
        )
        self.history: list[EpochRecord] = []
        self.start = time.perf_counter()
        self.best_epoch = 0
        self.end: Ending = (EndReason.ALL_EPOCHS, f"all {plan.epochs} epochs are done")
        self.best_rank: Rank | None = None
        self.best_weights: list[FloatArray] = []
        self.best_optimizer: list[FloatArray] = []
        self.answers: list[CollapseAnswer] = []

    def epochs(self) -> Iterator[EpochRecord]:
        """Train epoch by epoch until the plan, patience or a callback says stop."""
        self.network.stop_training = False
        for number in range(1, self.plan.epochs + 1):
            self.callbacks.on_epoch_begin(number - 1)
            record = self.epoch(number)
            self.keep(record)
            self.callbacks.on_epoch_end(number - 1, keras_logs(record))
            yield record
            end = self.reason_to_end(record)
            if end is None and self.act(record.answers) == "stop":
                end = EndReason.COLLAPSE, "a class collapsed, and on_collapse is stop"
            if end is not None:
                self.end = end
                return

    def act(self, answers: Sequence[CollapseAnswer]) -> str:
        """Do what was decided after an epoch; gives the action. Raised weights are read off `answers`."""
        action = answers[0].action if answers else ""
        if action == "restore":
            assign_weights(self.network, self.best_weights)
            for variable, value in zip(
                optimizer_state(self.network), self.best_optimizer, strict=True
            ):
                assign_variable(variable, value)
        return action

    def reason_to_end(self, record: EpochRecord) -> Ending | None:
        """Why no further epoch is worth its time, or None."""
        if self.network.stop_training:
            return EndReason.CALLBACK, "a callback asked for it"
        if record.epoch - self.best_epoch >= self.plan.patience:
            text = f"no better {self.plan.select} in {self.plan.patience} epochs"
            return EndReason.PATIENCE, text
        if diverged(record):
            return EndReason.DIVERGED, "the training loss is no finite number any more"
        if record.epoch < self.plan.epochs and self.too_late():
            text = f"a further epoch would not fit into {self.plan.max_seconds:g} seconds"
            return EndReason.MAX_SECONDS, text
        return None

    def too_late(self) -> bool:
        """Whether an epoch as long as the last one would end after the time that the plan gives."""
        last = self.history[-1]
        spent = time.perf_counter() - self.start
        return spent + last.seconds + last.evaluation_seconds > (self.plan.max_seconds or math.inf)

    def epoch(self, number: int) -> EpochRecord:
        """One epoch of training and one look at the validation split."""
        start = time.perf_counter()
        train, tokens = self.train(number)
        middle = time.perf_counter()
        valid, figures = self.evaluate()
        new_rank = rank(self.plan.select, figures, valid.weighted)
        record = EpochRecord(
            epoch=number,
            train=train,
            valid=valid,
            figures=figures,
            selected=selected_figure(self.plan.select, figures, valid.weighted),
            best=self.best_rank is None or new_rank > self.best_rank,
            learning_rate=float(keras.ops.convert_to_tensor(self.network.optimizer.learning_rate)),
            seconds=middle - start,
            evaluation_seconds=time.perf_counter() - middle,
            train_tokens_per_second=tokens / (middle - start),
        )
        raised = factors(self.answers)
        stated = {n: w * raised.get(n, 1.0) for n, w in self.task.stated_weights.items()}
        epochs = [*self.history, record]
        record = replace(record, alarms=find_alarms(epochs, self.plan.rules, weights=stated))
        return replace(record, answers=self.answer(record))

    def keep(self, record: EpochRecord) -> None:
        """Add an epoch to the history, and hold its weights if it is the best.

        An interrupt may come at any time. While no weights are held those of the network are the best.
        """
        if not record.best:
            self.history.append(record)
            return
        best = rank(self.plan.select, record.figures, record.valid.weighted)
        epochs, nothing = [*self.history, record], list[FloatArray]()  # never two copies
        # No call between these: an interrupt comes before all of them or after.
        self.best_weights, self.best_epoch, self.best_rank, self.history = (
            nothing,
            record.epoch,
            best,
            epochs,
        )
        self.best_weights = copy_weights(self.network)
        if self.plan.on_collapse == "restore":
            self.best_optimizer = []
            self.best_optimizer = [copy_variable(v) for v in optimizer_state(self.network)]

    def answer(self, record: EpochRecord) -> tuple[CollapseAnswer, ...]:
        """What is to be done about the alarms of an epoch, noted for the epochs to come."""
        best_epoch = record.epoch if record.best else self.best_epoch
        best = [*self.history, record][best_epoch - 1].figures.classes
        found = find_answers(
            self.plan.on_collapse,
            record.alarms,
            self.answers,
            best_epoch=best_epoch,
            best_f1={name: figures.f1 or 0.0 for name, figures in best.items()},
            rules=self.plan.answer_rules,
        )
        self.answers.extend(found)
        return found

    def train(self, number: int) -> tuple[Losses, int]:
        """All batches of one epoch. Gives its losses and the number of real tokens."""
        batcher = self.task.train
        sums = np.zeros((len(self.task.class_names) + 1, COLUMNS))
        tokens = 0
        raised = factors(self.answers)
        for index, part in enumerate(batcher.epoch(seed=self.plan.seed, number=number)):
            batch = batcher.batch(part)
            self.callbacks.on_train_batch_begin(index)
            weights = self.task.weights(batch, epoch=number, raised=raised)
            sums += self.steps.train(self.steps.arrays(batch, weights)).numpy()
            tokens += batch.tokens
            self.callbacks.on_train_batch_end(index, {"loss": running_loss(sums)})
        self.steps.settle()
        return losses_from(sums, self.task.class_names), tokens

    def evaluate(self) -> tuple[Losses, Figures]:
        """The validation split: losses without dropout, and the figures of every class."""
        batcher = self.task.valid
        sums = np.zeros((len(self.task.class_names) + 1, COLUMNS))
        predictions: list[Int32Array] = [np.zeros(0, np.int32)] * len(batcher.corpus)
        for part in batcher.in_order():
            batch = batcher.batch(part)
            logits, part_sums = self.steps.evaluate(
                self.steps.arrays(batch, self.task.weights(batch))
            )
            sums += part_sums.numpy()
            lengths = batcher.lengths[part]
            tags = decode(logits.numpy(), lengths, self.task.legal) + 1
            for sentence, row, length in zip(part, tags, lengths, strict=True):
                predictions[sentence] = row[:length]
        return losses_from(sums, self.task.class_names), self.task.score(predictions)


def optimizer_state(network: keras.Model) -> list[Any]:
    """The optimizer's variables but its rate, which is the callbacks' to change."""
    return [v for v in network.optimizer.variables if not v.path.endswith("learning_rate")]


def diverged(record: EpochRecord) -> bool:
    """Whether the training loss is no finite number any more: no later epoch can mend that."""
    return record.train_loss is not None and not math.isfinite(record.train_loss)


def running_loss(sums: DoubleArray) -> float:
    """The weighted loss of the epoch so far."""
    loss, weight = sums[1:, :2].sum(axis=0)
    return float(loss / weight) if weight else 0.0


def keras_logs(record: EpochRecord) -> dict[str, float]:
    """The names that Keras' callbacks monitor; undefined figures are left out."""
    logs = {
        "loss": record.train.weighted,
        "unweighted_loss": record.train.unweighted,
        "val_loss": record.valid.weighted,
        "val_unweighted_loss": record.valid.unweighted,
        "val_macro_f1": record.figures.macro_f1,
        "val_micro_f1": record.figures.micro_f1,
        "learning_rate": record.learning_rate,
    }
    return {name: value for name, value in logs.items() if value is not None}
