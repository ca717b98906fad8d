"""The old validation data of a continued training: scored after each epoch, with alarms for forgotten classes."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from seqlab.scoring.figures import Figures
from seqlab.training.collapse import Alarm, CollapseRules, find_forgotten
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.passes import validation_pass
from seqlab.training.step import Steps
from seqlab.training.task import TrainingTask


def old_validation_pass(
    steps: Steps, task: TrainingTask, *, after_batch: Callable[[], None] = lambda: None
) -> Figures | None:
    """The figures of the old validation data; None without them."""
    if task.old is None:
        return None
    old_task = replace(task, valid=task.old.batcher, score=task.old.score)
    return validation_pass(steps, old_task, after_batch=after_batch)[1]


def forgotten_classes(
    epochs: Sequence[EpochRecord], task: TrainingTask, rules: CollapseRules
) -> tuple[Alarm, ...]:
    """The alarms of the classes that are forgotten in the last epoch; none without old validation data."""
    if task.old is None:
        return ()
    past = [record.old_figures for record in epochs if record.old_figures is not None]
    return find_forgotten(past, task.old.before, rules, train_tokens=epochs[-1].train.tokens)


def old_f1(record: EpochRecord) -> dict[str, float]:
    """F1 of each class on the old validation data after an epoch; empty without them."""
    if record.old_figures is None:
        return {}
    return {name: figures.f1 or 0.0 for name, figures in record.old_figures.classes.items()}
