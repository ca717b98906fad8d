"""Train in a separate process. The parent measures the cost; the child reports the size.

    python -m bench.training TRAIN VALID OUT '{"epochs": 1}'

prints one line of JSON: rows of the word table, parameters, real tokens and steps per epoch, and seconds.
"""

import json
import sys
from typing import Any

from bench.child import Measured, environment, measure


def train_apart(
    train: str, valid: str, out: str = "", **settings: Any
) -> tuple[Measured, dict[str, Any]]:
    """Train with `seqlab.train_tagger` in a child process. out: run directory, empty for none."""
    command = [sys.executable, "-m", "bench.training", train, valid, out, json.dumps(settings)]
    measured = measure(command, environment=environment(), keep_output=True)
    return measured, json.loads(measured.output.splitlines()[-1])


def main() -> None:
    from seqlab import train_tagger
    from seqlab.modeling.quiet_import import import_tensorflow

    train, valid, out, settings = sys.argv[1:]
    import_tensorflow()
    counter = step_counter()
    run = train_tagger(
        train, valid=valid, out=out or None, callbacks=[counter], **json.loads(settings)
    )
    last = run.history[-1]
    size = {
        "words": run.tagger.architecture.words,
        "parameters": sum(weight.size for weight in run.tagger.weights.values()),
        "tokens": round(last.seconds * last.train_tokens_per_second),
        "steps": counter.steps,
        "epoch_seconds": last.seconds,
        "all_seconds": sum(r.seconds + r.evaluation_seconds for r in run.history),
    }
    print(json.dumps(size))


def step_counter() -> Any:
    """A Keras callback that counts the steps of the last epoch."""
    import keras

    class Counter(keras.callbacks.Callback):
        steps = 0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.steps = 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.steps += 1

    return Counter()


if __name__ == "__main__":
    main()
