"""Time to a given macro F1 on validation, from the first step, including the evaluation of every epoch.

WNUT-17, seqlab's defaults, one training per seed. A training stops when it reaches the F1.
"""

import argparse
import tempfile
from typing import Any

from bench import inputs


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("quality")
    group.add_argument("--macro-f1", type=float, default=0.10,
                       help="macro F1 to reach (default %(default)s)")  # fmt: skip
    group.add_argument("--quality-corpus", choices=inputs.TITLES, default="wnut17",
                       help="corpus to train on (default %(default)s)")  # fmt: skip
    group.add_argument("--quality-epochs", type=int, default=30,
                       help="most epochs of a training (default %(default)s)")  # fmt: skip
    group.add_argument("--seeds", type=int, default=3,
                       help="number of trainings (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Seconds and epochs until the macro F1 is reached, by seed; seeds that never reach it are counted."""
    from seqlab import train_tagger
    from seqlab.modeling.quiet_import import import_tensorflow

    import_tensorflow()
    seconds, epochs, shares = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        files = inputs.corpus_files(options.quality_corpus, options, folder)
        for seed in range(1, options.seeds + 1):
            run = train_tagger(
                files["train"],
                valid=files["valid"],
                seed=seed,
                epochs=options.quality_epochs,
                patience=options.quality_epochs,
                callbacks=[stop_at(options.macro_f1)],
            )
            shares += [r.evaluation_seconds / r.seconds for r in run.history[1:]]
            if reached(run.history[-1], options.macro_f1):
                seconds.append(sum(r.seconds + r.evaluation_seconds for r in run.history))
                epochs.append(float(len(run.history)))
    figures = {"seconds to F1": seconds, "epochs to F1": epochs, "evaluation share": shares}
    return {
        "sizes": {
            "corpus": inputs.title(options.quality_corpus, options),
            "macro F1": options.macro_f1,
            "seeds": options.seeds,
            "seeds that reached it": len(seconds),
        },
        "figures": {name: values for name, values in figures.items() if values},
    }


def reached(record: Any, wanted: float) -> bool:
    """Whether an epoch's macro F1 is at least `wanted`; an undefined F1 is not."""
    macro_f1 = record.figures.macro_f1
    return macro_f1 is not None and macro_f1 >= wanted


def stop_at(wanted: float) -> Any:
    """A Keras callback that ends training when validation reaches the macro F1."""
    import keras

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if (logs or {}).get("val_macro_f1", 0.0) >= wanted:
                self.model.stop_training = True

    return Stop()
