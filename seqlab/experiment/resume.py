"""Going on with an interrupted training: which settings may change, and that its files are the same."""

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from seqlab.catalogue.named_vectors import has_no_path
from seqlab.checkpointing.training_directory import TrainingDirectory
from seqlab.errors import RunError, SettingsError
from seqlab.experiment.identity import LIST, identity, named_files, option_of
from seqlab.experiment.named_corpus import with_named_corpus
from seqlab.experiment.ready_lists import is_ready_list
from seqlab.machine.files import parse_toml
from seqlab.machine.json_fields import Fields
from seqlab.settings.by_name import FileByList
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings, make_settings, table_settings
from seqlab.storing.description import read_description
from seqlab.storing.run_directory import FINISHED, MANIFEST, read_manifest
from seqlab.storing.run_files import RunFiles, errors_of_file, open_run
from seqlab.storing.run_settings import CONFIG, CONFIG_BYTES
from seqlab.storing.tagger_files import DESCRIPTION

CHANGEABLE = (
    "epochs",
    "patience",
    "max_seconds",
    "checkpoint_minutes",
    "out",
    "overwrite",
    "cache",
    "offline",
    "license",
    "table",
    "tensorboard",
    "mlflow",
    "wandb",
)

LIMITS = CHANGEABLE[:3]


def stored_settings(run: Path) -> dict[str, Any]:
    """The settings of a run's training, as values for `make_settings`; files that were moved with it are found.

    Raises RunError when there is no run, and for a combination of runs.
    """
    files = open_run(run)
    refuse_combined(run, files)
    path = str(files.path(CONFIG))
    values = table_settings(parse_toml(files.read(CONFIG, most=CONFIG_BYTES), path), source=path)
    with errors_of_file(files.path(MANIFEST)):
        inputs = files.training.part("inputs") if files.training.has("inputs") else Fields({})
        for name in inputs.names():
            if name in values and is_lost(values[name]):  # relative to another directory
                values[name] = inputs.part(name).text("path")
        lists = FileByList.read("gazetteer", values.get("gazetteer", []))
        values["gazetteer"] = [
            f"{name}={path_of_list(inputs, name, path)}" for name, path in lists.items()
        ]
    return values | {"out": str(run), "overwrite": False}


def is_lost(value: str) -> bool:
    """Whether a file of a training is not at its path. Data that have a name have no path."""
    return not (Path(value).exists() or has_no_path(value))


def path_of_list(inputs: Fields, name: str, path: str) -> str:
    """The path of a gazetteer's file as the training had it, if it is not at `path`."""
    stored = f"{LIST}{name}"
    if Path(path).exists() or is_ready_list(path) or not inputs.has(stored):
        return path
    return inputs.part(stored).text("path")


def resumed_settings(run: Path, changes: Mapping[str, Any]) -> TrainSettings:
    """The settings with which a training goes on. changes: the settings that the user gives.

    Raises SettingsError for a change that would make it another training.
    """
    stored = stored_settings(run)
    changes = dict(changes)
    if "gazetteer" in changes:  # a list that is not given stays where it is
        given = FileByList.read("gazetteer", changes["gazetteer"])
        changes["gazetteer"] = {**FileByList.read("gazetteer", stored["gazetteer"]), **given}
    settings = make_settings(**{**stored, **changes})
    check_changes(run, make_settings(**stored), settings)
    return replace(settings, out=str(run), overwrite=False)


def refuse_combined(run: Path, files: RunFiles) -> None:
    """Raise RunError for a combination of runs, which has no training."""
    if files.has(DESCRIPTION) and (members := read_description(files, DESCRIPTION).members):
        raise RunError(
            f"{run}: combines {members} networks and has no training of its own; give a run of one network"
        )


def check_changes(run: Path, stored: TrainSettings, wanted: TrainSettings) -> None:
    """Raise SettingsError for a setting that differs and may not, and for a finished run that nothing is added to.

    Raises RunError for a file that is not there any more.
    """
    if wanted.out is not None and Path(wanted.out) != Path(stored.out or ""):
        raise SettingsError(
            f"out is {wanted.out!r}, but {run} is resumed where it is: leave it out"
        )
    for name, entry in declared(TrainSettings).items():
        old, new = getattr(stored, name), getattr(wanted, name)
        if name == "gazetteer":  # the files may have moved
            old, new = sorted(old), sorted(new)
        if old != new and name not in CHANGEABLE and not entry.rules.path:
            raise SettingsError(
                f"{name} is {plain_text(new)}, but the training in {run} has {plain_text(old)}; "
                f"only {', '.join(CHANGEABLE[:4])} may change: leave it out"
            )
    finished = (read_manifest(run) or {}).get("status", FINISHED) == FINISHED
    if finished and stored.refit:
        raise SettingsError(
            f"{run}: this training and its refit are finished; start a new training to change it"
        )
    if finished and not any(is_more(getattr(stored, n), getattr(wanted, n)) for n in LIMITS):
        raise SettingsError(
            f"{run}: this training is finished; give more --epochs, --patience or --max-seconds, or start a new training "
            f"from it with --init-from {run}"
        )
    for name, path in named_files(with_named_corpus(wanted)).items():
        if not Path(path).exists() and not is_ready_list(path):
            raise RunError(
                f"{run}: {name} of this training is not at {path} any more; give {option_of(name)} with its "
                "new path"
            )


def is_more(old: float | None, new: float | None) -> bool:
    """Whether a limit lets a training go further. None is no limit."""
    return old is not None and (new is None or new > old)


def plain_text(value: Any) -> str:
    """A setting in words."""
    return "not given" if value is None or value == {} else repr(value)


def check_inputs(directory: TrainingDirectory, settings: TrainSettings) -> None:
    """Raise RunError when a file of the training is not the one that it started with."""
    before = directory.facts.get("inputs", {})
    now = identity(settings, {})["sha256"]
    for name in {**before, **now}:
        if name not in before:
            raise RunError(
                f"{directory.path}: this training started without {name}; leave {option_of(name)} out"
            )
        if now.get(name) != before.get(name, {}).get("sha256"):
            raise RunError(
                f"{directory.path}: the content of {name} has changed since this training started: "
                f"{named_files(settings).get(name, 'not given')}; give {option_of(name)} with the file of then"
            )


def version_notes(run: Path) -> list[str]:
    """A note for each library whose version differs from that at the start of the training."""
    versions = (read_manifest(run) or {}).get("versions", {})
    return [
        f"note: the training started with {name} {old}, and goes on with {version(name)}; "
        "its numbers can differ in the last digits"
        for name, old in versions.items()
        if name != "python" and old != version(name)
    ]
