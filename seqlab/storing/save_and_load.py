"""Save a tagger as a run directory, and load a tagger from one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqlab.errors import RunError, UserError, with_type
from seqlab.machine.files import as_path
from seqlab.storing.checkpoint_files import DESCRIPTION, best_weights_name
from seqlab.storing.run_directory import IN_PYTHON, MANIFEST, TRAINING, new_run, os_errors_about
from seqlab.storing.run_files import errors_of_file, open_run
from seqlab.storing.run_settings import CONFIG
from seqlab.storing.tagger_files import load_tagger, save_tagger
from seqlab.tagging.tagger import Tagger

NO_SETTINGS = "# saved from Python: the settings of its training are unknown\n"


def save_run(tagger: Tagger, out: str | Path, *, overwrite: bool = False) -> Path:
    """Write a tagger as a run directory, whole or not at all. Returns the directory's path.

    `seqlab.load` and `seqlab tag` read it.
    Raises RunError when `out` exists (unless `overwrite`) or cannot be written, UserError when `tagger`
    is not a Tagger.
    """
    if not isinstance(tagger, Tagger):
        raise UserError(f"expected a Tagger, found {with_type(tagger)}")
    path = as_path(out, "the run directory")
    new = new_run(path, overwrite=overwrite, remedy=IN_PYTHON)
    with new as pending, os_errors_about(path):
        save_tagger(tagger, pending.temporary)
        (pending.temporary / CONFIG).write_text(NO_SETTINGS, encoding="ascii")
    return pending.path


def load_run(path: str | Path, *, custom_objects: Mapping[str, Any] | None = None) -> Tagger:
    """Load the tagger of a run directory, after comparing its files with the manifest.

    Of an unfinished training it is the tagger of the best epoch so far.
    No file runs code. Its sizes are checked before memory is taken, so a run of a stranger may be loaded. A network of
    Keras (`network.keras`) is loaded in Keras' safe mode; Keras does not bound its memory.
    custom_objects: classes and functions that such a network needs besides those of Keras, by name.
    Raises RunError when the path holds no run, or a file of the tagger is missing or damaged.
    """
    directory = as_path(path, "a run directory")
    files = open_run(directory)
    if files.status != TRAINING:
        return load_tagger(directory, files, custom_objects=custom_objects)
    try:
        return load_tagger(
            directory, files, description_name=DESCRIPTION, weights_name=best_weights_name(files)
        )
    except RunError:
        # The training may have found a better epoch meanwhile, and deleted the weights of the last one.
        if open_run(directory).files == files.files:
            raise
        return load_run(path)


def unfinished_notes(path: str | Path) -> list[str]:
    """A note if the training of a run is not finished: which epoch its tagger is. Raises RunError for no run."""
    directory = as_path(path, "a run directory")
    files = open_run(directory)
    if files.status != TRAINING:
        return []
    with errors_of_file(files.path(MANIFEST)):
        best, epoch = files.training.whole("best_epoch"), files.training.whole("epoch")
    return [
        f"{directory}: its training is not finished: this is epoch {best}, the best of {epoch - 1} so far"
    ]
