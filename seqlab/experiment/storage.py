"""Where a training keeps its state: the files of its start, its checkpoints, and the finished run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tomli_w

from seqlab.checkpointing.checkpoint_state import read_state
from seqlab.checkpointing.checkpoints import Checkpoints
from seqlab.checkpointing.training_directory import TrainingDirectory
from seqlab.errors import RunError
from seqlab.experiment.identity import identity, named_files
from seqlab.experiment.prepare import Prepared
from seqlab.experiment.ready_lists import is_ready_list
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings
from seqlab.storing.checkpoint_files import (
    DESCRIPTION,
    CheckpointEntry,
    checkpoint_entries,
    entry_facts,
)
from seqlab.storing.run_directory import (
    CHECKPOINT_FILE,
    CHECKPOINTS,
    CHOSEN,
    TRAINING,
    os_errors_about,
    write_json,
)
from seqlab.storing.run_files import COPY_AGAIN, open_run
from seqlab.storing.run_settings import CONFIG
from seqlab.storing.tagger_files import describe_tagger, save_encoder
from seqlab.tagging.tagger import Tagger

if TYPE_CHECKING:
    import keras

    from seqlab.experiment.chosen_epoch import ChosenEpoch
    from seqlab.training.training_state import TrainingState

REFIT = "refit"  # in the manifest's facts about a training


@dataclass(frozen=True, kw_only=True)
class TrainingStorage:
    """The run directory of a training. resumes: whether the training goes on from a checkpoint there.

    tracking_id: marks the training in other tools.
    """

    directory: TrainingDirectory
    prepared: Prepared
    log: Log
    resumes: bool = False
    tracking_id: str | None = None

    def state(self, network: "keras.Model") -> "TrainingState | None":
        """The newest state that is intact; None for a new training, or one that has no checkpoint yet.

        network: compiled, with the variables of its optimizer. Raises RunError when all checkpoints are damaged.
        """
        if not self.resumes:
            return None
        from seqlab.training.state_variables import state_specs

        files = open_run(self.directory.path)
        entries, specs = checkpoint_entries(files), state_specs(network)
        for number in reversed(range(len(entries))):
            try:
                state = read_state(files, entries[number], specs)
            except RunError as error:
                fact = str(error).partition(f"; {COPY_AGAIN}")[0]
                self.log(f"note: {fact}; trying the previous checkpoint")
                continue
            self.keep_only(entries[: number + 1])
            return state
        if entries:
            raise RunError(f"{self.directory.path}: has no intact checkpoint; train it again")
        return None

    @property
    def refits(self) -> bool:
        """Whether the training goes on in its refit: the best epoch is chosen."""
        return self.resumes and bool(self.directory.facts.get(REFIT))

    def chosen(self, untrained: Tagger) -> "ChosenEpoch":
        """The first training of a run that refits. untrained: its tagger, without weights."""
        from seqlab.experiment.chosen_epoch import read_chosen

        return read_chosen(self.directory, untrained)

    def keep_only(self, entries: Sequence[CheckpointEntry]) -> None:
        """Take all other checkpoints out of the run, which are damaged. Training writes them again."""
        directory = self.directory
        directory.facts["checkpoints"] = [entry_facts(entry) for entry in entries]
        needed = {CHOSEN}.union(*(entry.names() for entry in entries))
        damaged = {n for n in directory.entries if CHECKPOINT_FILE.fullmatch(n)} - needed
        for name in damaged:
            del directory.entries[name]
        directory.remove(damaged)

    def start(self, tagger: Tagger) -> Checkpoints:
        """Write what does not change during training, and make the directory a run. Returns its checkpoints.

        tagger: the one that is being trained, without weights.
        """
        settings, directory = self.prepared.settings, self.directory

        def write(folder: Path) -> None:
            self.write_start(tagger, folder, encoder=not self.resumes)

        facts = directory.facts or {"inputs": inputs_of(settings), "checkpoints": []}
        if self.tracking_id is not None:
            facts = facts | {"tracking_id": self.tracking_id}
        directory.start(write, {**facts, "epochs": settings.epochs})
        return self.checkpoints()

    def start_refit(self, tagger: Tagger, chosen: "ChosenEpoch") -> Checkpoints:
        """Make the directory that of the second training, unless it is already. Returns its checkpoints.

        tagger: the one that is being trained, without weights. chosen: the first training, which is kept until the end.
        Raises RunError when the directory cannot be written.
        """
        from seqlab.experiment.chosen_epoch import write_chosen

        directory = self.directory
        with os_errors_about(directory.path):
            if not self.refits:
                write_chosen(directory, chosen)
                directory.add(lambda folder: self.write_start(tagger, folder, encoder=True))
                old = {name for name in directory.entries if CHECKPOINT_FILE.fullmatch(name)}
                directory.facts = directory.facts | {REFIT: True, "checkpoints": []}
                directory.commit(TRAINING, without=old - {CHOSEN})
        return self.checkpoints()

    def write_start(self, tagger: Tagger, folder: Path, *, encoder: bool) -> None:
        """Write the files of a training that it does not change. encoder: whether the tagger's is among them."""
        if encoder:
            save_encoder(tagger.encoder, folder)
        write_config(self.prepared.settings, folder)
        (folder / CHECKPOINTS).mkdir()
        write_json(folder / DESCRIPTION, describe_tagger(tagger))

    def checkpoints(self) -> Checkpoints:
        """The checkpoints that are in the run directory now."""
        entries = checkpoint_entries(open_run(self.directory.path))
        minutes = self.prepared.settings.checkpoint_minutes
        return Checkpoints(self.directory, entries, minutes=minutes, say=self.log)


def write_config(settings: TrainSettings, folder: Path) -> None:
    """Write config.toml. A corpus path that is not UTF-8 must not make a training fail."""
    text = tomli_w.dumps(dict(settings.items()))
    (folder / CONFIG).write_text(text, encoding="utf-8", errors="replace")


def inputs_of(settings: TrainSettings) -> dict[str, dict[str, str]]:
    """The absolute path and the sha256 of each file that a training reads, by setting."""
    sums = identity(settings, {})["sha256"]
    return {
        name: {
            "path": path if is_ready_list(path) else str(Path(path).absolute()),
            "sha256": sums[name],
        }
        for name, path in named_files(settings).items()
    }
