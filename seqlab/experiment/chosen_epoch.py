"""The outcome of the training that chose the epoch. With --refit the run directory keeps it during the second training."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from seqlab.arrays import AnyArray
from seqlab.checkpointing.checkpoint_state import FACTS, read_part
from seqlab.checkpointing.checkpoints import write_arrays
from seqlab.checkpointing.training_directory import TrainingDirectory
from seqlab.errors import RunError
from seqlab.machine.array_files import ArraySpec
from seqlab.machine.json_text import parse_json
from seqlab.storing.run_directory import CHOSEN
from seqlab.storing.run_files import COPY_AGAIN, errors_of_file, open_run
from seqlab.storing.tagger_files import weight_specs
from seqlab.tagging.tagger import Tagger
from seqlab.training.epoch_record import EndReason
from seqlab.training.loop import TrainingResult
from seqlab.training.training_state import record_from


@dataclass(frozen=True, kw_only=True)
class ChosenEpoch:
    """A training that is over, and the tagger of its best epoch, before any decision is tuned."""

    result: TrainingResult
    tagger: Tagger


def write_chosen(directory: TrainingDirectory, chosen: ChosenEpoch) -> None:
    """Write the file of a finished first training. The next commit lists it. Raises OSError if it cannot be written."""
    text = json.dumps(asdict(chosen.result), allow_nan=False).encode()
    arrays: dict[str, AnyArray] = {**chosen.tagger.weights}
    arrays[FACTS] = np.frombuffer(text, np.uint8)
    write_arrays(directory, CHOSEN, arrays)


def read_chosen(directory: TrainingDirectory, untrained: Tagger) -> ChosenEpoch:
    """The finished first training of a run. untrained: its tagger without weights. Raises RunError if it is damaged."""
    files = open_run(directory.path)
    specs = weight_specs(untrained.architecture, "float32")
    arrays: dict[str, AnyArray] = read_part(
        files, CHOSEN, {**specs, FACTS: ArraySpec((None,), "uint8")}
    )
    text = arrays.pop(FACTS).tobytes()
    path = files.path(CHOSEN)
    with errors_of_file(path):
        facts = parse_json(text)
        try:
            result = result_from(facts)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise RunError(f"{path}: damaged: no result of a training; {COPY_AGAIN}") from error
    return ChosenEpoch(result=result, tagger=replace(untrained, weights=arrays))


def result_from(facts: Mapping[str, Any]) -> TrainingResult:
    """The result whose `asdict` went through JSON."""
    history = tuple(record_from(record) for record in facts["history"])
    return TrainingResult(
        **{**facts, "history": history, "end_reason": EndReason(facts["end_reason"])}
    )
