"""One pass over a split: an epoch of training steps, or the evaluation of the validation split."""

from collections.abc import Callable, Mapping

import keras
import numpy as np

from seqlab.arrays import AnyIntArray, Int32Array
from seqlab.deciding.viterbi import decode
from seqlab.machine.progress import watched
from seqlab.scoring.figures import Figures
from seqlab.training.split_losses import COLUMNS, Losses, losses_from, running_loss
from seqlab.training.step import Steps
from seqlab.training.task import TrainingTask
from seqlab.training.training_state import EpochProgress


class DivergedError(Exception):
    """The loss is NaN or infinite. windows: integers (B,), those of the training batch; None in validation."""

    def __init__(self, windows: AnyIntArray | None = None) -> None:
        super().__init__()
        self.windows = windows


def train_pass(
    steps: Steps,
    task: TrainingTask,
    callbacks: keras.callbacks.CallbackList,
    progress: EpochProgress,
    *,
    seed: int,
    factors: Mapping[str, float],
    after_batch: Callable[[], None] = lambda: None,
) -> Losses:
    """Train on the batches of an epoch that are left.

    progress: of this epoch; it is updated after each batch. factors: factors on the initial weights of classes.
    after_batch: called when a batch is done and counted.
    Raises DivergedError at a batch whose loss is not finite. The weights may be lost then.
    """
    batches = task.train.epoch(seed=seed, number=progress.epoch)
    for index in range(progress.batch, len(batches)):
        # From 1, because numpy's seeds (1, 2) and (1, 2, 0) are the same.
        batch = task.train.batch(batches[index], seed=(seed, progress.epoch, index + 1))
        callbacks.on_train_batch_begin(index)
        weights = task.weights(batch, epoch=progress.epoch, factors=factors)
        sums = steps.train(steps.train_arrays(batch, weights)).numpy()
        if not np.isfinite(sums).all():
            raise DivergedError(batch.sentences)
        progress.sums += sums
        progress.tokens += batch.tokens
        progress.batch += 1
        callbacks.on_train_batch_end(index, {"loss": running_loss(progress.sums)})
        after_batch()
    steps.settle()
    return losses_from(progress.sums, task.class_names)


def validation_pass(
    steps: Steps, task: TrainingTask, *, after_batch: Callable[[], None] = lambda: None
) -> tuple[Losses, Figures]:
    """Evaluate the validation split: losses without dropout, and the figures of every class."""
    batcher = task.valid
    sums = np.zeros((len(task.class_names) + 1, COLUMNS))
    predictions: list[Int32Array] = [np.zeros(0, np.int32)] * len(batcher.corpus)
    batches = list(batcher.in_order())
    for sentences in watched(batches, "validation", total=len(batches)):
        batch = batcher.batch(sentences)
        logits, batch_sums = steps.evaluate(steps.arrays(batch, task.weights(batch)))
        sums += batch_sums.numpy()
        lengths = batcher.lengths[sentences]
        tag_ids = decode(logits.numpy(), lengths, task.legal) + 1
        for sentence, row, length in zip(sentences, tag_ids, lengths, strict=True):
            predictions[sentence] = row[:length]
        after_batch()
    return losses_from(sums, task.class_names), task.score(predictions)
