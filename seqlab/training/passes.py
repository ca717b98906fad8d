"""One pass over a split: an epoch of training steps, or the evaluation of the validation split."""

from collections.abc import Mapping

import keras
import numpy as np

from seqlab.arrays import Int32Array
from seqlab.deciding.viterbi import decode
from seqlab.scoring.figures import Figures
from seqlab.training.split_losses import COLUMNS, Losses, losses_from, running_loss
from seqlab.training.step import Steps
from seqlab.training.task import TrainingTask


def train_pass(
    steps: Steps,
    task: TrainingTask,
    callbacks: keras.callbacks.CallbackList,
    epoch: int,
    *,
    seed: int,
    factors: Mapping[str, float],
) -> tuple[Losses, int]:
    """Train on all batches of one epoch.

    epoch: its number, from 1. factors: factors on the initial weights of classes.
    Returns the losses and the number of real tokens.
    """
    sums = np.zeros((len(task.class_names) + 1, COLUMNS))
    tokens = 0
    for index, sentences in enumerate(task.train.epoch(seed=seed, number=epoch)):
        batch = task.train.batch(sentences)
        callbacks.on_train_batch_begin(index)
        weights = task.weights(batch, epoch=epoch, factors=factors)
        sums += steps.train(steps.arrays(batch, weights)).numpy()
        tokens += batch.tokens
        callbacks.on_train_batch_end(index, {"loss": running_loss(sums)})
    steps.settle()
    return losses_from(sums, task.class_names), tokens


def validation_pass(steps: Steps, task: TrainingTask) -> tuple[Losses, Figures]:
    """Evaluate the validation split: losses without dropout, and the figures of every class."""
    batcher = task.valid
    sums = np.zeros((len(task.class_names) + 1, COLUMNS))
    predictions: list[Int32Array] = [np.zeros(0, np.int32)] * len(batcher.corpus)
    for sentences in batcher.in_order():
        batch = batcher.batch(sentences)
        logits, batch_sums = steps.evaluate(steps.arrays(batch, task.weights(batch)))
        sums += batch_sums.numpy()
        lengths = batcher.lengths[sentences]
        tag_ids = decode(logits.numpy(), lengths, task.legal) + 1
        for sentence, row, length in zip(sentences, tag_ids, lengths, strict=True):
            predictions[sentence] = row[:length]
    return losses_from(sums, task.class_names), task.score(predictions)
