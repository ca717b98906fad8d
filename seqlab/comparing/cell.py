"""The process that trains one cell, and saves the predictions that the bootstrap needs.

`python -m seqlab.comparing.cell` reads one line of JSON from standard input: settings and identity.
It ends when that pipe closes, so that no training outlives a killed comparison.
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlab.errors import UserError
from seqlab.experiment.prepare import Prepared
from seqlab.machine.interrupts import end_after
from seqlab.machine.terminal import print_error, say
from seqlab.modeling.quiet_import import import_tensorflow
from seqlab.settings.training import make_settings
from seqlab.storing.run_directory import write_json

if TYPE_CHECKING:
    from seqlab.experiment.fit import TrainedTagger

CELL = "cell.json"
PREDICTIONS = "predictions.jsonl"


def main() -> int:
    """Train the cell that standard input describes. Returns the exit code."""
    order = json.loads(os.fdopen(os.dup(0), "rb", buffering=0).readline())
    end_after(lambda: os.read(0, 1), code=3)  # returns when standard input closes
    try:
        train_cell(order["settings"], order["identity"], order.get("name"))
    except UserError as error:
        return print_error(str(error))
    return 0


def train_cell(values: dict[str, Any], identity: dict[str, Any], name: str | None = None) -> None:
    """Train into the run directory that the setting `out` names. name: of the cell in other tools."""
    from seqlab.experiment.run import run_experiment

    def also_save(prepared: Prepared, fitted: "TrainedTagger", directory: Path) -> None:
        split = save_predictions(prepared, fitted, directory / PREDICTIONS)
        scheme = str(prepared.splits.scheme.value)
        facts = {"split": split, "scheme": scheme, "peak_gb": peak_gb()}
        write_json(directory / CELL, {**facts, "identity": identity})

    def no_callbacks() -> list[Any]:
        import_tensorflow()
        return []

    settings = make_settings(**values)
    run_experiment(settings, say=say, load_keras=no_callbacks, also_save=also_save, name=name)


def save_predictions(prepared: Prepared, fitted: "TrainedTagger", path: Path) -> str:
    """Write gold and predicted tags, one sentence per line.

    Returns the name of the split: test, or valid if there is no test split.
    """
    splits = prepared.splits
    name, sentences = ("valid", splits.valid) if splits.test is None else ("test", splits.test)
    with path.open("w", encoding="utf-8") as file:
        predictions = fitted.tagger.predict(sentences)
        for sentence, prediction in zip(sentences, predictions, strict=True):
            pair: dict[str, Any] = {"gold": list(sentence.tags or ())}
            pair["predicted"] = list(prediction.tags)
            if sentence.document is not None:
                pair["document"] = sentence.document
            file.write(json.dumps(pair) + "\n")
    return name


def peak_gb() -> float | None:
    """The most memory that this process has used so far; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


if __name__ == "__main__":
    sys.exit(main())
