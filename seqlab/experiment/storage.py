"""Where a training keeps its state: the files of its start, its checkpoints, and the finished run."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tomli_w

from seqlab.experiment.identity import identity, named_files
from seqlab.experiment.prepare import Prepared
from seqlab.inference.weights import write_weights
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings
from seqlab.storing.checkpoints import CONSTANT, DESCRIPTION, FOLDER, Checkpoints
from seqlab.storing.run_directory import write_json
from seqlab.storing.save_and_load import CONFIG
from seqlab.storing.tagger_files import describe_tagger, save_encoder
from seqlab.storing.training_directory import TrainingDirectory
from seqlab.tagging.tagger import Tagger

if TYPE_CHECKING:
    import keras

    from seqlab.training.training_state import TrainingState


@dataclass(frozen=True, kw_only=True)
class TrainingStorage:
    """The run directory of a training. state: what the training goes on from; None for a new one."""

    directory: TrainingDirectory
    prepared: Prepared
    log: Log
    state: "TrainingState | None" = None

    def start(self, tagger: Tagger, network: "keras.Model") -> Checkpoints:
        """Write what does not change during training, and make the directory a run. Returns its checkpoints.

        tagger: the one that is being trained, without weights.
        """
        settings, directory = self.prepared.settings, self.directory

        def write(folder: Path) -> None:
            if self.state is None:
                save_encoder(tagger.encoder, folder)
            write_config(settings, folder)
            (folder / FOLDER).mkdir()
            write_json(folder / DESCRIPTION, describe_tagger(tagger))
            write_weights(folder / CONSTANT, constant_weights(network))

        facts = directory.facts or {"inputs": inputs_of(settings), "checkpoints": []}
        directory.start(write, **facts, epochs=settings.epochs)
        return Checkpoints(directory, minutes=settings.checkpoint_minutes, say=self.log)


def constant_weights(network: "keras.Model") -> dict[str, "keras.Variable"]:
    """The weights that training does not change, by 'layer/number'."""
    from seqlab.modeling.variables import copy_variable

    return {
        f"{layer.name}/{number}": copy_variable(variable)
        for layer in network.layers
        for number, variable in enumerate(layer.weights)
        if not variable.trainable
    }


def write_config(settings: TrainSettings, folder: Path) -> None:
    """Write config.toml. A corpus path that is not UTF-8 must not make a training fail."""
    text = tomli_w.dumps(dict(settings.items()))
    (folder / CONFIG).write_text(text, encoding="utf-8", errors="replace")


def inputs_of(settings: TrainSettings) -> dict[str, dict[str, str]]:
    """The absolute path and the sha256 of each file that a training reads, by setting."""
    sums = identity(settings, {})["sha256"]
    return {
        name: {"path": str(Path(path).absolute()), "sha256": sums[name]}
        for name, path in named_files(settings).items()
    }
