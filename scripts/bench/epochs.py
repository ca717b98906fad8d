"""Train one epoch at a time, so that two trainings can alternate in one process."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

WARMING = 2
"""Epochs that are not counted. The first one traces graphs. Seeding a second network empties TensorFlow's
cache of kernels, so in the second epoch the first network's graph is prepared again."""


def step_times(prepared: Any, epochs: int) -> Iterator[tuple[float, float]]:
    """Yield the mean seconds per step, and the seconds of the rest of the epoch. Each `next` runs one epoch."""
    from seqlab.experiment.build import architecture_of, make_network, make_task, plan_of
    from seqlab.training.loop import TrainingLoop

    settings, task = prepared.settings, make_task(prepared)
    network = make_network(prepared, architecture_of(prepared))
    steps = len(task.train.epoch(seed=settings.seed, number=1))
    plan = replace(plan_of(settings), epochs=epochs, patience=epochs)
    clock = step_clock()
    for record in TrainingLoop(network, task, plan, [clock]).epochs():
        whole = record.seconds + record.evaluation_seconds
        yield clock.seconds / steps, whole - clock.seconds
        clock.seconds = 0.0


def step_clock() -> Any:
    """A Keras callback that adds up the seconds of training steps."""
    import keras

    class Clock(keras.callbacks.Callback):
        seconds = 0.0

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.start = time.perf_counter()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.seconds += time.perf_counter() - self.start

    return Clock()
