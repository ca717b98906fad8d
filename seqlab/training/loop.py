"""The training loop: it trains epochs, scores every class after each and keeps the best epoch.

It calls Keras' callbacks as `fit` does.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import keras

from seqlab.arrays import FloatArray
from seqlab.errors import UserError
from seqlab.machine.interrupts import StopRequest
from seqlab.modeling.variables import assign_variable, assign_weights, copy_variable, copy_weights
from seqlab.training.checkpoint_selection import CheckpointRank, checkpoint_rank, selected_figure
from seqlab.training.collapse import find_alarms
from seqlab.training.collapse_answers import CollapseAnswer, find_answers, weight_factors
from seqlab.training.epoch_record import EndReason, EpochRecord, keras_logs
from seqlab.training.graph_gradients import RUNNING
from seqlab.training.old_validation import forgotten_classes, old_f1, old_validation_pass
from seqlab.training.passes import DivergedError, train_pass, validation_pass
from seqlab.training.state_variables import (
    assign_variables,
    changing_variables,
    copy_variables,
    named_weights,
    optimizer_state,
)
from seqlab.training.step import Steps
from seqlab.training.task import TrainingPlan, TrainingTask
from seqlab.training.tracker import Tracker
from seqlab.training.training_state import (
    CheckpointSink,
    EpochProgress,
    TrainingState,
    TrainingStoppedError,
    set_random_states,
)
from seqlab.training.weight_average import WeightAverage

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


@RUNNING.forget_gradients()
def train_network(
    network: keras.Model,
    task: TrainingTask,
    plan: TrainingPlan,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_epoch: Callable[[EpochRecord], None] = lambda record: None,
    checkpoints: CheckpointSink | None = None,
    state: TrainingState | None = None,
    stop: StopRequest | None = None,
) -> TrainingResult:
    """Train a compiled network and leave it with the weights of the best epoch.

    checkpoints: keeps the state at each epoch's end, whenever it is due, and when a signal stops the training.
    state: of an interrupted training with the same network, task and plan, to go on from.
    stop: read after each batch.
    With `checkpoints`, a stop saves a checkpoint and raises TrainingStoppedError. Without them, a stop or KeyboardInterrupt
    after the first epoch ends training early and keeps the best epoch so far.
    Raises KeyboardInterrupt for an interrupt in the first epoch. Raises UserError if the loss becomes NaN or infinite before
    an epoch is finished; later, training ends and keeps the best epoch.
    """
    loop = TrainingLoop(network, task, plan, callbacks, checkpoints=checkpoints, stop=stop)
    if state is not None:
        loop.restore(state)
    loop.callbacks.on_train_begin()
    try:
        for record in loop.epochs():
            on_epoch(record)
    except TrainingStoppedError:
        if checkpoints is not None:
            loop.hide_average()
            loop.save_state()
            raise
        loop.end_early(KeyboardInterrupt())
    except KeyboardInterrupt as interrupt:
        if checkpoints is not None:
            raise
        loop.end_early(interrupt)
    except DivergedError as error:
        loop.end_diverged(error)
    finally:
        if checkpoints is not None:
            checkpoints.wait()
        if loop.best_weights:
            assign_weights(network, loop.best_weights)
        loop.callbacks.on_train_end()
    end_reason, ending = loop.end
    trained = sum(r.train_tokens_per_second * r.seconds for r in loop.history)
    return TrainingResult(
        history=tuple(loop.history),
        best_epoch=loop.best_epoch,
        seconds=loop.seconds(),
        train_tokens_per_second=trained / sum(r.seconds for r in loop.history),
        end_reason=end_reason,
        ending=ending,
    )


class TrainingLoop:
    """The state of one training: its history, how far the epoch is, and the weights of the best epoch so far."""

    def __init__(
        self,
        network: keras.Model,
        task: TrainingTask,
        plan: TrainingPlan,
        callbacks: Sequence[keras.callbacks.Callback],
        *,
        checkpoints: CheckpointSink | None = None,
        stop: StopRequest | None = None,
    ) -> None:
        self.network, self.task, self.plan = network, task, plan
        self.checkpoints, self.stop = checkpoints, stop or StopRequest()
        soft = task.train.corpus.soft_labels is not None
        self.steps = Steps(network, clip_norm=plan.clip_norm, loss=task.loss, soft=soft)
        steps = len(task.train.epoch(seed=plan.seed, number=1))
        self.callbacks = keras.callbacks.CallbackList(
            list(callbacks), model=network, epochs=plan.epochs, steps=steps, verbose=0
        )
        self.history: list[EpochRecord] = []
        self.start = time.perf_counter()
        self.seconds_before = 0.0  # of the training before it was resumed
        self.epoch_start = self.start
        self.best_epoch = 0
        self.progress = EpochProgress.start_of(1, classes=len(task.class_names))
        epochs = "the only epoch is" if plan.epochs == 1 else f"all {plan.epochs} epochs are"
        self.end: Ending = (EndReason.ALL_EPOCHS, f"{epochs} done")
        self.best_rank: CheckpointRank | None = None
        self.best_weights: list[FloatArray] = []
        self.best_optimizer: list[FloatArray] = []
        self.answers: list[CollapseAnswer] = []
        self.average: WeightAverage | None = None
        if plan.average_epochs:
            self.average = WeightAverage(network, epochs=plan.average_epochs, steps=steps)

    def epochs(self) -> Iterator[EpochRecord]:
        """Train epoch by epoch until the plan, the patience or a callback ends training."""
        self.network.stop_training = False
        # Subtle: an epoch that has begun is finished, whatever time the training has taken since.
        between = self.progress.batch == 0
        if self.history and between and self.is_over(self.history[-1]):
            return
        for number in range(self.progress.epoch, self.plan.epochs + 1):
            self.callbacks.on_epoch_begin(number - 1)
            record = self.epoch(number)
            self.keep(record)
            for callback in self.callbacks.callbacks:
                if isinstance(callback, Tracker):
                    callback.on_record(record)
            self.callbacks.on_epoch_end(number - 1, keras_logs(record))
            yield record
            self.hide_average()
            over = self.is_over(record)
            self.act(record.answers)  # also of the last epoch: more epochs may be given later
            self.progress = EpochProgress.start_of(number + 1, classes=len(self.task.class_names))
            self.epoch_start = time.perf_counter()
            self.save_state()
            if over:
                return
            self.check_stop()

    def after_batch(self) -> None:
        """Update the average, stop here if a signal asked for it, and keep the state if the last one is old."""
        if self.average is not None and self.progress.batch % self.average.interval == 0:
            self.average.update()
        self.check_stop()
        if self.checkpoints is not None and self.checkpoints.due():
            self.save_state()

    def show_average(self) -> None:
        """Put the average of the weights into the network, if there is one, to be validated and kept."""
        if self.average is not None:
            self.average.show()

    def hide_average(self) -> None:
        """Put the present weights back into the network."""
        if self.average is not None:
            self.average.hide()

    def save_state(self) -> None:
        """Keep the state, if checkpoints are kept."""
        if self.checkpoints is not None:
            self.checkpoints.wait()  # before the next copy is made, so that there are never three
            self.checkpoints.save(self.state())

    def check_stop(self) -> None:
        """Raise TrainingStoppedError if a signal asked for it."""
        if self.stop.requested:
            raise TrainingStoppedError

    def is_over(self, record: EpochRecord) -> bool:
        """Whether training ends after this epoch; `end` then says why."""
        end = self.reason_to_end(record)
        if end is None and any(answer.action == "stop" for answer in record.answers):
            end = EndReason.COLLAPSE, "a class collapsed, and on_collapse is stop"
        self.end = end or self.end
        return end is not None

    def end_early(self, interrupt: KeyboardInterrupt) -> None:
        """End at an interrupt. Raises it again if there is no epoch to keep."""
        if not self.history:
            raise interrupt
        self.end = EndReason.INTERRUPTED, "interrupted"

    def end_diverged(self, error: DivergedError) -> None:
        """End because the loss of a batch is not finite. Raises UserError if there is no epoch to keep."""
        where = f"epoch {self.progress.epoch}"
        if error.windows is not None:
            where += f", batch {self.progress.batch + 1}{self.task.describe_windows(error.windows)}"
        rate = learning_rate(self.network)
        fact = f"the loss is NaN or infinite in {where}, at learning rate {rate:.3g}"
        if not self.history:
            raise UserError(
                f"training diverged: {fact}; try a smaller --learning-rate, or less extreme weights"
            )
        self.end = EndReason.DIVERGED, fact

    def seconds(self) -> float:
        """The time of the training so far, with evaluation, added up over all its processes."""
        return self.seconds_before + time.perf_counter() - self.start

    def state(self) -> TrainingState:
        """The present state. Call it between two batches only."""
        seconds = self.epoch_seconds() if self.progress.batch else 0.0
        return TrainingState(
            progress=replace(self.progress, sums=self.progress.sums.copy(), seconds=seconds),
            history=tuple(self.history),
            best_epoch=self.best_epoch,
            seconds=self.seconds(),
            unsettled_steps=self.steps.unsettled_steps,
            variables=copy_variables(changing_variables(self.network)),
            best=dict(zip(named_weights(self.network), self.best_weights, strict=False)),
            best_optimizer={str(n): value for n, value in enumerate(self.best_optimizer)},
        )

    def restore(self, state: TrainingState) -> None:
        """Go on from a state. Raises ValueError if it is another network's."""
        assign_variables(changing_variables(self.network), state.variables)
        self.progress = replace(state.progress, sums=state.progress.sums.copy())
        self.history = list(state.history)
        self.answers = [answer for record in self.history for answer in record.answers]
        self.seconds_before = state.seconds
        self.steps.unsettled_steps = state.unsettled_steps
        self.best_epoch = state.best_epoch
        if self.best_epoch:
            record = self.history[self.best_epoch - 1]
            self.best_rank = checkpoint_rank(
                self.plan.select, record.figures, record.valid.weighted
            )
            self.best_weights = [state.best[name] for name in named_weights(self.network)]
        self.best_optimizer = [
            state.best_optimizer[str(number)] for number in range(len(state.best_optimizer))
        ]
        set_random_states(state.random)

    def act(self, answers: Sequence[CollapseAnswer]) -> None:
        """Carry out the answers after an epoch.

        `reweight` needs nothing here, because each epoch computes its factors from all answers so far.
        """
        if answers and answers[0].action == "restore":
            assign_weights(self.network, self.best_weights)
            variables = optimizer_state(self.network)
            for variable, value in zip(variables, self.best_optimizer, strict=True):
                assign_variable(variable, value)
            if self.average is not None:
                self.average.restart()

    def reason_to_end(self, record: EpochRecord) -> Ending | None:
        """Why training ends after this epoch; None if it continues."""
        if self.network.stop_training:
            return EndReason.CALLBACK, "a callback asked for it"
        if record.epoch - self.best_epoch >= self.plan.patience:
            text = f"no better {self.plan.select} in {self.plan.patience} epochs"
            return EndReason.PATIENCE, text
        # When another epoch, as long as this one, would end: seconds since the start of training.
        next_end = self.seconds() + record.seconds + record.evaluation_seconds
        if record.epoch < self.plan.epochs and next_end > (self.plan.max_seconds or math.inf):
            text = f"a further epoch would not fit into {self.plan.max_seconds:g} seconds"
            return EndReason.MAX_SECONDS, text
        return None

    def epoch(self, number: int) -> EpochRecord:
        """Train one epoch, evaluate it, and decide on alarms and answers."""
        self.epoch_start = time.perf_counter()
        factors = weight_factors(self.answers)
        train = train_pass(
            self.steps,
            self.task,
            self.callbacks,
            self.progress,
            seed=self.plan.seed,
            factors=factors,
            after_batch=self.after_batch,
        )
        seconds, middle = self.epoch_seconds(), time.perf_counter()
        self.show_average()
        valid, figures = validation_pass(self.steps, self.task, after_batch=self.check_stop)
        if not math.isfinite(valid.weighted or 0.0):  # the last step has spoilt the weights
            raise DivergedError
        old_figures = old_validation_pass(self.steps, self.task, after_batch=self.check_stop)
        new_rank = checkpoint_rank(self.plan.select, figures, valid.weighted)
        record = EpochRecord(
            epoch=number,
            train=train,
            valid=valid,
            figures=figures,
            old_figures=old_figures,
            selected=selected_figure(self.plan.select, figures, valid.weighted),
            best=self.plan.keep_last or self.best_rank is None or new_rank > self.best_rank,
            learning_rate=learning_rate(self.network),
            seconds=seconds,
            evaluation_seconds=time.perf_counter() - middle,
            train_tokens_per_second=self.progress.tokens / seconds,
        )
        if self.plan.keep_last:
            return record
        stated = {n: w * factors.get(n, 1.0) for n, w in self.task.stated_weights.items()}
        epochs = [*self.history, record]
        alarms = find_alarms(epochs, self.plan.rules, weights=stated)
        forgotten = forgotten_classes(epochs, self.task, self.plan.rules)
        record = replace(record, alarms=(*alarms, *forgotten))
        return replace(record, answers=self.answer(record))

    def epoch_seconds(self) -> float:
        """The time spent on the batches of the present epoch."""
        return self.progress.seconds + time.perf_counter() - self.epoch_start

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
        best_record = [*self.history, record][best_epoch - 1]
        best = best_record.figures.classes
        answers = find_answers(
            self.plan.on_collapse,
            record.alarms,
            self.answers,
            best_epoch=best_epoch,
            best_f1={name: figures.f1 or 0.0 for name, figures in best.items()},
            best_old_f1=old_f1(best_record),
            rules=self.plan.answer_rules,
        )
        self.answers.extend(answers)
        return answers


def learning_rate(network: keras.Model) -> float:
    """The present learning rate."""
    return float(keras.ops.convert_to_tensor(network.optimizer.learning_rate))
