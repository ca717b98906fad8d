"""The training loop: it trains epochs, scores every class after each and keeps the best epoch.

It calls Keras' callbacks as `fit` does.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from seqlab.arrays import FloatArray
from seqlab.errors import UserError
from seqlab.modeling.variables import assign_variable, assign_weights, copy_variable, copy_weights
from seqlab.training.checkpoint_selection import CheckpointRank, checkpoint_rank, selected_figure
from seqlab.training.collapse import find_alarms
from seqlab.training.collapse_answers import CollapseAnswer, find_answers, weight_factors
from seqlab.training.epoch_record import EndReason, EpochRecord, diverged, keras_logs
from seqlab.training.passes import train_pass, validation_pass
from seqlab.training.step import Steps
from seqlab.training.task import TrainingPlan, TrainingTask

Ending = tuple[EndReason, str]
"""Why training ended, as a value and in words."""


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """A finished training. The network holds the weights of `best_epoch`.

    seconds: of the whole training, with evaluation. end_reason, ending: why it ended, as a value and in words.
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
    """Train a compiled network and leave it with the weights of the best epoch.

    An interrupt (Ctrl-C) after the first epoch ends training early and keeps the best epoch so far.
    Raises KeyboardInterrupt for an interrupt in the first epoch, and UserError if the loss diverged in the best epoch.
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
            f"training diverged: the loss is NaN or infinite in epoch {loop.best_epoch}; "
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
    """The state of one training: its history and the weights of the best epoch so far."""

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
        epochs = "the only epoch is" if plan.epochs == 1 else f"all {plan.epochs} epochs are"
        self.end: Ending = (EndReason.ALL_EPOCHS, f"{epochs} done")
        self.best_rank: CheckpointRank | None = None
        self.best_weights: list[FloatArray] = []
        self.best_optimizer: list[FloatArray] = []
        self.answers: list[CollapseAnswer] = []

    def epochs(self) -> Iterator[EpochRecord]:
        """Train epoch by epoch until the plan, the patience or a callback ends training."""
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
        """Carry out the answers after an epoch, and return their action.

        `reweight` needs nothing here, because each epoch computes its factors from all answers so far.
        """
        action = answers[0].action if answers else ""
        if action == "restore":
            assign_weights(self.network, self.best_weights)
            variables = optimizer_state(self.network)
            for variable, value in zip(variables, self.best_optimizer, strict=True):
                assign_variable(variable, value)
        return action

    def reason_to_end(self, record: EpochRecord) -> Ending | None:
        """Why training ends after this epoch; None if it continues."""
        if self.network.stop_training:
            return EndReason.CALLBACK, "a callback asked for it"
        if record.epoch - self.best_epoch >= self.plan.patience:
            text = f"no better {self.plan.select} in {self.plan.patience} epochs"
            return EndReason.PATIENCE, text
        if diverged(record):
            return EndReason.DIVERGED, "the training loss is NaN or infinite"
        # When another epoch, as long as this one, would end: seconds since the start of training.
        next_end = time.perf_counter() - self.start + record.seconds + record.evaluation_seconds
        if record.epoch < self.plan.epochs and next_end > (self.plan.max_seconds or math.inf):
            text = f"a further epoch would not fit into {self.plan.max_seconds:g} seconds"
            return EndReason.MAX_SECONDS, text
        return None

    def epoch(self, number: int) -> EpochRecord:
        """Train one epoch, evaluate it, and decide on alarms and answers."""
        start = time.perf_counter()
        factors = weight_factors(self.answers)
        train, tokens = train_pass(
            self.steps, self.task, self.callbacks, number, seed=self.plan.seed, factors=factors
        )
        middle = time.perf_counter()
        valid, figures = validation_pass(self.steps, self.task)
        new_rank = checkpoint_rank(self.plan.select, figures, valid.weighted)
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
        stated = {n: w * factors.get(n, 1.0) for n, w in self.task.stated_weights.items()}
        epochs = [*self.history, record]
        record = replace(record, alarms=find_alarms(epochs, self.plan.rules, weights=stated))
        return replace(record, answers=self.answer(record))

    def keep(self, record: EpochRecord) -> None:
        """Add an epoch to the history, and copy its weights if it is the best.

        An interrupt can come at any time. While `best_weights` is empty, the network holds the best weights.
        """
        if not record.best:
            self.history.append(record)
            return
        best = checkpoint_rank(self.plan.select, record.figures, record.valid.weighted)
        # The old copy is released before the new one is made, so that there are never two.
        epochs, nothing = [*self.history, record], list[FloatArray]()
        # Subtle: no call may stand between these assignments. So an interrupt comes before or after all of them.
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
        """The answers to the alarms of an epoch; they are also kept for later epochs."""
        best_epoch = record.epoch if record.best else self.best_epoch
        best = [*self.history, record][best_epoch - 1].figures.classes
        answers = find_answers(
            self.plan.on_collapse,
            record.alarms,
            self.answers,
            best_epoch=best_epoch,
            best_f1={name: figures.f1 or 0.0 for name, figures in best.items()},
            rules=self.plan.answer_rules,
        )
        self.answers.extend(answers)
        return answers


def optimizer_state(network: keras.Model) -> list[Any]:
    """The optimizer's variables without its learning rate, which callbacks control."""
    return [v for v in network.optimizer.variables if not v.path.endswith("learning_rate")]
