"""The directory of an exported tagger: what tagging needs of a run, and no path, log or text of its training."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from seqlab.machine.packed_arrays import NumberType
from seqlab.settings.declaring import declared
from seqlab.settings.reading import ReadingSettings
from seqlab.settings.training import TrainSettings
from seqlab.storing.run_directory import MANIFEST, manifest, write_json
from seqlab.storing.run_settings import CONFIG, run_settings
from seqlab.storing.tagger_files import save_tagger
from seqlab.tagging.tagger import Tagger

CONFIG_NOTE = "# how files are read; an exported tagger has no other settings of its training\n"
PRIVATE = ("tag_names", "accept")  # may hold a path; the problems that the training accepted


def write_tagger_folder(
    tagger: Tagger,
    folder: Path,
    run: str | Path,
    *,
    weights: NumberType = "float32",
    vectors: NumberType | None = None,
) -> None:
    """Write the files of a tagger with their manifest.

    run: where its settings of reading files come from. weights, vectors: how they are stored; see `save_tagger`.
    """
    folder.mkdir()
    save_tagger(tagger, folder, weights=weights, vectors=vectors)
    text = CONFIG_NOTE + tomli_w.dumps(reading_table(run_settings(run)))
    (folder / CONFIG).write_text(text, encoding="utf-8")
    write_json(folder / MANIFEST, manifest(folder))


def reading_table(settings: TrainSettings) -> Mapping[str, Any]:
    """The settings of reading files that differ from their defaults, as TOML holds them."""
    written = dict(settings.items())
    names = declared(ReadingSettings)
    return {
        name: written[name]
        for name, entry in names.items()
        if name not in PRIVATE and name in written and getattr(settings, name) != entry.default
    }
