"""The cost of checkpoints: epochs of a training that writes one at the end of each against epochs that write none.

Both trainings are in one process and take turns, some epochs each. A thread writes a checkpoint while training goes on.
A turn begins with the checkpoint of the last turn's end, so that it has one for each of its epochs.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import inputs
from bench.epochs import WARMING
from bench.spread import ratios


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("checkpoints")
    group.add_argument("--checkpoint-corpus", choices=inputs.TITLES, default="ewt",
                       help="corpus (default %(default)s)")  # fmt: skip
    group.add_argument("--checkpoint-epochs", type=int, default=3,
                       help="epochs of a turn (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Seconds per epoch with and without checkpoints, and their ratio, for each round; the size of a checkpoint."""
    from seqlab.experiment.prepare import prepare
    from seqlab.modeling.quiet_import import import_tensorflow
    from seqlab.reporting.log import Log
    from seqlab.settings.training import TrainSettings

    import_tensorflow()
    turn, rounds = options.checkpoint_epochs, options.rounds
    epochs = WARMING + turn * rounds
    seconds: dict[str, list[float]] = {"without": [], "with": []}
    with tempfile.TemporaryDirectory() as folder:
        files = inputs.corpus_files(options.checkpoint_corpus, options, folder)
        settings = TrainSettings(train=files["train"], valid=files["valid"], epochs=epochs)
        prepared = prepare(settings, Log(lambda text: None, None))
        run = Path(folder) / "run"
        trainings = {
            "without": epochs_of(prepared, epochs, None),
            "with": epochs_of(prepared, epochs, run),
        }
        for training in [*trainings.values()] * WARMING:
            next(training)
        for _ in range(rounds):
            for name, training in trainings.items():
                start = time.perf_counter()
                for _ in range(turn):
                    wait = next(training)
                wait()
                seconds[name].append((time.perf_counter() - start) / turn)
        sizes = [path.stat().st_size for path in (run / "checkpoints").glob("epoch-*.npz")]
        for training in trainings.values():
            training.close()
    return {
        "sizes": {
            "corpus": inputs.title(options.checkpoint_corpus, options),
            "checkpoint bytes": max(sizes),
        },
        "figures": {**seconds, "ratio": ratios(seconds["with"], seconds["without"])},
    }


def epochs_of(prepared: Any, epochs: int, run: Path | None) -> Iterator[Any]:
    """Train an epoch at each `next`. Yields a function that waits until its checkpoint is written.

    run: directory for checkpoints; None writes none.
    """
    from seqlab.checkpointing.open_training import training_directory
    from seqlab.experiment.build import architecture_of, make_network, make_task, plan_of
    from seqlab.experiment.fit import untrained_tagger
    from seqlab.experiment.storage import TrainingStorage
    from seqlab.reporting.log import Log
    from seqlab.training.loop import TrainingLoop

    architecture = architecture_of(prepared)
    network = make_network(prepared, architecture)
    network.optimizer.build(network.trainable_variables)
    plan = replace(plan_of(prepared.settings), epochs=epochs + 1, patience=epochs + 1)
    task = make_task(prepared)
    if run is None:
        for _ in TrainingLoop(network, task, plan, []).epochs():
            yield lambda: None
        return
    with training_directory(run, overwrite=False) as directory:
        log = Log(lambda text: None, directory)
        storage = TrainingStorage(directory=directory, prepared=prepared, log=log)
        checkpoints = storage.start(untrained_tagger(prepared, architecture))
        loop = TrainingLoop(network, task, plan, [], checkpoints=checkpoints)
        for (
            _
        ) in loop.epochs():  # the checkpoint of an epoch begins when the next epoch is asked for
            yield checkpoints.wait
